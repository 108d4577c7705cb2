/**
 * One machine in a worker: its engine, its windows and its timeline, from event to what is stored and shown.
 * Knows which offset of its partition it includes, so that a restart can pass over what it has seen.
 */
import {
  type Acceptance,
  type Changes,
  type EngineSnapshot,
  isRestorable,
  MachineEngine,
  type MachineModel,
  ratesOf,
  Windows,
  type WindowsSnapshot,
} from "@oee/engine";
import {
  COMPONENT_NAMES,
  type Components,
  type JobEvent,
  type PlantEvent,
  POWERS_OF_TEN,
  type Row,
  RowBatch,
} from "@oee/model";
import type { LatencyMarks, LiveRecord, LiveRecordWindow, TimelineSegment } from "@oee/protocol";
import { type FoundPlaces, type Place, TakenPlaces } from "./hand-over.ts";
import { MachineLive } from "./machine-live.ts";
import { type AsideSnapshot, SetAside } from "./set-aside.ts";
import type { WorkerSettings } from "./settings.ts";
import { ShownTimeline } from "./shown-timeline.ts";

/** What a checkpoint holds of a machine; structured-clonable. */
export interface RunnerSnapshot {
  readonly plantVersion: string;
  /** Of the owner that made it; missing in those of 0.1.0. */
  readonly epoch?: number;
  /** The first offset of its partition that is not included. */
  readonly nextOffset: number;
  readonly engine: EngineSnapshot;
  readonly windows: WindowsSnapshot;
  /** Lengths (ms) of the windows that hold all of their time. */
  readonly wholeWindows: readonly number[];
  readonly timeline: readonly TimelineSegment[];
  readonly recomputeFrom: number | null;
  /** Ids of corrections that are in the store by the time the checkpoint is. */
  readonly corrections: readonly string[];
  /** What could not be stored; missing in checkpoints of before there was such a thing. */
  readonly aside?: readonly AsideSnapshot[];
  /** Of events that were handed over from other partitions, the newest places; missing where there were none. */
  readonly foundAt?: FoundPlaces;
}

/** Corrections of which a display may still want to know whether they took effect. */
const CORRECTIONS_REMEMBERED = 32;

const MINUTE_MS = 60_000;
const ASKED_MAX = 2;

/** Of a machine while it is recomputed beside the stream. */
interface Underway {
  /** From where stored rows are not recomputed yet. */
  from: number;
  /** Of time before this nothing is stored but what the recompute says. */
  readonly storedFrom: number;
  /** Events that came since the last ones that the recompute reads were stored; `null`: not so far yet, or over. */
  arrived: { readonly event: PlantEvent; readonly offset: number }[] | null;
  /** How often the engine that is live has asked for a recompute from an instant on. */
  readonly asked: Map<number, number>;
}

/** Events bear on time from an instant on; corrections may be among them. */
interface RecomputeRequest {
  readonly from: number;
  readonly corrected: boolean;
}

/** What is computed of a machine beside what is live, to take its place. */
export interface Rebuilt {
  readonly engine: MachineEngine;
  readonly windows: Windows;
  readonly timeline: ShownTimeline;
}

export class MachineRunner {
  readonly model: MachineModel;
  readonly partition: number;
  readonly #settings: WorkerSettings;
  #engine: MachineEngine;
  #windows: Windows;
  #timeline: ShownTimeline;
  /** Events from this offset on are not included yet. */
  nextOffset = 0;
  /** The first event that the newest checkpoint lacks; `null`: it lacks none. */
  changedSince: number | null = null;
  /** Monotonic (`performance.now()`). */
  checkpointedAt = 0;
  /** The epoch of its newest checkpoint; `null`: it has none. */
  checkpointEpoch: number | null = null;
  /** What was stored of it up to this version follows from its newest checkpoint. */
  soundTo = 0n;
  /** From where stored rows are wrong until recomputed. */
  recomputeFrom: number | null = null;
  readonly aside: SetAside = new SetAside();
  #underway: Underway | null = null;
  /** What came while a recompute is under way, and bears on time that it may have been through. */
  #request: RecomputeRequest | null = null;
  /** Lengths of windows that hold all of their time; others lack what was before a plant file asked for them. */
  #wholeWindows: ReadonlySet<number>;
  /** While windows are filled: rows that changed since it began. */
  #changedRows: Row[] | null = null;
  /** Ids of corrections on their way: taken, in the rows, in the store. */
  #correctionsTaken: string[] = [];
  #correctionsComputed: string[] = [];
  #correctionsStored: readonly string[] = [];
  /** The newest event that came since the latency was last taken, if any did. */
  #arrived = false;
  #arrivedEventAt = -Infinity;
  #arrivedLoggedAt = 0;
  #taken: TakenPlaces | null = null;
  readonly #live: MachineLive;
  /** When it has to be moved on though nothing comes. */
  dueAt = 0;

  constructor(model: MachineModel, partition: number, settings: WorkerSettings, rowsFrom?: number) {
    this.model = model;
    this.partition = partition;
    this.#settings = settings;
    const { allowedLatenessMs } = settings;
    this.#engine = new MachineEngine(
      model,
      rowsFrom === undefined ? { allowedLatenessMs } : { allowedLatenessMs, rowsFrom },
    );
    this.#windows = newWindows(model);
    this.#wholeWindows = new Set(windowLengths(model));
    this.#timeline = new ShownTimeline(model, settings.timelineSegmentsMax);
    this.#live = new MachineLive(model.machine, model.plant.version, () => this.#windowsNow());
  }

  get id(): string {
    return this.model.machine.id;
  }

  get engine(): MachineEngine {
    return this.#engine;
  }

  /** Up to where it is computed; before the first time, where its events begin; `Infinity` while there are none. */
  get reached(): number {
    const { now, events } = this.#engine;
    if (Number.isFinite(now)) return now;
    return events.corrections.reduce((first, { from }) => Math.min(first, from), events.presence.first);
  }

  /** Corrections came that the next `advance` puts into the rows. */
  get correcting(): boolean {
    return this.#correctionsTaken.length > 0 && !this.recomputing;
  }

  get recomputing(): boolean {
    return this.recomputeFrom !== null || this.#underway !== null;
  }

  /**
   * From where stored rows are wrong (`-Infinity`: all that is held). What is live goes on; of time before `storedFrom` it has
   * no say any more in what is stored.
   */
  beginRecompute(storedFrom: number): number {
    const from = this.recomputeFrom ?? -Infinity;
    this.#underway = { from, storedFrom, arrived: null, asked: new Map() };
    this.#request = null;
    this.recomputeFrom = null;
    return from;
  }

  /** Stored rows are right up to an instant; they stay so after a restart. */
  recomputedTo(at: number): void {
    if (this.#underway !== null) this.#underway.from = at;
  }

  /** It is not done: it has to begin again from where it was, or from what came meanwhile. */
  abandonRecompute(): void {
    if (this.#underway === null) return;
    const { from } = this.#underway;
    this.recomputeFrom = Math.min(from, this.recomputeFrom ?? Infinity, this.#request?.from ?? Infinity);
    this.#underway = null;
    this.#request = null;
  }

  /** What was recomputed is stored, or there was nothing to show yet. */
  endRecompute(): void {
    if (this.#request !== null) this.recomputeFrom = Math.min(this.#request.from, this.recomputeFrom ?? Infinity);
    this.#underway = null;
    this.#request = null;
    this.#noteComputed();
  }

  /** Something came, since the recompute began, that it may not have read. */
  get requested(): boolean {
    return this.#request !== null;
  }

  /** What came since the last call; once it is stored, what it bears on can be read. */
  drainRequest(): RecomputeRequest | null {
    const request = this.#request;
    this.#request = null;
    return request;
  }

  /** From now on events are remembered until `adopt`. */
  beginAdopt(): void {
    if (this.#underway !== null) this.#underway.arrived = [];
  }

  /** `beginAdopt` came to nothing: what is remembered will be read from the store. */
  abandonAdopt(): void {
    if (this.#underway !== null) this.#underway.arrived = null;
  }

  /** An empty engine with windows and a timeline, to be filled beside this one's. */
  rebuild(rowsFrom: number): Rebuilt {
    return {
      engine: this.#engine.rebuild([], rowsFrom),
      windows: newWindows(this.model),
      timeline: new ShownTimeline(this.model, this.#settings.timelineSegmentsMax),
    };
  }

  /** Of an event that was handed over, whether it comes for the first time. */
  markTaken(place: Place): boolean {
    this.#taken ??= new TakenPlaces();
    return this.#taken.markTaken(place);
  }

  accept(event: PlantEvent, offset: number, loggedAt: number): Acceptance {
    const acceptance = this.#engine.accept(event);
    if (acceptance === "repeat") return acceptance;
    if (this.#underway !== null) {
      const { arrived, storedFrom } = this.#underway;
      arrived?.push({ event, offset });
      const corrected = event.type === "correction";
      const from = corrected ? event.from : event.at;
      // Which corrections there are is read once, when it begins.
      const missed = corrected && arrived === null && Number.isFinite(storedFrom);
      if (acceptance === "late" || from < storedFrom || missed) this.#ask(from, corrected);
    }
    if (event.type === "correction") {
      if (event.id !== null) this.#correctionsTaken.push(event.id);
    } else if (event.at >= this.#arrivedEventAt) {
      this.#arrived = true;
      this.#arrivedEventAt = event.at;
      this.#arrivedLoggedAt = loggedAt;
    }
    return acceptance;
  }

  /** Moves time on to `now`; what changed is the caller's to store. */
  advance(now: number): Changes {
    const changes = this.#engine.advance(now);
    this.#take(changes, now);
    const { recomputeFrom } = changes;
    if (this.#underway !== null) {
      if (recomputeFrom !== null && this.#mayAskAgain(recomputeFrom)) this.#ask(recomputeFrom, false);
      return since(changes, this.#underway.storedFrom);
    }
    if (recomputeFrom !== null) this.recomputeFrom = Math.min(this.recomputeFrom ?? Infinity, recomputeFrom);
    this.#noteComputed();
    return changes;
  }

  /**
   * Takes what was recomputed in place of its own. It holds all events before an offset, and is given here what came
   * since; what is stored of time before `from` is right.
   */
  adopt({ engine, windows, timeline }: Rebuilt, now: number, from: number, beforeOffset: number): Changes {
    for (const { event, offset } of this.#underway?.arrived ?? []) if (offset >= beforeOffset) engine.place(event);
    engine.takeIdsOf(this.#engine);
    this.#underway = { from, storedFrom: -Infinity, arrived: null, asked: new Map() };
    this.#engine = engine;
    this.#windows = windows;
    this.#wholeWindows = new Set(windowLengths(this.model));
    this.#timeline = timeline;
    return this.advance(now);
  }

  /** An engine that lacks what it would need asks each time that it moves on (TL-3), until the recompute takes its place. */
  #mayAskAgain(from: number): boolean {
    const asked = this.#underway?.asked;
    const times = asked?.get(from) ?? 0;
    asked?.set(from, times + 1);
    return times < ASKED_MAX;
  }

  #ask(from: number, corrected: boolean): void {
    const asked = this.#request;
    this.#request = {
      from: Math.min(from, asked?.from ?? Infinity),
      corrected: corrected || (asked?.corrected ?? false),
    };
  }

  /** Some window lacks what was before a plant file asked for it; it is not shown until it is filled. */
  get lacksWindows(): boolean {
    return windowLengths(this.model).some((lengthMs) => !this.#wholeWindows.has(lengthMs));
  }

  /** From where on rows bear on windows as they stand at `now`. */
  windowsFrom(now: number): number {
    const { shift } = this.model.clock.spanAt(now - 1);
    return Math.min(shift?.from ?? now, now - Math.max(0, ...windowLengths(this.model)));
  }

  /** What windows lack is in the store, or not true any more. */
  forgetWindows(): void {
    this.#wholeWindows = new Set();
  }

  /** From now on changed rows are remembered until `fillWindows` or `abandonFill`. */
  beginFill(): void {
    this.#changedRows = [];
  }

  abandonFill(): void {
    this.#changedRows = null;
  }

  /** Takes stored rows that hold at least all of before `beginFill`; what changed since comes on top. */
  fillWindows(stored: readonly Row[]): void {
    const rows = new Map<string, Row>();
    for (const row of [...stored, ...(this.#changedRows ?? [])]) {
      rows.set(`${row.from}\n${row.product ?? ""}\n${row.shift ?? ""}\n${row.shiftDate ?? ""}`, row);
    }
    this.#windows = newWindows(this.model);
    this.#windows.take(RowBatch.of(rows.values()));
    this.#wholeWindows = new Set(windowLengths(this.model));
    this.#changedRows = null;
  }

  #take({ rows, deltas, segments, judged }: Changes, now: number): void {
    if (this.#changedRows !== null) for (const row of rows) this.#changedRows.push(row);
    this.#windows.take(deltas);
    this.#timeline.take(segments, judged, now);
  }

  #noteComputed(): void {
    if (this.recomputing || this.#correctionsTaken.length === 0) return;
    this.#correctionsComputed.push(...this.#correctionsTaken);
    this.#correctionsTaken = [];
  }

  /** Ids of corrections whose effect is in the rows that are handed over for storing; empty for most machines. */
  drainComputedCorrections(): readonly string[] {
    const computed = this.#correctionsComputed;
    if (computed.length > 0) this.#correctionsComputed = [];
    return computed;
  }

  /** Their effect is in the store: whoever waits for them may look. */
  confirmCorrections(ids: readonly string[]): void {
    this.#correctionsStored = [...this.#correctionsStored, ...ids].slice(-CORRECTIONS_REMEMBERED);
  }

  /** The timeline, if it changed since it was last asked for. */
  drainChangedTimeline(): readonly TimelineSegment[] | null {
    return this.#timeline.drainChanged() ? [...this.#timeline.segments] : null;
  }

  /** What there is to say at `now`; always the same object. */
  liveRecord(now: number, nextWithinMs: number = 0): LiveRecord {
    const { classifier, clock } = this.model;
    const engine = this.#engine;
    const { segment } = engine;
    const live = this.#live;
    const job = this.#jobAt(now);
    const { product, idealCycleUs, taktUs } = ratesOf(this.model, job);
    live.now = now;
    live.nextWithinMs = nextWithinMs;
    live.state = segment?.state ?? "unknown";
    live.reason = segment?.reason ?? null;
    const { category, failure } = classifier.classOf(segment?.state ?? "unknown", live.reason);
    live.category = category;
    live.failure = failure;
    live.minor = engine.stop === null ? null : !engine.stop.unplanned;
    live.since = segment === null || !Number.isFinite(segment.from) ? null : segment.from;
    live.lastEventAt = Number.isFinite(engine.lastEventAt) ? engine.lastEventAt : null;
    const { part } = engine;
    const runs = part !== null && category === "production";
    live.part = runs ? { from: part.from, byPulse: part.byPulse, cycleMs: part.cycleMs } : null;
    live.product = product;
    live.order = job?.order ?? null;
    live.idealCycleUs = idealCycleUs;
    live.taktUs = taktUs;
    live.scheduled = clock.spanAt(now).scheduled;
    live.corrections = this.#correctionsStored;
    live.recomputing = this.recomputing;
    live.doubts = engine.doubts;
    return live;
  }

  /** The way of the newest event up to now, once for each event. */
  drainLatency(now: number): LatencyMarks | null {
    if (!this.#arrived) return null;
    this.#arrived = false;
    const marks = (this.#live.latency ??= { eventAt: 0, loggedAt: 0, computedAt: 0 });
    marks.eventAt = this.#arrivedEventAt;
    marks.loggedAt = this.#arrivedLoggedAt;
    marks.computedAt = now;
    return marks;
  }

  /** The windows up to where the engine is: as new as when they are asked for, at least as new as their record. */
  #windowsNow(): readonly LiveRecordWindow[] {
    const lacking = this.model.plant.windows.filter(
      ({ durationMs }) => durationMs !== null && !this.#wholeWindows.has(durationMs),
    );
    const windows = this.#windows.at(this.#engine.now);
    const whole =
      lacking.length === 0 ? windows : windows.filter((of) => !lacking.some(({ name }) => name === of.name));
    const step = POWERS_OF_TEN[this.model.machine.decimals] as number;
    return whole.map(({ name, from, to, sums }) => {
      const { idealTime, idealGoodTime, startupLossTime, ...rest } = sums.components();
      const exact: Components = {
        ...rest,
        goodCount: Math.round(rest.goodCount * step),
        scrapCount: Math.round(rest.scrapCount * step),
        reworkCount: Math.round(rest.reworkCount * step),
        idealTimeUs: Math.round(idealTime * 1000),
        idealGoodTimeUs: Math.round(idealGoodTime * 1000),
        startupLossTimeUs: Math.round(startupLossTime * 1000),
      };
      return {
        name,
        from,
        to,
        components: COMPONENT_NAMES.map((component) => exact[component]),
        plannedByTakt: [...sums.plannedByTakt],
      };
    });
  }

  #jobAt(now: number): JobEvent | null {
    const { jobs } = this.#engine.events;
    for (let i = jobs.length - 1; i >= 0; i--) if ((jobs[i] as JobEvent).at < now) return jobs[i] as JobEvent;
    return null;
  }

  /** Of an owner of that epoch. */
  snapshot(epoch: number): RunnerSnapshot {
    return {
      epoch,
      plantVersion: this.model.plant.version,
      nextOffset: this.nextOffset,
      engine: this.#engine.snapshot(),
      windows: this.#windows.snapshot(),
      wholeWindows: [...this.#wholeWindows],
      timeline: this.#timeline.segments,
      corrections: [...this.#correctionsStored, ...this.#correctionsComputed],
      recomputeFrom: this.recomputing
        ? Math.min(this.recomputeFrom ?? Infinity, this.#underway?.from ?? Infinity, this.#request?.from ?? Infinity)
        : null,
      aside: this.aside.snapshot(),
      ...(this.#taken === null ? {} : { foundAt: this.#taken.places }),
    };
  }

  /** What of it is not computed or not stored, in words; `null`: nothing. */
  get setAside(): string | null {
    const { tooLargeAt } = this.#engine;
    const tooLarge =
      tooLargeAt === null
        ? null
        : `a quantity of ${new Date(tooLargeAt).toISOString()} counts nothing: with it a sum would pass 2^53`;
    return tooLarge ?? this.aside.words;
  }

  /**
   * Goes on from a snapshot. One of another plant version goes on under the new plant from the minute of `now` on:
   * a change applies from its load on (DI-3). `null`: this release cannot read the snapshot, whose form or components are others.
   */
  static restore(
    model: MachineModel,
    partition: number,
    settings: WorkerSettings,
    snapshot: RunnerSnapshot,
    now: number,
  ): MachineRunner | null {
    if (!isRestorable(snapshot.engine)) return null;
    const samePlant = snapshot.plantVersion === model.plant.version;
    const rowsFrom = samePlant ? undefined : now - (now % MINUTE_MS);
    const runner = new MachineRunner(model, partition, settings, rowsFrom);
    const { allowedLatenessMs } = settings;
    const options = rowsFrom === undefined ? { allowedLatenessMs } : { allowedLatenessMs, rowsFrom };
    runner.#engine = MachineEngine.restore(model, options, snapshot.engine);
    if (!runner.#windows.restore(snapshot.windows)) return null;
    // Windows in other units (CN-5) are filled from rows, which say what they are in.
    if (snapshot.engine.decimals === model.machine.decimals) runner.#wholeWindows = new Set(snapshot.wholeWindows);
    else {
      runner.#windows = newWindows(model);
      runner.forgetWindows();
    }
    runner.#timeline.restore(snapshot.timeline);
    runner.nextOffset = snapshot.nextOffset;
    runner.checkpointEpoch = snapshot.epoch ?? 0;
    runner.recomputeFrom = snapshot.recomputeFrom;
    runner.#correctionsStored = snapshot.corrections;
    runner.aside.restore(snapshot.aside ?? []);
    const { oldest } = runner.aside;
    if (oldest !== null) runner.recomputeFrom = Math.min(oldest, runner.recomputeFrom ?? oldest);
    runner.#taken = snapshot.foundAt === undefined ? null : new TakenPlaces(snapshot.foundAt);
    return runner;
  }
}

/** Without what bears on time before an instant. */
function since(changes: Changes, from: number): Changes {
  const { rows, stops, stopsGone } = changes;
  if (from === -Infinity) return changes;
  const kept = new RowBatch(rows.length);
  for (let row = 0; row < rows.length; row++) if (rows.fromAt(row) >= from) kept.append(rows, row, row + 1);
  return {
    ...changes,
    rows: kept,
    stops: stops.filter((stop) => stop.from >= from),
    stopsGone: stopsGone.filter((start) => start >= from),
  };
}

function windowLengths({ plant }: MachineModel): number[] {
  return plant.windows.flatMap(({ durationMs }) => durationMs ?? []);
}

function newWindows({ plant, clock, machine }: MachineModel): Windows {
  return new Windows(plant.windows, clock, machine.costPerHour, machine.decimals);
}
