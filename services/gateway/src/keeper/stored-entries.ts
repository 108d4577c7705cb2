/** Stores entries, presented reviews, and machines that the plant file lacks, batch by batch as they come from their topics. */
import type { RecordBatch } from "@oee/event-log";
import { instantIn, isJsonObject, type Plant } from "@oee/model";
import type { PresentedReview, Store, StoredEntry, UndeclaredDay } from "@oee/store";
import type { EntryLog } from "../review/entry-log.ts";
import { refusedIn } from "../review/refused-events.ts";

type Fields = Readonly<Record<string, unknown>>;

const DAY_MS = 24 * 3_600_000;
/** Most characters that are kept of the text by which an event names its machine. */
const NAME_LENGTH_MAX = 512;

export async function storeEntries(
  batch: RecordBatch,
  plant: Plant,
  entries: EntryLog,
  store: Pick<Store, "insertEntries" | "insertPresentedReviews">,
): Promise<void> {
  const refusals = new Map(
    (await entries.refusedUpTo(plant, batch.nextOffset)).map((one) => [one.offset, one.refusal]),
  );
  const rows: StoredEntry[] = [];
  const reviews: PresentedReview[] = [];
  for (let i = 0; i < batch.length; i++) {
    const offset = batch.offsetAt(i);
    const value = objectIn(batch.valueAt(i));
    const refused = refusals.get(offset)?.code ?? null;
    const { document, ...fields } = value;
    const at = instantIn(fields["at"]);
    rows.push({
      offset,
      type: textIn(fields["type"]) ?? "",
      id: textIn(fields["id"]) ?? "",
      rev: wholeIn(fields["rev"]),
      at,
      by: textIn(fields["by"]),
      scope: textIn(fields["scope"]),
      withdrawn: fields["withdrawn"] === true,
      refused,
      value: JSON.stringify(fields),
    });
    if (refused !== null || fields["type"] !== "review" || typeof document !== "string") continue;
    reviews.push({
      id: textIn(fields["id"]) ?? "",
      rev: wholeIn(fields["rev"]),
      scope: textIn(fields["scope"]) ?? "",
      period: typeof fields["period"] === "string" ? fields["period"] : JSON.stringify(fields["period"] ?? null),
      presentedAt: at,
      instant: textIn(fields["instant"]) ?? "",
      plantVersion: textIn(fields["plant"]) ?? "",
      position: JSON.stringify(fields["position"] ?? {}),
      digest: textIn(fields["digest"]) ?? "",
      signOffs: JSON.stringify(fields["signOffs"] ?? []),
      document,
    });
  }
  if (rows.length > 0) await store.insertEntries(rows);
  if (reviews.length > 0) await store.insertPresentedReviews(reviews);
}

/** Stores the machines that events name and the plant file lacks (SC-1), by the date of the events. */
export async function storeUndeclared(batch: RecordBatch, store: Pick<Store, "insertUndeclared">): Promise<void> {
  const days = new Map<string, { machine: string; first: number; last: number; events: number }>();
  for (let i = 0; i < batch.length; i++) {
    const refused = refusedIn(batch, i);
    if (refused?.code !== "unknown-machine" || refused.machine === null || refused.at === null) continue;
    const machine = refused.machine.slice(0, NAME_LENGTH_MAX);
    const { at } = refused;
    const key = `${Math.floor(at / DAY_MS)} ${machine}`;
    const day = days.get(key);
    if (day === undefined) days.set(key, { machine, first: at, last: at, events: 1 });
    else {
      day.first = Math.min(day.first, at);
      day.last = Math.max(day.last, at);
      day.events++;
    }
  }
  const undeclared: readonly UndeclaredDay[] = [...days.values()];
  if (undeclared.length > 0) await store.insertUndeclared(undeclared);
}

function objectIn(bytes: Buffer | null): Fields {
  try {
    const value: unknown = bytes === null ? null : JSON.parse(bytes.toString("utf8"));
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}

function textIn(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function wholeIn(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < 2 ** 32 ? value : 0;
}
