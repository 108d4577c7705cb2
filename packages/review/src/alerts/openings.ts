/**
 * When the conditions of single machines are met (AL-1): a stop that lasts, a stop without a reason, a machine that is not
 * heard of. They are functions of event time, so that a replay gives the alerts that were given live.
 */
import type { Period } from "@oee/calendar";
import { formatInstant, type Machine, type StopSegment } from "@oee/model";
import type { Facts } from "../facts.ts";
import { isAtOrBelow } from "../measures.ts";
import { segmentsThatNeedReason } from "../reasons.ts";

/** A condition that was met: of what, from when, and until when. */
export interface Opening {
  /** Second half of the ticket. */
  readonly subject: string;
  /** Of the segment of a stop at the opening: by it owners are looked up. */
  readonly reason: string | null;
  /** Epoch ms. */
  readonly opens: number;
  /** `null`: not as far as is known. */
  readonly resolves: number | null;
}

export function subjectOf(machine: Machine, instant: number): string {
  return `${machine.id}@${formatInstant(instant)}`;
}

/** Stops that are not minor, each by its segments. A stop is one only from the instant at which it is no longer minor. */
function stopsOf(facts: Facts, machine: Machine, span: Period): readonly (readonly StopSegment[])[] {
  const all = facts.segmentsOf(machine, span).map(({ segment }) => segment);
  return [...grouped(all, ({ stop }) => stop).values()].filter(([first]) => first?.minor === false);
}

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

export function noReasonOpenings(facts: Facts, machine: Machine, span: Period, forMs: number): Opening[] {
  const starts = new Map(
    stopsOf(facts, machine, span).map((segments) => [segments[0]?.stop, segments[0] as StopSegment]),
  );
  return segmentsThatNeedReason(facts, machine, span).flatMap(({ segment, lacks }) => {
    const start = starts.get(segment.stop)?.from ?? segment.from;
    const needed = facts.afterScheduled(machine, start, Math.max(machine.minorStopThresholdMs, machine.reasonAfterMs));
    const opens = facts.afterScheduled(machine, Math.max(segment.from, needed), forMs);
    const given = lacks ? null : facts.reasonGivenAt(machine, segment);
    if (given !== null && given <= opens) return [];
    return [{ subject: subjectOf(machine, segment.from), reason: segment.reason, opens, resolves: given }];
  });
}

export function silentOpenings(facts: Facts, machine: Machine, span: Period, forMs: number): Opening[] {
  return facts.silencesOf(machine, span, forMs).flatMap(({ at, next }) => {
    const opens = facts.afterScheduled(machine, at, forMs);
    return next !== null && opens >= next
      ? []
      : [{ subject: subjectOf(machine, at), reason: null, opens, resolves: next }];
  });
}

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
