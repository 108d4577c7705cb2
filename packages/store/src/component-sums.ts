/**
 * Sums of stored components over periods, by any of machine, product and shift: what every KPI of every scope is made of
 * (P-1). Sums are exact 64-bit integers, whatever the order of the rows. Only the newest version of each row counts.
 */
import { COMPONENT_NAMES, type Components, TIME_COMPONENT_NAMES } from "@oee/model";
import { columnOf, eachComponent } from "./component-columns.ts";
import { GiveWay } from "./give-way.ts";
import { type Machines, machineFilter } from "./machine-filter.ts";
import { StoreError } from "./store-error.ts";
import type { Transport } from "./transport.ts";

/** `[from, to)` in epoch ms, whole minutes (PE-4). */
export interface Period {
  readonly from: number;
  readonly to: number;
}

export type SumKey = "machine" | "product" | "shift";

export interface SumsQuery {
  readonly machines: Machines;
  /** In ascending order, none overlapping another. */
  readonly periods: readonly Period[];
  /** One answer per period and each of these; all together where empty. `shift` means name and date. */
  readonly by: readonly SumKey[];
}

export type SummedComponents = { readonly [component in keyof Components]: bigint };

/** What was planned and lost at one takt and one rate, for `targetCount` and `downtimeCost`. */
export interface RatedTime {
  readonly taktUs: number | null;
  readonly costPerHour: number | null;
  /** Run, minor stop, unplanned stop, setup and planned stop time (ms). */
  readonly planned: bigint;
  readonly unplanned: bigint;
}

/** Keys not asked for are `null`, as are no product and no shift. Periods without rows have no answer. */
export interface ComponentSums {
  readonly period: Period;
  readonly machine: string | null;
  readonly product: string | null;
  readonly shift: string | null;
  readonly shiftDate: string | null;
  /** From the first to the end of the last minute that has a row. */
  readonly covered: Period;
  readonly components: SummedComponents;
  readonly rates: readonly RatedTime[];
}

type SumsJson = {
  readonly period: number;
  readonly first: number;
  readonly last: number;
  readonly machine?: string;
  readonly product?: string;
  readonly shift?: string;
  readonly shift_date?: string;
  readonly rates: readonly (readonly [string | null, number | null, string, string])[];
} & { readonly [component in keyof Components]: string };

/** Bounds of so many periods fit into one parameter. */
const PERIODS_PER_QUERY_MAX = 4_000;
const COLUMNS_OF_KEY: Readonly<Record<SumKey, readonly string[]>> = {
  machine: ["machine"],
  product: ["product"],
  shift: ["shift", "shift_date"],
};

export async function sumComponents(transport: Transport, query: SumsQuery): Promise<ComponentSums[]> {
  checkPeriods(query.periods);
  const answers: ComponentSums[] = [];
  for (let i = 0; i < query.periods.length; i += PERIODS_PER_QUERY_MAX) {
    const periods = query.periods.slice(i, i + PERIODS_PER_QUERY_MAX);
    for (const answer of await sumPeriods(transport, { ...query, periods })) answers.push(answer);
  }
  return answers;
}

async function sumPeriods(transport: Transport, query: SumsQuery): Promise<ComponentSums[]> {
  const filter = machineFilter(query.machines);
  const keys = ["period", ...query.by.flatMap((key) => COLUMNS_OF_KEY[key])].join(", ");
  const starts = query.periods.map((period) => period.from / 1000);
  const ends = query.periods.map((period) => period.to / 1000);
  const bounds = [...new Set([...starts, ...ends])].toSorted((a, b) => a - b);
  // Takt and rate first, so that what they multiply is known for each of them; the outer step has few rows.
  const sql = `
SELECT ${keys}, min(rated.first) AS first, max(rated.last) AS last,
  ${COMPONENT_NAMES.map((component) => `sum(rated.${component}) AS ${component}`).join(", ")},
  groupArray(tuple(takt_us, cost_per_hour,
    rated.runTime + rated.minorStopTime + rated.unplannedStopTime + rated.setupTime + rated.plannedStopTime,
    rated.unplannedStopTime)) AS rates
FROM (
  SELECT roundDown(toUnixTimestamp(minute), {bounds:Array(UInt32)}) AS ${keys}, takt_us, cost_per_hour,
    min(toUnixTimestamp(minute)) AS first, max(toUnixTimestamp(minute)) AS last,
    ${COMPONENT_NAMES.map((component) => `sum(${columnOf(component)}) AS ${component}`).join(", ")}
  FROM oee.kpi_minutes FINAL
  WHERE minute >= toDateTime({first:UInt32}, 'UTC') AND minute < toDateTime({end:UInt32}, 'UTC') AND ${filter.sql}
    ${bounds.length === starts.length + 1 ? "" : "AND period IN ({starts:Array(UInt32)})"}
  GROUP BY ${keys}, takt_us, cost_per_hour
) AS rated
GROUP BY ${keys}
ORDER BY ${keys}`;
  const parameters = { ...filter.parameters, bounds, starts, first: starts[0] ?? 0, end: ends.at(-1) ?? 0 };
  const rows = await transport.rows<SumsJson>(sql, parameters);
  const periodOf = new Map(query.periods.map((period) => [period.from / 1000, period]));
  const giveWay = new GiveWay();
  const sums: ComponentSums[] = [];
  for (const row of rows) {
    sums.push(sumsOf(row, periodOf));
    if (giveWay.due) await giveWay.now();
  }
  return sums;
}

function sumsOf(row: SumsJson, periodOf: ReadonlyMap<number, Period>): ComponentSums {
  const period = periodOf.get(row.period);
  if (period === undefined) throw new StoreError("OEE_STORE_REFUSED", `an answer for ${row.period}, no period's start`);
  return {
    period,
    machine: row.machine ?? null,
    product: row.product || null,
    shift: row.shift || null,
    shiftDate: row.shift_date || null,
    covered: { from: row.first * 1000, to: row.last * 1000 + 60_000 },
    components: eachComponent((component) => BigInt(row[component])),
    rates: row.rates.map(([taktUs, costPerHour, planned, unplanned]) => ({
      taktUs: taktUs === null ? null : Number(taktUs),
      costPerHour,
      planned: BigInt(planned),
      unplanned: BigInt(unplanned),
    })),
  };
}

function checkPeriods(periods: readonly Period[]): void {
  let end = 0;
  for (const { from, to } of periods) {
    if (!(from >= end && to > from && to / 1000 <= 0xffff_ffff) || from % 60_000 !== 0 || to % 60_000 !== 0) {
      throw new StoreError(
        "OEE_STORE_INVALID",
        `period [${from}, ${to}): ascending periods of whole minutes in epoch ms that do not overlap are expected`,
      );
    }
    end = to;
  }
}

/** The products, and none (`null`), that had time in the period; in order, none first. */
export async function productsInForce(
  transport: Transport,
  query: { readonly machines: Machines; readonly period: Period },
): Promise<(string | null)[]> {
  const filter = machineFilter(query.machines);
  checkPeriods([query.period]);
  const rows = await transport.rows<{ product: string }>(
    `SELECT product FROM oee.kpi_minutes FINAL
WHERE minute >= toDateTime({first:UInt32}, 'UTC') AND minute < toDateTime({end:UInt32}, 'UTC') AND ${filter.sql}
  AND ${TIME_COMPONENT_NAMES.map(columnOf).join(" + ")} > 0
GROUP BY product ORDER BY product`,
    { ...filter.parameters, first: query.period.from / 1000, end: query.period.to / 1000 },
  );
  return rows.map((row) => row.product || null);
}

/** The newest minute (epoch ms) that has a row, by machine; machines without rows are missing. */
export async function newestMinutes(transport: Transport, machines: Machines): Promise<Map<string, number>> {
  const filter = machineFilter(machines);
  const rows = await transport.rows<{ machine: string; newest: number }>(
    `SELECT machine, max(toUnixTimestamp(minute)) AS newest FROM oee.kpi_minutes FINAL
WHERE ${filter.sql} GROUP BY machine ORDER BY machine`,
    filter.parameters,
  );
  return new Map(rows.map((row) => [row.machine, row.newest * 1000]));
}
