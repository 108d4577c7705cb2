/**
 * The review of a scope and a period (RV-1): every figure against baseline, target and the period before, the parts of its
 * change, and cost. It calls the other rules of this package and computes no figure by a way of its own.
 */
import { type Amount, costOf, type LossCosts, lossCostsOf, ratio, Sums } from "@oee/answers";
import { DAY_MS, type Period } from "@oee/calendar";
import {
  compareCodePoints,
  REVIEW_MEASURES,
  type Scope,
  type TargetStatus,
  type Zone,
  isRatedIn,
  isThereIn,
  machinesIn,
  type Machine,
} from "@oee/model";
import {
  type Baseline,
  baselineAmounts,
  baselineCells,
  baselineInForce,
  baselineMachines,
  baselineValue,
  policyChangesIn,
} from "./baselines.ts";
import { cutAt, type Day, datesOf, dateText, type DaySpan, periodOf } from "./dates.ts";
import { type Cells, type Change, changeOfOee, shareOf } from "./decomposition.ts";
import { type Amounts, amountsOf, type Facts, cellsOfMembers } from "./facts.ts";
import { measureValue } from "./measure-value.ts";
import { type Measure, measureNamed, MIN_COVERAGE, whyNotCounted } from "./measures.ts";
import { type Savings, savingsAgainst } from "./money.ts";
import { type Bar, cutPath, paretoOf } from "./pareto.ts";
import { type NamedPeriod, weekStartOf } from "./period-names.ts";
import { markedPolicy } from "./policies.ts";
import type { Programme } from "./programme.ts";
import { goalOf, standingOf, type Target, targetPolicyChanges } from "./targets.ts";

export interface MeasureReview {
  readonly baseline: number | null;
  /** The mean of the target's path over the period's dates. */
  readonly expected: number | null;
  readonly goal: number | null;
  readonly achieved: number | null;
  readonly difference: number | null;
  readonly relative: number | null;
  readonly previous: number | null;
  /** The target's id; `""`: a target of the plant file; `null`: there is no target. */
  readonly target: string | null;
  readonly status: TargetStatus | null;
  /** Whether the period counts for this measure (ME-4). */
  readonly counts: boolean;
  /** In what the policy of the period differs from that of the target's baseline (BL-6); missing: in nothing. */
  readonly policy?: readonly string[];
}

export interface TrendPoint extends Period {
  readonly values: Readonly<Record<string, number | null>>;
  readonly expected: Readonly<Record<string, number | null>>;
}

export interface LongStop {
  readonly machine: string;
  readonly stop: string;
  /** Scheduled time of the stop in the period (ms). */
  readonly time: number;
  /** The reasons of the stop's segments in order of time, each once. */
  readonly reasons: readonly (string | null)[];
}

export interface ScopeChange extends Change {
  readonly children: Readonly<Record<string, number>>;
}

export interface Review {
  readonly scope: string;
  readonly from: number;
  readonly to: number;
  readonly inProgress: boolean;
  /** The id of the baseline in force on the period's first date. */
  readonly baseline: string | null;
  readonly measures: Readonly<Record<string, MeasureReview>>;
  readonly trend: { readonly week: readonly TrendPoint[]; readonly month: readonly TrendPoint[] };
  readonly children: Readonly<Record<string, Readonly<Record<string, MeasureReview>>>>;
  readonly changeFromBaseline: ScopeChange | null;
  readonly changeFromPrevious: ScopeChange | null;
  readonly reasonsFromPrevious: readonly { readonly key: string | null; readonly change: number }[];
  readonly pareto: readonly Bar[];
  readonly longestStops: readonly LongStop[];
  readonly cost: Amount | null;
  /** The cost of the period by loss. */
  readonly lossCosts: LossCosts | null;
  readonly savings: Savings | null;
}

const LONGEST_STOPS = 10;
const DAYS_PER_WEEK = 7;

/** The review of a period by name (RV-1, RV-2), of its part before `facts.now` where it is not over. */
export function reviewOf(facts: Facts, programme: Programme, scope: Scope, named: NamedPeriod): Review {
  const zone = scope.timezone;
  const whole = periodOf(zone, named);
  const period = cutAt(whole, facts.now);
  const before = cutAt(periodOf(zone, named.previous), facts.now);
  const baseline = baselineInForce(programme.baselines, scope, named.from);
  const lastDate = lastDateOf(zone, whole, facts.now);
  const names = [...new Set([...REVIEW_MEASURES, ...programme.measuresOf(scope, lastDate)])];
  const measures = names.flatMap((name) => measureNamed(name) ?? []);
  const { sums } = amountsOf(facts, scope, period);
  const part = <T>(name: string, make: () => T): T =>
    facts.part(`review of ${scope.path} ${named.from}-${named.to}: ${name}`, make);
  return {
    scope: scope.path,
    from: whole.from,
    to: whole.to,
    inProgress: whole.from < facts.now && facts.now < whole.to,
    baseline: baseline?.id ?? null,
    measures: part("measures", () => measuresOf(facts, programme, scope, named, measures)),
    trend: {
      week: trendOf(facts, programme, scope, weeksIn(named, scope.periods.weekStart), measures),
      month: trendOf(facts, programme, scope, monthsIn(named), measures),
    },
    children: Object.fromEntries(
      scope.children
        .filter((child) => isThereIn(child, whole))
        .map((child) => [
          child.path,
          part(`measures of ${child.path}`, () => measuresOf(facts, programme, child, named, measures)),
        ]),
    ),
    changeFromBaseline: part("change from baseline", () => changeFrom(baseline, facts, scope, period)),
    changeFromPrevious: part("change", () => changeBetween(facts, scope, before, period)),
    reasonsFromPrevious: part("reasons", () => reasonChanges(facts, scope, before, period)),
    pareto: part("pareto", () =>
      paretoOf(facts, machinesIn(scope, period), { by: "reason", depth: null, measure: "time" }),
    ),
    longestStops: part("longest stops", () => longestStopsOf(facts, scope, period)),
    cost: costOf(sums.unplannedByCost),
    lossCosts: lossCostsOf(sums),
    savings: part("savings", () =>
      baseline?.figures.kind === "computed" ? savingsOf(facts, baseline, scope, named) : null,
    ),
  };
}

/** Decomposition of the change from one period to another (DC-1 to DC-4); `null` for a scope that is not rated. */
export function changeBetween(facts: Facts, scope: Scope, first: Period, second: Period): ScopeChange | null {
  if (!isRatedIn(scope, first) || !isRatedIn(scope, second)) return null;
  return withChildren(scope, second, changeOfOee(cellsOf(facts, scope, first), cellsOf(facts, scope, second)));
}

/** Decomposition of the change from a baseline to a period (DC-6); `null` where the baseline has KPIs alone or the scope is not rated. */
export function changeFrom(baseline: Baseline | null, facts: Facts, scope: Scope, second: Period): ScopeChange | null {
  const first = baseline === null || !isRatedIn(scope, second) ? null : baselineCells(baseline, scope);
  if (first === null) return null;
  const after = cellsOf(facts, scope, second);
  return withChildren(
    scope,
    second,
    changeOfOee(first.cells, first.mixes ? after : asOneCell(scope, after), first.mixes),
  );
}

function withChildren(scope: Scope, second: Period, change: Change | null): ScopeChange | null {
  if (change === null) return null;
  const isKnown = Object.keys(change.machines).length > 0;
  // DC-4: a machine that moved counts for the child that it was in last, and for no other, so that the shares add up.
  const childOf = new Map<Machine, Scope>();
  for (const period of [{ from: -Infinity, to: second.to }, second]) {
    for (const child of scope.children) {
      for (const { machine } of machinesIn(child, period)) childOf.set(machine, child);
    }
  }
  const ofChild = (child: Scope): readonly Machine[] =>
    child.past === null ? child.machines : child.machines.filter((machine) => childOf.get(machine) === child);
  const children = isKnown ? scope.children.map((child) => [child.path, shareOf(change, ofChild(child))]) : [];
  return { ...change, children: Object.fromEntries(children) as Record<string, number> };
}

function cellsOf(facts: Facts, scope: Scope, period: Period): Cells {
  return facts.part(
    `cells of ${scope.path} ${period.from}-${period.to}`,
    () => new Map([...cellsOfMembers(facts, scope, period)].map(([machine, cells]) => [machine.path, cells])),
  );
}

function asOneCell(scope: Scope, cells: Cells): Cells {
  const sums = new Sums();
  for (const products of cells.values()) for (const cell of products.values()) sums.addSums(cell);
  return new Map([[scope.path, new Map([[null, sums]])]]);
}

function measuresOf(
  facts: Facts,
  programme: Programme,
  scope: Scope,
  named: NamedPeriod,
  measures: readonly Measure[],
): Readonly<Record<string, MeasureReview>> {
  const zone = scope.timezone;
  const whole = periodOf(zone, named);
  const amounts = amountsOf(facts, scope, cutAt(whole, facts.now));
  const previous = periodOf(zone, named.previous);
  const before = amountsOf(facts, scope, cutAt(previous, facts.now));
  const baseline = baselineInForce(programme.baselines, scope, named.from);
  const lastDate = lastDateOf(zone, whole, facts.now);
  return Object.fromEntries(
    measures.map((measure) => {
      const base = baseline === null ? null : baselineValue(baseline, scope, measure);
      const target = programme.targetFor(scope, measure.name, lastDate);
      return [measure.name, measureReview(facts, scope, whole, previous, measure, amounts, before, base, target)];
    }),
  );
}

function measureReview(
  facts: Facts,
  scope: Scope,
  whole: Period,
  previous: Period,
  measure: Measure,
  amounts: Amounts,
  before: Amounts,
  baseline: number | null,
  target: Target | null,
): MeasureReview {
  const achieved = measureValue(facts, scope, whole, measure, amounts);
  const standing = target === null ? null : standingOf(facts, scope, target, whole);
  const minCoverage = target?.minCoverage ?? MIN_COVERAGE;
  const difference = achieved === null || baseline === null ? null : achieved - baseline;
  return {
    baseline,
    expected: standing?.expected ?? null,
    goal: target === null ? null : goalOf(target, target.baseOf(scope)),
    achieved,
    difference,
    relative: difference === null ? null : ratio(difference, baseline as number),
    previous: measureValue(facts, scope, previous, measure, before),
    target: target?.id ?? null,
    status: standing?.status ?? null,
    counts: whyNotCounted(measure, achieved, amounts, minCoverage) === null,
    ...markedPolicy(
      target === null || standing?.expected == null || achieved === null
        ? []
        : targetPolicyChanges(facts, scope, target, whole),
    ),
  };
}

/** The last date of the part of a period that is over, or of the whole period before it has begun (TG-5). */
function lastDateOf(zone: Zone, whole: Period, now: number): Day {
  const cut = cutAt(whole, now);
  return datesOf(zone, cut.to > cut.from ? cut : whole).to - 1;
}

function trendOf(
  facts: Facts,
  programme: Programme,
  scope: Scope,
  spans: readonly DaySpan[],
  measures: readonly Measure[],
): readonly TrendPoint[] {
  return spans.flatMap((span) => {
    const whole = periodOf(scope.timezone, span);
    if (whole.from >= facts.now) return [];
    const period = cutAt(whole, facts.now);
    return facts.part(`trend of ${scope.path} ${whole.from}-${whole.to}`, () => {
      const amounts = amountsOf(facts, scope, period);
      const values: Record<string, number | null> = {};
      const expected: Record<string, number | null> = {};
      const lastDate = lastDateOf(scope.timezone, whole, facts.now);
      for (const measure of measures) {
        values[measure.name] = measureValue(facts, scope, whole, measure, amounts);
        const target = programme.targetFor(scope, measure.name, lastDate);
        if (target !== null) expected[measure.name] = standingOf(facts, scope, target, whole).expected;
      }
      return [{ ...period, values, expected }];
    });
  });
}

/** The weeks that a span of dates touches, cut to it; they begin on the plant file's first day of the week. */
function weeksIn({ from, to, dayStartMinute = 0 }: DaySpan, weekStart: number): readonly DaySpan[] {
  const spans: DaySpan[] = [];
  for (let day = from; day < to; ) {
    const next = Math.min(to, weekStartOf(day, weekStart) + DAYS_PER_WEEK);
    spans.push({ from: day, to: next, dayStartMinute });
    day = next;
  }
  return spans;
}

/** The calendar months that a span of dates touches, cut to it. */
function monthsIn({ from, to, dayStartMinute = 0 }: DaySpan): readonly DaySpan[] {
  const spans: DaySpan[] = [];
  for (let day = from; day < to; ) {
    const [year = 0, month = 0] = dateText(day).split("-").map(Number);
    const next = Math.min(to, Date.UTC(year, month, 1) / DAY_MS);
    spans.push({ from: day, to: next, dayStartMinute });
    day = next;
  }
  return spans;
}

/** The change of each reason's share of planned time (DC-5), the greatest rise first. They add up to the change of the share of all stops. */
export function reasonChanges(
  facts: Facts,
  scope: Scope,
  first: Period | Baseline,
  second: Period,
  depth: number | null = null,
): readonly { readonly key: string | null; readonly change: number }[] {
  const before = "figures" in first ? baselineAmounts(first, scope) : amountsOf(facts, scope, first);
  const after = amountsOf(facts, scope, second);
  // Imported baselines hold no reasons.
  if (before === null || ("figures" in first && first.figures.kind !== "computed")) return [];
  // Read in any case, so that the facts learn in the first run of a review all that it needs.
  const allTimes = [before.reasonTimes, after.reasonTimes];
  if (before.planned === 0 || after.planned === 0) return [];
  const times = allTimes.map((reasonTimes) => {
    const byKey = new Map<string | null, number>();
    for (const [reason, time] of reasonTimes) {
      const key = reason === null ? null : cutPath(reason, depth);
      byKey.set(key, (byKey.get(key) ?? 0) + time);
    }
    return byKey;
  });
  const shareOfKey = (side: 0 | 1, key: string | null): number =>
    (times[side]?.get(key) ?? 0) / (side === 0 ? before : after).planned;
  return [...new Set(times.flatMap((byKey) => [...byKey.keys()]))]
    .map((key) => ({ key, change: shareOfKey(1, key) - shareOfKey(0, key) }))
    .sort(
      (a, b) =>
        b.change - a.change ||
        Number(a.key !== null) - Number(b.key !== null) ||
        compareCodePoints(a.key ?? "", b.key ?? ""),
    );
}

function longestStopsOf(facts: Facts, scope: Scope, period: Period): readonly LongStop[] {
  const stops = new Map<
    string,
    { machine: string; stop: string; from: number; time: number; reasons: Set<string | null> }
  >();
  const below = machinesIn(scope, period);
  const machines = [...new Set(below.map(({ machine }) => machine))];
  for (const { machine, segment, scheduledMs } of facts.longestStopParts(machines, period, LONGEST_STOPS)) {
    if (!below.some((one) => one.machine === machine && isIn(segment, one.period))) continue;
    let stop = stops.get(segment.stop);
    if (stop === undefined) {
      stop = { machine: machine.path, stop: segment.stop, from: segment.from, time: 0, reasons: new Set() };
      stops.set(segment.stop, stop);
    }
    stop.time += scheduledMs;
    stop.reasons.add(segment.reason);
  }
  return [...stops.values()]
    .sort((a, b) => b.time - a.time || compareCodePoints(a.machine, b.machine) || a.from - b.from)
    .slice(0, LONGEST_STOPS)
    .map(({ machine, stop, time, reasons }) => ({ machine, stop, time, reasons: [...reasons] }));
}

function isIn(segment: Period, period: Period): boolean {
  return segment.from < period.to && segment.to > period.from;
}

function savingsOf(facts: Facts, baseline: Baseline, scope: Scope, named: NamedPeriod): Savings {
  const period = cutAt(periodOf(scope.timezone, named), facts.now);
  const dates = datesOf(scope.timezone, period);
  const cells = cellsOfMembers(facts, scope, period);
  const frozen = baselineMachines(baseline, scope);
  const savings = savingsAgainst(
    [...cells.keys()],
    (machine) => frozen.get(machine) ?? null,
    (machine) => {
      const sums = new Sums();
      for (const cell of cells.get(machine)?.values() ?? []) sums.addSums(cell);
      return sums;
    },
    period.to > period.from ? dates.to - dates.from : 0,
  );
  return { ...savings, ...markedPolicy(policyChangesIn(baseline, facts, periodOf(scope.timezone, named))) };
}
