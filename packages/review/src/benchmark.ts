/**
 * Ranking of machines, or lines, of one class in one period (BM-1). Those that are not ranked are listed with the reason.
 * Beside each rank stands what makes a number good without making anything better (BM-3).
 */
import { HOUR_MS, type Period } from "@oee/calendar";
import { compareCodePoints, type Scope } from "@oee/model";
import { type Beside, besideOf, oddPolicies } from "./beside-rank.ts";
import { cutAt } from "./dates.ts";
import { type Amounts, amountsOf, type Facts } from "./facts.ts";
import { measureValue } from "./measure-value.ts";
import { type Measure, MIN_COVERAGE, whyNotCounted } from "./measures.ts";

export interface Ranked {
  readonly scope: string;
  readonly value: number;
  /** 1 + the number of scopes with a better value. */
  readonly rank: number;
  /** From 0, the worst, to 1, the best; `null` where fewer than three are ranked. */
  readonly position: number | null;
  /** Distance to the best, in the unit of the measure; 0 for the best. */
  readonly gap: number;
  /** The gap in hours of good production, for OEE alone. */
  readonly gapHours: number | null;
  readonly beside: Beside;
}

export interface Ranking {
  /** Ranked scopes, the best first, equal ones in order of their path. */
  readonly rows: readonly Ranked[];
  readonly notRanked: readonly { readonly scope: string; readonly why: string }[];
  /** First quartile, median, third quartile, from worst to best; empty where none is ranked. */
  readonly quartiles: readonly number[];
}

const PLANNED_HOURS_MIN = 40;
const POSITION_FROM = 3;
const QUARTERS = [0.25, 0.5, 0.75];

interface Entrant {
  readonly scope: Scope;
  readonly value: number;
  readonly amounts: Amounts;
}

/** The scopes ranked by a measure over the part of a period before `facts.now` (BM-1); those that do not count are told with why. */
export function rankingOf(facts: Facts, scopes: readonly Scope[], measure: Measure, whole: Period): Ranking {
  const period = cutAt(whole, facts.now);
  const span = `${period.from}-${period.to}`;
  const entrants: Entrant[] = [];
  const notRanked: { scope: string; why: string }[] = [];
  for (const scope of scopes) {
    const { amounts, value, why } = facts.part(`${measure.name} of ${scope.path} ${span} to be ranked`, () => {
      const own = amountsOf(facts, scope, period);
      const achieved = measureValue(facts, scope, period, measure, own);
      const whyNot = whyNotCounted(measure, achieved, own, MIN_COVERAGE) ?? (isShort(own) ? "too-few-hours" : null);
      return { amounts: own, value: achieved, why: whyNot };
    });
    if (why !== null || value === null) notRanked.push({ scope: scope.path, why: why ?? "no-value" });
    else entrants.push({ scope, value, amounts });
  }
  const better = measure.better === 0 ? 1 : measure.better;
  const best = entrants.reduce((top, { value }) => (better * value > better * top ? value : top), -better * Infinity);
  const ranked = entrants.map(({ scope }) => scope);
  const policies = facts.part(`odd policies ${span} of ${ranked.map(({ path }) => path).join()}`, () =>
    oddPolicies(ranked, period),
  );
  const bestFirst = entrants.map(({ value }) => value).sort((a, b) => better * (b - a));
  // By value, how many are better, and how many have it.
  const aheadOf = new Map<number, number>();
  const alike = new Map<number, number>();
  for (const [place, value] of bestFirst.entries()) {
    if (!aheadOf.has(value)) aheadOf.set(value, place);
    alike.set(value, (alike.get(value) ?? 0) + 1);
  }
  const rows = entrants
    .map(({ scope, value, amounts }, i): Ranked => {
      const ahead = aheadOf.get(value) ?? 0;
      const equal = (alike.get(value) ?? 1) - 1;
      const behind = entrants.length - 1 - ahead - equal;
      const gap = Math.abs(best - value);
      return {
        scope: scope.path,
        value,
        rank: 1 + ahead,
        position: entrants.length < POSITION_FROM ? null : (behind + equal / 2) / (entrants.length - 1),
        gap,
        gapHours: measure.name === "oee" ? (gap * amounts.planned) / HOUR_MS : null,
        beside: facts.part(`beside the rank of ${scope.path} ${span}`, () =>
          besideOf(facts, scope, period, amounts, policies[i] ?? []),
        ),
      };
    })
    .sort((a, b) => a.rank - b.rank || compareCodePoints(a.scope, b.scope));
  const worstFirst = bestFirst.toReversed();
  return {
    rows,
    notRanked: notRanked.sort((a, b) => compareCodePoints(a.scope, b.scope)),
    quartiles: worstFirst.length === 0 ? [] : QUARTERS.map((p) => nearestRank(worstFirst, p)),
  };
}

/** The ⌈n p⌉-th of n sorted values; there must be at least one. */
export function nearestRank(sorted: readonly number[], p: number): number {
  return sorted[Math.max(0, Math.ceil(sorted.length * p) - 1)] as number;
}

function isShort({ planned }: Amounts): boolean {
  return planned < PLANNED_HOURS_MIN * HOUR_MS;
}
