/** Cuts a stop's segment into parts of scheduled time within a period, by shift and, where asked for, by product (PA-1, PA-2). */
import type { CalendarClock } from "@oee/calendar";
import type { MachineModel } from "@oee/engine";
import { firstNotBefore, type JobEvent, type StopSegment } from "@oee/model";
import type { StopPart } from "./facts.ts";

/** The parts of a segment. `jobs` are the machine's, in order of time; `null`: the product is not asked for. */
export function stopParts(
  model: MachineModel,
  segment: StopSegment,
  from: number,
  end: number,
  jobs: readonly JobEvent[] | null,
): readonly StopPart[] {
  const clock: CalendarClock = model.clock;
  const parts: StopPart[] = [];
  const to = Math.min(segment.to, end);
  const counts = clock.firstScheduled(segment.from, segment.to);
  for (let at = Math.max(segment.from, from); at < to; ) {
    const span = clock.spanAt(at);
    const job = jobs === null ? -1 : lastAtOrBefore(jobs, at);
    const until = Math.min(to, span.to, jobs?.[job + 1]?.at ?? Infinity);
    if (span.scheduled) {
      const product = jobs?.[job]?.product ?? null;
      const begins = counts !== null && counts >= at && counts < until;
      parts.push({ segment, scheduledMs: until - at, shift: span.shift?.name ?? null, product, begins });
    }
    at = until;
  }
  return parts;
}

function lastAtOrBefore(jobs: readonly JobEvent[], instant: number): number {
  return firstNotBefore(jobs.length, (place) => (jobs[place] as JobEvent).at <= instant) - 1;
}
