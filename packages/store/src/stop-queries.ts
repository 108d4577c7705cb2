/** Queries of stops: the segments of a period, and their sums by reason, state or machine. */
import type { StopSegment } from "@oee/model";
import type { Period } from "./period.ts";
import { mapGivingWay } from "@oee/pacing";
import { type Machines, machineFilter } from "./machine-filter.ts";
import { STOP_COLUMNS, type StopJson, type StopKey, stopSegmentOf } from "./stop-table.ts";
import { StoreError } from "./store-error.ts";
import type { BoundParameters, Transport } from "./transport.ts";

export const STOPS_PAGE_MAX = 10_000;

export interface StopsQuery {
  readonly machines: Machines;
  /** `[from, to)` in epoch ms; segments that overlap it come whole. */
  readonly period: Period;
  /** 1 to `STOPS_PAGE_MAX`. */
  readonly limit: number;
  /** The last segment of the page before. */
  readonly after?: StopKey;
}

/** A page of stops, by machine (by code points) and time. `next` is the `after` of the following page; `null` on the last. */
export interface StopsPage {
  readonly stops: readonly StopSegment[];
  readonly next: StopKey | null;
}

const OVERLAPS =
  "from_time < fromUnixTimestamp64Milli({to:Int64}, 'UTC') AND to_time > fromUnixTimestamp64Milli({from:Int64}, 'UTC')";

export async function stopsOverlapping(transport: Transport, query: StopsQuery): Promise<StopsPage> {
  if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > STOPS_PAGE_MAX) {
    throw new StoreError("OEE_STORE_INVALID", `limit is ${query.limit}; 1 to ${STOPS_PAGE_MAX} is expected`);
  }
  const filter = machineFilter(query.machines);
  const { after } = query;
  const rows = await transport.rows<StopJson>(
    `SELECT ${STOP_COLUMNS} FROM oee.stops FINAL
WHERE ${filter.sql} AND ${OVERLAPS}
  ${after === undefined ? "" : "AND (machine, from_time) > ({afterMachine:String}, fromUnixTimestamp64Milli({after:Int64}, 'UTC'))"}
ORDER BY machine, from_time LIMIT {limit:UInt32}`,
    {
      ...filter.parameters,
      ...query.period,
      limit: query.limit + 1,
      ...(after === undefined ? {} : { afterMachine: after.machine, after: after.from }),
    },
  );
  const stops = await mapGivingWay(rows.slice(0, query.limit), stopSegmentOf);
  const last = rows.length > query.limit ? stops.at(-1) : undefined;
  return { stops, next: last === undefined ? null : { machine: last.machine, from: last.from } };
}

/**
 * The few segments of many to which a condition applies, by machine and time. Their keys are found first, so that most columns are
 * not read of the others; of a key that has several versions the newest counts, so that only a key may be looked up before (`PREWHERE`).
 */
export async function fewSegments(
  transport: Transport,
  where: string,
  parameters: BoundParameters,
  max: number,
): Promise<StopJson[]> {
  return transport.rows<StopJson>(
    `SELECT ${STOP_COLUMNS} FROM oee.stops FINAL PREWHERE (machine, from_time) IN (
  SELECT machine, from_time FROM oee.stops FINAL WHERE ${where} LIMIT ${max + 1}) ORDER BY machine, from_time`,
    parameters,
  );
}

/** Sums of stops, and stops that are to be cut, in one answer. */
const PARETO_ROWS_MAX = 250_000;

export type ParetoKey = "reason" | "state" | "machine";

export interface ParetoBar {
  /** `null` where it is not asked for; `reason` also where there is none. */
  readonly reason: string | null;
  readonly state: string | null;
  readonly machine: string | null;
  readonly minor: boolean;
  /** Those with scheduled time (PA-1). */
  readonly segments: number;
  readonly scheduledDurationMs: bigint;
}

export interface Pareto {
  /** Sums of the segments that lie in the period whole, and are over. */
  readonly bars: readonly ParetoBar[];
  /** Those that cross its start or end, to be cut with the calendar by the caller, or go on: at most three per machine. */
  readonly crossing: readonly StopSegment[];
}

export async function paretoOfStops(
  transport: Transport,
  query: { readonly machines: Machines; readonly period: Period; readonly by: readonly ParetoKey[] },
): Promise<Pareto> {
  const filter = machineFilter(query.machines);
  const parameters = { ...filter.parameters, ...query.period };
  const inside =
    "from_time >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND to_time <= fromUnixTimestamp64Milli({to:Int64}, 'UTC') AND NOT open";
  const keys = [...query.by, "minor"].join(", ");
  const bars = await transport.rows<{
    reason?: string;
    state?: string;
    machine?: string;
    minor: boolean;
    segments: string;
    scheduled: string;
  }>(
    `SELECT ${keys}, countIf(scheduled_duration_ms > 0) AS segments, sum(scheduled_duration_ms) AS scheduled
FROM oee.stops FINAL WHERE ${filter.sql} AND ${inside} GROUP BY ${keys} ORDER BY scheduled DESC, ${keys} LIMIT ${PARETO_ROWS_MAX + 1}`,
    parameters,
  );
  const across = `${filter.sql} AND ${OVERLAPS} AND NOT (${inside})`;
  const crossing = await fewSegments(transport, across, parameters, PARETO_ROWS_MAX);
  if (bars.length > PARETO_ROWS_MAX || crossing.length > PARETO_ROWS_MAX) {
    throw new StoreError("OEE_STORE_TOO_LARGE", `the answer is made of more than ${PARETO_ROWS_MAX} sums or stops`);
  }
  return {
    bars: await mapGivingWay(bars, (bar) => ({
      reason: bar.reason || null,
      state: bar.state ?? null,
      machine: bar.machine ?? null,
      minor: bar.minor,
      segments: Number(bar.segments),
      scheduledDurationMs: BigInt(bar.scheduled),
    })),
    crossing: await mapGivingWay(crossing, stopSegmentOf),
  };
}

export interface LackingStop {
  readonly machine: string;
  /** Scheduled time (ms) of the stop so far; of an open one with the time since its last word. */
  readonly scheduledMs: number;
  /** Its segments that have scheduled time and no reason, or a vague one. */
  readonly lacking: number;
}

/** Stops of a period, minor ones aside, of which segments lack a reason; `vague`: reasons that are none. */
export async function stopsThatLackReasons(
  transport: Transport,
  query: { readonly machines: Machines; readonly period: Period; readonly vague: readonly string[] },
): Promise<LackingStop[]> {
  const filter = machineFilter(query.machines);
  const [from, to] = ["from", "to"].map((name) => `fromUnixTimestamp64Milli({${name}:Int64}, 'UTC')`);
  const rows = await transport.rows<{ machine: string; scheduled: string; lacking: string }>(
    `SELECT machine, sum(scheduled_duration_ms + if(open, greatest(0, {to:Int64} - toUnixTimestamp64Milli(to_time)), 0)) AS scheduled,
  countIf((reason = '' OR reason IN ({vague:Array(String)})) AND (scheduled_duration_ms > 0 OR open)) AS lacking
FROM oee.stops FINAL
WHERE ${filter.sql} AND from_time < ${to} AND (to_time > ${from} OR open) AND NOT minor
GROUP BY machine, stop HAVING lacking > 0 ORDER BY machine, stop LIMIT 100000`,
    { ...filter.parameters, ...query.period, vague: [...query.vague] },
  );
  return rows.map(({ machine, scheduled, lacking }) => ({
    machine,
    scheduledMs: Number(scheduled),
    lacking: Number(lacking),
  }));
}
