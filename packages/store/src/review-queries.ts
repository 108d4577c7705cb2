/** What a review asks of stored stops and events besides sums: the longest stops, who was heard of, corrections, positions. */
import type { StopSegment } from "@oee/model";
import type { Period } from "./period.ts";
import { minutesAndDays, summedDays } from "./day-sums.ts";
import type { EventRecord } from "./event-record.ts";
import { EVENT_SELECTION, type EventJson, eventRecordOf } from "./event-table.ts";
import { type Machines, machineFilter } from "./machine-filter.ts";
import { STOP_COLUMNS, type StopJson, stopSegmentOf } from "./stop-table.ts";
import { StoreError } from "./store-error.ts";
import type { Transport } from "./transport.ts";

export interface MachinesInPeriod {
  readonly machines: Machines;
  readonly period: Period;
}

/** Segments in one answer. */
const SEGMENTS_MAX = 100_000;
const EVENTS_MAX = 200_000;
const STATES_MAX = 1_000_000;
const DAY_MS = 24 * 3_600_000;
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
  const [from, to] = ["from", "to"].map((name) => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`);
  const overlaps = `${filter.sql} AND from_time < ${to} AND to_time > ${from} AND NOT minor AND scheduled_duration_ms > 0`;
  const crosses = `(from_time < ${from} OR to_time > ${to} OR open)`;
  const rows = await transport.rows<StopJson>(
    `SELECT ${STOP_COLUMNS} FROM oee.stops FINAL WHERE ${overlaps} AND (machine, stop) IN (
  SELECT machine, stop FROM oee.stops FINAL WHERE ${overlaps} AND ${crosses} GROUP BY machine, stop
  UNION ALL SELECT machine, stop FROM (
    SELECT machine, stop FROM oee.stops FINAL WHERE ${overlaps} GROUP BY machine, stop HAVING countIf(${crosses}) = 0
    ORDER BY sum(scheduled_duration_ms) DESC, machine, min(from_time) LIMIT {limit:UInt32})
) ORDER BY machine, from_time LIMIT ${SEGMENTS_MAX + 1}`,
    { ...filter.parameters, ...period, limit },
  );
  if (rows.length > SEGMENTS_MAX) {
    throw new StoreError("OEE_STORE_TOO_LARGE", `the longest stops have more than ${SEGMENTS_MAX} segments`);
  }
  return rows.map(stopSegmentOf);
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

/** How many events of machines, corrections and repeats aside, are of before an instant and came at another or later (epoch ms). */
export async function eventsAfter(
  transport: Transport,
  { machines, before, since }: { readonly machines: Machines; readonly before: number; readonly since: number },
): Promise<number> {
  const filter = machineFilter(machines);
  const [row] = await transport.rows<{ events: string }>(
    `SELECT uniqExact(topic, partition, offset, record_index) AS events FROM oee.events
WHERE ${filter.sql} AND at < fromUnixTimestamp64Milli({before:Int64}, 'UTC')
  AND received_at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') AND type != 'correction' AND NOT is_repeat`,
    { ...filter.parameters, before, since },
  );
  return Number(row?.events ?? 0);
}

/** All corrections of machines, by place in the log. */
export async function corrections(transport: Transport, machines: Machines): Promise<EventRecord[]> {
  const filter = machineFilter(machines);
  const rows = await transport.rows<EventJson>(
    `SELECT ${EVENT_SELECTION} FROM oee.events FINAL WHERE ${filter.sql} AND type = 'correction' AND NOT is_repeat
ORDER BY topic, partition, offset, record_index LIMIT ${EVENTS_MAX + 1}`,
    filter.parameters,
  );
  if (rows.length <= EVENTS_MAX) return rows.map(eventRecordOf);
  throw new StoreError("OEE_STORE_TOO_LARGE", `there are more than ${EVENTS_MAX} corrections`);
}

/** State events of machines from an instant on, and of each the last so many before it; by instant and place in the log. */
export async function stateEvents(
  transport: Transport,
  { machines, from, before }: { readonly machines: Machines; readonly from: number; readonly before: number },
): Promise<EventRecord[]> {
  const filter = machineFilter(machines);
  const since = "fromUnixTimestamp64Milli({from:Int64}, 'UTC')";
  const ofThem = `${filter.sql} AND type = 'state' AND NOT is_repeat`;
  const parameters = { ...filter.parameters, from, before };
  const earlier = await transport.rows<EventJson>(
    `SELECT ${EVENT_SELECTION} FROM oee.events FINAL WHERE ${ofThem} AND at < ${since}
ORDER BY machine, at DESC, topic DESC, partition DESC, offset DESC, record_index DESC LIMIT {before:UInt32} BY machine`,
    parameters,
  );
  const later = await transport.rows<EventJson>(
    `SELECT ${EVENT_SELECTION} FROM oee.events FINAL WHERE ${ofThem} AND at >= ${since}
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

/** Of each local day of a zone, how many machines there were whose ideal time was longer than the time they ran: their ideal cycle is wrong (P-4). */
export async function periodsAbove1(
  transport: Transport,
  { machines, periods }: { readonly machines: readonly string[]; readonly periods: readonly Period[] },
  daysRestS: number,
): Promise<number> {
  const [first, last] = [periods[0], periods.at(-1)];
  if (first === undefined || last === undefined) return 0;
  const filter = machineFilter(machines);
  const starts = [...periods.map(({ from }) => from), last.to];
  const from = minutesAndDays(
    filter.sql,
    { from: first.from, to: last.to },
    await summedDays(transport, { machines, days: starts }, daysRestS),
  );
  const [row] = await transport.rows<{ count: string }>(
    `SELECT count() AS count FROM (
  SELECT machine, roundDown(at, {bounds:Array(UInt32)}) AS period,
    sum(ideal_time_us) AS ideal, sum(run_time_ms + minor_stop_time_ms) AS operating
  FROM (${from.sql})
  GROUP BY machine, period HAVING operating > 0 AND ideal > 1000 * operating)`,
    { ...filter.parameters, ...from.parameters, bounds: starts.map((start) => start / 1000) },
  );
  return Number(row?.count ?? 0);
}
