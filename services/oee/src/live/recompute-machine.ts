/**
 * One machine's rows, stops and doubted totals of a span, computed anew from stored raw events by the engine that serves live data. A
 * history of any length goes by in pieces, each from one anchor to the next, so that memory holds the events of one alone.
 */
import { counterOf, type Doubt, doubtsWithin, MachineHistory, type PlantModel } from "@oee/engine";
import {
  type DoubtedTotal,
  EventDecoder,
  type Machine,
  type Row,
  type StopSegment,
  TIME_COMPONENT_NAMES,
} from "@oee/model";
import type { Store, StoredRow } from "@oee/store";
import { StoredMachine } from "@oee/worker";
import { MINUTE_MS } from "./stored-span.ts";

export interface Piece {
  readonly rows: readonly Row[];
  readonly stops: readonly StopSegment[];
  readonly doubts: readonly DoubtedTotal[];
  /** The piece that they cover; whole minutes. */
  readonly from: number;
  readonly to: number;
  /** Nothing that is stored of the machine has a newer version, also nothing that was taken back. */
  readonly newestVersion: bigint;
}

/** A piece with what is stored of it. */
export interface Recomputed extends Piece {
  readonly stored: readonly StoredRow[];
  readonly storedStops: readonly StopSegment[];
  readonly storedDoubts: readonly DoubtedTotal[];
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** A piece is as long as this, or as it takes until the next anchor. */
const PIECE_MS = 7 * 24 * 3_600_000;
/** Rows of minutes further than this (ms) after the clock are not made; events may be that far ahead (DI-2). */
const AHEAD_MS = 10 * MINUTE_MS;

/**
 * The pieces in order of time; none where nothing is stored. `onGone` hears from where on it goes where older raw events
 * are gone, and whether they are kept for some time only. Throws `StoreError`.
 */
export async function* recomputePieces(
  store: Store,
  model: PlantModel,
  machine: Machine,
  span: Span,
  onGone: (from: number, expires: boolean) => void,
  pieceMs: number = PIECE_MS,
): AsyncGenerator<Piece> {
  const decoder = new EventDecoder(model.plant, { maxFutureMs: 0 });
  const events = await StoredMachine.open(store, model.machine(machine), decoder);
  const known = await knownRows(store, machine.id, Date.now() + AHEAD_MS);
  const knownTo = known?.to ?? (await events.lastEventAt()) + 1;
  let begins = Math.floor(Math.min(events.begins, known?.to ?? Infinity) / MINUTE_MS) * MINUTE_MS;
  const exactFrom = await events.exactFrom();
  if (exactFrom > -Infinity) {
    begins = Math.ceil(Math.min(exactFrom, knownTo) / MINUTE_MS) * MINUTE_MS;
    if (begins > span.from) onGone(begins, events.expires);
  }
  const end = Math.min(span.to, Math.ceil(knownTo / MINUTE_MS) * MINUTE_MS);
  const newestVersion = await store.newestVersion([machine.id]);
  const first = Math.max(span.from, begins);
  for (let from = first, to = from; from < end; from = to) {
    to = Math.min(end, from + pieceMs);
    const next = await events.anchorFrom(to, knownTo);
    // Rows before an anchor and rows after it do not depend on each other.
    if (to < end) to = next === null ? end : Math.min(end, Math.floor(next.at / MINUTE_MS) * MINUTE_MS);
    const now = next === null ? knownTo : Math.min(knownTo, next.at + 1);
    const anchor = await events.anchorBefore(from);
    const history = new MachineHistory(model, machine);
    // Ids were judged when the events came; stored ones are no repeats.
    for (const event of await events.eventsOf(anchor, now)) {
      history.accept({ ...event, id: null });
    }
    // Without an anchor a piece may be years long: its rows go by in parts all the same.
    for (let start = from, stop = from; start < to; start = stop) {
      stop = to - start < 2 * pieceMs ? to : start + pieceMs;
      const period = { from: start, to: stop };
      const { rows, stops, doubted } = history.evaluate({ ...period, now, cuts: "minutes" });
      yield {
        rows,
        // A stop that began before belongs to the part in which it began.
        stops: start === first ? stops : stops.filter((segment) => segment.from >= start),
        doubts: doubtsWithin(machine.id, await settled(events, history, doubted, now, knownTo), start, stop),
        from: start,
        to: stop,
        newestVersion,
      };
    }
  }
}

/** The pieces, each with what is stored of it. Throws `StoreError`. */
export async function* recomputeMachine(
  store: Store,
  model: PlantModel,
  machine: Machine,
  span: Span,
  onGone: (from: number, expires: boolean) => void,
  pieceMs: number = PIECE_MS,
): AsyncGenerator<Recomputed> {
  let first = true;
  for await (const piece of recomputePieces(store, model, machine, span, onGone, pieceMs)) {
    const period = { from: piece.from, to: piece.to };
    const { stored, storedStops } = await storedOf(store, machine.id, period);
    yield {
      ...piece,
      stored,
      storedStops: first ? storedStops : storedStops.filter((segment) => segment.from >= piece.from),
      storedDoubts: await store.doubtedTotals({ machines: [machine.id], period }),
    };
    first = false;
  }
}

/**
 * A piece ends where rows do not depend on what follows, but whether a total was true depends on the next one of its quantity
 * (CN-8). So the doubts are judged again with that, if it is known.
 */
async function settled(
  events: StoredMachine,
  history: MachineHistory,
  doubts: readonly Doubt[],
  now: number,
  knownTo: number,
): Promise<readonly Doubt[]> {
  const open = doubts.filter(({ settledAt }) => settledAt === Infinity);
  if (open.length === 0 || now >= knownTo) return doubts;
  const next = await events.nextTotals(now, knownTo, new Set(open.map(counterOf)));
  const last = next.at(-1);
  if (last === undefined) return doubts;
  for (const event of next) history.accept({ ...event, id: null });
  return history.evaluate({ from: now, to: now, now: last.at + 1 }).doubted;
}

/** Up to where the stored rows know the machine; rows of later than an instant are not believed. */
async function knownRows(store: Store, machine: string, latest: number): Promise<{ readonly to: number } | null> {
  const before = Math.ceil(latest / MINUTE_MS) * MINUTE_MS;
  const newest = (await store.newestMinutes([machine], before)).get(machine);
  if (newest === undefined) return null;
  let to = newest;
  for await (const rows of store.rows({ machines: [machine], period: { from: newest, to: newest + MINUTE_MS } })) {
    // The components of a minute add up to what is known of it.
    const byTime = (row: StoredRow): number => TIME_COMPONENT_NAMES.reduce((sum, name) => sum + row[name], 0);
    to += rows.reduce((sum, row) => sum + byTime(row), 0);
  }
  return { to: Math.min(to, newest + MINUTE_MS) };
}

async function storedOf(
  store: Store,
  machine: string,
  period: Span,
): Promise<{ readonly stored: StoredRow[]; readonly storedStops: StopSegment[] }> {
  const machines = [machine];
  const stored: StoredRow[] = [];
  const storedStops: StopSegment[] = [];
  for await (const rows of store.rows({ machines, period })) for (const row of rows) stored.push(row);
  for (let after: Parameters<Store["stops"]>[0]["after"]; ; ) {
    const page = await store.stops({ machines, period, limit: 10_000, ...(after === undefined ? {} : { after }) });
    storedStops.push(...page.stops);
    if (page.next === null) return { stored, storedStops };
    after = page.next;
  }
}
