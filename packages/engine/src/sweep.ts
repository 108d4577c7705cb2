/**
 * The sweep: one pass over a machine's time, from a resume to `now`, that makes segments, stops, counts and minute rows of
 * its events. `MachineHistory` (a whole history) and `MachineEngine` (a stream) both use it.
 */
import { countInto } from "./count-pass.ts";
import { type CounterState, type Doubt, doubtsOf, NO_TOTALS } from "./counters.ts";
import { lowerBound, type SweptEvents } from "./machine-events.ts";
import { type MachineModel, RatesAt } from "./machine-model.ts";
import { NO_PARTS, type Part, Production, Pulses } from "./pulses.ts";
import type { RowBuilder } from "./row-builder.ts";
import { applyStop, type Stop, stopsOf, stopUntil } from "./stops.ts";
import {
  alike,
  NOTHING_KNOWN,
  type RawSegment,
  rawSegments,
  reasonOf,
  type Segment,
  segmentsOf,
  type ToldByPulses,
} from "./segments.ts";

/** A resume: all that a sweep needs to know of the time before an instant (`at`, epoch ms). */
export interface Resume {
  readonly at: number;
  /** The raw segment in force just before `at`. */
  readonly raw: RawSegment;
  /** The reason that it has in the rows before `at`, its own or one taken from a later event (TL-3). */
  readonly reasonTaken: string | null;
  /** How the counters stood just before `at`. */
  readonly counters: CounterState;
  /** The first pulse before `at`; `Infinity`: there was none, or the machine has no `pulseGap` (TL-9). */
  readonly firstPulse: number;
  /** The part of production in force just before `at`, where counts tell whether the machine runs (TL-9). */
  readonly part: Part | null;
  /** The segment in force just before `at`; `null` at the beginning of everything. */
  readonly segment: Segment | null;
  /** The stop in force just before `at`, as it was judged for the rows before `at`. */
  stop: Stop | null;
}

/** The resume before all events. */
export function beginning(at: number): Resume {
  return {
    at,
    raw: NOTHING_KNOWN,
    reasonTaken: null,
    counters: NO_TOTALS,
    firstPulse: Infinity,
    part: null,
    segment: null,
    stop: null,
  };
}

export interface Sweep {
  readonly raw: readonly RawSegment[];
  /** Segments that cover `[start.at, now)`. */
  readonly segments: readonly Segment[];
  /** The first may have begun before `start.at`; it is then `start.stop`, judged anew. */
  readonly stops: readonly Stop[];
  /** A resume for each instant of `resumeAt`. */
  readonly resumes: readonly Resume[];
  /** How many totals were doubted and not found true until now (CN-8), since the beginning of what is held. */
  readonly doubts: number;
  /** The totals that were doubted, and those that were unsettled at its start; none where no total lies in its time. */
  readonly doubted: readonly Doubt[];
  /** The part of production that goes on at `now` (TL-9). */
  readonly part: Part | null;
  /** Rows before `start.at` are wrong from here on, which was to be taken as it is; `null`: they are right. */
  readonly wrongBefore: number | null;
}

/** A pass must begin further back: rows before `start.at` are wrong from here on (TL-9). */
export interface WrongBefore {
  readonly wrongFrom: number;
}

/**
 * Fills `rows` for `[start.at, now)`, and corrects what the stop in force at `start.at` gave to earlier rows. `resumeAt`
 * lists the instants, sorted and in `(start.at, now]`, at which to note resumes. Where time before `start.at` turns out
 * to have changed (TL-9), the rows are useless, unless `anyway` says that the caller knows. `endInPulses`: as of `Production`.
 */
export function sweep(model: MachineModel, events: SweptEvents, start: Resume, now: number, rows: RowBuilder): Sweep;
export function sweep(
  model: MachineModel,
  events: SweptEvents,
  start: Resume,
  now: number,
  rows: RowBuilder,
  resumeAt: readonly number[],
  anyway: boolean,
  endInPulses?: ReadonlySet<number>,
): Sweep | WrongBefore;
export function sweep(
  model: MachineModel,
  events: SweptEvents,
  start: Resume,
  now: number,
  rows: RowBuilder,
  resumeAt: readonly number[] = [],
  anyway: boolean = true,
  endInPulses: ReadonlySet<number> = NO_PARTS,
): Sweep | WrongBefore {
  const { states, corrections, presence } = events;
  const raw = rawSegments(start.raw, states, lowerBound(states, start.at), lowerBound(states, now));
  const silences = presence.silences(start.at, now);
  const { pulseGapMs } = model.machine;
  const pulses = pulseGapMs === null ? null : new Pulses(pulseGapMs);
  const query = { from: start.at, to: now, counters: start.counters, noteAt: resumeAt, pulses };
  // Where counts tell whether the machine runs (TL-9), the pass over counts comes first; else last.
  const counted = pulses === null ? null : countInto(rows, model, events, query);
  const told = pulses === null ? null : toldBy(pulses, model, events, start, endInPulses);
  const segments = segmentsOf(start.at, now, raw, silences, corrections, model.classifier, told);
  const wrongFrom = told?.production.wrongFrom ?? null;
  if (wrongFrom !== null && !anyway) return { wrongFrom };
  addTimes(model, segments, rows);
  const earlier = start.stop;
  const stops = stopsOf(model, segments, earlier === null ? null : stopUntil(earlier, start.at), now);
  for (const stop of stops) {
    if (earlier !== null && stop === stops[0]) {
      const unsettled = unsettledFrom(model, earlier, start.at);
      applyStop(model, earlier, rows, -1, unsettled, start.at, start.at);
      applyStop(model, stop, rows, 1, unsettled, Infinity, start.at);
    } else {
      applyStop(model, stop, rows, 1, -Infinity, Infinity, -Infinity);
    }
  }
  const { noted, end, doubts } = counted ?? countInto(rows, model, events, query);
  const partAt = (at: number, i: number): Part | null =>
    told === null || pulses === null ? null : told.production.partBefore(at, pulses.noted[i] ?? pulses.last);
  return {
    raw,
    segments,
    stops,
    resumes: resumesOf(resumeAt, start, raw, segments, stops, noted, told?.runningFrom ?? Infinity, partAt),
    doubts: doubtsOf(end),
    doubted: doubts,
    part: pulses === null ? null : partAt(now, resumeAt.length),
    wrongBefore: wrongFrom,
  };
}

function toldBy(
  pulses: Pulses,
  model: MachineModel,
  events: SweptEvents,
  start: Resume,
  endInPulses: ReadonlySet<number>,
): ToldByPulses<Production> {
  const rates = new RatesAt(model, events.jobs);
  const cycleMsAt = (instant: number): number => {
    const { idealCycleUs, piecesPerCount } = rates.at(instant);
    return Math.floor(((idealCycleUs ?? 0) * piecesPerCount) / 1000);
  };
  return {
    runningFrom: Math.min(start.firstPulse, pulses.first),
    production: new Production(start.at, pulses, model.classifier, cycleMsAt, start.part, endInPulses),
  };
}

/** Adds the time of all segments that are no stop; stops are judged whole and added apart. */
export function addTimes({ classifier }: MachineModel, segments: readonly Segment[], rows: RowBuilder): void {
  for (const { from, to, state, reason } of segments) {
    const { category } = classifier.classOf(state, reason);
    if (category !== "unplannedStop") rows.addTime(from, to, category);
  }
}

/**
 * From which instant on a stop in force at `at` may still change rows before `at`: from its start while it may
 * turn out minor or not; afterwards only where its last failure may turn out to have been repaired (ST-3).
 */
export function unsettledFrom({ clock, machine }: MachineModel, stop: Stop, at: number): number {
  if (clock.scheduledMs(stop.from, at) < Math.max(1, machine.minorStopThresholdMs)) return stop.from;
  return clock.lastScheduled(stop.from, at) ?? at;
}

const NO_RESUMES: readonly Resume[] = [];

function resumesOf(
  resumeAt: readonly number[],
  start: Resume,
  raw: readonly RawSegment[],
  segments: readonly Segment[],
  stops: readonly Stop[],
  counters: readonly CounterState[],
  firstPulse: number,
  partAt: (at: number, i: number) => Part | null,
): readonly Resume[] {
  if (resumeAt.length === 0) return NO_RESUMES;
  let r = 0;
  let s = 0;
  let p = 0;
  const resumes: Resume[] = [];
  for (let i = 0; i < resumeAt.length; i++) {
    const at = resumeAt[i] as number;
    while (r + 1 < raw.length && (raw[r + 1] as RawSegment).from < at) r++;
    while (s + 1 < segments.length && (segments[s + 1] as Segment).from < at) s++;
    while (p < stops.length && (stops[p] as Stop).to < at) p++;
    const stop = stops[p];
    let segment = segments[s] ?? null;
    // The first segment may be the rest of the one before.
    if (s === 0 && segment !== null && start.segment !== null && alike(start.segment, segment)) {
      segment = { ...segment, from: start.segment.from };
    }
    resumes.push({
      at,
      raw: raw[r] as RawSegment,
      reasonTaken: reasonOf(raw, r),
      counters: counters[i] as CounterState,
      firstPulse: firstPulse < at ? firstPulse : Infinity,
      part: partAt(at, i),
      segment,
      stop: stop !== undefined && stop.from < at ? stop : null,
    });
  }
  return resumes;
}
