/**
 * One pass over a machine's time: from an instant at which all that came before is known, to where knowledge ends.
 * Both ways to a result, a whole history and a stream, are this pass.
 */
import { CODE_BITS, type Quantity, QUANTITY, STARTUP } from "./count-columns.ts";
import { lowerBound, type MachineEvents } from "./machine-events.ts";
import type { MachineModel } from "./machine-model.ts";
import type { RowBuilder } from "./row-builder.ts";
import { applyStop, type Stop, stopsOf, stopUntil } from "./stops.ts";
import { alike, NOTHING_KNOWN, type RawSegment, rawSegments, reasonOf, type Segment, segmentsOf } from "./timeline.ts";

/** The last totals of good, scrap and rework (CN-2); `null` before the first. */
export type Totals = readonly [number | null, number | null, number | null];

/** All that the time before an instant has to say about the time after it. */
export interface Resume {
  readonly at: number;
  /** The raw segment in force just before `at`. */
  readonly raw: RawSegment;
  /** The reason that it has in the rows before `at`, its own or one taken from a later event (TL-3). */
  readonly reasonTaken: string | null;
  readonly totals: Totals;
  /** The segment in force just before `at`; `null` at the beginning of everything. */
  readonly segment: Segment | null;
  /** The stop in force just before `at`, as it was judged for the rows before `at`. */
  stop: Stop | null;
}

/** Where nothing is known yet. */
export function beginning(at: number): Resume {
  return { at, raw: NOTHING_KNOWN, reasonTaken: null, totals: [null, null, null], segment: null, stop: null };
}

export interface Sweep {
  readonly raw: readonly RawSegment[];
  /** They cover `[start.at, now)`. */
  readonly segments: readonly Segment[];
  /** The first may have begun before `start.at`; it then stands for `start.stop`. */
  readonly stops: readonly Stop[];
  /** For the instants asked for. */
  readonly resumes: readonly Resume[];
}

/**
 * Fills `rows` with `[start.at, now)`, and sets right what the stop in force at `start.at` gave to the rows before.
 * `resumeAt`, sorted instants after `start.at` and up to `now`, says where to note how to resume.
 */
export function sweep(
  model: MachineModel,
  events: MachineEvents,
  start: Resume,
  now: number,
  rows: RowBuilder,
  resumeAt: readonly number[] = [],
): Sweep {
  const { states, corrections, presence } = events;
  const raw = rawSegments(start.raw, states, lowerBound(states, start.at), lowerBound(states, now));
  const segments = segmentsOf(start.at, now, raw, presence.silences(start.at, now), corrections, model.classifier);
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
  const totals = countInto(rows, events, model.machine.rolloverAt, start, now, resumeAt);
  return { raw, segments, stops, resumes: resumesOf(resumeAt, start, raw, segments, stops, totals) };
}

/** All that is no stop: stops are judged whole. */
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

/** Counts into the rows (CN-1, CN-2), and the totals as they stood just before each instant of `resumeAt`. */
function countInto(
  rows: RowBuilder,
  { counts }: MachineEvents,
  rolloverAt: number | null,
  start: Resume,
  now: number,
  resumeAt: readonly number[],
): readonly Totals[] {
  let { totals } = start;
  const noted: Totals[] = [];
  for (const slice of counts.slices(start.at, now)) {
    const { base, entries, values, end } = slice;
    for (let i = rows.addDeltas(slice, slice.first); i < end; i = rows.addDeltas(slice, i + 1)) {
      const entry = entries[i] as number;
      const at = base + (entry >> CODE_BITS);
      while (noted.length < resumeAt.length && at >= (resumeAt[noted.length] as number)) noted.push(totals);
      const quantity = (entry & QUANTITY) as Quantity;
      const total = values[i] as number;
      const before = totals[quantity];
      totals = withTotal(totals, quantity, total);
      if (before === null) continue;
      rows.addCount(at, quantity, difference(before, total, rolloverAt), (entry & STARTUP) !== 0);
    }
  }
  while (noted.length < resumeAt.length) noted.push(totals);
  return noted;
}

function withTotal([good, scrap, rework]: Totals, quantity: Quantity, total: number): Totals {
  return [quantity === 0 ? total : good, quantity === 1 ? total : scrap, quantity === 2 ? total : rework];
}

/** CN-2: what came in between two totals. */
export function difference(before: number, total: number, rolloverAt: number | null): number {
  if (total >= before) return total - before;
  if (rolloverAt !== null) {
    // In this order, for the sum of the first two may be none that a double holds.
    const rolled = rolloverAt - before + total;
    if (rolled >= 0 && 2 * rolled < rolloverAt) return rolled;
  }
  return total;
}

const NO_RESUMES: readonly Resume[] = [];

function resumesOf(
  resumeAt: readonly number[],
  start: Resume,
  raw: readonly RawSegment[],
  segments: readonly Segment[],
  stops: readonly Stop[],
  totals: readonly Totals[],
): readonly Resume[] {
  if (resumeAt.length === 0) return NO_RESUMES;
  let r = 0;
  let s = 0;
  let p = 0;
  return resumeAt.map((at, i) => {
    while (r + 1 < raw.length && (raw[r + 1] as RawSegment).from < at) r++;
    while (s + 1 < segments.length && (segments[s + 1] as Segment).from < at) s++;
    while (p < stops.length && (stops[p] as Stop).to < at) p++;
    const stop = stops[p];
    let segment = segments[s] ?? null;
    // The first segment may be the rest of the one before.
    if (s === 0 && segment !== null && start.segment !== null && alike(start.segment, segment)) {
      segment = { ...segment, from: start.segment.from };
    }
    return {
      at,
      raw: raw[r] as RawSegment,
      reasonTaken: reasonOf(raw, r),
      totals: totals[i] as Totals,
      segment,
      stop: stop !== undefined && stop.from < at ? stop : null,
    };
  });
}
