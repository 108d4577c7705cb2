/**
 * What a change is worth (CS-1 to CS-4). Only unplanned stops have a price: gains of speed and quality are not counted. A
 * year's figure is an extrapolation, without discount and tax.
 */
import { Amount, type Sums } from "@oee/answers";
import { HOUR_MS } from "@oee/calendar";
import type { Machine } from "@oee/model";

export interface Savings {
  readonly saving: Amount | null;
  readonly perYear: Amount | null;
  /** Ids of machines with a cost per hour that the baseline does not have. */
  readonly notInBaseline: readonly string[];
  /** In what the policy of the period differs from the baseline's (BL-6); missing: in nothing. */
  readonly policy?: readonly string[];
}

const DAYS_PER_YEAR = 365;
const MONTHS_PER_YEAR = 12;

/** Savings against a baseline (CS-1): the cost that unplanned stops would have had at the baseline's share of planned time, less the cost that they had. */
export function savingsAgainst(
  machines: readonly Machine[],
  baseline: (machine: Machine) => Sums | null,
  achieved: (machine: Machine) => Sums,
  days: number,
): Savings {
  let savedMsCost: Amount | null = null;
  const notInBaseline: string[] = [];
  for (const machine of machines) {
    const { costPerHour } = machine;
    if (costPerHour === null) continue;
    const before = baseline(machine);
    const planned = before === null ? 0 : before.planned;
    if (before === null || planned === 0) {
      notInBaseline.push(machine.path);
      continue;
    }
    const after = achieved(machine);
    const expectedMs = Amount.of(before.of("unplannedStopTime")).times(after.planned).over(planned);
    const savedMs = expectedMs.minus(Amount.of(after.of("unplannedStopTime")));
    savedMsCost = (savedMsCost ?? Amount.ZERO).plus(savedMs.times(costPerHour));
  }
  // The sum is divided by an hour once, at the end: dividing each machine's part would make longer fractions.
  const saving = savedMsCost?.over(HOUR_MS) ?? null;
  return { saving, perYear: saving === null ? null : yearOf(saving, days), notInBaseline };
}

/** An amount of `days` dates extrapolated to a year (CS-3). */
export function yearOf(amount: Amount, days: number): Amount | null {
  return days === 0 ? null : amount.times(DAYS_PER_YEAR).over(days);
}

export interface Return {
  readonly perYear: Amount | null;
  readonly roi1: number | null;
  readonly roi3: number | null;
  /** Months after which the savings reach the investment; `null`: they never do, or nothing was invested. */
  readonly paybackMonths: number | null;
}

/** What an investment returns (CS-4), in the plant's currency. */
export function returnOf(savingPerYear: Amount | null, { investment, runningCostPerYear }: Invested): Return {
  if (savingPerYear === null) return { perYear: null, roi1: null, roi3: null, paybackMonths: null };
  const net = savingPerYear.minus(runningCostPerYear);
  const isNothing = investment.sign === 0;
  const roi = (years: number): number | null =>
    isNothing ? null : net.times(years).minus(investment).over(investment).toNumber();
  return {
    perYear: savingPerYear,
    roi1: roi(1),
    roi3: roi(3),
    paybackMonths: isNothing || net.sign <= 0 ? null : investment.times(MONTHS_PER_YEAR).over(net).toNumber(),
  };
}

/** The cost of a change: once, and each year. */
export interface Invested {
  readonly investment: Amount;
  readonly runningCostPerYear: Amount;
}

/** The cost of the planned hours of a side if all of them were stops (CS-2); `null` when a machine has no cost, or nothing was planned. */
export function pricedTime(machines: readonly Machine[], plannedMsOf: (machine: Machine) => number): Amount | null {
  let cost = Amount.ZERO;
  let plannedMs = 0;
  for (const machine of machines) {
    if (machine.costPerHour === null) return null;
    const planned = plannedMsOf(machine);
    plannedMs += planned;
    cost = cost.plus(Amount.of(machine.costPerHour).times(planned));
  }
  return plannedMs === 0 ? null : cost.over(HOUR_MS);
}
