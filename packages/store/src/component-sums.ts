/**
 * Sums of stored components over periods, by any of machine, product and shift: what every KPI of every scope is made of
 * (P-1). Takt, rate and decimals are always keys too, because they multiply what is summed; so each sum is a row like those summed.
 * Exact, whatever the order of the rows. Only the newest version of each row counts.
 */
import { COMPONENT_NAMES, type Components, COMPONENTS, PLACE, RowBatch, type RowHead, WIDTH } from "@oee/model";
import { GiveWay } from "@oee/pacing";
import type { AnswerRows } from "./arrow-answer.ts";
import { columnOf } from "./component-columns.ts";
import { DAY_SUMS_DEFAULT, type DaySumsPolicy, minutesAndDays, summedDays } from "./day-sums.ts";
import { type Machines, machineFilter } from "./machine-filter.ts";
import { StoreError } from "./store-error.ts";
import type { Period } from "./period.ts";
import type { Transport } from "./transport.ts";

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

/** What rows of one period come to that agree in takt, rate and all that was asked for; those of one machine by period. */
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
const FINE = COMPONENT_NAMES.filter((name) => COMPONENTS[name].kind === "ideal");
const FINE_PLACES = FINE.map((component) => PLACE[component]);
/** Milliseconds whose microseconds a double holds exactly. */
const SAFE_MS = 9e12;
const UINT32_MAX = 0xffff_ffff;

/** Bounds of so many periods fit into one parameter. */
const PERIODS_PER_QUERY_MAX = 4_000;
/** Machines × days, the newest, of which it is asked whether their sums are at hand: to ask of more costs more than their minutes. */
const DAYS_ASKED_MAX = 200_000;
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
  const all: Summing = { rows, coveredFrom: [], coveredTo: [] };
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

interface Summing extends SummedRows {
  readonly coveredFrom: number[];
  readonly coveredTo: number[];
}

async function sumPeriods(
  transport: Transport,
  query: SumsQuery,
  rows: RowBatch,
  policy: DaySumsPolicy,
): Promise<Summing> {
  const filter = machineFilter(query.machines);
  const asked = query.by.flatMap((key) => COLUMNS_OF_KEY[key]);
  const [machine, others] = [asked.filter(isMachine), asked.filter((column) => !isMachine(column))];
  const keys = [...machine, "period", ...others, "takt_us", "cost_per_hour", "decimals"].join(", ");
  const starts = query.periods.map((period) => period.from / 1000);
  const ends = query.periods.map((period) => period.to / 1000);
  const bounds = [...new Set([...starts, ...ends])].toSorted((a, b) => a - b);
  const sums = COMPONENT_NAMES.map((component) => {
    const sum = `sum(${columnOf(component)})`;
    return `toFloat64(${isFine(component) ? `intDiv(${sum}, 1000)` : sum})`;
  });
  const whole = { from: query.periods[0]?.from ?? 0, to: query.periods.at(-1)?.to ?? 0 };
  const from = minutesAndDays(filter.sql, whole, await daysInPeriods(transport, query, policy));
  const sql = `
SELECT ${[...asked.map((column) => `CAST(${column}, 'String')`), "toFloat64(roundDown(at, {bounds:Array(UInt32)}) AS period)"].join(", ")},
  toFloat64(ifNull(takt_us, nan)), ifNull(cost_per_hour, nan), toFloat64(decimals), toFloat64(min(first_second)), toFloat64(max(last_second)),
  ${sums.join(", ")},
  ${FINE.map((component) => `toFloat64(sum(${columnOf(component)}) % 1000)`).join(", ")}
FROM (${from.sql})
${bounds.length === starts.length + 1 ? "" : "WHERE period IN ({starts:Array(UInt32)})"}
GROUP BY ${keys}
ORDER BY ${keys} LIMIT ${SUMS_MAX + 1}`;
  const answer = await transport.columns(sql, { ...filter.parameters, ...from.parameters, bounds, starts });
  if (answer.reduce((sum, { length }) => sum + length, 0) > SUMS_MAX) {
    throw new StoreError("OEE_STORE_TOO_LARGE", `the answer has more than ${SUMS_MAX} sums`);
  }
  const summed: Summing = { rows, coveredFrom: [], coveredTo: [] };
  rows.clear();
  for (const some of answer) await addSummed(some, asked, summed);
  return summed;
}

/** Whole days within one period of which the sums of all machines are at hand. */
export async function daysInPeriods(
  transport: Transport,
  { machines, periods, by, days = [] }: SumsQuery,
  policy: DaySumsPolicy,
): Promise<readonly Period[]> {
  const [first, last] = [periods[0], periods.at(-1)];
  if ("under" in machines || by.includes("shift") || first === undefined || last === undefined) return [];
  const asked = days
    .filter((day) => day >= first.from && day <= last.to)
    .slice(-1 - Math.floor(DAYS_ASKED_MAX / Math.max(1, machines.length)));
  const isWithin = (day: Period): boolean => periods.some(({ from, to }) => from <= day.from && day.to <= to);
  if (!asked.some((from, i) => isWithin({ from, to: asked[i + 1] ?? Infinity }))) return [];
  return (await summedDays(transport, { machines, days: asked }, policy)).filter(isWithin);
}

function isMachine(column: string): boolean {
  return column === "machine";
}

function isFine(component: keyof Components): boolean {
  return FINE.includes(component);
}

const SUMS_AT = 6;
/** Rows between two looks at the time slice. */
const ROWS_IN_A_ROW = 512;

/**
 * Adds rows of an answer, which hold what was asked for, the period, takt, rate and decimals, the first and the last minute, the sums, and
 * microseconds left over. Takt and rate are NaN where there is none.
 */
async function addSummed(answer: AnswerRows, asked: readonly string[], into: Summing): Promise<void> {
  const text = (column: string): ((row: number) => string) | null =>
    asked.includes(column) ? answer.texts(asked.indexOf(column)) : null;
  const [machine, product, shift, shiftDate] = [text("machine"), text("product"), text("shift"), text("shift_date")];
  const number = (place: number): Float64Array => answer.numbers(asked.length + place);
  const [from, takt, cost] = [number(0), number(1), number(2)];
  const [decimals, first, last] = [number(3), number(4), number(5)];
  const sums = Array.from({ length: WIDTH }, (_, i) => number(SUMS_AT + i));
  const microseconds = FINE.map((_, i) => number(SUMS_AT + WIDTH + i));
  const { rows, coveredFrom, coveredTo } = into;
  const giveWay = new GiveWay();
  let head: RowHead | null = null;
  for (let row = 0; row < answer.length; row++) {
    const found = {
      machine: machine?.(row) ?? "",
      product: product?.(row) || null,
      shift: shift?.(row) || null,
      shiftDate: shiftDate?.(row) || null,
      taktUs: orNull(takt[row] as number),
      costPerHour: orNull(cost[row] as number),
      decimals: decimals[row] as number,
    };
    // Most rows have the head of the one before, and share it.
    if (head === null || !isSameHead(head, found)) head = found;
    let more: boolean;
    let at = rows.addEmpty(head, (from[row] as number) * 1000) * WIDTH;
    for (let i = 0; i < WIDTH; i++) rows.values[at + i] = (sums[i] as Float64Array)[row] as number;
    for (let i = 0; i < FINE_PLACES.length; i++) {
      milliseconds[i] = rows.values[at + (FINE_PLACES[i] as number)] as number;
      left[i] = (microseconds[i] as Float64Array)[row] as number;
    }
    for (;;) {
      more = false;
      for (let i = 0; i < FINE_PLACES.length; i++) {
        const ms = milliseconds[i] as number;
        const part = Math.max(-SAFE_MS, Math.min(SAFE_MS, ms));
        rows.values[at + (FINE_PLACES[i] as number)] = part * 1000 + (left[i] as number);
        milliseconds[i] = ms - part;
        more ||= part !== ms;
      }
      coveredFrom.push((first[row] as number) * 1000);
      coveredTo.push((last[row] as number) * 1000 + 60_000);
      if (!more) break;
      left.fill(0);
      at = rows.addEmpty(head, (from[row] as number) * 1000) * WIDTH;
    }
    if (row % ROWS_IN_A_ROW === 0 && giveWay.due) await giveWay.now();
  }
}

/** Of the row at hand, of each fine component. */
const milliseconds = new Float64Array(FINE.length);
const left = new Float64Array(FINE.length);

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}

function isSameHead(a: RowHead, b: RowHead): boolean {
  return (
    a.machine === b.machine &&
    a.product === b.product &&
    a.shift === b.shift &&
    a.shiftDate === b.shiftDate &&
    a.taktUs === b.taktUs &&
    a.costPerHour === b.costPerHour &&
    a.decimals === b.decimals
  );
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
