/** What a review asks of a machine's calendar. */
import type { CalendarClock } from "@oee/calendar";
import type { StopSegment } from "@oee/model";

/** A machine without scheduled time in the next 400 days counts as one without any. */
const LOOK_AHEAD_MS = 400 * 24 * 3_600_000;

/** The last scheduled millisecond of a segment, and the end of the shift that holds it; `null` where no part of it is scheduled. */
export function lastScheduledIn(
  clock: CalendarClock,
  { from, to }: Pick<StopSegment, "from" | "to">,
): { readonly at: number; readonly shiftEnd: number | null } | null {
  const at = clock.lastScheduled(from, to);
  return at === null ? null : { at, shiftEnd: clock.spanAt(at).shift?.to ?? null };
}

/** The first instant by which `scheduledMs` of scheduled time have passed since `from`; Infinity if they never do. */
export function afterScheduledTime(clock: CalendarClock, from: number, scheduledMs: number): number {
  let left = scheduledMs;
  let at = from;
  while (left > 0) {
    const next = clock.firstScheduled(at, at + LOOK_AHEAD_MS);
    if (next === null) return Infinity;
    const { to } = clock.spanAt(next);
    if (to - next >= left) return next + left;
    left -= to - next;
    at = to;
  }
  return at;
}
