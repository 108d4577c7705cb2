/**
 * Targets (TG-1 to TG-6): a goal for a scope and measure, absolute or relative to the baseline, standing or to be reached
 * by a date along a path; and the status of a period against a target, and of the target itself.
 */
import type { Period } from "@oee/calendar";
import { compareCodePoints, type Scope, type TargetStatus, type Zone } from "@oee/model";
import { type Baseline, policyChangesIn } from "./baselines.ts";
import { cutAt, type Day, datesOf, dayAt, type DaySpan, periodOf, startOf } from "./dates.ts";
import { amountsOf, type Facts } from "./facts.ts";
import { measureValue } from "./measure-value.ts";
import { type Measure, whyNotCounted } from "./measures.ts";

/** The goal of a target (TG-1): a number, percent of the baseline, or percent points on top of it. */
export type Aim =
  | { readonly kind: "absolute"; readonly value: number }
  | { readonly kind: "percent"; readonly value: number }
  | { readonly kind: "points"; readonly value: number };

export interface Target {
  readonly id: string;
  readonly scope: string;
  readonly measure: Measure;
  readonly aim: Aim;
  /** The first date that the target covers; `-Infinity`: it has no first date. */
  readonly from: Day;
  /** The first date after the last one on which the goal is to hold; `null`: a standing target. */
  readonly due: Day | null;
  readonly until: Day;
  /** Number of dates before `due` over which the goal is to hold. */
  readonly over: number;
  readonly path: "linear" | "step";
  readonly inherit: boolean;
  readonly minCoverage: number;
  /** Whether the goal must be exceeded, not only reached (SC-4). */
  readonly strictly: boolean;
  /** The baseline's value for a scope, frozen on the target's `from` (TG-2); `null`: there is none. */
  readonly baseOf: (scope: Scope) => number | null;
  /** The baseline that gives this value for a scope; `null`: none does, or `startValue` stands in. */
  readonly baselineOf: (scope: Scope) => Baseline | null;
}

/** The values of a period against a target, and its status. */
export interface TargetStanding {
  readonly base: number | null;
  readonly goal: number | null;
  /** The mean of the path over the period's dates. */
  readonly expected: number | null;
  readonly achieved: number | null;
  readonly status: TargetStatus;
}

const TEXT = /^([+-]\d+(?:\.\d+)?)(%|pp)$/;

/** The aim that a `value` of an entry means; `null`: it means none. Percent points are for ratios alone. */
export function aimOf(value: unknown, measure: Measure): Aim | null {
  if (typeof value === "number") return Number.isFinite(value) ? { kind: "absolute", value } : null;
  if (typeof value !== "string") return null;
  const [, amount, unit] = TEXT.exec(value) ?? [];
  if (amount === undefined || (unit === "pp" && !measure.isRatio)) return null;
  return { kind: unit === "pp" ? "points" : "percent", value: Number(amount) / 100 };
}

/** The goal as a value of the measure (g of TG-3); `null`: it is relative to a baseline that is not known. */
export function goalOf({ aim }: Target, base: number | null): number | null {
  if (aim.kind === "absolute") return aim.value;
  if (base === null) return null;
  return aim.kind === "percent" ? base * (1 + aim.value) : base + aim.value;
}

/** The value of the path at the middle of a date (TG-3); `null`: it needs a baseline that is not known. */
export function pathAt(target: Target, base: number | null, date: Day): number | null {
  const goal = goalOf(target, base);
  if (goal === null || target.due === null) return goal;
  if (base === null) return null;
  const reachedBy = target.due - target.over;
  if (target.path === "step") return date < reachedBy ? base : goal;
  const share = (date + 0.5 - target.from) / (reachedBy - target.from);
  if (share >= 1) return goal;
  return share <= 0 ? base : base + (goal - base) * share;
}

/** The target that counts for a scope, measure and date (TG-4): that of the nearest scope upward that has one. */
export function targetFor(targets: Iterable<Target>, scope: Scope, measure: string, date: Day): Target | null {
  const all = [...targets];
  for (let at: Scope | null = scope; at !== null; at = at.parent) {
    const { path } = at;
    const own = all.filter(
      (target) =>
        target.scope === path &&
        target.measure.name === measure &&
        target.from <= date &&
        date < target.until &&
        (target.inherit || at === scope),
    );
    const [latest] = own.sort((a, b) => b.from - a.from || compareCodePoints(b.id, a.id));
    if (latest !== undefined) return latest;
  }
  return null;
}

/** A scope's period, cut at `now`, against a target (TG-5); `now` may be earlier than the facts'. */
export function standingOf(
  facts: Facts,
  scope: Scope,
  target: Target,
  whole: Period,
  now: number = facts.now,
): TargetStanding {
  const zone = scope.timezone;
  const base = target.baseOf(scope);
  const goal = goalOf(target, base);
  const nothing = { base, goal, expected: null, achieved: null };
  const begins = Number.isFinite(target.from) ? startOf(zone, target.from) : -Infinity;
  const period = cutAt(whole, now);
  if (period.to <= begins || whole.from >= now) return { ...nothing, status: "not-begun" };
  const amounts = amountsOf(facts, scope, period);
  const achieved = measureValue(facts, scope, period, target.measure, amounts);
  const expected = meanPath(target, base, datesOf(zone, period));
  const figures = { base, goal, expected, achieved };
  const uncounted = whyNotCounted(target.measure, achieved, amounts, target.minCoverage) !== null;
  if (uncounted || achieved === null || expected === null || goal === null) return { ...figures, status: "no-data" };
  const better = target.measure.better;
  const ahead = better * (achieved - expected);
  if (target.due === null || period.to >= startOf(zone, target.due)) {
    return { ...figures, status: reached(ahead, target) ? "met" : "missed" };
  }
  const tolerance = Math.abs(goal - (base as number)) / 10;
  return { ...figures, status: ahead > tolerance ? "ahead" : ahead < -tolerance ? "behind" : "on-track" };
}

/**
 * Names of the parts in which the policy of a period differs from that of the baseline that the target's goal or path is
 * relative to (BL-6). A number that is to be reached without a date needs no baseline.
 */
export function targetPolicyChanges(facts: Facts, scope: Scope, target: Target, period: Period): readonly string[] {
  if (target.aim.kind === "absolute" && target.due === null) return [];
  const baseline = target.baselineOf(scope);
  return baseline === null ? [] : policyChangesIn(baseline, facts, cutAt(period, facts.now));
}

/** The target's own status (TG-6): over the dates on which its goal is to hold, or before these over the newest whole dates. */
export function ownStanding(
  facts: Facts,
  scope: Scope,
  target: Target,
  now: number = facts.now,
): TargetStanding & { readonly over: DaySpan | null } {
  const over = ownDates(now, scope.timezone, target);
  if (over === null) {
    const base = target.baseOf(scope);
    const goal = goalOf(target, base);
    return { base, goal, expected: null, achieved: null, status: "not-begun", over };
  }
  return { ...standingOf(facts, scope, target, periodOf(scope.timezone, over), now), over };
}

/** The dates over which a target's own status is judged; `null`: no date of it is over yet. */
function ownDates(now: number, zone: Zone, { due, over, from }: Target): DaySpan | null {
  const today = dayAt(zone, now);
  if (due !== null && now >= startOf(zone, due)) return { from: due - over, to: due };
  const first = Math.max(today - over, from);
  return first < today ? { from: first, to: today } : null;
}

/** The mean of the path over dates; `null`: it needs a baseline that is not known. Where the path stays the same this is exactly its value, so that who reaches the goal to the last digit has met it. */
export function meanPath(target: Target, base: number | null, { from, to }: DaySpan): number | null {
  const first = pathAt(target, base, from);
  if (first === null) return null;
  let above = 0;
  for (let date = from + 1; date < to; date++) above += (pathAt(target, base, date) ?? first) - first;
  return first + above / (to - from);
}

function reached(ahead: number, { strictly }: Target): boolean {
  return strictly ? ahead > 0 : ahead >= 0;
}
