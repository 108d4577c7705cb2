/**
 * Sums of stored components over periods, by any of machine, product and shift: what every KPI of every scope is made of
 * (P-1). Takt, rate and decimals are always keys too, because they multiply what is summed; so each sum is a row like those summed.
 * Exact, whatever the order of the rows. Only the newest version of each row counts.
 */
import { COMPONENT_NAMES, RowBatch } from "@oee/model";
import { columnOf } from "./component-columns.ts";
import { summedColumns, summedFrom, type SummedRows, type SumsAnswer } from "./summed-answer.ts";
import { askDays, DAY_SUMS_DEFAULT, type DaySumsPolicy, minutesAndDays, type SummedDay } from "./day-sums.ts";
import { type Machines, machineFilter } from "./machine-filter.ts";
import { StoreError } from "./store-error.ts";
import type { Period } from "./period.ts";
import type { BoundParameters, Transport } from "./transport.ts";

export type SumKey = "machine" | "product" | "shift";

export interface SumsQuery {
  readonly machines: Machines;
  /** In ascending order, none overlapping another. */
  readonly periods: readonly Period[];
  /** Summed apart by each of these, by period, takt, rate and decimals. `shift` means name and date. */
  readonly by: readonly SumKey[];
  /**
   * Starts (epoch ms, ascending) of local days that follow one another, the last of them the end of the last day. Days of
   * listed machines that lie in one period are taken from their sums (`kpi_days`), where these are at hand; not by shift.
   */
  readonly days?: readonly number[];
}

const UINT32_MAX = 0xffff_ffff;

/** Bounds of so many periods fit into one parameter. */
export const PERIODS_PER_QUERY_MAX = 4_000;
/** Machines × days, the newest, of which it is asked whether their sums are at hand: to ask of more costs more than their minutes. */
const DAYS_ASKED_MAX = 200_000;
/**
 * Machines × days whose sums are added up in this process, where periods have two of them at most: to group and sort nearly as many rows of
 * 30 numbers as there are takes ClickHouse twice the processor time. Each is some rows of 264 bytes.
 */
const DAYS_APART_MAX = 100_000;
/** Rows of sums in one answer: some 200 MB of them. */
const SUMS_MAX = 500_000;
const COLUMNS_OF_KEY: Readonly<Record<SumKey, readonly string[]>> = {
  machine: ["machine"],
  product: ["product"],
  shift: ["shift", "shift_date"],
};

/** The rows go into an empty batch of the caller's, if one is given. */
export async function sumComponents(
  transport: Transport,
  query: SumsQuery,
  rows: RowBatch = new RowBatch(),
  policy: DaySumsPolicy = DAY_SUMS_DEFAULT,
): Promise<SummedRows> {
  const { periods } = query;
  checkPeriods(periods);
  if (periods.length > 0 && periods.length <= PERIODS_PER_QUERY_MAX) return sumPeriods(transport, query, rows, policy);
  const all = { rows, coveredFrom: [] as number[], coveredTo: [] as number[] };
  const some = new RowBatch();
  for (let i = 0; i < periods.length; i += PERIODS_PER_QUERY_MAX) {
    const asked = { ...query, periods: periods.slice(i, i + PERIODS_PER_QUERY_MAX) };
    const part = await sumPeriods(transport, asked, some, policy);
    all.rows.append(part.rows);
    for (const from of part.coveredFrom) all.coveredFrom.push(from);
    for (const to of part.coveredTo) all.coveredTo.push(to);
  }
  return all;
}

async function sumPeriods(
  transport: Transport,
  query: SumsQuery,
  rows: RowBatch,
  policy: DaySumsPolicy,
): Promise<SummedRows> {
  const columns = query.by.flatMap((key) => COLUMNS_OF_KEY[key]);
  const answer = await askSums(transport, query, policy, {
    keys: columns,
    head: columns.map((column) => `CAST(${column}, 'String')`),
    parameters: {},
    isSorted: true,
  });
  rows.clear();
  return summedFrom(answer, columns, rows);
}

/** What sums of some periods are asked by: columns, what each row begins with, made of these, and whether rows come by machine and time. */
export interface SumsHead {
  readonly keys: readonly string[];
  readonly head: readonly string[];
  readonly parameters: BoundParameters;
  readonly isSorted: boolean;
}

export async function askSums(
  transport: Transport,
  query: SumsQuery,
  policy: DaySumsPolicy,
  by: SumsHead,
): Promise<SumsAnswer> {
  const filter = machineFilter(query.machines);
  const [machine, others] = [by.keys.filter(isMachine), by.keys.filter((column) => !isMachine(column))];
  const keys = [...machine, "period", ...others, "takt_us", "cost_per_hour", "decimals"].join(", ");
  const starts = query.periods.map((period) => period.from / 1000);
  const ends = query.periods.map((period) => period.to / 1000);
  const bounds = [...new Set([...starts, ...ends])].toSorted((a, b) => a - b);
  const whole = { from: query.periods[0]?.from ?? 0, to: query.periods.at(-1)?.to ?? 0 };
  const head = `${by.head.map((column) => `${column}, `).join("")}toFloat64(roundDown(at, {bounds:Array(UInt32)}) AS period), `;
  const within = bounds.length === starts.length + 1 ? "" : "WHERE period IN ({starts:Array(UInt32)})";
  const grouped = `SELECT ${head}${summedColumns((column) => `sum(${column})`, "min(first_second)", "max(last_second)")}`;
  const groupBy = `${within} GROUP BY ${keys}`;
  const answerBy = async (summed: readonly SummedDay[], isApart: boolean): Promise<SumsAnswer> => {
    const { sql: all, days, minutes, parameters } = minutesAndDays(filter.sql, whole, summed);
    let sql = `${grouped} FROM (${all}) ${groupBy}${by.isSorted ? ` ORDER BY ${keys}` : ""}`;
    const apart = isApart && days !== null;
    if (apart) {
      const tables = [
        `SELECT ${head}${summedColumns((column) => column, "first_second", "last_second")} FROM (${days}) ${within}`,
      ];
      if (minutes !== null) tables.push(`${grouped} FROM (${minutes}) ${groupBy}`);
      sql = `SELECT * FROM (${tables.join("\nUNION ALL ")})`;
    }
    const answer = await transport.columns(`${sql} LIMIT ${SUMS_MAX + 1}`, {
      ...filter.parameters,
      ...parameters,
      ...by.parameters,
      bounds,
      starts,
    });
    if (answer.length <= SUMS_MAX) return { answer, apart };
    if (apart) return answerBy(summed, false);
    throw new StoreError("OEE_STORE_TOO_LARGE", `the answer has more than ${SUMS_MAX} sums`);
  };
  const ofMachines = machine.length > 0 && !("under" in query.machines) ? query.machines.length : Infinity;
  return askDaysInPeriods(transport, query, policy, (summed) =>
    answerBy(summed, ofMachines * summed.length <= DAYS_APART_MAX && summed.length <= 2 * query.periods.length),
  );
}

/** Asks with the whole days within one period of which the sums of all machines are at hand (`askDays`). */
export async function askDaysInPeriods<T>(
  transport: Transport,
  { machines, periods, by, days = [] }: SumsQuery,
  policy: DaySumsPolicy,
  ask: (summed: readonly SummedDay[]) => Promise<T>,
): Promise<T> {
  const [first, last] = [periods[0], periods.at(-1)];
  if ("under" in machines || by.includes("shift") || first === undefined || last === undefined) return ask([]);
  const asked = days
    .filter((day) => day >= first.from && day <= last.to)
    .slice(-1 - Math.floor(DAYS_ASKED_MAX / Math.max(1, machines.length)));
  const isWithin = (day: Period): boolean => periods.some(({ from, to }) => from <= day.from && day.to <= to);
  if (!asked.some((from, i) => isWithin({ from, to: asked[i + 1] ?? Infinity }))) return ask([]);
  return askDays(transport, { machines, days: asked }, policy, (summed) => ask(summed.filter(isWithin)));
}

function isMachine(column: string): boolean {
  return column === "machine";
}

export function checkPeriods(periods: readonly Period[]): void {
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

/** The products, and none (`null`), that had time or anything else in the period; in order, none first. */
export async function productsInForce(
  transport: Transport,
  query: { readonly machines: Machines; readonly period: Period },
): Promise<(string | null)[]> {
  const filter = machineFilter(query.machines);
  checkPeriods([query.period]);
  const rows = await transport.rows<{ product: string }>(
    `SELECT product FROM oee.kpi_minutes FINAL
WHERE minute >= toDateTime({first:UInt32}, 'UTC') AND minute < toDateTime({end:UInt32}, 'UTC') AND ${filter.sql}
  AND (${COMPONENT_NAMES.map((name) => `${columnOf(name)} != 0`).join(" OR ")})
GROUP BY product ORDER BY product`,
    { ...filter.parameters, first: query.period.from / 1000, end: query.period.to / 1000 },
  );
  return rows.map((row) => row.product || null);
}

/** The newest minute (epoch ms) from an instant on, and before another, that has a row, by machine; machines without one are missing. */
export async function newestMinutes(
  transport: Transport,
  machines: Machines,
  before: number = UINT32_MAX * 1000,
  since: number = 0,
): Promise<Map<string, number>> {
  const filter = machineFilter(machines);
  const rows = await transport.rows<{ machine: string; newest: number }>(
    `SELECT machine, max(toUnixTimestamp(minute)) AS newest FROM oee.kpi_minutes FINAL
WHERE ${filter.sql} AND minute >= toDateTime({since:UInt32}, 'UTC')
  AND minute < toDateTime({before:UInt32}, 'UTC') GROUP BY machine ORDER BY machine`,
    { ...filter.parameters, before: Math.floor(before / 1000), since: Math.floor(since / 1000) },
  );
  return new Map(rows.map((row) => [row.machine, row.newest * 1000]));
}
