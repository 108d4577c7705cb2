/** What a review asks of stored stops and events besides sums: the longest stops, who was heard of, corrections, positions. */
import { compareCodePoints, type StopSegment } from "@oee/model";
import type { Period } from "./period.ts";
import { askDays, type DaySumsPolicy, minutesAndDays, type SummedDay } from "./day-sums.ts";
import type { EventRecord } from "./event-record.ts";
import { EVENT_SELECTION, type EventJson, eventRecordOf } from "./event-table.ts";
import { type Machines, machineFilter } from "./machine-filter.ts";
import { STOP_COLUMNS, type StopJson, stopSegmentOf } from "./stop-table.ts";
import { StoreError } from "./store-error.ts";
import type { BoundParameters, Transport } from "./transport.ts";

export interface MachinesInPeriod {
  readonly machines: Machines;
  readonly period: Period;
}

/** Segments in one answer. */
const SEGMENTS_MAX = 100_000;
const EVENTS_MAX = 200_000;
const STATES_MAX = 1_000_000;
/** Keys of segments in one question: a parameter has at most 128 KiB. */
const KEYS_TOGETHER = 500;
const DAY_MS = 24 * 3_600_000;
/** Events before an instant are looked for so far back first: most machines have some there. */
const LOOK_BACK_MS = 31 * DAY_MS;
const SILENCES_MAX = 100_000;

/**
 * The segments in a period, minor ones aside, of all stops that can be among the longest so many of it: the longest as they
 * are, and those that cross its ends or go on, whose time in it the caller's calendar has to tell.
 */
export async function longestStops(
  transport: Transport,
  { machines, period, limit }: MachinesInPeriod & { readonly limit: number },
): Promise<StopSegment[]> {
  const filter = machineFilter(machines);
  const parameters = { ...filter.parameters, ...period, limit };
  const [from, to] = ["from", "to"].map((name) => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`);
  // Segments that touch another may be of one stop with it; most stand alone, and their stops need not be named.
  const segments = `SELECT machine, from_time, scheduled_duration_ms AS scheduled, NOT minor AND scheduled > 0 AS counts,
    from_time < ${from} OR to_time > ${to} OR open AS crosses,
    lagInFrame(to_time, 1) OVER near = from_time OR leadInFrame(from_time, 1) OVER near = to_time AS touches
  FROM oee.stops FINAL WHERE ${filter.sql} AND from_time < ${to} AND to_time > ${from}
  WINDOW near AS (PARTITION BY machine ORDER BY from_time ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)`;
  const alone = await transport.rows<{ machine: string; begins: string }>(
    `SELECT machine, toUnixTimestamp64Milli(from_time) AS begins FROM (${segments}) WHERE counts AND NOT crosses AND NOT touches
ORDER BY scheduled DESC, machine, from_time LIMIT {limit:UInt32}`,
    parameters,
  );
  const joined = await transport.rows<{ machine: string; begins: string[] }>(
    `SELECT machine, groupArray(toUnixTimestamp64Milli(from_time)) AS begins, max(from_time < ${from} OR to_time > ${to} OR open) AS crosses
FROM oee.stops FINAL PREWHERE (machine, from_time) IN (SELECT machine, from_time FROM (${segments}) WHERE counts AND (crosses OR touches))
GROUP BY machine, stop
ORDER BY sum(scheduled_duration_ms) DESC, machine, min(from_time) LIMIT {limit:UInt32} BY if(crosses, concat(machine, stop), '')`,
    parameters,
  );
  const keys = [...alone, ...joined.flatMap(({ machine, begins }) => begins.map((one) => ({ machine, begins: one })))];
  const rows: StopJson[] = [];
  for (let i = 0; i < keys.length; i += KEYS_TOGETHER) {
    const some = keys.slice(i, i + KEYS_TOGETHER);
    const found = await transport.rows<StopJson>(
      `SELECT ${STOP_COLUMNS} FROM oee.stops FINAL
PREWHERE (machine, toUnixTimestamp64Milli(from_time)) IN (SELECT arrayJoin(arrayZip({ofMachines:Array(String)}, {starts:Array(Int64)})))
  AND from_time < ${to}`,
      {
        ...parameters,
        ofMachines: some.map(({ machine }) => machine),
        starts: some.map(({ begins }) => Number(begins)),
      },
    );
    for (const row of found) rows.push(row);
    if (rows.length > SEGMENTS_MAX) break;
  }
  if (rows.length > SEGMENTS_MAX) {
    throw new StoreError("OEE_STORE_TOO_LARGE", `the longest stops have more than ${SEGMENTS_MAX} segments`);
  }
  return rows.map(stopSegmentOf).sort((a, b) => compareCodePoints(a.machine, b.machine) || a.from - b.from);
}

/**
 * The machines of which an event that is no correction lies in the period. Of a day or more the days' first and last events
 * tell it, so that it is known of times whose raw events are gone too.
 */
export async function machinesSeen(transport: Transport, { machines, period }: MachinesInPeriod): Promise<Set<string>> {
  const filter = machineFilter(machines);
  const [from, to] = ["from", "to"].map((name) => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`);
  const isLong = period.to - period.from >= DAY_MS;
  const rows = await transport.rows<{ machine: string }>(
    isLong
      ? // Every day that the period overlaps has its first or its last millisecond in it.
        `SELECT machine FROM oee.asset_days WHERE ${filter.sql} AND declared = 1
  AND date >= toDate(${from}) AND date <= toDate(${to})
GROUP BY machine, date HAVING min(first) < ${to} AND max(last) >= ${from}`
      : `SELECT machine FROM oee.events
WHERE ${filter.sql} AND at >= ${from} AND at < ${to} AND type != 'correction' AND NOT is_repeat GROUP BY machine`,
    { ...filter.parameters, ...period },
  );
  return new Set(rows.map(({ machine }) => machine));
}

export interface SilenceOf {
  readonly machine: string;
  readonly at: number;
  /** `null`: no event came after it. */
  readonly next: number | null;
}

/** Events of a period, corrections aside, after which none came for longer than so long (ms), by machine and time. */
export async function silences(
  transport: Transport,
  { machines, period, longerThanMs }: MachinesInPeriod & { readonly longerThanMs: number },
): Promise<SilenceOf[]> {
  const filter = machineFilter(machines);
  const rows = await transport.rows<{ machine: string; at_ms: string; next_ms: string }>(
    `SELECT machine, at_ms, next_ms FROM (
  SELECT machine, toUnixTimestamp64Milli(at) AS at_ms,
    leadInFrame(at_ms, 1, -1) OVER (PARTITION BY machine ORDER BY at_ms ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS next_ms
  FROM oee.events WHERE ${filter.sql} AND type != 'correction' AND NOT is_repeat
    AND at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND at < fromUnixTimestamp64Milli({to:Int64}, 'UTC'))
WHERE next_ms < 0 OR next_ms - at_ms > {longer:Int64} ORDER BY machine, at_ms LIMIT ${SILENCES_MAX + 1}`,
    { ...filter.parameters, ...period, longer: longerThanMs },
  );
  if (rows.length > SILENCES_MAX) {
    throw new StoreError("OEE_STORE_TOO_LARGE", `machines were silent more than ${SILENCES_MAX} times`);
  }
  return rows.map(({ machine, at_ms, next_ms }) => ({
    machine,
    at: Number(at_ms),
    next: Number(next_ms) < 0 ? null : Number(next_ms),
  }));
}

/** When machines were first and last heard of (epoch ms), corrections aside; those that never were are missing. */
export async function machinesHeard(
  transport: Transport,
  machines: Machines,
): Promise<Map<string, { readonly first: number; readonly last: number }>> {
  const filter = machineFilter(machines);
  const rows = await transport.rows<{ machine: string; first_ms: string; last_ms: string }>(
    `SELECT machine, toUnixTimestamp64Milli(min(first)) AS first_ms, toUnixTimestamp64Milli(max(last)) AS last_ms
FROM oee.asset_days WHERE ${filter.sql} AND declared = 1 GROUP BY machine`,
    filter.parameters,
  );
  return new Map(
    rows.map(({ machine, first_ms, last_ms }) => [machine, { first: Number(first_ms), last: Number(last_ms) }]),
  );
}

/** Events of before an instant that came at another or later (epoch ms), repeats aside. */
export interface EventsAfter {
  readonly machines: Machines;
  readonly before: number;
  readonly since: number;
  /** With corrections, of whatever time; else none of them. */
  readonly corrections?: boolean;
}

/** How many there are. */
export async function eventsAfter(
  transport: Transport,
  { machines, before, since, corrections: withThem = false }: EventsAfter,
): Promise<number> {
  const filter = machineFilter(machines);
  const isBefore = `at < fromUnixTimestamp64Milli({before:Int64}, 'UTC')`;
  const asked = withThem ? `(type = 'correction' OR ${isBefore})` : `type != 'correction' AND ${isBefore}`;
  const [row] = await transport.rows<{ events: string }>(
    `SELECT uniqExact(topic, partition, offset, record_index) AS events FROM oee.events
WHERE ${filter.sql} AND ${asked}
  AND received_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') AND NOT is_repeat`,
    { ...filter.parameters, before, since },
  );
  return Number(row?.events ?? 0);
}

/** Events of a period that arrived more than `lateMs` after they happened, corrections and repeats aside. */
export interface LateQuery extends MachinesInPeriod {
  readonly lateMs: number;
  /** Epoch ms. */
  readonly after: number;
  /** No more are counted: an import of history makes all events of a period late ones. */
  readonly countMax: number;
}

/**
 * How many there are, and how many of them arrived at `after` or later; of more than `countMax` so many, and `after` is `null`. The index
 * `late_by_ms` finds them: of events that came in time little is read.
 */
export async function lateEvents(
  transport: Transport,
  { machines, period, lateMs, after, countMax }: LateQuery,
): Promise<{ readonly count: number; readonly after: number | null }> {
  const filter = machineFilter(machines);
  const [row] = await transport.rows<{ late: string; late_after: string }>(
    `SELECT count() AS late, countIf(received_at >= fromUnixTimestamp64Milli({after:Int64}, 'UTC')) AS late_after
FROM (
  SELECT DISTINCT topic, partition, offset, record_index, received_at FROM oee.events
  WHERE ${filter.sql} AND at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
    AND toUnixTimestamp64Milli(received_at) - toUnixTimestamp64Milli(at) > {lateMs:Int64}
    AND type != 'correction' AND NOT is_repeat
  LIMIT {countMax:UInt32} + 1
)`,
    { ...filter.parameters, from: period.from, to: period.to, lateMs, after, countMax },
  );
  const count = Number(row?.late ?? 0);
  return count > countMax ? { count: countMax, after: null } : { count, after: Number(row?.late_after ?? 0) };
}

/** All corrections of machines, by place in the log. */
export async function corrections(transport: Transport, machines: Machines): Promise<EventRecord[]> {
  const filter = machineFilter(machines);
  const rows = await transport.rows<EventJson>(
    `SELECT ${EVENT_SELECTION} FROM oee.events FINAL PREWHERE ${filter.sql} AND type = 'correction' WHERE NOT is_repeat
ORDER BY topic, partition, offset, record_index LIMIT ${EVENTS_MAX + 1}`,
    filter.parameters,
  );
  if (rows.length <= EVENTS_MAX) return rows.map(eventRecordOf);
  throw new StoreError("OEE_STORE_TOO_LARGE", `there are more than ${EVENTS_MAX} corrections`);
}

/** State events of machines from an instant on and before another, and of each the last so many before; by instant and place in the log. */
export async function stateEvents(
  transport: Transport,
  {
    machines,
    from,
    to,
    before,
  }: { readonly machines: Machines; readonly from: number; readonly to: number; readonly before: number },
): Promise<EventRecord[]> {
  const filter = machineFilter(machines);
  const begins = "fromUnixTimestamp64Milli({from:Int64}, 'UTC')";
  // An event written again is the same one: what does not concern it can be left out before it is looked for.
  const states = (machinesToo: string): string => `PREWHERE type = 'state' AND ${machinesToo} WHERE NOT is_repeat`;
  const parameters = { ...filter.parameters, from, to, before };
  const lastBefore = (machinesToo: string, since: number, more: BoundParameters = {}): Promise<EventJson[]> =>
    transport.rows<EventJson>(
      `SELECT ${EVENT_SELECTION} FROM oee.events FINAL ${states(machinesToo)}
  AND at < ${begins} AND at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC')
ORDER BY machine, at DESC, topic DESC, partition DESC, offset DESC, record_index DESC LIMIT {before:UInt32} BY machine`,
      { ...parameters, ...more, since },
    );
  const earlier = before === 0 ? [] : await lastBefore(filter.sql, Math.max(0, from - LOOK_BACK_MS));
  if (before > 0 && !("under" in machines)) {
    const heard = new Set(earlier.map(({ machine }) => machine));
    const others = machineFilter(machines.filter((machine) => !heard.has(machine)));
    if (others.sql !== "0") {
      for (const event of await lastBefore(others.sql, 0, others.parameters)) earlier.push(event);
    }
  }
  const later = await transport.rows<EventJson>(
    `SELECT ${EVENT_SELECTION} FROM oee.events FINAL ${states(filter.sql)} AND at >= ${begins} AND at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
ORDER BY machine, at, topic, partition, offset, record_index LIMIT ${STATES_MAX + 1}`,
    parameters,
  );
  if (later.length > STATES_MAX) {
    throw new StoreError("OEE_STORE_TOO_LARGE", `the answer is made of more than ${STATES_MAX} state events`);
  }
  return [...earlier.toReversed(), ...later].map(eventRecordOf);
}

/** By partition of a topic, one past the greatest offset of a stored event: the store reflects all before it. */
export async function storedPositions(transport: Transport, topic: string): Promise<Map<number, number>> {
  const rows = await transport.rows<{ partition: number; next: string }>(
    "SELECT partition, max(offset) + 1 AS next FROM oee.events WHERE topic = {topic:String} GROUP BY partition ORDER BY partition",
    { topic },
  );
  return new Map(rows.map(({ partition, next }) => [partition, Number(next)]));
}

/** By machine, in how many of some days its ideal time was longer than the time it ran: its ideal cycle is wrong (P-4). Those without any are missing. */
export async function periodsAbove1(
  transport: Transport,
  { machines, periods }: { readonly machines: readonly string[]; readonly periods: readonly Period[] },
  policy: DaySumsPolicy,
): Promise<Map<string, number>> {
  const [first, last] = [periods[0], periods.at(-1)];
  if (first === undefined || last === undefined) return new Map();
  const filter = machineFilter(machines);
  const starts = [...periods.map(({ from }) => from), last.to];
  const ask = (summed: readonly SummedDay[]): Promise<{ machine: string; count: string }[]> => {
    const from = minutesAndDays(filter.sql, { from: first.from, to: last.to }, summed);
    return transport.rows(
      `SELECT machine, count() AS count FROM (
  SELECT machine, roundDown(at, {bounds:Array(UInt32)}) AS period,
    sum(ideal_time_us) AS ideal, sum(run_time_ms + minor_stop_time_ms) AS operating
  FROM (${from.sql})
  GROUP BY machine, period HAVING operating > 0 AND ideal > 1000 * operating)
GROUP BY machine ORDER BY machine`,
      { ...filter.parameters, ...from.parameters, bounds: starts.map((start) => start / 1000) },
    );
  };
  const rows = await askDays(transport, { machines, days: starts }, policy, ask);
  return new Map(rows.map(({ machine, count }) => [machine, Number(count)]));
}
