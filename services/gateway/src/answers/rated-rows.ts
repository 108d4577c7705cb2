/**
 * A sum that the store made, as rows that the engine's sums take: one row per takt and rate in force, exact to the last
 * millisecond and microsecond. Which row has which part does not matter, for rows are only ever added up (P-1).
 */
import type { ReportRow } from "@oee/engine";
import { COMPONENT_NAMES, type Components, emptyRow } from "@oee/model";
import type { ComponentSums, RatedTime } from "@oee/store";

/** Planned time other than unplanned stops. */
const PLANNED_ELSE = ["runTime", "minorStopTime", "setupTime", "plannedStopTime"] as const;
const OUTSIDE = ["notPlannedTime", "unknownTime"] as const;
const IDEAL = ["idealTimeUs", "idealGoodTimeUs", "startupLossTimeUs"] as const;

const NO_RATE: RatedTime = { taktUs: null, costPerHour: null, planned: 0n, unplanned: 0n };

export function rowsOf(sums: ComponentSums, machine: string): ReportRow[] {
  const left = remaining(sums, machine);
  const rates = sums.rates.length === 0 ? [NO_RATE] : sums.rates;
  const rows = rates.map((rate): ReportRow => {
    const row = rowOf(sums, machine, rate.taktUs, rate.costPerHour);
    move(left, row, ["unplannedStopTime"], Number(rate.unplanned));
    move(left, row, PLANNED_ELSE, Number(rate.planned - rate.unplanned));
    // A takt counts as in force where there was time at all, planned or not.
    if (rate.planned === 0n) move(left, row, OUTSIDE, 1);
    return row;
  });
  const first = rows[0];
  if (first !== undefined) for (const name of COMPONENT_NAMES) first[name] += left[name];
  // Beyond 2^53 microseconds a number would not be exact: the rest goes into rows of its own.
  for (const name of IDEAL) {
    for (let rest = sums.components[name] - safe(sums.components[name]); rest !== 0n; rest -= safe(rest)) {
      rows.push({ ...rowOf(sums, machine, null, null), [name]: Number(safe(rest)) });
    }
  }
  return rows;
}

function remaining(sums: ComponentSums, machine: string): Components {
  const { components } = sums;
  const left = rowOf(sums, machine, null, null);
  for (const name of COMPONENT_NAMES) left[name] = Number(components[name]);
  for (const name of IDEAL) left[name] = Number(safe(components[name]));
  return left;
}

/** Takes an amount out of components, one after the other, into a row. */
function move(left: Components, row: Components, names: readonly (keyof Components)[], amount: number): void {
  let rest = amount;
  for (const name of names) {
    const part = Math.min(rest, left[name]);
    left[name] -= part;
    row[name] += part;
    rest -= part;
  }
}

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** The part of a number that a double holds exactly. */
function safe(value: bigint): bigint {
  return value > SAFE_MAX ? SAFE_MAX : value < -SAFE_MAX ? -SAFE_MAX : value;
}

function rowOf(
  { period, product, shift, shiftDate }: ComponentSums,
  machine: string,
  taktUs: number | null,
  costPerHour: number | null,
): ReportRow {
  return emptyRow({ machine, product, shift, shiftDate, taktUs, costPerHour }, period.from);
}
