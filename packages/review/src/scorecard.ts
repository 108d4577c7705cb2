/** How far the plant's numbers can be trusted (SC-1, SC-2): which machines send events, how much time is known, which stops have a reason. */
import { ratio, Sums } from "@oee/answers";
import type { Period } from "@oee/calendar";
import {
  byMachine,
  isAtOrBelow,
  compareCodePoints,
  type GoalStatus,
  type Machine,
  type Scope,
  machinesIn,
  type MachineSpan,
} from "@oee/model";
import { cutAt } from "./dates.ts";
import type { Facts } from "./facts.ts";
import { isVague, reasonInTime, reasonsOf } from "./reasons.ts";

export interface Scorecard {
  readonly scope: string;
  readonly from: number;
  readonly to: number;
  /** Declared machines that were seen / (these, the silent and the undeclared ones), over the last 24 h of the period. */
  readonly visibility: number | null;
  /** Declared machines that were expected to send events and did not. */
  readonly silent: readonly string[];
  readonly undeclared: readonly string[];
  readonly visibilityStatus: GoalStatus;
  /** Coverage of all machines below the scope. */
  readonly coverage: number | null;
  readonly coverageStatus: GoalStatus;
  readonly reasonShare: number | null;
  readonly reasonInTime: number | null;
  /** The number of segments of stops that lack a reason; missing where all of them are listed. */
  readonly needsReasonCount?: number;
  /** The first `LACKING_MAX` segments that lack a reason (RS-1). */
  readonly needsReason: readonly { readonly machine: string; readonly from: number; readonly open: boolean }[];
}

const DAY_MS = 24 * 3_600_000;
/** Goals that must be exceeded, not only reached (SC-4). */
const VISIBILITY_GOAL = 0.95;
const COVERAGE_GOAL = 0.8;
/** The goals that hold where no target is set (SC-1, SC-2). */
export const SCORECARD_GOALS: Readonly<Partial<Record<string, number>>> = {
  visibility: VISIBILITY_GOAL,
  coverage: COVERAGE_GOAL,
};

/** How far the numbers of a scope can be trusted, of all machines below it, in the part of a period before `facts.now` (SC-1 to SC-3). */
export function scorecardOf(facts: Facts, scope: Scope, whole: Period): Scorecard {
  const period = cutAt(whole, facts.now);
  const part = <T>(name: string, make: () => T): T =>
    facts.part(`scorecard of ${scope.path} ${period.from}-${period.to}: ${name}`, make);
  const { visibility, silent, undeclared } = part("visibility", () => visibilityAt(facts, scope, period.to));
  const coverage = part("coverage", () => coverageOf(facts, scope, period));
  const below = machinesIn(scope, period);
  const reasons = part("reasons", () => reasonsOf(facts, below, period.to));
  return {
    scope: scope.path,
    from: period.from,
    to: period.to,
    visibility,
    silent,
    undeclared,
    visibilityStatus: statusOf(visibility, VISIBILITY_GOAL),
    coverage,
    coverageStatus: statusOf(coverage, COVERAGE_GOAL),
    reasonShare: part("reason share", () => reasonShareOf(facts, below)),
    reasonInTime: reasonInTime(reasons),
    ...(reasons.lacking > reasons.first.length ? { needsReasonCount: reasons.lacking } : {}),
    needsReason: reasons.first.map(({ machine, segment }) => ({
      machine: machine.path,
      from: segment.from,
      open: segment.open,
    })),
  };
}

/** Visibility (SC-1) over the 24 hours before an instant. */
export function visibilityAt(
  facts: Facts,
  scope: Scope,
  at: number,
): Pick<Scorecard, "visibility" | "silent" | "undeclared"> & { readonly seen: number } {
  const day = { from: at - DAY_MS, to: at };
  const silent: string[] = [];
  let seen = 0;
  // A machine counts once, also where it was away from the plant for a part of the day.
  for (const [machine, spans] of byMachine(machinesIn(scope, day))) {
    if (spans.some((period) => facts.isSeen(machine, period))) seen++;
    else if (spans.some((period) => isExpected(facts, machine, period))) silent.push(machine.path);
  }
  const undeclared = facts
    .undeclaredIn(day)
    .filter((id) => scope.kind === "enterprise" || isAtOrBelow(id, scope.path))
    .toSorted(compareCodePoints);
  return {
    visibility: ratio(seen, seen + silent.length + undeclared.length),
    silent: silent.sort(compareCodePoints),
    undeclared,
    seen,
  };
}

/** Whether a machine should have sent events in a period: one that its calendar does not schedule, or that has no demand, need not. */
function isExpected(facts: Facts, machine: Machine, day: Period): boolean {
  for (const sums of facts.cellsOf(machine, day).values()) {
    if (sums.planned + sums.of("unknownTime") > 0) return true;
  }
  return false;
}

/** The sums of all machines below the scope, of which coverage is made (SC-2). */
export function sumsOfAll(facts: Facts, scope: Scope, period: Period): Sums {
  const all = new Sums();
  for (const { machine, period: span } of machinesIn(scope, period)) {
    for (const sums of facts.cellsOf(machine, span).values()) all.addSums(sums);
  }
  return all;
}

/** The KPI coverage over all machines below the scope (SC-2). */
export function coverageOf(facts: Facts, scope: Scope, period: Period): number | null {
  const all = sumsOfAll(facts, scope, period);
  return ratio(all.planned, all.planned + all.of("unknownTime"));
}

/** The unplanned stop time (ms) of some machines, and the part of it whose reason is not vague (SC-2). */
export function reasonTimesOf(
  facts: Facts,
  of: readonly MachineSpan[],
): { readonly time: number; readonly explained: number } {
  let time = 0;
  let explained = 0;
  for (const { machine, period } of of) {
    for (const { reason, minor, scheduledMs } of facts.stopTotalsOf(machine, period)) {
      if (minor) continue;
      time += scheduledMs;
      if (!isVague(facts.plant.reasons, reason)) explained += scheduledMs;
    }
  }
  return { time, explained };
}

/** The share of unplanned stop time whose reason is not vague, over some machines (SC-2). */
export function reasonShareOf(facts: Facts, of: readonly MachineSpan[]): number | null {
  const { time, explained } = reasonTimesOf(facts, of);
  return ratio(explained, time);
}

function statusOf(value: number | null, goal: number): GoalStatus {
  if (value === null) return "no-data";
  return value > goal ? "met" : "missed";
}
