/**
 * When the conditions of single machines are met (AL-1): a stop that lasts, a stop without a reason, a machine that sends no
 * events. They depend on event time alone, so that a replay gives the alerts that were given live.
 */
import { DAY_MS, type Period } from "@oee/calendar";
import { startOfStop } from "@oee/engine";
import { isAtOrBelow, formatInstant, type Machine, type StopSegment } from "@oee/model";
import type { Facts } from "../facts.ts";
import { segmentsThatNeedReason } from "../reasons.ts";

/** A condition that was met: by which subject, from when, and until when. */
export interface Opening {
  /** The second half of the ticket: the machine and an instant, or what else names the condition. */
  readonly subject: string;
  /** The reason that the stop had when the alert opened; owners are looked up by it. */
  readonly reason: string | null;
  /** Epoch ms. */
  readonly opens: number;
  /** When the condition was over (epoch ms); `null`: it is not over, as far as events are known. */
  readonly resolves: number | null;
}

/** The subject of an alert of one machine: what names it in the ticket. */
export function subjectOf(machine: Machine, instant: number): string {
  return `${machine.id}@${formatInstant(instant)}`;
}

/**
 * The segments of each stop that is not minor and reaches into a span, also those from before the span. A stop that has not
 * reached the machine's threshold yet is minor, so not among them.
 */
function stopsOf(facts: Facts, machine: Machine, span: Period): readonly (readonly StopSegment[])[] {
  const all = facts.segmentsOf(machine, span).map(({ segment }) => segment);
  const stops = [...grouped(all, ({ stop }) => stop).values()].filter((segments) => segments.at(-1)?.minor === false);
  return stops.map((segments) => {
    const first = segments[0] as StopSegment;
    const began = startOfStop(first);
    if (began >= first.from) return segments;
    // Whole days of UTC, so that stops of many machines are asked for together.
    const days = { from: Math.floor(began / DAY_MS) * DAY_MS, to: Math.ceil(first.from / DAY_MS) * DAY_MS };
    const before = facts
      .segmentsOf(machine, days)
      .map(({ segment }) => segment)
      .filter(({ stop, from }) => stop === first.stop && from < first.from);
    return [...before, ...segments];
  });
}

/** The stops that last for `forMs` (ms) of scheduled time or longer, of a reason or below it; `null`: of any. Minor stops are none. */
export function stopOpenings(
  facts: Facts,
  machine: Machine,
  span: Period,
  forMs: number,
  reason: string | null,
): Opening[] {
  return stopsOf(facts, machine, span).flatMap((segments) => {
    const [first, last] = [segments[0] as StopSegment, segments.at(-1) as StopSegment];
    const reached = facts.afterScheduled(machine, first.from, Math.max(forMs, machine.minorStopThresholdMs));
    if (reached > last.to) return [];
    const fits = segments.find(
      (segment) =>
        (segment.to > reached || segment === last) &&
        (reason === null || (segment.reason !== null && isAtOrBelow(segment.reason, reason))),
    );
    if (fits === undefined) return [];
    return [
      {
        subject: subjectOf(machine, first.from),
        reason: fits.reason,
        opens: Math.max(reached, fits.from),
        resolves: last.open ? null : last.to,
      },
    ];
  });
}

/** `of`: the start of the only segment that is asked about; `null`: all. */
export function noReasonOpenings(
  facts: Facts,
  machine: Machine,
  span: Period,
  forMs: number,
  of: number | null,
): Opening[] {
  return segmentsThatNeedReason(facts, machine, span).flatMap(({ segment, lacks }) => {
    if (of !== null && segment.from !== of) return [];
    const start = startOfStop(segment);
    const needed = facts.afterScheduled(machine, start, Math.max(machine.minorStopThresholdMs, machine.reasonAfterMs));
    const opens = facts.afterScheduled(machine, Math.max(segment.from, needed), forMs);
    const given = lacks ? null : facts.reasonGivenAt(machine, segment);
    if (given !== null && given <= opens) return [];
    return [{ subject: subjectOf(machine, segment.from), reason: segment.reason, opens, resolves: given }];
  });
}

/** The silences of a machine that last for `forMs` (ms) of scheduled time or longer. */
export function silentOpenings(facts: Facts, machine: Machine, span: Period, forMs: number): Opening[] {
  return facts.silencesOf(machine, span, forMs).flatMap(({ at, next }) => {
    const opens = facts.afterScheduled(machine, at, forMs);
    return next !== null && opens >= next
      ? []
      : [{ subject: subjectOf(machine, at), reason: null, opens, resolves: next }];
  });
}

/** The items by key; keys and items in the order in which they came. */
export function grouped<T>(items: readonly T[], keyOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
