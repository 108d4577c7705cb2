/**
 * The incremental way to a result: events as they come, time moved by the caller, changed minute rows and stop
 * segments out. It holds what `allowedLateness` needs and no more: memory is bounded however long it runs.
 * What reaches further back is answered with a request to recompute from stored events (DI-1).
 */
import type { Machine, PlantEvent, Row, StopSegment } from "@oee/model";
import { MINUTE_CELLS } from "./cells.ts";
import { HotRows, type HotRowsSnapshot, sameRow } from "./hot-rows.ts";
import { lowerBound, MachineEvents, type MachineEventsSnapshot } from "./machine-events.ts";
import type { MachineModel } from "./machine-model.ts";
import { RowBuilder } from "./row-builder.ts";
import { emptyRow, sameKey } from "./rows.ts";
import { listStop, type Stop } from "./stops.ts";
import { beginning, type Resume, sweep, unsettledFrom } from "./sweep.ts";
import { alike, rawSegments, reasonOf, type Segment } from "./timeline.ts";
import { MINUTE_MS } from "./zone.ts";

export interface EngineOptions {
  /** How far behind the newest event of its machine an event may be and still be put in its place at once (DI-1). */
  readonly allowedLatenessMs: number;
  /** Rows of minutes before this do not exist: for a recomputation that begins with older events. */
  readonly rowsFrom?: number;
}

/** `repeat`: ignored (CN-4). `late`: beyond what is held; recompute from `from` on (DI-1). */
export type Acceptance = "accepted" | "repeat" | "late";

/** What changed since the last call. */
export interface Changes {
  /** Each whole, to take the place of the one with its key. One whose times are all 0 is gone. */
  readonly rows: readonly Row[];
  /** Each to take the place of the one of the same machine and `from`. */
  readonly stops: readonly StopSegment[];
  /** Starts of segments that are no more. */
  readonly stopsGone: readonly number[];
  /** For each changed row, what it was before; `null`: it is new. For sums that move with the rows. */
  readonly before: readonly (Row | null)[];
  /** The oldest instant whose rows are known to be wrong until they are recomputed from stored events, or `null`. */
  readonly recomputeFrom: number | null;
}

export const SNAPSHOT_VERSION = 2;

/** Structured-clonable. */
export interface EngineSnapshot {
  readonly version: typeof SNAPSHOT_VERSION;
  readonly now: number;
  readonly events: MachineEventsSnapshot;
  readonly start: Resume | null;
  readonly rows: HotRowsSnapshot;
  readonly listed: readonly StopSegment[];
  readonly recomputeFrom: number | null;
}

/** Resumes are noted this far apart behind the newest minutes. */
const RESUME_EVERY_MS = 10 * MINUTE_MS;
/** Within this of the newest minutes, at each minute. */
const RECENT_MS = 2 * MINUTE_MS;

export class MachineEngine {
  readonly #model: MachineModel;
  readonly #options: EngineOptions;
  #events: MachineEvents;
  /** By time; the first is as far back as anything can still change. Empty before the first event. */
  #resumes: Resume[] = [];
  #rows = new HotRows();
  #listed = new Map<number, StopSegment>();
  #now = -Infinity;
  #dirtyFrom = Infinity;
  #recomputeFrom: number | null = null;
  #segment: Segment | null = null;
  #stop: Stop | null = null;
  #swept: readonly Segment[] = [];
  #sweptStops: readonly Stop[] = [];

  constructor(model: MachineModel, options: EngineOptions) {
    this.#model = model;
    this.#options = options;
    this.#events = new MachineEvents(model.machine);
  }

  get machine(): Machine {
    return this.#model.machine;
  }

  /** Where knowledge ended at the last `advance`. */
  get now(): number {
    return this.#now;
  }

  /** The segment in force at `now`, and the stop that it is part of. */
  get segment(): Segment | null {
    return this.#segment;
  }

  get stop(): Stop | null {
    return this.#stop;
  }

  /** Instant of the newest event but corrections; `-Infinity` before the first. */
  get lastEventAt(): number {
    return this.#events.presence.last;
  }

  get events(): MachineEvents {
    return this.#events;
  }

  /** From which instant on rows and stops are held; `Infinity` before the first event. */
  get heldFrom(): number {
    return this.#resumes[0]?.at ?? Infinity;
  }

  /** The held rows of a minute, whose `from` may be another minute's; `undefined` if none are held. */
  rowsOfMinute(minute: number): readonly Row[] | undefined {
    return this.#rows.get(minute);
  }

  /** The held stop segment that starts at an instant. */
  stopSegment(from: number): StopSegment | undefined {
    return this.#listed.get(from);
  }

  /** The segments of the last sweep, which reach to `now`: they replace what was known of that span. */
  get swept(): readonly Segment[] {
    return this.#swept;
  }

  /** The stops of the last sweep; the first may have begun before it. */
  get sweptStops(): readonly Stop[] {
    return this.#sweptStops;
  }

  /** Takes the next event of the machine in log order. Its effect shows at the next `advance`. */
  accept(event: PlantEvent): Acceptance {
    if (!this.#events.isNew(event)) return "repeat";
    return this.place(event);
  }

  /** As `accept`, for an event that is known to be no repeat. */
  place(event: PlantEvent): Acceptance {
    const bearsFrom = event.type === "correction" ? event.from : event.at;
    const held = this.#resumes[0];
    const late = held !== undefined && held.segment !== null && bearsFrom < held.at;
    if (late) this.#requestRecompute(bearsFrom);
    if (!late || event.type === "correction") {
      this.#events.add(event);
      this.#dirtyFrom = Math.min(this.#dirtyFrom, bearsFrom);
    }
    return late ? "late" : "accepted";
  }

  /** Moves time on to `now`, never back, and says what changed. */
  advance(now: number): Changes {
    const rows: Row[] = [];
    const before: (Row | null)[] = [];
    const stops: StopSegment[] = [];
    const stopsGone: number[] = [];
    this.#now = Math.max(this.#now, now);
    const start = this.#startOfSweep();
    if (start !== null && this.#now > start.at) {
      const builder = new RowBuilder(
        this.#model,
        this.#events.jobs,
        MINUTE_CELLS,
        this.#options.rowsFrom ?? -Infinity,
        this.#now,
        (cell) => (cell < start.at ? this.#rows.get(cell) : undefined),
      );
      const swept = sweep(this.#model, this.#events, start, this.#now, builder, this.#resumeAt(start.at));
      this.#replaceResumes(start, swept.resumes, swept.stops);
      this.#replaceRows(builder, start.at, rows, before);
      this.#replaceListed(swept.stops, start.stop?.segments[0]?.from ?? start.at, stops, stopsGone);
      this.#noteTip(start, swept.segments, swept.stops);
      this.#dirtyFrom = Infinity;
      this.#forget();
    }
    const recomputeFrom = this.#recomputeFrom;
    this.#recomputeFrom = null;
    return { rows, before, stops, stopsGone, recomputeFrom };
  }

  snapshot(): EngineSnapshot {
    return {
      version: SNAPSHOT_VERSION,
      now: this.#now,
      events: this.#events.snapshot(),
      start: this.#resumes[0] ?? null,
      rows: this.#rows.snapshot(),
      listed: [...this.#listed.values()],
      recomputeFrom: this.#recomputeFrom,
    };
  }

  /** Goes on from a snapshot of the same plant version. The next `advance` works all out again that is held. */
  static restore(model: MachineModel, options: EngineOptions, snapshot: EngineSnapshot): MachineEngine {
    const engine = new MachineEngine(model, options);
    engine.#events = MachineEvents.restore(model.machine, snapshot.events);
    engine.#now = snapshot.now;
    engine.#resumes = snapshot.start === null ? [] : [{ ...snapshot.start }];
    engine.#rows = HotRows.restore(snapshot.rows);
    engine.#listed = new Map(snapshot.listed.map((segment) => [segment.from, segment]));
    engine.#recomputeFrom = snapshot.recomputeFrom;
    return engine;
  }

  /**
   * A new engine over stored events of the machine, in log order and without repeats, to take this one's place:
   * it has this one's memory of ids, and nothing else of it. Its first `advance` gives every row.
   */
  rebuild(events: Iterable<PlantEvent>, rowsFrom?: number): MachineEngine {
    const { allowedLatenessMs } = this.#options;
    const engine = new MachineEngine(
      this.#model,
      rowsFrom === undefined ? { allowedLatenessMs } : { allowedLatenessMs, rowsFrom },
    );
    engine.#events.adoptIds(this.#events);
    for (const event of events) engine.place(event);
    return engine;
  }

  #requestRecompute(from: number): void {
    this.#recomputeFrom = Math.min(this.#recomputeFrom ?? Infinity, from);
  }

  /** The newest instant from which a sweep sets right all that changed; `null` while there is nothing to sweep. */
  #startOfSweep(): Resume | null {
    const resumes = this.#resumes;
    const oldest = resumes[0];
    if (oldest === undefined || oldest.segment === null) {
      // Nothing was forgotten yet: the beginning is wherever the oldest event says.
      let first = this.#events.presence.first;
      for (const correction of this.#events.corrections) first = Math.min(first, correction.from);
      if (first >= this.#now) return null;
      const at = MINUTE_CELLS.startOf(first);
      if (oldest === undefined || oldest.at > at) this.#resumes = [beginning(at)];
    }
    for (let i = this.#resumes.length - 1; i >= 0; i--) {
      const resume = this.#resumes[i] as Resume;
      if (resume.at > this.#dirtyFrom) continue;
      if (this.#reasonStands(resume)) return resume;
    }
    const start = this.#resumes[0] as Resume;
    // A reason came for a segment that began before all that is held (TL-3).
    if (!this.#reasonStands(start)) this.#requestRecompute(start.raw.from);
    return start;
  }

  /** Whether the reason that the segment in force at an instant was given by a later event is still the same. */
  #reasonStands({ at, raw, reasonTaken }: Resume): boolean {
    if (raw.from === -Infinity || raw.reason !== null) return true;
    const { states } = this.#events;
    const first = lowerBound(states, at);
    const last = lowerBound(states, this.#now);
    // Repeats of the state change nothing, so the segment that follows may be some events away.
    for (let i = first; i < last; i++) {
      const segments = rawSegments(raw, states, i, i + 1);
      if (segments.length > 1) return reasonOf(segments, 0) === reasonTaken;
    }
    return reasonTaken === null;
  }

  /** Where to note how to resume: the newest minutes of the clock and of the events, and some places behind. */
  #resumeAt(after: number): number[] {
    const { newest, tip } = this.#minutes;
    const frontier = newest - this.#options.allowedLatenessMs;
    const places: number[] = [];
    let last = after;
    const note = (from: number, to: number, everyMs: number): void => {
      for (let at = Math.ceil(Math.max(from, last + 1) / everyMs) * everyMs; at <= to; at += everyMs) {
        places.push((last = at));
      }
    };
    if (Number.isFinite(newest)) {
      note(frontier - RESUME_EVERY_MS + 1, newest - RECENT_MS - 1, RESUME_EVERY_MS);
      note(newest - RECENT_MS, newest, MINUTE_MS);
    }
    note(tip - RECENT_MS, tip, MINUTE_MS);
    return places;
  }

  /** The minutes of the newest event and of the clock. */
  get #minutes(): { readonly newest: number; readonly tip: number } {
    const newest = MINUTE_CELLS.startOf(Math.min(this.#now, this.#events.presence.last));
    return { newest, tip: MINUTE_CELLS.startOf(this.#now) };
  }

  #replaceResumes(start: Resume, made: readonly Resume[], stops: readonly Stop[]): void {
    const { newest, tip } = this.#minutes;
    // Of those that were recent once, the coarse places stay.
    const kept = this.#resumes.filter(
      ({ at }, i) =>
        i === 0 ||
        (at <= start.at &&
          (at >= tip - RECENT_MS || (at <= newest && (at >= newest - RECENT_MS || at % RESUME_EVERY_MS === 0)))),
    );
    const rejudged = start.stop === null ? undefined : stops[0];
    if (rejudged !== undefined) {
      const { from } = rejudged;
      for (const resume of kept) if (resume.stop !== null && resume.stop.from === from) resume.stop = rejudged;
    }
    this.#resumes = [...kept, ...made];
  }

  #replaceRows(builder: RowBuilder, from: number, rows: Row[], before: (Row | null)[]): void {
    for (const cell of builder.cellStarts) {
      const made = builder.rows.get(cell) ?? [];
      const old = this.#rows.get(cell) ?? [];
      let changed = made.length !== old.length;
      for (const row of made) {
        const was = old.length === 0 ? null : (old.find((other) => sameKey(other, row)) ?? null);
        if (was !== null && sameRow(was, row)) continue;
        changed = true;
        rows.push(row);
        before.push(was);
      }
      for (const was of old) {
        if (made.some((row) => sameKey(row, was))) continue;
        rows.push(emptyRow(was, cell));
        before.push(was);
      }
      if (changed || cell >= from) this.#rows.set(cell, made);
    }
  }

  #replaceListed(stops: readonly Stop[], reach: number, changed: StopSegment[], gone: number[]): void {
    const seen = new Set<number>();
    for (const stop of stops) {
      for (const segment of listStop(this.#model, stop, this.#events.jobs)) {
        seen.add(segment.from);
        const was = this.#listed.get(segment.from);
        if (was !== undefined && sameSegment(was, segment)) continue;
        this.#listed.set(segment.from, segment);
        changed.push(segment);
      }
    }
    for (const key of this.#listed.keys()) {
      if (key < reach || seen.has(key)) continue;
      this.#listed.delete(key);
      gone.push(key);
    }
  }

  #noteTip(start: Resume, segments: readonly Segment[], stops: readonly Stop[]): void {
    const segment = segments[segments.length - 1] ?? null;
    const first = start.segment;
    const going = segments.length === 1 && segment !== null && first !== null && alike(first, segment);
    this.#segment = going ? { ...segment, from: first.from } : segment;
    this.#swept = segments;
    this.#sweptStops = stops;
    const stop = stops[stops.length - 1];
    this.#stop = stop?.open === true ? stop : null;
  }

  /** Forgets what lies further back than lateness allows. */
  #forget(): void {
    const frontier = Math.min(this.#now, this.#events.presence.last) - this.#options.allowedLatenessMs;
    let drop = 0;
    while (drop + 1 < this.#resumes.length && (this.#resumes[drop + 1] as Resume).at <= frontier) drop++;
    if (drop === 0) return;
    this.#resumes.splice(0, drop);
    const start = this.#resumes[0] as Resume;
    const { stop } = start;
    let unsettled = start.at;
    if (stop !== null) {
      unsettled = Math.min(start.at, unsettledFrom(this.#model, stop, start.at));
      const trimmed = trimmedStop(this.#model, stop, unsettled);
      for (const resume of this.#resumes) if (resume.stop === stop) resume.stop = trimmed;
    }
    const kept: { from: number; to: number }[] = [];
    for (let at = unsettled; at < start.at; ) {
      const span = this.#model.clock.spanAt(at);
      if (span.scheduled) kept.push({ from: at, to: Math.min(span.to, start.at) });
      at = span.to;
    }
    this.#rows.forgetBefore(start.at, kept);
    this.#events.forgetBefore(start.at, Math.min(start.at, start.stop?.segments[0]?.from ?? start.at));
    for (const [key, segment] of this.#listed) {
      if (segment.to < start.at && (stop === null || key < (stop.segments[0] as Segment).from))
        this.#listed.delete(key);
    }
  }
}

/** What a stop still needs of its segments when only time from `unsettled` on can change. */
function trimmedStop(model: MachineModel, stop: Stop, unsettled: number): Stop {
  let drop = 0;
  let runFrom = stop.runFrom;
  while (drop + 1 < stop.segments.length && (stop.segments[drop] as Segment).to <= unsettled) {
    const segment = stop.segments[drop] as Segment;
    if (!model.classifier.classOf(segment.state, segment.reason).failure) runFrom = null;
    else runFrom ??= segment.from;
    drop++;
  }
  if (drop === 0) return stop;
  return { ...stop, segments: stop.segments.slice(drop), runFrom };
}

function sameSegment(a: StopSegment, b: StopSegment): boolean {
  return (Object.keys(b) as (keyof StopSegment)[]).every((key) => a[key] === b[key]);
}
