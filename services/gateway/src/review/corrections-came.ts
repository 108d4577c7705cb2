/**
 * The corrections that came after an instant, told by when they arrived: a tablet without network keeps a correction, which then
 * has its own, earlier time (CO-2).
 */
import type { Period } from "@oee/calendar";
import type { Machine, Plant } from "@oee/model";
import type { Turnstile } from "@oee/pacing";
import { type Came, cameBy } from "@oee/review";
import type { Store } from "@oee/store";
import { decoded, decoderOf } from "./stored-events.ts";

/** Those of machines that arrived at `since` (epoch ms) or later and change a part of the period of their machine. */
export async function correctionsCame(
  { store, turnstile }: { readonly store: Pick<Store, "corrections">; readonly turnstile: Turnstile },
  plant: Plant,
  machines: readonly Machine[],
  since: number,
  periodOf: (machine: Machine) => Period,
): Promise<Came> {
  const all = await turnstile.run(() => store.corrections(machines.map(({ id }) => id)));
  const came = decoded(
    decoderOf(plant),
    all.filter(({ receivedAt }) => receivedAt >= since),
  );
  return cameBy(
    came.flatMap((event) => {
      if (event.type !== "correction") return [];
      const { from, to } = periodOf(event.machine);
      return event.from < to && event.to > from ? [event.by] : [];
    }),
  );
}
