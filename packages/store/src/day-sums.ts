/**
 * Sums of whole days (`kpi_days`): what minutes of days that are over come to, by product, takt, cost and decimals. They are
 * kept beside the minutes and are never asked in their place where these may say otherwise: each day names how often its
 * minutes had been written when it was summed (`kpi_day_writes`), and counts as long as that has not changed. Of a day that
 * has been over for less than two hours, or was written in the last minute, the minutes are asked.
 */
import { COMPONENT_NAMES } from "@oee/model";
import { columnOf } from "./component-columns.ts";
import type { Period } from "./period.ts";
import { type Machines, machineFilter } from "./machine-filter.ts";
import { StoreError, type StoreErrorCode } from "./store-error.ts";
import type { BoundParameters, Transport } from "./transport.ts";

/** Machines and the starts (epoch ms, ascending) of days that follow one another; the last one ends the last day. */
export interface DaysQuery {
  readonly machines: readonly string[];
  readonly days: readonly number[];
}

/** Writes of minutes are counted from an hour behind the clock on: later ones are of days that are not summed yet. */
const OVER_FOR_S = 2 * 3600;

/** When sums of days are made, and when they are asked in place of minutes. */
export interface DaySumsPolicy {
  /** A count of writes may be seen before the minutes that it counts: so long (seconds) after a write of a day its minutes are asked. */
  readonly restS: number;
  /**
   * Days are summed for those who ask for at most a tenth of the time, and sums are asked only where they stand for half of the
   * days at least. `false`: always both.
   */
  readonly paced: boolean;
}

export const DAY_SUMS_DEFAULT: DaySumsPolicy = { restS: 60, paced: true };

/** Machines × days that are summed when they are asked for: some hundred milliseconds of minutes. */
const SUMMED_WHEN_ASKED_MAX = 1_000;
/** Machines × days of one statement. */
const SUMMED_AT_ONCE_MAX = 1_000;
/**
 * Days of a machine that are summed one after the other, the newest such days first. ClickHouse reads 8,192 rows of a machine at least, which are
 * the minutes of six days: of a day alone most are read for nothing.
 */
const READ_TOGETHER_S = 8 * 86_400;
const SECOND_MS = 1_000;
const DAY_MS = 86_400_000;
/** Where sums cannot be kept, as in a store that is read only, the minutes are asked. */
const NOT_WRITABLE: ReadonlySet<StoreErrorCode> = new Set([
  "OEE_STORE_REFUSED",
  "OEE_STORE_ACCESS_DENIED",
  "OEE_STORE_DISK_FULL",
]);
const COLUMNS = COMPONENT_NAMES.map(columnOf);
const HEAD = "product, takt_us, cost_per_hour, decimals";

/** A day whose sums of all machines that were asked for count. */
export interface SummedDay extends Period {
  /** Whether only these sums are stored of it, none of an older sum of the day. It may be summed again `restS` after a write of it. */
  readonly alone: boolean;
}

/** Answers by sums of days, where these count: `ask` is called with the days, and again where it took so long that some may have been summed anew. */
export async function askDays<T>(
  transport: Transport,
  query: DaysQuery,
  policy: DaySumsPolicy,
  ask: (summed: readonly SummedDay[]) => Promise<T>,
): Promise<T> {
  const began = performance.now();
  const summed = await summedDays(transport, query, policy);
  const answer = await ask(summed);
  if (performance.now() - began < (policy.restS * SECOND_MS) / 2 || !summed.some(({ alone }) => alone)) return answer;
  return ask(summed.map((day) => ({ ...day, alone: false })));
}

/** The days whose sums of all of these machines count now. Where days that are over lack, some are summed first, the newest of all. */
export async function summedDays(
  transport: Transport,
  query: DaysQuery,
  policy: DaySumsPolicy,
): Promise<readonly SummedDay[]> {
  if (query.days.length < 2 || query.machines.length === 0) return [];
  const whole = await wholeDays(transport, query, policy);
  if (whole.every(({ over, fresh }) => fresh || !over)) return worthOf(whole, policy);
  let found = await freshOf(transport, query, policy);
  const isLacking = found.some(({ fresh, hot, over }) => over && fresh + hot < query.machines.length);
  if (isLacking && (await sumSomeIfAllowed(transport, query, policy)) > 0)
    found = await freshOf(transport, query, policy);
  return worthOf(
    found.map(({ day, fresh }) => ({ day, fresh: fresh === query.machines.length, alone: false })),
    policy,
  );
}

/** Days here and there among the minutes of others cost more than they save. */
function worthOf(
  days: readonly { readonly day: Period; readonly fresh: boolean; readonly alone: boolean }[],
  policy: DaySumsPolicy,
): readonly SummedDay[] {
  const summed = days.filter(({ fresh }) => fresh).map(({ day, alone }) => ({ ...day, alone }));
  return policy.paced && summed.length * 2 < days.length ? [] : summed;
}

interface WholeDay {
  readonly day: Period;
  readonly over: boolean;
  /** Whether the sums of all machines count. */
  readonly fresh: boolean;
  readonly alone: boolean;
}

/**
 * The same of all machines of a day together, for a third of what it takes machine by machine: writes, stamps and numbers of sums
 * are added up, each machine's times a weight of 64 bits of its own. Where all machines agree, the totals do; where one does not,
 * they agree by chance once in 2^64.
 */
async function wholeDays(
  transport: Transport,
  query: DaysQuery,
  { restS }: DaySumsPolicy,
): Promise<readonly WholeDay[]> {
  const { filter, parameters, days, dayOfDates } = spanOf(query);
  const rows = await transport.rows<{ day: number; fresh: number; alone: number; now: number }>(
    `SELECT day, sum(machines) = {count:UInt64} AND sum(writes) = sum(stamps) AND max(last) + ${restS} <= toUnixTimestamp(now()) AS fresh,
  sum(stored) = sum(counted) AS alone, toUnixTimestamp(now()) AS now
FROM (
  SELECT ${dayOfDates} AS day, 0 AS machines, writes, 0 AS stamps, 0 AS stored, 0 AS counted, last
  FROM (SELECT toUnixTimestamp(toDateTime(date, 'UTC')) AS begins, sum(writes * sipHash64(machine)) AS writes, toUnixTimestamp(max(last)) AS last
    FROM oee.kpi_day_writes
    WHERE ${filter} AND date >= toDate(toDateTime({first:UInt32}, 'UTC')) AND date <= toDate(toDateTime({end:UInt32} - 1, 'UTC'))
    GROUP BY date)
  UNION ALL
  SELECT toUnixTimestamp(from_time) AS day, countIf(place = 0) AS machines, 0 AS writes, sumIf(stamp * sipHash64(machine), place = 0) AS stamps,
    sumIf(sipHash64(machine), place != 0) AS stored, sumIf(sums * sipHash64(machine), place = 0) AS counted, 0 AS last
  FROM oee.kpi_days FINAL
  WHERE ${filter} AND from_time >= toDateTime({first:UInt32}, 'UTC') AND from_time < toDateTime({end:UInt32}, 'UTC')
    AND toUnixTimestamp(to_time) = transform(toUnixTimestamp(from_time), {starts:Array(UInt32)}, {ends:Array(UInt32)}, 0)
  GROUP BY from_time
  UNION ALL SELECT toUInt32(0), 0, 0, 0, 0, 0, 0
) WHERE day IN ({starts:Array(UInt32)}) OR day = 0 GROUP BY day`,
    { ...parameters, count: query.machines.length },
  );
  const byDay = new Map(rows.map((row) => [row.day * SECOND_MS, row]));
  const now = byDay.get(0)?.now ?? 0;
  return days.map((day) => ({
    day,
    over: isOver(day, now),
    fresh: byDay.get(day.from)?.fresh === 1,
    alone: byDay.get(day.from)?.alone === 1,
  }));
}

/** Whether a day has been over for long enough (`now` in seconds) to be summed. */
function isOver({ to }: Period, now: number): boolean {
  return to / SECOND_MS + OVER_FOR_S <= now;
}

/** By store, from when on (ms of the monotonic clock) days are summed again for those who ask. */
const askedAgainAt = new WeakMap<Transport, number>();

/**
 * Days are summed for those who ask for at most a tenth of the time, where that is the policy: while minutes of many days are being written their sums are
 * out of date at once, and each question would have them made anew.
 */
async function sumSomeIfAllowed(transport: Transport, query: DaysQuery, policy: DaySumsPolicy): Promise<number> {
  const began = performance.now();
  if (policy.paced && began < (askedAgainAt.get(transport) ?? 0)) return 0;
  askedAgainAt.set(transport, Infinity);
  try {
    return await sumDays(transport, query, SUMMED_WHEN_ASKED_MAX, policy);
  } catch (error) {
    if (error instanceof StoreError && NOT_WRITABLE.has(error.code)) return 0;
    throw error;
  } finally {
    const ended = performance.now();
    askedAgainAt.set(transport, ended + 9 * (ended - began));
  }
}

/** Sums days that are over and whose sums do not count, at most so many machines × days; answers how many. */
export async function sumDays(
  transport: Transport,
  query: DaysQuery,
  max: number,
  policy: DaySumsPolicy,
): Promise<number> {
  if (query.days.length < 2 || query.machines.length === 0) return 0;
  const stale = await staleOf(transport, query, max, policy);
  for (let i = 0; i < stale.length; i += SUMMED_AT_ONCE_MAX) {
    await sumSome(transport, query, stale.slice(i, i + SUMMED_AT_ONCE_MAX));
  }
  return stale.length;
}

interface DayKnown {
  readonly day: Period;
  /** Whether it has been over for long enough to be summed. */
  readonly over: boolean;
  /** Of how many machines the sums count. */
  readonly fresh: number;
  /** Of how many machines minutes have just been written. */
  readonly hot: number;
}

async function freshOf(transport: Transport, query: DaysQuery, { restS }: DaySumsPolicy): Promise<readonly DayKnown[]> {
  const known = knownSql(query);
  // A day that there is not tells the time where there are no others.
  const rows = await transport.rows<{ day: number; fresh: string; hot: string; now: number }>(
    `SELECT day, countIf(stamp = writes + 1 AND NOT is_hot) AS fresh, countIf(is_hot) AS hot, toUnixTimestamp(now()) AS now
FROM (SELECT day, stamp, writes, last + ${restS} > toUnixTimestamp(now()) AS is_hot FROM (${known.sql}))
GROUP BY day UNION ALL SELECT toUInt32(0), toUInt64(0), toUInt64(0), toUnixTimestamp(now())`,
    known.parameters,
  );
  const byDay = new Map(rows.map((row) => [row.day * SECOND_MS, row]));
  const now = rows.at(-1)?.now ?? 0;
  return daysOf(query).map((day) => {
    const { fresh = 0, hot = 0 } = byDay.get(day.from) ?? {};
    return { day, over: isOver(day, now), fresh: Number(fresh), hot: Number(hot) };
  });
}

interface StaleDay {
  readonly machine: string;
  readonly day: number;
  readonly writes: string;
}

async function staleOf(
  transport: Transport,
  query: DaysQuery,
  max: number,
  { restS }: DaySumsPolicy,
): Promise<readonly StaleDay[]> {
  const known = knownSql(query);
  const lists = Object.keys(machineFilter(query.machines).parameters).map((name) => `{${name}:Array(String)}`);
  return transport.rows<StaleDay>(
    `SELECT machine, day, sum(known.writes) AS writes FROM (
  SELECT CAST(machine, 'String') AS machine, day, writes, stamp, last FROM (${known.sql})
  UNION ALL SELECT arrayJoin(arrayConcat(${lists.join(", ")})) AS machine, arrayJoin({starts:Array(UInt32)}) AS day,
    0 AS writes, 0 AS stamp, 0 AS last
) AS known
GROUP BY machine, day
HAVING max(known.stamp) != writes + 1 AND max(known.last) + ${restS} <= toUnixTimestamp(now())
  AND transform(day, {starts:Array(UInt32)}, {ends:Array(UInt32)}, 4294967295) + ${OVER_FOR_S} <= toUnixTimestamp(now())
ORDER BY intDiv(day, ${READ_TOGETHER_S}) DESC, machine, day LIMIT ${max}`,
    known.parameters,
  );
}

/** What statements about days of machines have in common. */
function spanOf(query: { readonly machines: Machines; readonly days: readonly number[] }): {
  readonly filter: string;
  readonly parameters: BoundParameters;
  readonly days: readonly Period[];
  /** The days that a date touches which begins at `begins` (seconds), one row each. */
  readonly dayOfDates: string;
} {
  const filter = machineFilter(query.machines);
  const days = daysOf(query);
  const starts = days.map(({ from }) => from / SECOND_MS);
  const ends = days.map(({ to }) => to / SECOND_MS);
  return {
    filter: filter.sql,
    parameters: { ...filter.parameters, starts, ends, first: starts[0] ?? 0, end: ends.at(-1) ?? 0 },
    days,
    // Where clocks go forward a day may begin and end within a date: it holds its noon.
    dayOfDates: `arrayJoin(arrayDistinct([${[0, 43_200, 86_399].map((second) => `roundDown(toUInt32(greatest(begins + ${second}, {first:UInt32})), {starts:Array(UInt32)})`).join(", ")}]))`,
  };
}

/** By machine and day: how often its dates were written and when last, and one more than the stamp of its sums; 0: there are none. */
function knownSql(query: { readonly machines: Machines; readonly days: readonly number[] }): {
  readonly sql: string;
  readonly parameters: BoundParameters;
} {
  const { filter, parameters, dayOfDates } = spanOf(query);
  return {
    sql: `SELECT machine, day, sum(writes) AS writes, max(stamp) AS stamp, max(last) AS last FROM (
  SELECT machine, ${dayOfDates} AS day, writes, 0 AS stamp, last
  FROM (SELECT machine, toUnixTimestamp(toDateTime(date, 'UTC')) AS begins, sum(writes) AS writes, toUnixTimestamp(max(last)) AS last
    FROM oee.kpi_day_writes
    WHERE ${filter} AND date >= toDate(toDateTime({first:UInt32}, 'UTC')) AND date <= toDate(toDateTime({end:UInt32} - 1, 'UTC'))
    GROUP BY machine, date)
  UNION ALL
  SELECT machine, toUnixTimestamp(from_time) AS day, 0 AS writes, stamp + 1 AS stamp, 0 AS last FROM oee.kpi_days
  WHERE ${filter} AND place = 0 AND from_time >= toDateTime({first:UInt32}, 'UTC') AND from_time < toDateTime({end:UInt32}, 'UTC')
    AND toUnixTimestamp(to_time) = transform(day, {starts:Array(UInt32)}, {ends:Array(UInt32)}, 0)
) WHERE day IN ({starts:Array(UInt32)}) GROUP BY machine, day`,
    parameters,
  };
}

/** The sums first, and then that there are all: a statement that is cut off leaves the days as not summed. */
async function sumSome(transport: Transport, query: DaysQuery, stale: readonly StaleDay[]): Promise<void> {
  const machines = [...new Set(stale.map(({ machine }) => machine))];
  const filter = machineFilter(machines);
  const ends = new Map(daysOf(query).map(({ from, to }) => [from / SECOND_MS, to / SECOND_MS]));
  const starts = [...new Set(stale.map(({ day }) => day))].toSorted((a, b) => a - b);
  const bounds = [...new Set(starts.flatMap((start) => [start, ends.get(start) ?? start]))].toSorted((a, b) => a - b);
  const parameters: BoundParameters = {
    ...filter.parameters,
    staleMachines: stale.map(({ machine }) => machine),
    staleDays: stale.map(({ day }) => day),
    staleWrites: stale.map(({ writes }) => Number(writes)),
    starts,
    ends: starts.map((start) => ends.get(start) ?? start),
    bounds,
    first: starts[0] ?? 0,
    end: bounds.at(-1) ?? 0,
  };
  const days = `(SELECT tupleElement(one, 1) AS machine, tupleElement(one, 2) AS day, tupleElement(one, 3) AS stamp FROM (
  SELECT arrayJoin(arrayZip({staleMachines:Array(String)}, {staleDays:Array(UInt32)}, {staleWrites:Array(UInt64)})) AS one))`;
  const endOf = "toDateTime(transform(day, {starts:Array(UInt32)}, {ends:Array(UInt32)}, 0), 'UTC')";
  await transport.command(
    `INSERT INTO oee.kpi_days (machine, from_time, to_time, place, stamp, product, plant_versions, first_minute, last_minute, ${COLUMNS.join(", ")}, takt_us, cost_per_hour, decimals)
SETTINGS async_insert = 0, max_partitions_per_insert_block = 1300
SELECT machine, toDateTime(day, 'UTC'), ${endOf}, greatest(1, sipHash64(${HEAD.replaceAll(/(takt_us|cost_per_hour)/g, "ifNull(toString($1), '')")})),
  stale.stamp, product, plant_versions, first_minute, last_minute, ${COLUMNS.map((column) => `summed.${column}`).join(", ")}, takt_us, cost_per_hour, decimals
FROM (
  SELECT CAST(machine, 'String') AS machine, roundDown(toUnixTimestamp(minute), {bounds:Array(UInt32)}) AS day, ${HEAD},
    groupUniqArray(plant_version) AS plant_versions, min(minute) AS first_minute, max(minute) AS last_minute, ${COLUMNS.map((column) => `sum(minutes.${column}) AS ${column}`).join(", ")}
  FROM oee.kpi_minutes AS minutes FINAL
  WHERE minute >= toDateTime({first:UInt32}, 'UTC') AND minute < toDateTime({end:UInt32}, 'UTC') AND ${filter.sql}
  GROUP BY machine, day, ${HEAD}
) AS summed INNER JOIN ${days} AS stale USING (machine, day)`,
    parameters,
  );
  await transport.command(
    `INSERT INTO oee.kpi_days (machine, from_time, to_time, place, stamp, sums) SETTINGS async_insert = 0, max_partitions_per_insert_block = 1300
SELECT machine, toDateTime(day, 'UTC'), ${endOf}, 0, stale.stamp, counted.sums FROM ${days} AS stale
LEFT JOIN (
  SELECT CAST(machine, 'String') AS machine, toUnixTimestamp(from_time) AS day, stamp, toUInt32(uniqExact(place)) AS sums FROM oee.kpi_days
  WHERE place != 0 AND from_time >= toDateTime({first:UInt32}, 'UTC') AND from_time < toDateTime({end:UInt32}, 'UTC') AND ${filter.sql}
    AND to_time = transform(day, {starts:Array(UInt32)}, {ends:Array(UInt32)}, 0)
  GROUP BY machine, day, stamp
) AS counted USING (machine, day, stamp)`,
    parameters,
  );
}

function daysOf({ days }: Pick<DaysQuery, "days">): readonly Period[] {
  return days.slice(1).map((to, i) => ({ from: days[i] ?? 0, to }));
}

/** A table to select from, and the parts that it is a union of. */
interface MinutesAndDays {
  readonly sql: string;
  readonly days: string | null;
  readonly minutes: string | null;
  readonly parameters: BoundParameters;
}

/**
 * Rows of `kpi_minutes` in a period, and instead of those of whole days the sums of these, as a table to select from: `at` is
 * when it begins, `first_second` and `last_second` say of which minutes it is (seconds since 1970), `plant_versions` by which
 * plant files these were computed.
 */
export function minutesAndDays(machines: string, { from, to }: Period, summed: readonly SummedDay[]): MinutesAndDays {
  const columns = (versions: string): string => `machine, ${HEAD}, ${versions}, ${COLUMNS.join(", ")}`;
  const inside = summed.filter((day) => day.from >= from && day.to <= to);
  const minutes = (where: string): string =>
    `SELECT ${columns("[plant_version] AS plant_versions")}, shift, shift_date, toUnixTimestamp(minute) AS at, at AS first_second, at AS last_second
  FROM oee.kpi_minutes FINAL WHERE ${where} AND ${machines}`;
  if (inside.length === 0) {
    const sql = minutes("minute >= toDateTime({first:UInt32}, 'UTC') AND minute < toDateTime({end:UInt32}, 'UTC')");
    return {
      ...{ sql, days: null, minutes: sql },
      parameters: { first: from / SECOND_MS, end: to / SECOND_MS },
    };
  }
  const rest: Period[] = [];
  let end = from;
  for (const day of inside) {
    if (day.from > end) rest.push({ from: end, to: day.from });
    end = day.to;
  }
  if (to > end) rest.push({ from: end, to });
  // Of a sum of these days that was made before, rows may be left whose products the newest one lacks.
  const others = inside.filter(({ alone }) => !alone).map((day) => day.from / SECOND_MS);
  const newest = `(machine, from_time, to_time, stamp) IN (
      SELECT machine, from_time, to_time, max(stamp) FROM oee.kpi_days
      WHERE place = 0 AND toUnixTimestamp(from_time) IN ({others:Array(UInt32)}) AND ${machines}
      GROUP BY machine, from_time, to_time)`;
  const days = `SELECT ${columns("plant_versions")}, '' AS shift, '' AS shift_date, toUnixTimestamp(from_time) AS at,
    toUnixTimestamp(first_minute) AS first_second, toUnixTimestamp(last_minute) AS last_second
  FROM oee.kpi_days FINAL
  WHERE place != 0 AND from_time >= toDateTime({firstDay:UInt32}, 'UTC') AND from_time < toDateTime({endDay:UInt32}, 'UTC')
    AND transform(toUnixTimestamp(from_time), {dayStarts:Array(UInt32)}, {dayEnds:Array(UInt32)}, 0) = toUnixTimestamp(to_time) AND ${machines}${others.length === 0 ? "" : `\n    AND (toUnixTimestamp(from_time) NOT IN ({others:Array(UInt32)}) OR ${newest})`}`;
  const spans = rest.map(
    ({ from: first, to: last }) =>
      `(minute >= toDateTime(${first / SECOND_MS}, 'UTC') AND minute < toDateTime(${last / SECOND_MS}, 'UTC'))`,
  );
  const rows = spans.length === 0 ? null : minutes(`(${spans.join(" OR ")})`);
  return {
    ...{ sql: rows === null ? days : `${days}\n  UNION ALL ${rows}`, days, minutes: rows },
    parameters: {
      dayStarts: inside.map((day) => day.from / SECOND_MS),
      dayEnds: inside.map((day) => day.to / SECOND_MS),
      firstDay: (inside[0]?.from ?? 0) / SECOND_MS,
      endDay: (inside.at(-1)?.to ?? 0) / SECOND_MS,
      others,
    },
  };
}

/** A day whose kept sums are others than those of its minutes. */
export interface DaySumThatDiffers {
  readonly machine: string;
  /** UTC, `yyyy-mm-dd hh:mm:ss`. */
  readonly from: string;
  readonly to: string;
  readonly product: string;
  readonly stored: string;
  readonly recomputed: string;
}

/** Days of one statement when all are compared. */
const COMPARED_AT_ONCE = 31;
const DIFFERENCES_MAX = 10_000;

/** Of days whose sums count, those whose minutes come to something else. */
export async function daySumsThatDiffer(transport: Transport): Promise<readonly DaySumThatDiffers[]> {
  const kept = await transport.rows<{ start: number; stop: number }>(
    `SELECT DISTINCT toUnixTimestamp(from_time) AS start, toUnixTimestamp(to_time) AS stop FROM oee.kpi_days WHERE place = 0
ORDER BY start, stop`,
  );
  const differences: DaySumThatDiffers[] = [];
  for (const chain of chainsOf(kept.map(({ start, stop }) => ({ from: start, to: stop })))) {
    for (let i = 0; i < chain.length && differences.length < DIFFERENCES_MAX; i += COMPARED_AT_ONCE) {
      differences.push(...(await compared(transport, chain.slice(i, i + COMPARED_AT_ONCE))));
    }
  }
  return differences.slice(0, DIFFERENCES_MAX);
}

/** Days by start, as lists in which none overlaps another: those of each zone. */
function chainsOf(days: readonly Period[]): readonly (readonly Period[])[] {
  const chains: Period[][] = [];
  for (const day of days) {
    const ends = chains.map((chain) => chain.at(-1)?.to ?? 0);
    const next = ends.includes(day.from) ? ends.indexOf(day.from) : ends.findIndex((end) => end < day.from);
    if (next < 0) chains.push([day]);
    else chains[next]?.push(day);
  }
  return chains;
}

async function compared(transport: Transport, days: readonly Period[]): Promise<readonly DaySumThatDiffers[]> {
  const [starts, ends] = [days.map(({ from }) => from), days.map(({ to }) => to)];
  const key = `machine, day, ${HEAD.replaceAll(/(takt_us|cost_per_hour)/g, "ifNull(toString($1), '') AS $1")}`;
  const sums = `toString(tuple(min(first_second), max(last_second), arraySort(groupUniqArrayArray(plant_versions)), ${COLUMNS.map((column) => `sum(${column})`).join(", ")}))`;
  const [first, end] = [starts[0] ?? 0, ends.at(-1) ?? 0];
  const known = knownSql({ machines: { under: "*" }, days: [...starts, end].map((second) => second * SECOND_MS) });
  const stored = minutesAndDays(
    "1",
    { from: first * SECOND_MS, to: end * SECOND_MS },
    days.map(({ from, to }) => ({ from: from * SECOND_MS, to: to * SECOND_MS, alone: false })),
  );
  const minutes = minutesAndDays("1", { from: first * SECOND_MS, to: end * SECOND_MS }, []);
  return transport.rows<DaySumThatDiffers>(
    `SELECT if(kept.machine = '', made.machine, kept.machine) AS machine, toString(toDateTime(if(kept.day = 0, made.day, kept.day), 'UTC')) AS from,
  toString(toDateTime(transform(if(kept.day = 0, made.day, kept.day), {starts:Array(UInt32)}, {ends:Array(UInt32)}, 0), 'UTC')) AS to,
  if(kept.machine = '', made.product, kept.product) AS product, kept.sums AS stored, made.sums AS recomputed
FROM (SELECT ${key}, ${sums} AS sums FROM (SELECT *, at AS day FROM (${stored.days})) GROUP BY ${HEAD}, machine, day) AS kept
FULL OUTER JOIN (
  SELECT ${key}, ${sums} AS sums FROM (SELECT *, roundDown(at, {bounds:Array(UInt32)}) AS day FROM (${minutes.sql})) GROUP BY ${HEAD}, machine, day
) AS made USING (machine, day, product, takt_us, cost_per_hour, decimals)
WHERE kept.sums != made.sums AND (machine, toUInt32(if(kept.day = 0, made.day, kept.day))) IN (
  SELECT machine, day FROM (${known.sql}) WHERE stamp = writes + 1)
ORDER BY machine, from, product LIMIT ${DIFFERENCES_MAX}`,
    {
      ...stored.parameters,
      ...minutes.parameters,
      ...known.parameters,
      bounds: [...new Set([...starts, ...ends])].toSorted((a, b) => a - b),
    },
  );
}

/** Has the days that the dates (UTC) of a period touch summed again. */
export async function forgetDaySums(transport: Transport, machine: string, { from, to }: Period): Promise<void> {
  await transport.command(
    `INSERT INTO oee.kpi_day_writes (machine, date, writes, last) SETTINGS async_insert = 0, max_partitions_per_insert_block = 1300
SELECT {machine:String}, arrayJoin(arrayMap(day -> toDate(day), range({first:UInt32}, {end:UInt32}))), 1, now('UTC')`,
    { machine, first: Math.floor(from / DAY_MS), end: Math.ceil(to / DAY_MS) },
  );
}
