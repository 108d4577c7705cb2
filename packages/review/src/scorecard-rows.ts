/** The scorecard as rows (SC-4): each measure's value now, a quarter before and in the baseline, its goal and its status. */
import type { Scope, TargetStatus } from "@oee/model";
import { type Baseline, baselineCoverage, baselineInForce, baselineValue, policyChangesIn } from "./baselines.ts";
import { cutAt, type Day, datesOf, dateText, dayOf, type DaySpan, periodOf } from "./dates.ts";
import { Amounts, type Facts } from "./facts.ts";
import { measureValue } from "./measure-value.ts";
import { type Measure, measureNamed } from "./measures.ts";
import { differingParts, policiesOf } from "./policies.ts";
import type { Programme } from "./programme.ts";
import { SCORECARD_GOALS } from "./scorecard.ts";
import { goalOf, standingOf, type Target, targetPolicyChanges } from "./targets.ts";

export interface ScorecardRow {
  readonly measure: string;
  readonly now: number | null;
  /** The value in the same dates three months earlier, or, where these are no whole months, 13 weeks earlier. */
  readonly before: number | null;
  readonly baseline: number | null;
  readonly goal: number | null;
  readonly status: TargetStatus | null;
  /** Parts in which the policy of the period differs from that of the baseline beside it, or of the one that the goal is relative to (BL-6); missing: there is no such comparison, or no difference. */
  readonly policy?: readonly string[];
  /** Parts in which the policy is not one over the period and the quarter before it; missing likewise. */
  readonly policyBefore?: readonly string[];
}

const MEASURES = ["visibility", "coverage", "reasonShare", "reasonInTime"] as const;
/** No measure of the scorecard is made of the amounts of the machines that stand for a scope. */
const NO_AMOUNTS = new Amounts();
const QUARTER_DAYS = 13 * 7;
const QUARTER_MONTHS = 3;

/** The measures of the scorecard beside a quarter before, the baseline and the goal (SC-4). */
export function scorecardRows(
  facts: Facts,
  programme: Programme,
  scope: Scope,
  span: DaySpan,
): readonly ScorecardRow[] {
  const zone = scope.timezone;
  const whole = periodOf(zone, span);
  const period = cutAt(whole, facts.now);
  const lastDate = datesOf(zone, period.to > period.from ? period : whole).to - 1;
  const before = quarterBefore(span);
  const inForce = baselineInForce(programme.baselines, scope, span.from);
  const fromBaseline = inForce === null ? [] : policyChangesIn(inForce, facts, whole);
  const fromBefore = differingParts([periodOf(zone, before), whole].flatMap((of) => policiesOf(facts, scope, of)));
  return MEASURES.map((name) =>
    facts.part(`row ${name} of ${scope.path} ${whole.from}-${whole.to}`, () => {
      const measure = measureNamed(name);
      if (measure === null) throw new Error(`there is no measure ${name}`);
      const valueIn = (of: DaySpan): number | null => {
        const asked = periodOf(zone, of);
        return facts.part(`${name} of ${scope.path} ${asked.from}-${asked.to}`, () =>
          measureValue(facts, scope, asked, ofAllMachines(measure), NO_AMOUNTS),
        );
      };
      const now = valueIn(span);
      const [earlier, frozen] = [valueIn(before), inForce === null ? null : valueInBaseline(inForce, scope, measure)];
      const counting = programme.targetFor(scope, name, lastDate);
      const target = counting === null ? null : ofSameMachines(counting, measure);
      const standing = target === null ? null : standingOf(facts, scope, target, whole);
      const goal = target === null ? (SCORECARD_GOALS[name] ?? null) : goalOf(target, target.baseOf(scope));
      const fromGoal =
        target === null || standing?.expected == null || now === null
          ? []
          : targetPolicyChanges(facts, scope, target, whole);
      const compared = now === null || frozen === null ? fromGoal : [...fromBaseline, ...fromGoal];
      return {
        measure: name,
        now,
        before: earlier,
        baseline: frozen,
        goal,
        status: standing?.status ?? statusAgainst(now, goal),
        ...marked("policy", compared),
        ...marked("policyBefore", now === null || earlier === null ? [] : fromBefore),
      };
    }),
  );
}

function marked(name: "policy" | "policyBefore", parts: readonly string[]): Partial<ScorecardRow> {
  return parts.length === 0 ? {} : { [name]: [...new Set(parts)].toSorted() };
}

/** The measure as the scorecard has it: of all machines below the scope (SC-2), coverage too, not only of those that stand for it. */
function ofAllMachines(measure: Measure): Measure {
  return { ...measure, valueOf: null };
}

/** The target judged over the machines of its row: of all of them, in the period and in its baseline. */
function ofSameMachines(target: Target, measure: Measure): Target {
  const baseOf = (asking: Scope): number | null => {
    const baseline = target.baselineOf(asking);
    return baseline === null ? target.baseOf(asking) : valueInBaseline(baseline, asking, measure);
  };
  return { ...target, measure: ofAllMachines(measure), baseOf };
}

/** The value in a baseline, of the same machines as now. */
function valueInBaseline(baseline: Baseline, scope: Scope, measure: Measure): number | null {
  const value = measure.name === "coverage" ? baselineCoverage : baselineValue;
  return value(baseline, scope, measure);
}

/** The status of a value against a goal of SC-1 or SC-2, which must be exceeded, not only reached. */
function statusAgainst(value: number | null, goal: number | null): TargetStatus | null {
  if (goal === null) return null;
  if (value === null) return "no-data";
  return value > goal ? "met" : "missed";
}

/** The span a quarter before: whole months move by three months, other dates by 13 weeks, so that weekdays stay. */
export function quarterBefore({ from, to, ...rest }: DaySpan): DaySpan {
  const [first, end] = [monthsBack(from), monthsBack(to)];
  const isMonths = first !== null && end !== null;
  return isMonths ? { ...rest, from: first, to: end } : { ...rest, from: from - QUARTER_DAYS, to: to - QUARTER_DAYS };
}

/** The first day of the month three months before; `null` where the day is no first of a month. */
function monthsBack(day: Day): Day | null {
  const [year = 0, month = 0, date] = dateText(day).split("-").map(Number);
  if (date !== 1) return null;
  const months = year * 12 + (month - 1) - QUARTER_MONTHS;
  const text = `${String(Math.floor(months / 12)).padStart(4, "0")}-${String((months % 12) + 1).padStart(2, "0")}-01`;
  return dayOf(text);
}
