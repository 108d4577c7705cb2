/**
 * One machine's recompute (DI-1): a second engine beside the live one, fed with stored events in the order of their
 * instants. It moves on in steps of a day or 10,000 events and gives way between them, so that years of events, or of
 * silence, neither fill memory nor hold up other work.
 */
import { minuteStart } from "@oee/columns";
import type { PartitionOffset } from "@oee/event-log";
import { type PlantEvent, RowBatch, type StateEvent, type StopSegment } from "@oee/model";
import type { GiveWay } from "@oee/pacing";
import type { Store } from "@oee/store";
import { type ChangesTaken, PendingChanges } from "./changes.ts";
import { type AtOnce, type FoundOut, STEP_MS, type Wrong } from "./found-out.ts";
import type { MachineRunner, Rebuilt } from "./machine-runner.ts";
import type { MachineByPlant, PlantTime } from "./plants-of-time.ts";
import { StoredMachine } from "./stored-machine.ts";

const MINUTE_MS = 60_000;
/** A step ends after this many events, or `STEP_MS`. */
const STEP_EVENTS = 10_000;

/** The state event that began the newest segment, and whether its reason, which may come later, was looked for (TL-3). */
interface Latest {
  readonly event: StateEvent;
  looked: boolean;
}

/** A time with what its plant file makes of the machine's events. */
type ComputedTime = PlantTime & MachineByPlant;

export class Rebuild {
  readonly #stored: StoredMachine;
  readonly #machine: string;
  readonly #allowedLatenessMs: number;
  readonly #changes = new PendingChanges();
  readonly #giveWay: GiveWay;
  /** The engine, windows and timeline as computed so far. */
  readonly rebuilt: Rebuilt;
  /** The time that its plant file computes; of what lies before it no row is made, and of stops nothing that ended there. */
  readonly time: ComputedTime;
  /** Epoch ms; rows of earlier minutes are not computed. `-Infinity` where no raw event is gone, and no other plant file made older rows. */
  readonly rowsFrom: number;
  /** Epoch ms; stops that begin earlier are not known whole, and not stored. */
  readonly exactFrom: number;
  /** Epoch ms; the first instant that it computes. */
  readonly begins: number;
  #reached: number;
  #readTo: number;
  #restRead = false;
  #latest: Latest | null = null;
  readonly #atOnce: AtOnce | null;
  #wrong: Wrong | null = null;

  /**
   * Opens a recompute of `time` that begins at an anchor early enough that everything from `span.from` on is right; it knows the
   * events before the offset `before`. Where retention has taken older raw events, it begins after them, at `span.now` at the latest,
   * and rows computed from them stay. Throws `StoreError`.
   */
  static async open(
    store: Store,
    runner: MachineRunner,
    time: ComputedTime,
    span: { readonly from: number; readonly now: number },
    before: PartitionOffset,
    allowedLatenessMs: number,
    foundOut: FoundOut,
    giveWay: GiveWay,
  ): Promise<Rebuild> {
    const stored = await StoredMachine.open(store, time.model, time.decoder, before);
    const anchor = await stored.anchorBefore(span.from);
    const exactFrom = anchor?.at ?? (await stored.exactFrom());
    const rebuild = new Rebuild(
      stored,
      runner,
      time,
      anchor?.at ?? stored.knownFrom,
      exactFrom,
      span.now,
      allowedLatenessMs,
      foundOut,
      giveWay,
    );
    for (const event of await stored.seedsOf(anchor)) rebuild.#place(event);
    return rebuild;
  }

  private constructor(
    stored: StoredMachine,
    runner: MachineRunner,
    time: ComputedTime,
    readFrom: number,
    exactFrom: number,
    now: number,
    allowedLatenessMs: number,
    { endInPulses, atOnce }: FoundOut,
    giveWay: GiveWay,
  ) {
    const knownFrom = Math.min(Math.ceil(exactFrom / MINUTE_MS) * MINUTE_MS, minuteStart(now));

    this.time = time;
    this.#stored = stored;
    this.#machine = runner.id;
    this.#allowedLatenessMs = allowedLatenessMs;
    this.#atOnce = atOnce;
    this.#giveWay = giveWay;
    this.rebuilt = runner.rebuild(knownFrom, { model: time.model, plantFrom: time.from });
    this.rebuilt.engine.expectPulses(endInPulses);
    this.exactFrom = exactFrom;
    this.rowsFrom = this.rebuilt.engine.rowsFrom;
    this.#readTo = readFrom;
    this.#reached = Math.min(Math.max(knownFrom, minuteStart(stored.begins)), minuteStart(now));
    this.begins = this.#reached;
  }

  /** The instant (epoch ms) up to which its engine has computed. */
  get reached(): number {
    return this.#reached;
  }

  /** The instant (epoch ms) up to which rows and stops are computed, by it or, before its time, by another. */
  get storedTo(): number {
    return Math.max(this.#reached, this.time.from);
  }

  /**
   * Not `null`: the newest step changed rows of an earlier step that the engine no longer holds (TL-9: a pulse ended a part of
   * production that began long before). Another rebuild has to begin at `at`, and know of it ahead.
   */
  get wrong(): Wrong | null {
    return this.#wrong;
  }

  /** `at` (epoch ms), or, if that lies within the span that is computed in one step, the end of this span. */
  endOfStep(at: number): number {
    const atOnce = this.#atOnce;
    return atOnce !== null && atOnce.from < at && at < atOnce.to ? atOnce.to : at;
  }

  /** Whether time from `at` (epoch ms) on is computed by it already, and raw events allow another rebuild to begin earlier than this step. */
  isBehind(at: number): boolean {
    return at >= this.time.from && at < this.#reached && this.#reached > this.begins;
  }

  /** Reads stored events of time before `to` with offsets below `before`, and computes up to `to` (epoch ms). Throws `StoreError`. */
  async advanceTo(to: number, before: PartitionOffset): Promise<void> {
    let placed = 0;
    for await (const events of this.#stored.eventsByTime(this.#readTo, to, before)) {
      for (const event of events) {
        while (event.at >= this.#nextStep()) await this.#step(this.#nextStep(), before);
        const minute = minuteStart(event.at);
        if (++placed >= STEP_EVENTS && minute > this.#reached && this.endOfStep(minute) === minute) {
          await this.#step(minute, before);
          placed = 0;
        }
        this.#place(event);
      }
      if (this.#giveWay.due) await this.#giveWay.now();
    }
    this.#readTo = to;
    while (this.#reached < to) await this.#step(Math.min(to, this.#nextStep()), before);
  }

  /**
   * Places all later stored events with offsets below `before`; `MachineRunner.adopt` computes them. Once: what was read is
   * not told apart from what came since, and a count would count again. Throws `StoreError`.
   */
  async readRest(before: PartitionOffset): Promise<void> {
    if (this.#restRead) throw new Error(`the rest of ${this.#machine} is read twice`);
    this.#restRead = true;
    for await (const events of this.#stored.eventsByTime(this.#readTo, Infinity, before)) {
      for (const event of events) this.#place(event);
      if (this.#giveWay.due) await this.#giveWay.now();
    }
  }

  /** Empties the changes since the last call, and returns those of time before `wrong`. */
  drainChanges(): ChangesTaken & { readonly rows: RowBatch } {
    const all = new RowBatch();
    const { stops: judged, gone, doubts } = this.#changes.moveTo(all);
    // One that lasts into the time of the next plant file is listed again by that, if it is a stop there too.
    const stops = this.#reached < this.time.to ? judged : judged.map((stop) => ({ ...stop, open: false }));
    if (this.#wrong === null) return { rows: all, stops, gone, doubts };
    const to = minuteStart(this.#wrong.at);
    const rows = new RowBatch(all.length);
    for (let row = 0; row < all.length; row++) if (all.fromAt(row) < to) rows.append(all, row, row + 1);
    return {
      rows,
      stops: stops.filter(({ from }) => from < to),
      gone: gone.filter(({ from }) => from < to),
      doubts: doubts.filter(({ at }) => at < to),
    };
  }

  /** The stops that begin at `exactFrom` or later: earlier ones are not known whole. */
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

  #nextStep(): number {
    const next = this.#reached + STEP_MS;
    const atOnce = this.#atOnce;
    if (atOnce === null || next <= atOnce.from || this.#reached >= atOnce.to) return next;
    return this.#reached < atOnce.from ? atOnce.from : atOnce.to;
  }

  async #step(to: number, before: PartitionOffset): Promise<void> {
    await this.#lookForReason(to, before);
    const { engine, windows, timeline } = this.rebuilt;
    const changes = engine.advance(to);
    windows.take(changes.deltas);
    timeline.take(changes.segments, changes.judged, to);
    this.#changes.add(this.#machine, { ...changes, stops: this.exact(changes.stops) });
    if (changes.recomputeFrom !== null && this.isBehind(changes.recomputeFrom)) {
      this.#wrong = { at: Math.min(changes.recomputeFrom, this.#wrong?.at ?? Infinity), to };
    }
    this.#reached = to;
    if (this.#giveWay.due) await this.#giveWay.now();
  }

  /** Gives the engine the reason of the newest state ahead of time: it may come when the engine holds that state's start no more (TL-3). */
  async #lookForReason(to: number, before: PartitionOffset): Promise<void> {
    const latest = this.#latest;
    if (latest === null || latest.looked || latest.event.at >= to - this.#allowedLatenessMs / 2) return;
    latest.looked = true;
    const { event } = latest;
    const next = await this.#stored.nextState(event.state, to, before);
    if (next === null || next.state !== event.state) return;
    const explained = { ...event, reason: next.reason };
    this.rebuilt.engine.place(explained);
    this.#latest = { event: explained, looked: true };
  }
}
