/**
 * One machine in a worker: its engine, windows and timeline, which turn events into changed rows and stops to store and
 * live records to show. Its snapshot is the machine's checkpoint, and names the first offset of its partition that it does
 * not include, so that a restart passes over the events before it.
 *
 * What other stages of the worker do with a machine has an owner of its own: `recompute` for the cold path, `checkpoint` for
 * checkpoints, `aside` for what the store refused.
 */
import { minuteStart } from "@oee/columns";
import type { Windows, WindowsSnapshot } from "@oee/answers";
import { type MachineModel, NO_PARTS } from "@oee/engine";
import type { JobEvent, PlantEvent } from "@oee/model";
import type { LatencyMarks, LiveRecord, TimelineSegment } from "@oee/protocol";
import {
  type Acceptance,
  type Changes,
  type EngineSnapshot,
  isRestorable,
  MachineEngine,
  type RebuiltBy,
} from "@oee/stream";
import { CheckpointMark } from "./checkpoint-mark.ts";
import { CorrectionProgress } from "./correction-progress.ts";
import { type FoundPlaces, type Place, TakenPlaces } from "./hand-over.ts";
import { liveRecordOf } from "./machine-live.ts";
import { MachineWindows, newWindows } from "./machine-windows.ts";
import { NewestArrival } from "./newest-arrival.ts";
import { Recompute } from "./recompute.ts";
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

/** The second engine of a recompute with its windows and timeline, which take the live ones' place. */
export interface Rebuilt {
  readonly engine: MachineEngine;
  readonly windows: Windows;
  readonly timeline: ShownTimeline;
}

/** A clock that was set back by less (ms), as by an NTP server, has soon made up for it. */
const AHEAD_MAX_MS = 60_000;

export class MachineRunner {
  readonly model: MachineModel;
  readonly partition: number;
  readonly #settings: WorkerSettings;
  readonly windows: MachineWindows;
  readonly recompute: Recompute = new Recompute();
  readonly checkpoint: CheckpointMark = new CheckpointMark();
  readonly corrections: CorrectionProgress = new CorrectionProgress();
  /** What the store refused of it. */
  readonly aside: SetAside = new SetAside();
  readonly #arrival = new NewestArrival();
  #engine: MachineEngine;
  #timeline: ShownTimeline;
  #nextOffset = 0;
  #storedTo = -Infinity;
  #taken: TakenPlaces | null = null;
  #dueAt = 0;

  constructor(
    model: MachineModel,
    partition: number,
    settings: WorkerSettings,
    engine: MachineEngine = new MachineEngine(model, settings),
  ) {
    this.model = model;
    this.partition = partition;
    this.#settings = settings;
    this.#engine = engine;
    this.windows = new MachineWindows(model);
    this.#timeline = new ShownTimeline(model, settings.timelineSegmentsMax);
  }

  get id(): string {
    return this.model.machine.id;
  }

  get engine(): MachineEngine {
    return this.#engine;
  }

  /** The first offset of its partition whose event its checkpoint did not include, when it was restored from one. */
  get nextOffset(): number {
    return this.#nextOffset;
  }

  /** Epoch ms up to which it is computed; before that the instant of its first event; `Infinity` without events. */
  get reached(): number {
    const { now, events } = this.#engine;
    if (Number.isFinite(now)) return now;
    return events.corrections.reduce((first, { from }) => Math.min(first, from), events.presence.first);
  }

  /** Whether corrections were accepted that the next `advance` puts into the rows. */
  get correcting(): boolean {
    return this.corrections.areAccepted && !this.recompute.isWanted;
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

  // ── events in ─────────────────────────────────────────────────────────────────────────────────────────────────────

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
    this.recompute.accepted(event, offset, acceptance);
    if (event.type === "correction") this.corrections.accepted(event.id);
    else this.#arrival.came(event.at, loggedAt);
    return acceptance;
  }

  // ── in time ───────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Computes up to `now` (epoch ms), and returns the changed rows and stops, which the caller stores. */
  advance(now: number): Changes {
    const changes = this.#engine.advance(now);
    this.windows.take(changes.rows, changes.deltas);
    this.#timeline.take(changes.segments, changes.judged, now);
    const toStore = this.recompute.heed(changes);
    if (!this.recompute.isWanted) this.corrections.computed();
    return toStore;
  }

  /** Whether it must be computed by `now` (epoch ms) though no event comes. */
  isDue(now: number): boolean {
    return this.#dueAt <= now;
  }

  /** Whether it was computed, or stored by an earlier owner, to well after `now` (epoch ms): the clock was set back, and no engine goes back. */
  isAhead(now: number): boolean {
    return Math.max(this.#engine.now, this.#storedTo) > now + AHEAD_MAX_MS;
  }

  /** Sets when it must be computed next though no event comes (epoch ms). */
  dueNext(at: number): void {
    this.#dueAt = at;
  }

  /** As `dueNext`, where it was to be computed later. */
  dueBy(at: number): void {
    this.#dueAt = Math.min(this.#dueAt, at);
  }

  /** Where the rows end (epoch ms) that an earlier owner stored, of which this engine does not know yet; `-Infinity`: it knows of all. */
  get storedTo(): number {
    return this.#storedTo;
  }

  /** An earlier owner stored rows up to `at` (epoch ms); `-Infinity`: the engine knows of them now. */
  foundStoredTo(at: number): void {
    this.#storedTo = at;
  }

  // ── recomputed ────────────────────────────────────────────────────────────────────────────────────────────────────

  /** Makes an empty engine, with windows and a timeline, for a recompute. Its rows begin at `rowsFrom` (epoch ms). */
  rebuild(rowsFrom: number, by: RebuiltBy): Rebuilt {
    return {
      engine: this.#engine.rebuild([], rowsFrom, by),
      windows: newWindows(by.model),
      timeline: new ShownTimeline(by.model, this.#settings.timelineSegmentsMax),
    };
  }

  /**
   * Puts a recomputed engine, its windows and its timeline in place of the live ones. They include the events below
   * `beforeOffset`; later ones, remembered since `beginAdopt`, are placed here. Rows stored of time before `from` are right.
   */
  adopt({ engine, windows, timeline }: Rebuilt, now: number, from: number, beforeOffset: number): Changes {
    for (const event of this.recompute.adopt(from, beforeOffset)) engine.place(event);
    engine.adoptIdsOf(this.#engine);
    // What it was told ahead has come.
    engine.expectPulses(NO_PARTS);
    this.#engine = engine;
    this.windows.replace(windows);
    this.#timeline = timeline;
    return this.advance(now);
  }

  /** Ends a recompute whose rows are stored, or that had nothing to compute. */
  endRecompute(): void {
    this.recompute.end();
    if (!this.recompute.isWanted) this.corrections.computed();
  }

  // ── out ───────────────────────────────────────────────────────────────────────────────────────────────────────────

  get timeline(): readonly TimelineSegment[] {
    return this.#timeline.segments;
  }

  /** The timeline if it changed since the last call; else `null`. */
  drainChangedTimeline(): readonly TimelineSegment[] | null {
    return this.#timeline.drainChanged() ? [...this.#timeline.segments] : null;
  }

  /** When the newest event happened, was logged and was computed (epoch ms), once; `null`: none came since the last call. */
  drainLatency(now: number): LatencyMarks | null {
    return this.#arrival.drain(now);
  }

  /** The live record at `now` (epoch ms), with its windows as of the engine's time. */
  liveRecord(now: number, nextWithinMs: number = 0): LiveRecord {
    return liveRecordOf({
      model: this.model,
      engine: this.#engine,
      job: this.#jobAt(now),
      now,
      nextWithinMs,
      windows: this.windows.numbersAt(this.#engine.now),
      corrections: this.corrections.stored,
      recomputing: this.recompute.isWanted,
      latency: this.#arrival.marks,
    });
  }

  #jobAt(now: number): JobEvent | null {
    const { jobs } = this.#engine.events;
    for (let i = jobs.length - 1; i >= 0; i--) if ((jobs[i] as JobEvent).at < now) return jobs[i] as JobEvent;
    return null;
  }

  /** What a checkpoint of the given epoch holds. `taken`: everything of its partition before this offset was given to it. */
  snapshot(epoch: number, taken: number): RunnerSnapshot {
    const { windows, whole } = this.windows.snapshot();
    return {
      epoch,
      plantVersion: this.model.plant.version,
      nextOffset: Math.max(this.#nextOffset, taken),
      engine: this.#engine.snapshot(),
      windows,
      wholeWindows: whole,
      timeline: this.#timeline.segments,
      corrections: this.corrections.snapshot(),
      recomputeFrom: this.recompute.snapshot(),
      aside: this.aside.snapshot(),
      ...(this.#taken === null ? {} : { foundAt: this.#taken.places }),
    };
  }

  /**
   * Makes a runner from a checkpoint. One of another plant version goes on with the new plant from the minute on up to which
   * it was computed, at `now` at the latest: a change applies from its load on (DI-3), and to what came while nothing ran.
   * `null`: the checkpoint's format or layout of components is not this release's.
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
    // Of a machine without events there are no rows of the plant before.
    const hasRows = snapshot.engine.start !== null;
    const plantFrom = samePlant || !hasRows ? undefined : minuteStart(Math.min(now, snapshot.engine.now));
    const { allowedLatenessMs } = settings;
    const options = plantFrom === undefined ? { allowedLatenessMs } : { allowedLatenessMs, plantFrom };
    const runner = new MachineRunner(
      model,
      partition,
      settings,
      MachineEngine.restore(model, options, snapshot.engine),
    );
    // Windows in other units (CN-5) are filled from rows, which say what they are in.
    const { engine, windows, wholeWindows } = snapshot;
    if (!runner.windows.restore(windows, wholeWindows, engine.decimals)) return null;
    runner.#timeline.restore(snapshot.timeline);
    runner.#nextOffset = snapshot.nextOffset;
    runner.checkpoint.restored(snapshot.epoch ?? 0);
    if (snapshot.recomputeFrom !== null) runner.recompute.ask(snapshot.recomputeFrom);
    runner.corrections.restore(snapshot.corrections);
    runner.aside.restore(snapshot.aside ?? []);
    const { oldest } = runner.aside;
    if (oldest !== null) runner.recompute.ask(oldest);
    runner.#taken = snapshot.foundAt === undefined ? null : new TakenPlaces(snapshot.foundAt);
    return runner;
  }
}
