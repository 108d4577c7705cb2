/**
 * Sums of stored components over periods, by any of machine, product and shift: what every KPI of every scope is made of
 * (P-1). Takt, rate and decimals are always keys too, because they multiply what is summed; so each sum is a row like those summed.
 * Exact, whatever the order of the rows. Only the newest version of each row counts.
 */
import { COMPONENT_NAMES, type Components, COMPONENTS, PLACE, RowBatch, WIDTH } from "@oee/model";
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
SELECT ${[...asked, "roundDown(at, {bounds:Array(UInt32)}) AS period"].join(", ")},
  toFloat64(takt_us), cost_per_hour, decimals, min(first_second), max(last_second),
  ${sums.join(", ")},
  ${FINE.map((component) => `toFloat64(sum(${columnOf(component)}) % 1000)`).join(", ")}
FROM (${from.sql})
${bounds.length === starts.length + 1 ? "" : "WHERE period IN ({starts:Array(UInt32)})"}
GROUP BY ${keys}
ORDER BY ${keys} LIMIT ${SUMS_MAX + 1}`;
  const parameters = { ...filter.parameters, ...from.parameters, bounds, starts };
  const places = new Map(asked.map((column, place) => [column, place]));
  const summed = await transport.fold<SumsRow, Summing>(sql, parameters, {
    start: () => {
      rows.clear();
      return { rows, coveredFrom: [], coveredTo: [] };
    },
    take: (into, row) => addSummed(row, places, into),
  });
  if (summed.coveredFrom.length <= SUMS_MAX) return summed;
  throw new StoreError("OEE_STORE_TOO_LARGE", `the answer has more than ${SUMS_MAX} sums`);
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

/** Of the row at hand. */
const values = new Float64Array(WIDTH);
const milliseconds = new Float64Array(FINE.length);
const SUMS_AT = 6;

/** What was asked for, the period, takt, rate and decimals, the first and the last minute, the sums, and microseconds left over. */
type SumsRow = (string | number | null)[];

function addSummed(row: SumsRow, places: ReadonlyMap<string, number>, { rows, coveredFrom, coveredTo }: Summing): void {
  const text = (column: string): string => {
    const place = places.get(column);
    return place === undefined ? "" : String(row[place]);
  };
  const number = (place: number): number => Number(row[places.size + place]);
  const orNull = (place: number): number | null => (row[places.size + place] === null ? null : number(place));
  const head = {
    machine: text("machine"),
    product: text("product") || null,
    shift: text("shift") || null,
    shiftDate: text("shift_date") || null,
    taktUs: orNull(1),
    costPerHour: orNull(2),
    decimals: number(3),
  };
  for (let i = 0; i < WIDTH; i++) values[i] = number(SUMS_AT + i);
  FINE_PLACES.forEach((place, i) => (milliseconds[i] = values[place] as number));
  let more: boolean;
  let first = true;
  do {
    more = false;
    for (let i = 0; i < FINE_PLACES.length; i++) {
      const ms = milliseconds[i] as number;
      const part = Math.max(-SAFE_MS, Math.min(SAFE_MS, ms));
      values[FINE_PLACES[i] as number] = part * 1000 + (first ? number(SUMS_AT + WIDTH + i) : 0);
      milliseconds[i] = ms - part;
      more ||= part !== ms;
    }
    rows.addRow(head, number(0) * 1000, values, 0);
    coveredFrom.push(number(4) * 1000);
    coveredTo.push(number(5) * 1000 + 60_000);
    values.fill(0);
    first = false;
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
