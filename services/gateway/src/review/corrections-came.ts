/**
 * The corrections that came after an instant, told by when they arrived: a tablet without network keeps a correction, which then
 * has its own, earlier time (CO-2).
 */
import type { Period } from "@oee/calendar";
import type { CorrectionEvent, Machine, Plant } from "@oee/model";
import type { Turnstile } from "@oee/pacing";
import { type Came, cameBy } from "@oee/review";
import type { Store } from "@oee/store";
import { decoded, decoderOf } from "./stored-events.ts";

export interface Arrived {
  readonly correction: CorrectionEvent;
  /** Epoch ms. */
  readonly at: number;
}

/** Reads those of machines that arrived at `since` (epoch ms) or later, once for all that is asked of them. */
export async function correctionsArrived(
  { store, turnstile }: { readonly store: Pick<Store, "corrections">; readonly turnstile: Turnstile },
  plant: Plant,
  machines: readonly Machine[],
  since: number,
): Promise<readonly Arrived[]> {
  if (machines.length === 0) return [];
  const ids = [...new Set(machines.map(({ id }) => id))];
  const records = await turnstile.run(() => store.corrections(ids));
  const decoder = decoderOf(plant);
  return records
    .filter(({ receivedAt }) => receivedAt >= since)
    .flatMap((record) =>
      decoded(decoder, [record]).flatMap((event) =>
        event.type === "correction" ? [{ correction: event, at: record.receivedAt }] : [],
      ),
    );
}

/** Those of them of machines that arrived at `since` (epoch ms) or later and change a part of the period of their machine. */
export function cameOf(
  arrived: readonly Arrived[],
  machines: readonly Machine[],
  since: number,
  periodOf: (machine: Machine) => Period,
): Came {
  const ids = new Set(machines.map(({ id }) => id));
  return cameBy(
    arrived.flatMap(({ correction, at }) => {
      if (at < since || !ids.has(correction.machine.id)) return [];
      const { from, to } = periodOf(correction.machine);
      return correction.from < to && correction.to > from ? [correction.by] : [];
    }),
  );
}
