/**
 * The cold path (DI-1): a machine's rows from stored events, by the same engine, beside the stream. Reads what is
 * before an anchor only where it still bears on what comes after.
 */
import type { MachineModel } from "@oee/engine";
import { type CorrectionEvent, type EventDecoder, isRefusal, type PlantEvent } from "@oee/model";
import type { EventRecord, HistoryStart, Store } from "@oee/store";
import { anchorAmong } from "./anchor.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const LOOK_BACK = [50, 1_000, 10_000];

export interface StoredHistory {
  /** In log order; what was in force before the anchor comes first. */
  readonly events: readonly PlantEvent[];
  /**
   * Rows of minutes before this are not computed; `-Infinity` when the events are all that ever came, `Infinity` when too
   * little of them is left.
   */
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
  const knownFrom = historyKnownFrom(await store.historyStart(machine), corrections);
  const anchor = await findAnchor(store, model, decoder, from, knownFrom, corrections);
  const events: PlantEvent[] = [];
  if (anchor !== null) {
    const { good, scrap, rework } = await store.totalsBefore({ machine, before: anchor });
    const jobs = await store.eventsBefore({ machine, types: ["job"], before: anchor, limit: 1 });
    const seeds = [good, scrap, rework].filter((record) => record !== null);
    events.push(...decoded(seeds.sort((a, b) => a.at - b.at || a.offset - b.offset || a.index - b.index)));
    events.push(...decoded(jobs));
  }
  events.push(...corrections);
  const span = anchor === null ? (Number.isFinite(knownFrom) ? { from: knownFrom } : {}) : { from: anchor };
  for await (const records of store.events({ machine, ...span, types: ["state", "count", "total", "job"] })) {
    for (const event of decoded(records)) events.push(event);
  }
  const exactFrom = anchor ?? (knownFrom === -Infinity ? knownFrom : exactAgainFrom(model, events, corrections));
  return { events, rowsFrom: Math.ceil(exactFrom / MINUTE_MS) * MINUTE_MS };
}

/**
 * From where on all that rows were computed from is there; `-Infinity`: nothing is gone. Rows of before stay as they
 * are: what is left of older events (retention takes them part by part) would tell less than the rows do.
 */
function historyKnownFrom(
  { row, event, expiresBefore }: HistoryStart,
  corrections: readonly CorrectionEvent[],
): number {
  const first = corrections.reduce((oldest, { from }) => Math.min(oldest, from), event ?? Infinity);
  const begins = Math.min(row ?? Infinity, first);
  if (expiresBefore !== null && begins < expiresBefore + DAY_MS) return expiresBefore + HOUR_MS;
  return row !== null && row + MINUTE_MS <= first ? first : -Infinity;
}

/** Of what is left of a history, the first instant that does not depend on what is gone; `Infinity` if there is none. */
function exactAgainFrom(
  model: MachineModel,
  events: readonly PlantEvent[],
  corrections: readonly CorrectionEvent[],
): number {
  const states = events.filter(({ type }) => type === "state").sort((a, b) => a.at - b.at);
  for (let i = 1; i < states.length; i++) {
    const anchor = anchorAmong(model, [states[i] as PlantEvent, states[i - 1] as PlantEvent], corrections);
    if (anchor !== null) return anchor;
  }
  return Infinity;
}

async function findAnchor(
  store: Store,
  model: MachineModel,
  decoder: EventDecoder,
  from: number,
  knownFrom: number,
  corrections: readonly CorrectionEvent[],
): Promise<number | null> {
  for (const limit of LOOK_BACK) {
    const before = Math.floor(from / MINUTE_MS) * MINUTE_MS - MINUTE_MS;
    const records = await store.eventsBefore({ machine: model.machine.id, types: ["state"], before, limit });
    const known = records.filter(({ at }) => at >= knownFrom);
    const anchor = anchorAmong(
      model,
      known.flatMap((record) => eventOf(decoder, record)),
      corrections,
    );
    if (anchor !== null) return anchor;
    if (known.length < limit) return null;
  }
  return null;
}

/** What a plant file does not understand any more counts for nothing: it is not this machine's word now. */
function eventOf(decoder: EventDecoder, record: EventRecord): readonly PlantEvent[] {
  const bytes = Buffer.from(record.raw);
  const event = decoder.decode(bytes, 0, bytes.length, null);
  return isRefusal(event) ? [] : [event];
}
