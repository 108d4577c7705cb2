/**
 * Which stops need a reason, and when one was given (RS-1, RS-2). "Other" is no reason: one that the plant's tree marks
 * `vague` counts as none.
 */
import type { Period } from "@oee/calendar";
import {
  byMachine,
  compareCodePoints,
  type Machine,
  type MachineSpan,
  type ReasonTree,
  type StopSegment,
} from "@oee/model";
import type { Facts, LackingSegment, ListedSegment, ReasonCounts } from "./facts.ts";

/** Whether a reason is missing or vague; whether it is vague is decided by the nearest node upward that has `vague`. */
export function isVague(reasons: ReasonTree, reason: string | null): boolean {
  if (reason === null) return true;
  let vague = false;
  let tree = reasons;
  for (const part of reason.split("/")) {
    const node = tree.children.get(part);
    if (node === undefined) break;
    vague = node.vague ?? vague;
    tree = node;
  }
  return vague;
}

/** A segment that needs a reason, whether it has one or not (RS-1). */
export interface NeedingSegment {
  readonly machine: Machine;
  readonly segment: StopSegment;
  /** Whether it still lacks a reason. */
  readonly lacks: boolean;
}

/**
 * The segments that overlap a period and need a reason, in order of time: they have scheduled time, and belong to a stop that
 * is not minor and whose scheduled time has reached the machine's `reasonAfter`.
 */
export function segmentsThatNeedReason(facts: Facts, machine: Machine, period: Period): readonly NeedingSegment[] {
  return thoseThatNeedReason(facts.plant.reasons, machine, facts.segmentsOf(machine, period));
}

function thoseThatNeedReason(
  reasons: ReasonTree,
  machine: Machine,
  segments: readonly ListedSegment[],
): readonly NeedingSegment[] {
  return segments.flatMap(({ segment, stopMs }) => {
    const needs = !segment.minor && segment.scheduledDuration > 0 && stopMs >= machine.reasonAfterMs;
    return needs ? [{ machine, segment, lacks: isVague(reasons, segment.reason) }] : [];
  });
}

const AFTER_SEGMENT_MS = 30 * 60_000;
const WITHOUT_SHIFT_MS = 8 * 3_600_000;

/** The last instant at which a segment's reason is in time (RS-2): the end of the shift of its last scheduled millisecond, but not before 30 min after the segment's end; without a shift 8 h after it. */
export function reasonDeadline(segment: StopSegment, shiftEnd: number | null): number {
  return shiftEnd === null ? segment.to + WITHOUT_SHIFT_MS : Math.max(shiftEnd, segment.to + AFTER_SEGMENT_MS);
}

/** At most so many segments that lack a reason are listed. */
export const LACKING_MAX = 1_000;

/** What segments are judged by, besides themselves. */
export interface ReasonSources {
  readonly reasons: ReasonTree;
  readonly lastScheduled: Facts["lastScheduled"];
  readonly givenAt: (machine: Machine, segment: StopSegment) => number | null;
}

/** Counts the reasons of a machine's segments, which overlap some spans of a period, as seen at the instant `at` (RS-2, SC-2). */
export function judgeReasons(
  { reasons, lastScheduled, givenAt }: ReasonSources,
  machine: Machine,
  segments: readonly ListedSegment[],
  spans: readonly Period[],
  at: number,
): ReasonCounts {
  let due = 0;
  let inTime = 0;
  const lacking: LackingSegment[] = [];
  for (const { segment, lacks } of thoseThatNeedReason(reasons, machine, segments)) {
    if (lacks) lacking.push({ machine, segment });
    const last = lastScheduled(machine, segment);
    if (segment.open || last === null || !spans.some(({ from, to }) => last.at >= from && last.at < to)) continue;
    const deadline = reasonDeadline(segment, last.shiftEnd);
    // A deadline has passed when it lies before `at` (SPEC.md section 14).
    if (deadline >= at) continue;
    due++;
    const given = lacks ? null : givenAt(machine, segment);
    if (given !== null && given <= deadline) inTime++;
  }
  return { due, inTime, lacking: lacking.length, first: firstOf(lacking) };
}

/** The sum of the counts of several machines, or of parts of one machine's segments. */
export function sumOfReasons(parts: readonly ReasonCounts[]): ReasonCounts {
  const sumOf = (count: "due" | "inTime" | "lacking"): number => parts.reduce((sum, part) => sum + part[count], 0);
  const first = parts.length === 1 ? (parts[0] as ReasonCounts).first : firstOf(parts.flatMap((part) => part.first));
  return { due: sumOf("due"), inTime: sumOf("inTime"), lacking: sumOf("lacking"), first };
}

/** The first `LACKING_MAX` segments, which it sorts in place: open ones first, then the longest, then by machine and start (RS-1). */
function firstOf(lacking: LackingSegment[]): readonly LackingSegment[] {
  return lacking
    .sort(
      (a, b) =>
        Number(b.segment.open) - Number(a.segment.open) ||
        b.segment.scheduledDuration - a.segment.scheduledDuration ||
        compareCodePoints(a.machine.id, b.machine.id) ||
        a.segment.from - b.segment.from,
    )
    .slice(0, LACKING_MAX);
}

/** The counts of the reasons of some machines, each in its own spans, summed. */
export function reasonsOf(facts: Facts, of: readonly MachineSpan[], at: number): ReasonCounts {
  return sumOfReasons(
    [...byMachine(of)].map(([machine, spans]) => {
      const [only] = spans;
      return only !== undefined && spans.length === 1
        ? facts.reasonsOf(machine, only, at)
        : reasonsInSpans(facts, machine, spans, at);
    }),
  );
}

/** The counts of a machine in spans of a period, of which there are several where it was away for a while (DI-3): a segment that lies in more than one is one. */
export function reasonsInSpans(facts: Facts, machine: Machine, spans: readonly Period[], at: number): ReasonCounts {
  const known = spans.map(({ from, to }) => ({ from, to: Math.min(to, facts.now) }));
  const segments = new Map<number, ListedSegment>();
  for (const span of known) {
    for (const listed of facts.segmentsOf(machine, span)) segments.set(listed.segment.from, listed);
  }
  const sources: ReasonSources = {
    reasons: facts.plant.reasons,
    lastScheduled: (of, segment) => facts.lastScheduled(of, segment),
    givenAt: (of, segment) => facts.reasonGivenAt(of, segment),
  };
  return judgeReasons(sources, machine, [...segments.values()], known, at);
}

/** The share of due segments that got their reason in time (SC-2); `null` where none is due. */
export function reasonInTime({ due, inTime }: ReasonCounts): number | null {
  return due === 0 ? null : inTime / due;
}
