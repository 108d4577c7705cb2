/**
 * How much of a machine's stops people have corrected to something else (BM-3): scheduled time that its state events give as
 * an unplanned stop (TL-1 to TL-3), and that is none once corrections apply (TL-7).
 */
import type { Period } from "@oee/calendar";
import { type MachineModel, NOTHING_KNOWN, rawSegments, type Segment, segmentsOf } from "@oee/engine";
import type { CorrectionEvent, StateEvent } from "@oee/model";

/** Spans closer to each other than this are read as one. */
const NEAR_MS = 24 * 3_600_000;

/** The spans of a period that hold all of its corrected time, in order of time. */
export function correctedSpans(corrections: readonly Period[], { from, to }: Period): readonly Period[] {
  const spans: Period[] = [];
  const bearing = corrections.filter((correction) => correction.from < to && correction.to > from);
  for (const correction of bearing.toSorted((a, b) => a.from - b.from)) {
    const own = { from: Math.max(from, correction.from), to: Math.min(to, correction.to) };
    const last = spans.at(-1);
    if (last === undefined || own.from > last.to + NEAR_MS) spans.push(own);
    else spans[spans.length - 1] = { from: last.from, to: Math.max(last.to, own.to) };
  }
  return spans;
}

/**
 * The corrected stop time (ms) of a span. `states` are the machine's state events in order of time, of one instant the last
 * in the log, from the one in force where the span begins to the one that follows its end; `corrections` are in log order.
 */
export function correctedStopMs(
  { classifier, clock }: MachineModel,
  states: readonly StateEvent[],
  corrections: readonly CorrectionEvent[],
  { from, to }: Period,
): number {
  const raw = rawSegments(NOTHING_KNOWN, states, 0, states.length);
  const numbered = corrections.map((correction, number) => ({ ...correction, number }));
  const isStop = ({ state, reason }: Segment): boolean =>
    classifier.classOf(state, reason).category === "unplannedStop";
  const told = segmentsOf(from, to, raw, [], [], classifier).filter(isStop);
  let sum = 0;
  let first = 0;
  for (const segment of segmentsOf(from, to, raw, [], numbered, classifier)) {
    while (first < told.length && (told[first] as Segment).to <= segment.from) first++;
    if (segment.correction === null || isStop(segment)) continue;
    for (let i = first; i < told.length; i++) {
      const stop = told[i] as Segment;
      if (stop.from >= segment.to) break;
      sum += clock.scheduledMs(Math.max(stop.from, segment.from), Math.min(stop.to, segment.to));
    }
  }
  return sum;
}
