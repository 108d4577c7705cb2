/**
 * A machine computed again from stored events, by the same engine, beside the one that is live (DI-1). Events are read in the
 * order of their instants and go by in steps, so that years of them, or of silence, neither fill memory nor hold up anything.
 */
import type { PartitionOffset } from "@oee/event-log";
import type { EventDecoder, PlantEvent, RowBatch, StateEvent, StopSegment } from "@oee/model";
import { GiveWay, type StopKey, type Store } from "@oee/store";
import { PendingChanges } from "./changes.ts";
import type { MachineRunner, Rebuilt } from "./machine-runner.ts";
import { StoredMachine } from "./stored-machine.ts";

const MINUTE_MS = 60_000;
/** A step ends after so much time, or after so many events. */
const STEP_MS = 24 * 60 * MINUTE_MS;
const STEP_EVENTS = 10_000;

/** The state that began last, and whether its reason, which may come later, was looked for (TL-3). */
interface Latest {
  readonly event: StateEvent;
  looked: boolean;
}

export class Rebuild {
  readonly #stored: StoredMachine;
  readonly #machine: string;
  readonly #allowedLatenessMs: number;
  readonly #changes = new PendingChanges();
  readonly #giveWay = new GiveWay();
  /** What is computed so far. */
  readonly rebuilt: Rebuilt;
  /** Rows of minutes before this are not computed; `-Infinity` where all events are there that ever came. */
  readonly rowsFrom: number;
  /** Stops that begin before this instant are not what it says that they are. */
  readonly exactFrom: number;
  /** Where it began. */
  readonly begins: number;
  #reached: number;
  #readTo: number;
  #latest: Latest | null = null;

  /**
   * Begins far enough back that everything from `from` on is right, with what is known up to a place in the partition. Where too little is
   * left of old events, what was computed from them stays: it begins after them, at `now` at the latest. Throws `StoreError`.
   */
  static async open(
    store: Store,
    runner: MachineRunner,
    decoder: EventDecoder,
    span: { readonly from: number; readonly now: number },
    before: PartitionOffset,
    allowedLatenessMs: number,
  ): Promise<Rebuild> {
    const stored = await StoredMachine.open(store, runner.model, decoder, before);
    const anchor = await stored.anchorBefore(span.from);
    const exactFrom = anchor ?? (await stored.exactFrom());
    const rebuild = new Rebuild(stored, runner, anchor ?? stored.knownFrom, exactFrom, span.now, allowedLatenessMs);
    for (const event of await stored.seedsOf(anchor ?? stored.knownFrom, anchor !== null)) rebuild.#place(event);
    return rebuild;
  }

  private constructor(
    stored: StoredMachine,
    runner: MachineRunner,
    readFrom: number,
    exactFrom: number,
    now: number,
    allowedLatenessMs: number,
  ) {
    const rowsFrom = Math.min(Math.ceil(exactFrom / MINUTE_MS) * MINUTE_MS, minuteOf(now));

    this.#stored = stored;
    this.#machine = runner.id;
    this.#allowedLatenessMs = allowedLatenessMs;
    this.rebuilt = runner.rebuild(rowsFrom);
    this.exactFrom = exactFrom;
    this.rowsFrom = rowsFrom;
    this.#readTo = readFrom;
    this.#reached = Math.min(Math.max(rowsFrom, minuteOf(stored.begins)), minuteOf(now));
    this.begins = this.#reached;
  }

  /** Rows and stops are computed up to here. */
  get reached(): number {
    return this.#reached;
  }

  /** Reads the events before `to`, those before a place in the partition, and computes up to there. Throws `StoreError`. */
  async advanceTo(to: number, before: PartitionOffset): Promise<void> {
    let placed = 0;
    for await (const events of this.#stored.eventsByTime(this.#readTo, to, before)) {
      for (const event of events) {
        while (event.at >= this.#reached + STEP_MS) await this.#step(this.#reached + STEP_MS, before);
        if (++placed >= STEP_EVENTS && event.at >= this.#reached + MINUTE_MS) {
          await this.#step(minuteOf(event.at), before);
          placed = 0;
        }
        this.#place(event);
      }
      if (this.#giveWay.due) await this.#giveWay.now();
    }
    this.#readTo = to;
    while (this.#reached < to) await this.#step(Math.min(to, this.#reached + STEP_MS), before);
  }

  /** Reads the rest of the events, those before a place in the partition, and leaves it to `adopt` to compute it. Throws `StoreError`. */
  async readRest(before: PartitionOffset): Promise<void> {
    for await (const events of this.#stored.eventsByTime(this.#readTo, Infinity, before)) {
      for (const event of events) this.#place(event);
      if (this.#giveWay.due) await this.#giveWay.now();
    }
  }

  /** What changed since the last call; the rows are added to `rows`. */
  drainChanges(rows: RowBatch): { readonly stops: readonly StopSegment[]; readonly gone: readonly StopKey[] } {
    return this.#changes.moveTo(rows);
  }

  /** Without the stops of before it began, of which not all is known. */
  exact(stops: readonly StopSegment[]): readonly StopSegment[] {
    return stops.filter(({ from }) => from >= this.exactFrom);
  }

  #place(event: PlantEvent): void {
    this.rebuilt.engine.place(event);
    if (event.type !== "state") return;
    const last = this.#latest?.event;
    if (last?.state === event.state && (event.reason === null || event.reason === last.reason)) return;
    this.#latest = { event, looked: event.reason !== null };
  }

  async #step(to: number, before: PartitionOffset): Promise<void> {
    await this.#lookForReason(to, before);
    const { engine, windows, timeline } = this.rebuilt;
    const changes = engine.advance(to);
    windows.take(changes.deltas);
    timeline.take(changes.segments, changes.judged, to);
    this.#changes.add(this.#machine, { ...changes, stops: this.exact(changes.stops) });
    this.#reached = to;
    if (this.#giveWay.due) await this.#giveWay.now();
  }

  /** A reason may be said long after the state began, when the engine holds its beginning no more: it is told now (TL-3). */
  async #lookForReason(to: number, before: PartitionOffset): Promise<void> {
    const latest = this.#latest;
    if (latest === null || latest.looked || latest.event.at >= to - this.#allowedLatenessMs / 2) return;
    latest.looked = true;
    const { event } = latest;
    const next = await this.#stored.nextState(event.state, to, before);
    if (next === null || next.state !== event.state) return;
    const told = { ...event, reason: next.reason };
    this.rebuilt.engine.place(told);
    this.#latest = { event: told, looked: true };
  }
}

function minuteOf(at: number): number {
  return Math.floor(at / MINUTE_MS) * MINUTE_MS;
}
