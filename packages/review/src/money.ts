/**
 * What a change is worth (CS-1 to CS-4). Only unplanned stops have a price: gains of speed and quality are in none of
 * this. A year's figure is an extrapolation; nothing is discounted, no tax is counted.
 */
import { Amount, type Sums } from "@oee/answers";
import { HOUR_MS } from "@oee/calendar";
import type { Machine } from "@oee/model";

export interface Savings {
  readonly saving: Amount | null;
  readonly perYear: Amount | null;
  /** Machines with a cost that the baseline does not know. */
  readonly notInBaseline: readonly string[];
}

const DAYS_PER_YEAR = 365;
const MONTHS_PER_YEAR = 12;

/** CS-1: what unplanned stops would have cost at the baseline's share of planned time, less what they did. */
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
  // Divided once: each machine's own divisor makes the fraction of the sum longer.
  const saving = savedMsCost?.over(HOUR_MS) ?? null;
  return { saving, perYear: saving === null ? null : yearOf(saving, days), notInBaseline };
}

/** CS-3: a year of what was measured over so many dates. */
export function yearOf(amount: Amount, days: number): Amount | null {
  return days === 0 ? null : amount.times(DAYS_PER_YEAR).over(days);
}

export interface Return {
  readonly perYear: Amount | null;
  readonly roi1: number | null;
  readonly roi3: number | null;
  /** `null`: never, or nothing was invested. */
  readonly paybackMonths: number | null;
}

/** CS-4. Amounts are in the plant's currency; `savingPerYear` is an extrapolation. */
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

/** What a change was given: once, and each year. */
export interface Invested {
  readonly investment: Amount;
  readonly runningCostPerYear: Amount;
}

/** CS-2: what the planned hours of a side would cost if all of them were stops; `null` when a machine has no cost, or none was planned. */
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
