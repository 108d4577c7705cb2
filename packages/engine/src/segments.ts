/**
 * Makes segments from state events (TL-1 to TL-8): raw segments first, then reasons that came late, times without data,
 * and people's corrections laid over them. It can begin at any instant, given the raw segment in force there.
 */
import type { StateEvent, StateName } from "@oee/model";
import type { Classifier } from "./classifier.ts";
import type { Silence } from "./presence.ts";

/** A correction (TL-7) as a segment remembers it. */
export interface Correction {
  /** Its place in the log of its machine's corrections. */
  readonly number: number;
  readonly from: number;
  readonly to: number;
  readonly state: StateName | null;
  readonly reason: string | null;
  readonly clear: boolean;
  readonly by: string | null;
}

/** A maximal span of one state, one reason and one correction (TL-8); `[from, to)`, ms. */
export interface Segment {
  readonly from: number;
  readonly to: number;
  readonly state: StateName;
  readonly reason: string | null;
  readonly correction: Correction | null;
}

/** The raw segment in force (TL-1, TL-2): `from` and the reason as its events gave it. */
export interface RawSegment {
  readonly from: number;
  readonly state: StateName;
  readonly reason: string | null;
}

/** Before the first state event: no segment, and shown as no data. */
export const NOTHING_KNOWN: RawSegment = { from: -Infinity, state: "unknown", reason: null };

/** Whether a state event changes nothing after a raw segment (TL-2). */
export function repeats(segment: RawSegment, event: StateEvent): boolean {
  return (
    segment.from !== -Infinity &&
    event.state === segment.state &&
    (event.reason === null || event.reason === segment.reason)
  );
}

/**
 * The raw segments from `inForce` on, by the state events of `[first, last)` of a list sorted by instant.
 * The first one is `inForce` itself.
 */
export function rawSegments(
  inForce: RawSegment,
  events: readonly StateEvent[],
  first: number,
  last: number,
): RawSegment[] {
  const segments: RawSegment[] = [inForce];
  let current = inForce;
  for (let i = first; i < last; i++) {
    const event = events[i] as StateEvent;
    if (repeats(current, event)) continue;
    current = { from: event.at, state: event.state, reason: event.reason };
    segments.push(current);
  }
  return segments;
}

/** TL-3: the reason of the raw segment at `i`, taken from the one that follows where it has none. */
export function reasonOf(segments: readonly RawSegment[], i: number): string | null {
  const segment = segments[i] as RawSegment;
  if (segment.reason !== null || segment.from === -Infinity) return segment.reason;
  const next = segments[i + 1];
  return next !== undefined && next.state === segment.state ? next.reason : null;
}

/** Cuts what is idle out of segments as TL-4 leaves them. */
interface Cutting {
  cut(segments: readonly Segment[]): Segment[];
}

/** Where counts tell whether the machine runs (TL-9). */
export interface ToldByPulses<P extends Cutting = Cutting> {
  /** The first pulse of all: from there on it runs, up to its first state event. */
  readonly runningFrom: number;
  readonly production: P;
}

/** TL-8 segments that cover `[from, to)` without gaps, from raw segments, silences, corrections and pulses. */
export function segmentsOf(
  from: number,
  to: number,
  raw: readonly RawSegment[],
  silences: readonly Silence[],
  corrections: readonly Correction[],
  classifier: Classifier,
  told: ToldByPulses | null = null,
): Segment[] {
  const [first] = raw;
  // Most sweeps have one segment: an array that grows takes room for many.
  const single = told === null && raw.length === 1 && first !== undefined && from >= first.from && from < to;
  let segments: Segment[] = single ? [{ from, to, state: first.state, reason: first.reason, correction: null }] : [];
  for (let i = 0; i < raw.length && !single; i++) {
    const { state } = raw[i] as RawSegment;
    const start = Math.max(from, (raw[i] as RawSegment).from);
    const end = i + 1 < raw.length ? (raw[i + 1] as RawSegment).from : to;
    if (end <= start) continue;
    if (told !== null && (raw[i] as RawSegment).from === -Infinity) {
      const runningFrom = Math.min(Math.max(start, told.runningFrom), end);
      if (runningFrom > start) append(segments, start, runningFrom, state, null, null);
      if (runningFrom < end) append(segments, runningFrom, end, "running", null, null);
    } else append(segments, start, end, state, reasonOf(raw, i), null);
  }
  if (silences.length > 0) segments = silenced(segments, silences);
  if (told !== null) segments = told.production.cut(segments);
  if (corrections.length === 0) return segments;
  const bearing = corrections.filter((correction) => correction.from < to && correction.to > from);
  return bearing.length > 0 ? corrected(segments, bearing, classifier) : segments;
}

/** TL-4: no data within the silences; the former state resumes after each. */
function silenced(segments: readonly Segment[], silences: readonly Silence[]): Segment[] {
  const result: Segment[] = [];
  let s = 0;
  for (const segment of segments) {
    let at = segment.from;
    while (at < segment.to) {
      while (s < silences.length && (silences[s] as Silence).to <= at) s++;
      const silence = silences[s];
      if (silence === undefined || silence.from >= segment.to) {
        append(result, at, segment.to, segment.state, segment.reason, null);
        break;
      }
      if (silence.from > at) append(result, at, silence.from, segment.state, segment.reason, null);
      const end = Math.min(silence.to, segment.to);
      append(result, Math.max(at, silence.from), end, "unknown", null, null);
      at = end;
    }
  }
  return result;
}

/** The parts of segments, which are in order of time, that lie in `[from, to)`. */
export function segmentsWithin(segments: readonly Segment[], from: number, to: number): Segment[] {
  const within: Segment[] = [];
  for (const segment of segments) {
    if (segment.to <= from || segment.from >= to) continue;
    within.push({ ...segment, from: Math.max(segment.from, from), to: Math.min(segment.to, to) });
  }
  return within;
}

/** TL-7: the corrections in log order, each to what the earlier left. */
export function corrected(
  segments: readonly Segment[],
  corrections: readonly Correction[],
  classifier: Classifier,
): Segment[] {
  const bounds = [...new Set(corrections.flatMap(({ from, to }) => [from, to]))].sort((a, b) => a - b);
  const result: Segment[] = [];
  let b = 0;
  for (const segment of segments) {
    let at = segment.from;
    while (at < segment.to) {
      while (b < bounds.length && (bounds[b] as number) <= at) b++;
      const end = Math.min(segment.to, bounds[b] ?? Infinity);
      let { state, reason } = segment;
      let inForce: Correction | null = null;
      for (const correction of corrections) {
        if (correction.from > at || correction.to <= at) continue;
        if (correction.clear) {
          ({ state, reason } = segment);
          inForce = null;
        } else if (correction.state !== null) {
          state = correction.state;
          reason = correction.reason;
          inForce = correction;
        } else if (classifier.takesReason(state)) {
          reason = correction.reason;
          inForce = correction;
        }
      }
      append(result, at, end, state, reason, inForce);
      at = end;
    }
  }
  return result;
}

/** Adds a span, which joins the last one if they are alike (TL-8). */
export function append(
  segments: Segment[],
  from: number,
  to: number,
  state: StateName,
  reason: string | null,
  correction: Correction | null,
): void {
  const last = segments[segments.length - 1];
  const joins =
    last !== undefined &&
    last.state === state &&
    last.reason === reason &&
    last.correction?.number === correction?.number;
  if (joins) segments[segments.length - 1] = { from: last.from, to, state, reason, correction: last.correction };
  else segments.push({ from, to, state, reason, correction });
}

/** Whether two adjacent spans are one segment (TL-8). */
export function alike(a: Segment, b: Segment): boolean {
  return a.state === b.state && a.reason === b.reason && a.correction?.number === b.correction?.number;
}
