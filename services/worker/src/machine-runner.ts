/**
 * One machine in a worker: its engine, windows and timeline, which turn events into changed rows and stops to store and
 * live records to show. Its snapshot is the machine's checkpoint, and names the first offset of its partition that it does
 * not include, so that a restart passes over the events before it.
 */
import { Windows, type WindowsSnapshot } from "@oee/answers";
import type { MachineModel } from "@oee/engine";
import { type JobEvent, type PlantEvent, type Row, RowBatch } from "@oee/model";
import type { LatencyMarks, LiveRecord, LiveRecordWindow, TimelineSegment } from "@oee/protocol";
import { type Acceptance, type Changes, type EngineSnapshot, isRestorable, MachineEngine } from "@oee/stream";
import { type FoundPlaces, type Place, TakenPlaces } from "./hand-over.ts";
import { liveRecordOf } from "./machine-live.ts";
import { type AsideSnapshot, SetAside } from "./set-aside.ts";
import type { WorkerSettings } from "./settings.ts";
import { ShownTimeline } from "./shown-timeline.ts";

/** What a checkpoint holds of a machine; structured-clonable. */
export interface RunnerSnapshot {
  readonly plantVersion: string;
  /** The epoch of the owner that made it; missing in checkpoints of 0.1.0. */
  readonly epoch?: number;
  /** The first offset of its partition whose event is not included. */
  readonly nextOffset: number;
  readonly engine: EngineSnapshot;
  readonly windows: WindowsSnapshot;
  /** Lengths (ms) of the windows that hold all of their time; others were added by a plant file and are not filled yet. */
  readonly wholeWindows: readonly number[];
  readonly timeline: readonly TimelineSegment[];
  readonly recomputeFrom: number | null;
  /** Ids of corrections whose effect is stored before the checkpoint is written. */
  readonly corrections: readonly string[];
  /** Records that the store refused; missing in checkpoints of 0.1.0. */
  readonly aside?: readonly AsideSnapshot[];
  /** The newest place of each partition from which events were handed over; missing where none were. */
  readonly foundAt?: FoundPlaces;
}

/** How many of the newest stored corrections live records list, so that whoever waits for one sees it. */
const CORRECTIONS_REMEMBERED = 32;

const MINUTE_MS = 60_000;
const ASKED_MAX = 2;

/** The state of a machine while it is recomputed beside the stream. Instants are epoch ms. */
interface Underway {
  /** The instant from which stored rows are not recomputed yet. */
  from: number;
  /** Of time before this instant only the recompute's rows are stored, not the live engine's. */
  readonly storedFrom: number;
  /** Events that came since `beginAdopt`, which the recompute may not read from the store; `null`: not in that phase. */
  arrived: { readonly event: PlantEvent; readonly offset: number }[] | null;
  /** By instant, how often the live engine asked for a recompute from there. */
  readonly asked: Map<number, number>;
}

/** Events change time from an instant (epoch ms) on; `corrected`: a correction is among them. */
interface RecomputeRequest {
  readonly from: number;
  readonly corrected: boolean;
}

/** The second engine of a recompute with its windows and timeline, which take the live ones' place. */
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
  /** The first offset of its partition whose event its checkpoint did not include, when it was restored from one. */
  nextOffset = 0;
  /** The offset of the first event that the newest checkpoint lacks; `null`: it lacks none. */
  changedSince: number | null = null;
  /** When its newest checkpoint was made (ms of the monotonic clock). */
  checkpointedAt = 0;
  /** The epoch of its newest checkpoint; `null`: it has none. */
  checkpointEpoch: number | null = null;
  /** Its rows stored up to this version follow from its newest checkpoint. */
  soundTo = 0n;
  /** Epoch ms from which stored rows are wrong until recomputed (`-Infinity`: all); `null`: none are. */
  recomputeFrom: number | null = null;
  /** Where the rows end (epoch ms) that an earlier owner stored, of which this engine does not know yet; `-Infinity`: it knows of all. */
  storedTo: number = -Infinity;
  readonly aside: SetAside = new SetAside();
  #underway: Underway | null = null;
  /** Events that came during a recompute and change time that it may have been through; `null`: none did. */
  #request: RecomputeRequest | null = null;
  /** Lengths (ms) of windows that hold all of their time; the others lack the time before a plant file added them. */
  #wholeWindows: ReadonlySet<number>;
  /** Rows that changed since `beginFill`; `null`: windows are not being filled. */
  #changedRows: Row[] | null = null;
  /** Ids of corrections by how far they are: accepted, in the rows, in the store. */
  #correctionsTaken: string[] = [];
  #correctionsComputed: string[] = [];
  #correctionsStored: readonly string[] = [];
  /** The newest event since `drainLatency` was last called, if one came: its instant and the log's timestamp (epoch ms). */
  #arrived = false;
  #arrivedEventAt = -Infinity;
  #arrivedLoggedAt = 0;
  #taken: TakenPlaces | null = null;
  #latency: LatencyMarks | null = null;
  /** When it must be computed next though no event comes (epoch ms). */
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
  }

  get id(): string {
    return this.model.machine.id;
  }

  get engine(): MachineEngine {
    return this.#engine;
  }

  /** Epoch ms up to which it is computed; before that the instant of its first event; `Infinity` without events. */
  get reached(): number {
    const { now, events } = this.#engine;
    if (Number.isFinite(now)) return now;
    return events.corrections.reduce((first, { from }) => Math.min(first, from), events.presence.first);
  }

  /** Whether corrections were accepted that the next `advance` puts into the rows. */
  get correcting(): boolean {
    return this.#correctionsTaken.length > 0 && !this.recomputing;
  }

  get recomputing(): boolean {
    return this.recomputeFrom !== null || this.#underway !== null;
  }

  /**
   * Begins a recompute and returns the instant (epoch ms) from which stored rows are wrong (`-Infinity`: all). The live engine
   * goes on; its rows of time before `storedFrom` are not stored any more.
   */
  beginRecompute(storedFrom: number): number {
    const from = this.recomputeFrom ?? -Infinity;
    this.#underway = { from, storedFrom, arrived: null, asked: new Map() };
    this.#request = null;
    this.recomputeFrom = null;
    return from;
  }

  /** Notes that stored rows are right up to `at` (epoch ms); the next checkpoint says so too. */
  recomputedTo(at: number): void {
    if (this.#underway !== null) this.#underway.from = at;
  }

  /** Ends a recompute that is not done: the next begins where it was, or earlier where events that came meanwhile ask for it. */
  abandonRecompute(): void {
    if (this.#underway === null) return;
    const { from } = this.#underway;
    this.recomputeFrom = Math.min(from, this.recomputeFrom ?? Infinity, this.#request?.from ?? Infinity);
    this.#underway = null;
    this.#request = null;
  }

  /** Ends a recompute whose rows are stored, or that had nothing to compute. */
  endRecompute(): void {
    if (this.#request !== null) this.recomputeFrom = Math.min(this.#request.from, this.recomputeFrom ?? Infinity);
    this.#underway = null;
    this.#request = null;
    this.#noteComputed();
  }

  /** Whether an event came during the recompute that it may not have read. */
  get requested(): boolean {
    return this.#request !== null;
  }

  /** Empties and returns the request of events that came since the last call. Store them before their time is recomputed. */
  drainRequest(): RecomputeRequest | null {
    const request = this.#request;
    this.#request = null;
    return request;
  }

  /** Begins to remember accepted events, for `adopt` to place in the new engine. */
  beginAdopt(): void {
    if (this.#underway !== null) this.#underway.arrived = [];
  }

  /** Forgets the events remembered since `beginAdopt`: the recompute will read them from the store. */
  abandonAdopt(): void {
    if (this.#underway !== null) this.#underway.arrived = null;
  }

  /** Makes an empty engine, with windows and a timeline, for a recompute. Its rows begin at `rowsFrom` (epoch ms). */
  rebuild(rowsFrom: number): Rebuilt {
    return {
      engine: this.#engine.rebuild([], rowsFrom),
      windows: newWindows(this.model),
      timeline: new ShownTimeline(this.model, this.#settings.timelineSegmentsMax),
    };
  }

  /** Remembers ids of events that were accepted before and are not in its checkpoint (CN-4); oldest first. */
  rememberIds(ids: Iterable<string>): void {
    this.#engine.rememberIds(ids);
  }

  /** Takes from a checkpoint that cannot be gone on from which handed-over events were taken. */
  recallPlaces({ foundAt }: RunnerSnapshot): void {
    if (foundAt !== undefined) this.#taken = new TakenPlaces(foundAt);
  }

  /** Marks the place of a handed-over event as taken. `false`: it was taken before, so the event is a repeat. */
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
      // A recompute reads the corrections once, when it begins: a later one makes it begin again.
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

  /** Computes up to `now` (epoch ms), and returns the changed rows and stops, which the caller stores. */
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
   * Puts a recomputed engine, its windows and its timeline in place of the live ones. They include the events below
   * `beforeOffset`; later ones, remembered since `beginAdopt`, are placed here. Rows stored of time before `from` are right.
   */
  adopt({ engine, windows, timeline }: Rebuilt, now: number, from: number, beforeOffset: number): Changes {
    for (const { event, offset } of this.#underway?.arrived ?? []) if (offset >= beforeOffset) engine.place(event);
    engine.adoptIdsOf(this.#engine);
    this.#underway = { from, storedFrom: -Infinity, arrived: null, asked: new Map() };
    this.#engine = engine;
    this.#windows = windows;
    this.#wholeWindows = new Set(windowLengths(this.model));
    this.#timeline = timeline;
    return this.advance(now);
  }

  /** Whether to heed the live engine: one that lacks old time asks at every advance (TL-3) until it is replaced, so only twice. */
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

  /** Whether a window lacks time before a plant file added it; such a window is not shown until it is filled. */
  get lacksWindows(): boolean {
    return windowLengths(this.model).some((lengthMs) => !this.#wholeWindows.has(lengthMs));
  }

  /** The instant (epoch ms) from which rows are part of some window that ends at `now`. */
  windowsFrom(now: number): number {
    const { shift } = this.model.clock.spanAt(now - 1);
    return Math.min(shift?.from ?? now, now - Math.max(0, ...windowLengths(this.model)));
  }

  /** Marks all windows as lacking, so that the cold path fills them from stored rows. */
  forgetWindows(): void {
    this.#wholeWindows = new Set();
  }

  /** Begins to remember changed rows, until `fillWindows` or `abandonFill`. */
  beginFill(): void {
    this.#changedRows = [];
  }

  abandonFill(): void {
    this.#changedRows = null;
  }

  /** Makes the windows anew from stored rows, which include all changes before `beginFill`, and the rows changed since. */
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

  /** Empties and returns the ids of corrections whose effect is in the rows about to be stored. */
  drainComputedCorrections(): readonly string[] {
    const computed = this.#correctionsComputed;
    if (computed.length > 0) this.#correctionsComputed = [];
    return computed;
  }

  /** Lists corrections, whose effect is stored now, in the machine's live records. */
  confirmCorrections(ids: readonly string[]): void {
    this.#correctionsStored = [...this.#correctionsStored, ...ids].slice(-CORRECTIONS_REMEMBERED);
  }

  /** The timeline if it changed since the last call; else `null`. */
  drainChangedTimeline(): readonly TimelineSegment[] | null {
    return this.#timeline.drainChanged() ? [...this.#timeline.segments] : null;
  }

  /** The live record at `now` (epoch ms), with its windows as of the engine's time. */
  liveRecord(now: number, nextWithinMs: number = 0): LiveRecord {
    return liveRecordOf({
      model: this.model,
      engine: this.#engine,
      job: this.#jobAt(now),
      now,
      nextWithinMs,
      windows: this.#wholeWindowsNow(),
      corrections: this.#correctionsStored,
      recomputing: this.recomputing,
      latency: this.#latency,
    });
  }

  /** When the newest event happened, was logged and was computed (epoch ms), once; `null`: none came since the last call. */
  drainLatency(now: number): LatencyMarks | null {
    if (!this.#arrived) return null;
    this.#arrived = false;
    this.#latency = { eventAt: this.#arrivedEventAt, loggedAt: this.#arrivedLoggedAt, computedAt: now };
    return this.#latency;
  }

  /** The windows at the engine's time, but those that are not filled from stored rows yet. */
  #wholeWindowsNow(): readonly LiveRecordWindow[] {
    const lacking = this.model.plant.windows.filter(
      ({ durationMs }) => durationMs !== null && !this.#wholeWindows.has(durationMs),
    );
    const windows = this.#windows.numbersAt(this.#engine.now);
    return lacking.length === 0 ? windows : windows.filter((of) => !lacking.some(({ name }) => name === of.name));
  }

  #jobAt(now: number): JobEvent | null {
    const { jobs } = this.#engine.events;
    for (let i = jobs.length - 1; i >= 0; i--) if ((jobs[i] as JobEvent).at < now) return jobs[i] as JobEvent;
    return null;
  }

  /** What a checkpoint of the given epoch holds. `taken`: everything of its partition before this offset was given to it. */
  snapshot(epoch: number, taken: number): RunnerSnapshot {
    return {
      epoch,
      plantVersion: this.model.plant.version,
      nextOffset: Math.max(this.nextOffset, taken),
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

  /** What of the machine is not computed or not stored, in a sentence; `null`: nothing. */
  get setAside(): string | null {
    const { tooLargeAt } = this.#engine;
    const tooLarge =
      tooLargeAt === null
        ? null
        : `a quantity of ${new Date(tooLargeAt).toISOString()} counts nothing: with it a sum would pass 2^53`;
    return tooLarge ?? this.aside.words;
  }

  /**
   * Makes a runner from a checkpoint. One of another plant version goes on with the new plant from the minute of `now` on,
   * because a change applies from its load on (DI-3). `null`: the checkpoint's format or layout of components is not this
   * release's.
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

/** Changes without the rows and stops that begin before an instant (epoch ms). */
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
