/** The scorecard as rows (SC-4): each measure's value now, a quarter before and in the baseline, its goal and its status. */
import type { Scope, TargetStatus } from "@oee/model";
import { type Baseline, baselineCoverage, baselineInForce, baselineValue } from "./baselines.ts";
import { cutAt, type Day, datesOf, dateText, dayOf, type DaySpan, periodOf } from "./dates.ts";
import { amountsOf, type Facts } from "./facts.ts";
import { measureValue } from "./measure-value.ts";
import { type Measure, measureNamed } from "./measures.ts";
import type { Programme } from "./programme.ts";
import { coverageOf, SCORECARD_GOALS } from "./scorecard.ts";
import { goalOf, standingOf } from "./targets.ts";

export interface ScorecardRow {
  readonly measure: string;
  readonly now: number | null;
  /** The value in the same dates three months earlier, or, where these are no whole months, 13 weeks earlier. */
  readonly before: number | null;
  readonly baseline: number | null;
  readonly goal: number | null;
  readonly status: TargetStatus | null;
}

const MEASURES = ["visibility", "coverage", "reasonShare", "reasonInTime"] as const;
const QUARTER_DAYS = 13 * 7;
const QUARTER_MONTHS = 3;

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
  const inForce = baselineInForce(programme.baselines, scope, span.from);
  return MEASURES.map((name) =>
    facts.part(`row ${name} of ${scope.path} ${whole.from}-${whole.to}`, () => {
      const measure = measureNamed(name);
      if (measure === null) throw new Error(`there is no measure ${name}`);
      const valueIn = (of: DaySpan): number | null => {
        const asked = periodOf(zone, of);
        const cut = cutAt(asked, facts.now);
        return facts.part(`${name} of ${scope.path} ${asked.from}-${asked.to}`, () => {
          // SC-2: the coverage of all machines below the scope, not only of those that stand for it.
          if (name === "coverage") return cut.to > cut.from ? coverageOf(facts, scope, cut) : null;
          return measureValue(facts, scope, asked, measure, amountsOf(facts, scope, cut));
        });
      };
      const now = valueIn(span);
      const target = programme.targetFor(scope, name, lastDate);
      const standing = target === null ? null : standingOf(facts, scope, target, whole);
      const goal = target === null ? (SCORECARD_GOALS[name] ?? null) : goalOf(target, target.baseOf(scope));
      return {
        measure: name,
        now,
        before: valueIn(quarterBefore(span)),
        baseline: inForce === null ? null : ofBaseline(inForce, scope, measure),
        goal,
        status: standing?.status ?? statusAgainst(now, goal),
      };
    }),
  );
}

/** The value in a baseline, of the same machines as now. */
function ofBaseline(baseline: Baseline, scope: Scope, measure: Measure): number | null {
  return measure.name === "coverage"
    ? baselineCoverage(baseline, scope, measure)
    : baselineValue(baseline, scope, measure);
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
