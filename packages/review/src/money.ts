/**
 * What a change is worth (CS-1 to CS-4). Only unplanned stops have a price: gains of speed and quality are in none of
 * this. A year's figure is an extrapolation; nothing is discounted, no tax is counted.
 */
import type { Sums } from "@oee/answers";
import { HOUR_MS } from "@oee/calendar";
import type { Machine } from "@oee/model";

export interface Savings {
  readonly saving: number | null;
  readonly perYear: number | null;
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
  let saving: number | null = null;
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
    const expectedMs = (before.of("unplannedStopTime") / planned) * after.planned;
    saving = (saving ?? 0) + ((expectedMs - after.of("unplannedStopTime")) / HOUR_MS) * costPerHour;
  }
  return { saving, perYear: saving === null ? null : yearOf(saving, days), notInBaseline };
}

/** CS-3: a year of what was measured over so many dates. */
export function yearOf(amount: number, days: number): number | null {
  return days === 0 ? null : (amount * DAYS_PER_YEAR) / days;
}

export interface Return {
  readonly perYear: number | null;
  readonly roi1: number | null;
  readonly roi3: number | null;
  /** `null`: never, or nothing was invested. */
  readonly paybackMonths: number | null;
}

/** CS-4. Amounts are in the plant's currency; `savingPerYear` is an extrapolation. */
export function returnOf(savingPerYear: number | null, investment: number, runningCostPerYear: number): Return {
  if (savingPerYear === null) return { perYear: null, roi1: null, roi3: null, paybackMonths: null };
  const net = savingPerYear - runningCostPerYear;
  const roi = (years: number): number | null => (investment === 0 ? null : (years * net - investment) / investment);
  return {
    perYear: savingPerYear,
    roi1: roi(1),
    roi3: roi(3),
    paybackMonths: investment === 0 || net <= 0 ? null : (MONTHS_PER_YEAR * investment) / net,
  };
}

/** CS-2: planned hours of a side and its mean cost per hour, weighted by planned time; `null` when a machine has none. */
export function pricedHours(
  machines: readonly Machine[],
  plannedMsOf: (machine: Machine) => number,
): { readonly hours: number; readonly costPerHour: number } | null {
  let plannedMs = 0;
  let cost = 0;
  for (const machine of machines) {
    if (machine.costPerHour === null) return null;
    const planned = plannedMsOf(machine);
    plannedMs += planned;
    cost += machine.costPerHour * planned;
  }
  return plannedMs === 0 ? null : { hours: plannedMs / HOUR_MS, costPerHour: cost / plannedMs };
}
