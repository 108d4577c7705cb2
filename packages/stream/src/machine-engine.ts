/**
 * The engine of one machine for a stream: takes events as they come and, when the caller moves time on, returns the minute
 * rows and stop segments that changed, by sweeping again from the newest resume before the change. It holds only what
 * `allowedLateness` needs, so that memory is bounded however long it runs. For an event that reaches further back it asks
 * for a recompute from stored events (DI-1).
 */
import { MINUTE_MS } from "@oee/calendar";
import {
  HeldRows,
  type HeldRowsSnapshot,
  MINUTE_CELLS,
  minuteOf,
  minuteStart,
  rescaled,
  RowTable,
  RowDeltas,
} from "@oee/columns";
import {
  alike,
  beginning,
  changedCounters,
  lowerBound,
  MachineEvents,
  type MachineEventsSnapshot,
  type MachineModel,
  NO_PARTS,
  type Part,
  repeats,
  type Resume,
  RowBuilder,
  type Segment,
  type Stop,
  type Sweep,
  sweep,
  unsettledFrom,
} from "@oee/engine";
import {
  type CorrectionEvent,
  type DoubtedTotal,
  type Machine,
  type PlantEvent,
  type Row,
  ROW_LAYOUT,
  RowBatch,
  sameHead,
  sameKey,
  type StateEvent,
  type StopSegment,
  WIDTH,
} from "@oee/model";
import { HeldDoubts } from "./held-doubts.ts";
import { ListedStops } from "./listed-stops.ts";

export interface EngineOptions {
  /** How far behind the newest event of its machine an event may be and still be put in its place at once (DI-1). */
  readonly allowedLatenessMs: number;
  /** Rows of minutes before this (epoch ms) are not made: for a recomputation that begins with older events. */
  readonly rowsFrom?: number;
  /**
   * Rows of minutes before this (epoch ms) are another plant file's (DI-3) and not made either. So are stops and doubts that ended
   * before it, and an event or a correction of that time asks for a recompute.
   */
  readonly plantFrom?: number;
}

/** `repeat`: ignored (CN-4). `late`: beyond what is held, or of another plant file's time; recompute from `from` on (DI-1). */
export type Acceptance = "accepted" | "repeat" | "late";

/** By which plant file an engine is rebuilt, and from when on that is the one (as `EngineOptions.plantFrom`). */
export interface RebuiltBy extends Pick<EngineOptions, "plantFrom"> {
  readonly model: MachineModel;
}

/** What an `advance` changed. `rows` and `deltas` are valid until the next `advance` of any machine. */
export interface Changes {
  /** Changed rows, each whole: it replaces the row with its key. A row whose times are all 0 is gone. */
  readonly rows: RowBatch;
  /** Changed stop segments: each replaces the one of the same machine and `from`. */
  readonly stops: readonly StopSegment[];
  /** Starts (epoch ms) of stop segments that do not exist any more. */
  readonly stopsGone: readonly number[];
  /** Totals that came to be doubted, and those that are not any more (CN-8). */
  readonly doubts: readonly DoubtedTotal[];
  /** The differences by which rows changed, for windows to add to their sums. */
  readonly deltas: RowDeltas;
  /** The segments of the time swept, which ends at `now`: they replace the earlier segments of that time. */
  readonly segments: readonly Segment[];
  /** The stops among them; the first may have begun before. */
  readonly judged: readonly Stop[];
  /** The instant (epoch ms) from which stored rows are wrong until they are recomputed from stored events; `null`: none are. */
  readonly recomputeFrom: number | null;
}

export const SNAPSHOT_VERSION = 5;
/** Of before counts were packed: it can be gone on from. */
const UNPACKED_VERSION = 4;

/** Structured-clonable. */
export interface EngineSnapshot {
  readonly version: typeof SNAPSHOT_VERSION | typeof UNPACKED_VERSION;
  /** Which component each number of its rows is. */
  readonly layout: string;
  readonly now: number;
  readonly events: MachineEventsSnapshot;
  readonly start: Resume | null;
  readonly rows: HeldRowsSnapshot;
  readonly listed: readonly StopSegment[];
  readonly recomputeFrom: number | null;
  /** As `MachineEngine.tooLargeAt`; missing in snapshots of 0.1.0. */
  readonly tooLargeAt?: number | null;
  /** The decimals of the machine's quantities (CN-5) when the snapshot was made. */
  readonly decimals: number;
  /** Missing in those of 0.1.0. */
  readonly begins?: number;
  /** As `HeldDoubts.keys`; missing in those of 0.1.0. */
  readonly doubted?: readonly number[];
  /** Epoch ms; held rows of minutes before this are those of a plant file of before. Missing where there are none. */
  readonly rowsFrom?: number;
}

/** Whether this release can go on from a snapshot: its form and its components are the same. */
export function isRestorable({ version, layout }: Pick<EngineSnapshot, "version" | "layout">): boolean {
  return (version === SNAPSHOT_VERSION || version === UNPACKED_VERSION) && layout === ROW_LAYOUT;
}

/** Resumes before the newest minutes are kept this far apart. */
const RESUME_EVERY_MS = 10 * MINUTE_MS;
/**
 * Time further behind the clock than this, and than `allowedLateness`, is given up also where the machine was silent since:
 * what an event changes there is recomputed beside the stream. One sweep over months would hold up everything else.
 */
const PASS_MAX_MS = 24 * 60 * MINUTE_MS;
/** Resumes in a silence are kept this far apart, so that there is one to begin at soon after what is given up. */
const QUIET_RESUME_EVERY_MS = 6 * 60 * MINUTE_MS;
/** Within this of the newest event and of the clock there is a resume at each minute. */
const RECENT_MS = 2 * MINUTE_MS;

/** Used by one `advance` at a time. */
const table = new RowTable();
const changed = new RowBatch();
const deltas = new RowDeltas();
const NO_INSTANTS: readonly number[] = [];
const NO_DOUBTS: readonly DoubtedTotal[] = [];
const NOTHING_SWEPT: Pick<Sweep, "segments" | "stops"> = { segments: [], stops: [] };

export class MachineEngine {
  readonly #model: MachineModel;
  readonly #options: EngineOptions;
  #events: MachineEvents;
  /** Resumes by time; nothing before the first can change any more without a recompute. Empty before the first event. */
  #resumes: Resume[] = [];
  #rows: HeldRows;
  #listed = new ListedStops();
  #doubted = new HeldDoubts();
  #now = -Infinity;
  #dirtyFrom = Infinity;
  /** From where on what is held changes by a correction of older time; apart, for it says nothing of where events begin. */
  #correctedFrom = Infinity;
  /** Events older than this (epoch ms) cannot be placed any more; cached from the oldest resume, because every event is checked. */
  #lateBefore = -Infinity;
  #tooLargeAt: number | null = null;
  /** The oldest instant (epoch ms) that a placed event changes. */
  #begins = Infinity;
  /** Rows of minutes before this instant (epoch ms) are not made; `-Infinity`: all are. */
  readonly rowsFrom: number;
  /** Rows of minutes before this instant (epoch ms) are another plant file's; `-Infinity`: none are. */
  readonly plantFrom: number;
  #recomputeFrom: number | null = null;
  #segment: Segment | null = null;
  #stop: Stop | null = null;
  #part: Part | null = null;
  #doubts = 0;
  #endInPulses = NO_PARTS;

  /** `events` and `rows`: of an engine that goes on from a snapshot. */
  constructor(
    model: MachineModel,
    options: EngineOptions,
    events: MachineEvents = new MachineEvents(model.machine),
    rows: HeldRows = new HeldRows(),
  ) {
    this.#model = model;
    this.#options = options;
    this.plantFrom = options.plantFrom ?? -Infinity;
    this.rowsFrom = Math.max(options.rowsFrom ?? -Infinity, this.plantFrom);
    this.#events = events;
    this.#rows = rows;
  }

  get machine(): Machine {
    return this.#model.machine;
  }

  /** The instant (epoch ms) up to which the last `advance` computed. */
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

  /** The part of production that goes on at `now`, where counts tell whether the machine runs (TL-9). */
  get part(): Part | null {
    return this.#part;
  }

  /** Number of totals doubted and not found true (CN-8) since it began to compute; a restart does not reset it. */
  get doubts(): number {
    return this.#doubts;
  }

  /** Whether a total of an instant (epoch ms) that is held is doubted. */
  isDoubted(total: Pick<DoubtedTotal, "at" | "quantity">): boolean {
    return this.#doubted.has(total);
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

  /** The held rows of the minute that begins at an instant; `undefined` if none are held. */
  rowsOfMinute(from: number): readonly Row[] | undefined {
    return this.#rows.rowsOf(minuteOf(from));
  }

  /** The held stop segment that starts at an instant. */
  stopSegment(from: number): StopSegment | undefined {
    return this.#listed.get(from);
  }

  /** Takes the next event of the machine in log order. Its effect shows at the next `advance`. */
  accept(event: PlantEvent): Acceptance {
    if (!this.#events.isNew(event)) return "repeat";
    const acceptance = this.place(event);
    const from = event.type === "correction" ? event.from : event.at;
    if (from >= this.plantFrom) return acceptance;
    this.#requestRecompute(from);
    return "late";
  }

  /** As `accept`, for an event that is known to be no repeat. */
  place(event: PlantEvent): Acceptance {
    if (event.type === "correction") return this.#placeCorrection(event);
    const { at } = event;
    if (at < this.#lateBefore) {
      this.#requestRecompute(at);
      return "late";
    }
    this.#events.add(event);
    if (at < this.#dirtyFrom) {
      this.#dirtyFrom = at;
      if (at < this.#begins) this.#begins = at;
    }
    return "accepted";
  }

  #placeCorrection(correction: CorrectionEvent): Acceptance {
    const { from } = correction;
    const late = from < this.#lateBefore;
    this.#events.add(correction);
    if (late) {
      this.#requestRecompute(from);
      // The part of it that lies in held time shows at once.
      this.#correctedFrom = this.#lateBefore;
    } else {
      if (from < this.#dirtyFrom) this.#dirtyFrom = from;
      if (from < this.#begins) this.#begins = from;
    }
    return late ? "late" : "accepted";
  }

  /**
   * Starts (epoch ms) of parts of production of which the caller knows that a pulse will end them, which is not placed yet
   * (TL-9): while they last they are judged so. Holds until the next call.
   */
  expectPulses(endInPulses: ReadonlySet<number>): void {
    this.#endInPulses = endInPulses;
  }

  /** Computes up to `now` (epoch ms), never back, and returns what changed. */
  advance(now: number): Changes {
    const stops: StopSegment[] = [];
    const stopsGone: number[] = [];
    let { segments, stops: judged } = NOTHING_SWEPT;
    let doubts = NO_DOUBTS;
    changed.clear();
    deltas.clear();
    this.#now = Math.max(this.#now, now);
    const begin = this.#startOfSweep();
    if (begin !== null && this.#now > begin.at) {
      const { start, swept } = this.#sweepFrom(begin);
      const first = minuteOf(start.at);
      this.#replaceResumes(start, swept.resumes, swept.stops);
      this.#replaceRows(first);
      const reach = start.stop?.segments[0]?.from ?? start.at;
      this.#listed.replace(this.#model, swept.stops, this.#events.jobs, reach, this.plantFrom, stops, stopsGone);
      doubts = this.#doubted.replace(swept.doubted, {
        machine: this.machine.id,
        from: start.at,
        rowsFrom: this.rowsFrom,
        tellsOlder: this.plantFrom === -Infinity,
      });
      ({ segments, stops: judged } = swept);
      this.#noteTip(start, segments, judged);
      this.#part = swept.part;
      this.#doubts = swept.doubts;
      this.#dirtyFrom = Infinity;
      this.#correctedFrom = Infinity;
      this.#forget();
      // The next sweep begins behind it, unless an event is late.
      this.#events.counts.packBefore(this.#newestMinute - RECENT_MS);
      this.#noteHeld();
    }
    const recomputeFrom = this.#recomputeFrom;
    this.#recomputeFrom = null;
    return { rows: changed, deltas, stops, stopsGone, doubts, segments, judged, recomputeFrom };
  }

  snapshot(): EngineSnapshot {
    return {
      version: SNAPSHOT_VERSION,
      layout: ROW_LAYOUT,
      now: this.#now,
      events: this.#events.snapshot(),
      start: this.#resumes[0] ?? null,
      rows: this.#rows.snapshot(),
      listed: this.#listed.segments,
      recomputeFrom: this.#recomputeFrom,
      tooLargeAt: this.#tooLargeAt,
      decimals: this.machine.decimals,
      begins: this.#begins,
      doubted: this.#doubted.keys,
      ...(this.plantFrom > -Infinity ? { rowsFrom: this.plantFrom } : {}),
    };
  }

  /** Goes on from a snapshot that `isRestorable`. The next `advance` works all out again that is held, rows of before `rowsFrom` aside. */
  static restore(model: MachineModel, options: EngineOptions, snapshot: EngineSnapshot): MachineEngine {
    // A plant file may have changed the decimals: what is held is then in other units (CN-5).
    const { decimals } = model.machine;
    const change =
      snapshot.decimals === decimals ? null : (units: number) => rescaled(units, snapshot.decimals, decimals);
    const events = MachineEvents.restore(model.machine, snapshot.events, change);
    // A restart is no change of the plant file: rows of the one before stay.
    const plantFrom = options.plantFrom ?? snapshot.rowsFrom ?? -Infinity;
    const engine = new MachineEngine(model, { ...options, plantFrom }, events, HeldRows.restore(snapshot.rows));
    engine.#now = snapshot.now;
    if (snapshot.start !== null) {
      const counters = change === null ? snapshot.start.counters : changedCounters(snapshot.start.counters, change);
      engine.#resumes = [{ ...snapshot.start, counters }];
    }
    engine.#listed = ListedStops.restore(snapshot.listed);
    engine.#doubted = HeldDoubts.restore(snapshot.doubted ?? []);
    engine.#recomputeFrom = snapshot.recomputeFrom;
    engine.#tooLargeAt = snapshot.tooLargeAt ?? null;
    const { presence, corrections } = events;
    engine.#begins = snapshot.begins ?? corrections.reduce((first, { from }) => Math.min(first, from), presence.first);
    engine.#giveUpSilence();
    engine.#noteHeld();
    return engine;
  }

  /**
   * A new engine over stored events of the machine, in log order and without repeats, to take this one's place:
   * it has this one's memory of ids, and nothing else of it. Its first `advance` gives every row from `rowsFrom` (epoch ms) on.
   */
  rebuild(
    events: Iterable<PlantEvent>,
    rowsFrom: number = -Infinity,
    { model, plantFrom = -Infinity }: RebuiltBy = { model: this.#model },
  ): MachineEngine {
    const { allowedLatenessMs } = this.#options;
    const engine = new MachineEngine(model, { allowedLatenessMs, rowsFrom, plantFrom });
    engine.adoptIdsOf(this);
    // Rows that are not computed again stay as they were stored.
    if (this.#tooLargeAt !== null && this.#tooLargeAt < engine.rowsFrom) engine.#tooLargeAt = this.#tooLargeAt;
    for (const event of events) engine.place(event);
    return engine;
  }

  /**
   * The newest instant of a quantity that counts nothing, for its row would hold more than a double holds exactly (2^53):
   * two totals that far apart, which no machine makes. `null`: there is none.
   */
  get tooLargeAt(): number | null {
    return this.#tooLargeAt;
  }

  #noteTooLarge(at: number | null): void {
    if (at !== null) this.#tooLargeAt = Math.max(at, this.#tooLargeAt ?? at);
  }

  /** Sweeps from a resume, or from one further back where time before it turns out to have changed (TL-9). */
  #sweepFrom(begin: Resume): { readonly start: Resume; readonly swept: Sweep } {
    for (let start = begin; ; ) {
      const first = minuteOf(start.at);
      const builder = new RowBuilder(
        this.#model,
        this.#events.jobs,
        MINUTE_CELLS,
        table,
        this.rowsFrom,
        this.#now,
        // Of a sweep only a stop changes minutes before its start.
        start.stop === null ? null : (minute) => minute < first && this.#rows.copyTo(table, minute),
      );
      const oldest = this.#resumes[0] as Resume;
      const at = this.#resumeAt(start.at);
      const swept = sweep(
        this.#model,
        this.#events,
        start,
        this.#now,
        builder,
        at,
        start === oldest,
        this.#endInPulses,
      );
      if (!("wrongFrom" in swept)) {
        // Where no resume lies far enough back, a recompute from stored events is asked for.
        if (swept.wrongBefore !== null) this.#requestRecompute(swept.wrongBefore);
        this.#noteTooLarge(builder.tooLargeAt);
        return { start, swept };
      }
      const { wrongFrom } = swept;
      start = this.#resumes.findLast((resume) => resume.at <= wrongFrom && this.#reasonStands(resume)) ?? oldest;
    }
  }

  /** Remembers ids of events that were accepted before and that this engine did not take (CN-4); oldest first. */
  rememberIds(ids: Iterable<string>): void {
    this.#events.rememberIds(ids);
  }

  /** Takes over the memory of ids of another engine of the same machine (CN-4). */
  adoptIdsOf(other: MachineEngine): void {
    this.#events.adoptIds(other.#events);
  }

  #noteHeld(): void {
    const oldest = this.#resumes[0];
    if (oldest === undefined) return;
    // Where no time was given up yet, an older event is placed as long as one sweep may cover the time since.
    const placed = this.#now - PASS_MAX_MS - this.#options.allowedLatenessMs;
    this.#lateBefore = oldest.segment === null ? Math.min(oldest.at, placed) : oldest.at;
  }

  #requestRecompute(from: number): void {
    this.#recomputeFrom = Math.min(this.#recomputeFrom ?? Infinity, from);
  }

  /** The newest resume from which a sweep mends all that changed; `null` while there is nothing to sweep. */
  #startOfSweep(): Resume | null {
    const resumes = this.#resumes;
    const oldest = resumes[0];
    if (oldest === undefined || oldest.segment === null) {
      // No time was given up yet, so a sweep may begin at the minute of the oldest event.
      const first = this.#begins;
      if (first >= this.#now) return null;
      const at = minuteStart(first);
      if (oldest === undefined || oldest.at > at) this.#resumes = [beginning(at)];
    }
    const changedFrom = Math.min(this.#dirtyFrom, this.#correctedFrom);
    for (let i = this.#resumes.length - 1; i >= 0; i--) {
      const resume = this.#resumes[i] as Resume;
      if (resume.at > changedFrom) continue;
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
    const last = lowerBound(states, this.#now);
    // Repeats of the state change nothing, so the segment that follows may be some events away.
    for (let i = lowerBound(states, at); i < last; i++) {
      const event = states[i] as StateEvent;
      if (!repeats(raw, event)) return (event.state === raw.state ? event.reason : null) === reasonTaken;
    }
    return reasonTaken === null;
  }

  /** Instants (epoch ms) at which a sweep notes resumes: minutes near the clock and the newest event, and coarse ones behind. */
  #resumeAt(after: number): readonly number[] {
    const newest = this.#newestMinute;
    const tip = minuteStart(this.#now);
    if (tip <= after) return NO_INSTANTS;
    const places: number[] = [];
    if (Number.isFinite(newest)) {
      const frontier = newest - this.#options.allowedLatenessMs;
      note(places, after, frontier - RESUME_EVERY_MS + 1, newest - RECENT_MS - 1, RESUME_EVERY_MS);
      note(places, after, newest - RECENT_MS, newest, MINUTE_MS);
    }
    const quiet = tip - PASS_MAX_MS - this.#options.allowedLatenessMs - QUIET_RESUME_EVERY_MS;
    note(places, after, quiet, tip - RECENT_MS - 1, QUIET_RESUME_EVERY_MS);
    note(places, after, tip - RECENT_MS, tip, MINUTE_MS);
    return places;
  }

  /** The minute of the newest event, or of the clock where that is behind it. */
  get #newestMinute(): number {
    return minuteStart(Math.min(this.#now, this.#events.presence.last));
  }

  #replaceResumes(start: Resume, made: readonly Resume[], stops: readonly Stop[]): void {
    const newest = this.#newestMinute;
    const tip = minuteStart(this.#now);
    const resumes = this.#resumes;
    // Of resumes that are not recent any more only those at multiples of `RESUME_EVERY_MS` stay, in a silence of `QUIET_RESUME_EVERY_MS`.
    let kept = 1;
    for (let i = 1; i < resumes.length; i++) {
      const resume = resumes[i] as Resume;
      const { at } = resume;
      if (at > start.at) break;
      const recent = at >= tip - RECENT_MS || (at <= newest && at >= newest - RECENT_MS);
      const every = at <= newest ? RESUME_EVERY_MS : QUIET_RESUME_EVERY_MS;
      if (recent || at % every === 0) resumes[kept++] = resume;
    }
    resumes.length = kept;
    const rejudged = start.stop === null ? undefined : stops[0];
    if (rejudged !== undefined) {
      const { from } = rejudged;
      for (const resume of resumes) if (resume.stop !== null && resume.stop.from === from) resume.stop = rejudged;
    }
    for (const resume of made) resumes.push(resume);
  }

  /** Puts the rows made in place of the held ones and notes those that differ. From the minute `first` on all were made anew. */
  #replaceRows(first: number): void {
    const held = this.#rows;
    const made = table.batch;
    for (let minute = table.firstCell; minute <= table.lastCell; minute++) {
      const madeFirst = table.firstOf(minute);
      if (madeFirst < 0) continue;
      const heldFirst = held.firstOf(minute);
      const heldEnd = held.endOfRun(heldFirst);
      const from = minute * MINUTE_MS;
      const before = changed.length;
      for (let row = madeFirst; row >= 0; row = table.nextOf(row)) {
        const head = made.headAt(row);
        let was = heldFirst;
        while (was < heldEnd && !sameKey(held.headAt(was), head)) was++;
        if (was === heldEnd) deltas.addRow(head, from, made.values, row * WIDTH);
        else if (!sameHead(held.headAt(was), head)) {
          deltas.takeBack(held.headAt(was), from, held.numbersAt(was));
          deltas.addRow(head, from, made.values, row * WIDTH);
        } else if (!deltas.addChange(head, from, made.values, row * WIDTH, held.numbersAt(was))) continue;
        changed.addRow(head, from, made.values, row * WIDTH);
      }
      for (let was = heldFirst; was < heldEnd; was++) {
        const head = held.headAt(was);
        if (table.withKey(madeFirst, head) >= 0) continue;
        deltas.takeBack(head, from, held.numbersAt(was));
        changed.addEmpty(head, from);
      }
      if (minute < first && changed.length > before) held.set(minute, table, madeFirst);
    }
    held.replaceFrom(first, table);
  }

  /** Gives up the time of a long silence that a checkpoint of 0.1.0 holds, without making its rows: they are stored. */
  #giveUpSilence(): void {
    const [start] = this.#resumes;
    if (start === undefined || start.at >= this.#now - 2 * PASS_MAX_MS - this.#options.allowedLatenessMs) return;
    const builder = new RowBuilder(this.#model, this.#events.jobs, MINUTE_CELLS, table, this.#now, this.#now);
    const places = this.#resumeAt(start.at);
    const swept = sweep(this.#model, this.#events, start, this.#now, builder, places, true);
    if ("wrongFrom" in swept) return;
    this.#replaceResumes(start, swept.resumes, swept.stops);
    this.#forget();
    // As after any restart, the next sweep covers all that is held.
    this.#resumes.length = 1;
  }

  #noteTip(start: Resume, segments: readonly Segment[], stops: readonly Stop[]): void {
    const segment = segments[segments.length - 1] ?? null;
    const first = start.segment;
    const going = segments.length === 1 && segment !== null && first !== null && alike(first, segment);
    this.#segment = going ? { ...segment, from: first.from } : segment;
    const stop = stops[stops.length - 1];
    this.#stop = stop?.open === true ? stop : null;
  }

  /** Gives up events, resumes, rows and stops older than `allowedLateness`, or than what one sweep may cover. */
  #forget(): void {
    const placed = Math.max(Math.min(this.#now, this.#events.presence.last), this.#now - PASS_MAX_MS);
    const frontier = placed - this.#options.allowedLatenessMs;
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
    this.#doubted.forgetBefore(start.at, start.counters);
    this.#listed.forgetBefore(start.at, stop === null ? Infinity : (stop.segments[0] as Segment).from);
  }
}

/** A stop without the segments that it does not need when only time from `unsettled` (epoch ms) on can change. */
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

/** Adds the multiples of a step in `[from, to]` that come after `after` and all that are there. */
function note(places: number[], after: number, from: number, to: number, everyMs: number): void {
  const last = places.length > 0 ? (places[places.length - 1] as number) : after;
  for (let at = Math.ceil(Math.max(from, last + 1) / everyMs) * everyMs; at <= to; at += everyMs) places.push(at);
}
