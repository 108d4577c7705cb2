/**
 * How much of a machine's stops people have corrected to something else (BM-3): scheduled time that its events give as an
 * unplanned stop (TL-1 to TL-4, TL-9), and that is none once corrections apply (TL-7).
 */
import type { Period } from "@oee/calendar";
import { corrected, type MachineModel, type Segment, segmentsWithin } from "@oee/engine";
import type { CorrectionEvent } from "@oee/model";

/** Spans closer to each other than this are read as one. */
const NEAR_MS = 24 * 3_600_000;

/** The spans of a period that hold all of its corrected time, in order of time. */
export function correctedSpans(corrections: readonly Period[], { from, to }: Period): readonly Period[] {
  const spans: Period[] = [];
  const bearing = corrections.filter((correction) => overlaps(correction, { from, to }));
  for (const correction of bearing.toSorted((a, b) => a.from - b.from)) {
    const own = { from: Math.max(from, correction.from), to: Math.min(to, correction.to) };
    const last = spans.at(-1);
    if (last === undefined || own.from > last.to + NEAR_MS) spans.push(own);
    else spans[spans.length - 1] = { from: last.from, to: Math.max(last.to, own.to) };
  }
  return spans;
}

/**
 * The corrected stop time (ms) of a span. `told` are the segments of at least the span as events alone tell them, in order of
 * time; `corrections` are in log order.
 */
export function correctedStopMs(
  { classifier, clock }: MachineModel,
  told: readonly Segment[],
  corrections: readonly CorrectionEvent[],
  { from, to }: Period,
): number {
  const isStop = ({ state, reason }: Segment): boolean =>
    classifier.classOf(state, reason).category === "unplannedStop";
  const bearing = corrections
    .map((correction, number) => ({ ...correction, number }))
    .filter((correction) => overlaps(correction, { from, to }));
  let sum = 0;
  for (const stop of segmentsWithin(told, from, to)) {
    if (!isStop(stop)) continue;
    const own = bearing.filter((correction) => overlaps(correction, stop));
    for (const segment of corrected([stop], own, classifier)) {
      if (segment.correction !== null && !isStop(segment)) sum += clock.scheduledMs(segment.from, segment.to);
    }
  }
  return sum;
}

function overlaps(one: Period, other: Period): boolean {
  return one.from < other.to && one.to > other.from;
}
