/**
 * Sums of stored components over periods, by any of machine, product and shift: what every KPI of every scope is made of
 * (P-1). They are rows like those that they sum, for takt and rate are always keys too: what these multiply stays known.
 * Exact, whatever the order of the rows. Only the newest version of each row counts.
 */
import { COMPONENT_NAMES, type Components, PLACE, RowBatch, TIME_COMPONENT_NAMES, WIDTH } from "@oee/model";
import { columnOf } from "./component-columns.ts";
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
  /** Summed apart by each of these, by period, takt and rate. `shift` means name and date. */
  readonly by: readonly SumKey[];
}

/**
 * What rows of one period come to that agree in takt, rate and all that was asked for, one after the other: by machine,
 * product and shift, then by period.
 */
export interface SummedRows {
  /**
   * `from` is the period's; what was not asked for is `null`, and the machine an empty text. A sum that a double does not
   * hold exactly comes in as many rows as it takes.
   */
  readonly rows: RowBatch;
  /** Of each row: from the first to the end of the last minute that it sums. */
  readonly coveredFrom: readonly number[];
  readonly coveredTo: readonly number[];
}

/** What a double may not hold exactly comes as whole milliseconds, and as the microseconds left over. */
const FINE = ["idealTimeUs", "idealGoodTimeUs", "startupLossTimeUs"] as const satisfies (keyof Components)[];
const FINE_PLACES = FINE.map((component) => PLACE[component]);
/** Milliseconds whose microseconds a double holds exactly. */
const SAFE_MS = 9e12;

interface SumsJson {
  readonly period: number;
  readonly first: number;
  readonly last: number;
  readonly machine?: string;
  readonly product?: string;
  readonly shift?: string;
  readonly shift_date?: string;
  readonly takt: number | null;
  readonly cost_per_hour: number | null;
  /** In the order of `COMPONENT_NAMES`, those of `FINE` in milliseconds. */
  readonly sums: number[];
  /** Of each of `FINE`. */
  readonly microseconds: number[];
}

/** Bounds of so many periods fit into one parameter. */
const PERIODS_PER_QUERY_MAX = 4_000;
const COLUMNS_OF_KEY: Readonly<Record<SumKey, readonly string[]>> = {
  machine: ["machine"],
  product: ["product"],
  shift: ["shift", "shift_date"],
};

export async function sumComponents(transport: Transport, query: SumsQuery): Promise<SummedRows> {
  checkPeriods(query.periods);
  const into: Summing = { rows: new RowBatch(), coveredFrom: [], coveredTo: [] };
  for (let i = 0; i < query.periods.length; i += PERIODS_PER_QUERY_MAX) {
    await sumPeriods(transport, { ...query, periods: query.periods.slice(i, i + PERIODS_PER_QUERY_MAX) }, into);
  }
  return into;
}

interface Summing extends SummedRows {
  readonly coveredFrom: number[];
  readonly coveredTo: number[];
}

async function sumPeriods(transport: Transport, query: SumsQuery, into: Summing): Promise<void> {
  const filter = machineFilter(query.machines);
  const asked = query.by.flatMap((key) => COLUMNS_OF_KEY[key]);
  const keys = [...asked, "period", "takt_us", "cost_per_hour"].join(", ");
  const starts = query.periods.map((period) => period.from / 1000);
  const ends = query.periods.map((period) => period.to / 1000);
  const bounds = [...new Set([...starts, ...ends])].toSorted((a, b) => a - b);
  const sums = COMPONENT_NAMES.map((component) => {
    const sum = `sum(${columnOf(component)})`;
    return `toFloat64(${isFine(component) ? `intDiv(${sum}, 1000)` : sum})`;
  });
  const sql = `
SELECT ${[...asked, "roundDown(toUnixTimestamp(minute), {bounds:Array(UInt32)}) AS period"].join(", ")},
  toFloat64(takt_us) AS takt, cost_per_hour,
  min(toUnixTimestamp(minute)) AS first, max(toUnixTimestamp(minute)) AS last,
  [${sums.join(", ")}] AS sums,
  [${FINE.map((component) => `toFloat64(sum(${columnOf(component)}) % 1000)`).join(", ")}] AS microseconds
FROM oee.kpi_minutes FINAL
WHERE minute >= toDateTime({first:UInt32}, 'UTC') AND minute < toDateTime({end:UInt32}, 'UTC') AND ${filter.sql}
  ${bounds.length === starts.length + 1 ? "" : "AND period IN ({starts:Array(UInt32)})"}
GROUP BY ${keys}
ORDER BY ${keys}`;
  const parameters = { ...filter.parameters, bounds, starts, first: starts[0] ?? 0, end: ends.at(-1) ?? 0 };
  const rows = await transport.rows<SumsJson>(sql, parameters);
  const giveWay = new GiveWay();
  for (const row of rows) {
    addSummed(row, into);
    if (giveWay.due) await giveWay.now();
  }
}

function isFine(component: keyof Components): boolean {
  return (FINE as readonly (keyof Components)[]).includes(component);
}

const values = new Float64Array(WIDTH);

function addSummed(json: SumsJson, { rows, coveredFrom, coveredTo }: Summing): void {
  const head = {
    machine: json.machine ?? "",
    product: json.product || null,
    shift: json.shift || null,
    shiftDate: json.shift_date || null,
    taktUs: json.takt,
    costPerHour: json.cost_per_hour,
  };
  const { sums, microseconds } = json;
  values.set(sums);
  let more: boolean;
  do {
    more = false;
    for (let i = 0; i < FINE_PLACES.length; i++) {
      const place = FINE_PLACES[i] as number;
      const ms = sums[place] as number;
      const part = Math.max(-SAFE_MS, Math.min(SAFE_MS, ms));
      values[place] = part * 1000 + (microseconds[i] as number);
      sums[place] = ms - part;
      microseconds[i] = 0;
      more ||= part !== ms;
    }
    rows.addRow(head, json.period * 1000, values, 0);
    coveredFrom.push(json.first * 1000);
    coveredTo.push(json.last * 1000 + 60_000);
    values.fill(0);
  } while (more);
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
