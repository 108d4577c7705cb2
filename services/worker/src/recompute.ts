/**
 * The cold path (DI-1): a machine's rows from stored events, by the same engine, beside the stream. Reads what is
 * before an anchor only where it still bears on what comes after.
 */
import type { MachineModel } from "@oee/engine";
import { type CorrectionEvent, type EventDecoder, isRefusal, type PlantEvent } from "@oee/model";
import type { EventRecord, Store } from "@oee/store";
import { anchorAmong } from "./anchor.ts";

const MINUTE_MS = 60_000;
const LOOK_BACK = [50, 1_000, 10_000];

export interface StoredHistory {
  /** In log order; what was in force before the anchor comes first. */
  readonly events: readonly PlantEvent[];
  /** Rows of minutes before this are not computed; `-Infinity` when the events are all there are. */
  readonly rowsFrom: number;
}

/** Reads the stored events, up to an offset, that rows from `from` on need. Throws `StoreError`. */
export async function storedHistory(
  store: Store,
  model: MachineModel,
  decoder: EventDecoder,
  from: number,
  beforeOffset: number,
): Promise<StoredHistory> {
  const machine = model.machine.id;
  const decoded = (records: readonly EventRecord[]): PlantEvent[] =>
    records.flatMap((record) => (record.offset < beforeOffset ? eventOf(decoder, record) : []));
  const corrections: CorrectionEvent[] = [];
  for await (const records of store.events({ machine, types: ["correction"] })) {
    for (const event of decoded(records)) if (event.type === "correction") corrections.push(event);
  }
  const anchor = await findAnchor(store, model, decoder, from, corrections);
  const events: PlantEvent[] = [];
  if (anchor !== null) {
    const { good, scrap, rework } = await store.totalsBefore({ machine, before: anchor });
    const jobs = await store.eventsBefore({ machine, types: ["job"], before: anchor, limit: 1 });
    const seeds = [good, scrap, rework].filter((record) => record !== null);
    events.push(...decoded(seeds.sort((a, b) => a.at - b.at || a.offset - b.offset || a.index - b.index)));
    events.push(...decoded(jobs));
  }
  events.push(...corrections);
  const span = anchor === null ? {} : { from: anchor };
  for await (const records of store.events({ machine, ...span, types: ["state", "count", "total", "job"] })) {
    for (const event of decoded(records)) events.push(event);
  }
  return { events, rowsFrom: anchor === null ? -Infinity : Math.ceil(anchor / MINUTE_MS) * MINUTE_MS };
}

async function findAnchor(
  store: Store,
  model: MachineModel,
  decoder: EventDecoder,
  from: number,
  corrections: readonly CorrectionEvent[],
): Promise<number | null> {
  for (const limit of LOOK_BACK) {
    const before = Math.floor(from / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
    const records = await store.eventsBefore({ machine: model.machine.id, types: ["state"], before, limit });
    const anchor = anchorAmong(
      model,
      records.flatMap((record) => eventOf(decoder, record)),
      corrections,
    );
    if (anchor !== null) return anchor;
    if (records.length < limit) return null;
  }
  return null;
}

/** What a plant file does not understand any more counts for nothing: it is not this machine's word now. */
function eventOf(decoder: EventDecoder, record: EventRecord): readonly PlantEvent[] {
  const bytes = Buffer.from(record.raw);
  const event = decoder.decode(bytes, 0, bytes.length, null);
  return isRefusal(event) ? [] : [event];
}
