/**
 * Queries of stored events for a recompute (DI-1): the events of a span in log order or by instant, and the last events
 * before it. Repeats (CN-4) are left out.
 */
import type { PlantEvent } from "@oee/model";
import type { EventRecord } from "./event-record.ts";
import { EVENT_SELECTION, type EventJson, eventRecordOf } from "./event-table.ts";
import { jsonLines } from "./json-lines.ts";
import type { Period } from "./period.ts";
import { eventsExpireBefore } from "./retention.ts";
import { StoreError } from "./store-error.ts";
import type { Transport } from "./transport.ts";

export type EventType = PlantEvent["type"];

export interface EventsQuery {
  readonly machine: string;
  /** Epoch ms; `[from, to)` of `at`, open where missing. */
  readonly from?: number;
  readonly to?: number;
  /** Types of events to read; all when missing. */
  readonly types?: readonly EventType[];
  /** By place in the log, or by instant (`at`) and then by place in the log. Default: `log`. */
  readonly order?: "log" | "time";
}

export const EVENTS_BEFORE_MAX = 10_000;
/** After any minute that is stored (epoch s). */
const LATEST_S = Date.UTC(2100, 0, 1) / 1_000;

/** Any number of events, in batches. The place in the log is topic, partition, offset and place in the record. */
export async function* storedEvents(transport: Transport, query: EventsQuery): AsyncGenerator<EventRecord[]> {
  const { from, to, types } = query;
  const conditions = ["machine = {machine:String}", "NOT is_repeat"];
  if (from !== undefined) conditions.push("at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')");
  if (to !== undefined) conditions.push("at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')");
  if (types !== undefined) conditions.push("type IN ({types:Array(String)})");
  const readable = await transport.stream(
    `SELECT ${EVENT_SELECTION} FROM oee.events FINAL WHERE ${conditions.join(" AND ")}
ORDER BY ${query.order === "time" ? "at, " : ""}topic, partition, offset, record_index`,
    {
      machine: query.machine,
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(types === undefined ? {} : { types }),
    },
    "JSONEachRow",
  );
  yield* jsonLines(readable, "read events", (line) => eventRecordOf(JSON.parse(line)));
}

/** The last `limit` events of those types with `at` before an instant; the latest (by `at`, then log order) first. */
export async function eventsBefore(
  transport: Transport,
  query: {
    readonly machine: string;
    readonly types: readonly EventType[];
    readonly before: number;
    readonly limit: number;
  },
): Promise<EventRecord[]> {
  if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > EVENTS_BEFORE_MAX) {
    throw new StoreError("OEE_STORE_INVALID", `limit is ${query.limit}; 1 to ${EVENTS_BEFORE_MAX} is expected`);
  }
  return lastEvents(transport, "type IN ({types:Array(String)})", { ...query });
}

export interface IdsQuery {
  readonly machines: readonly string[];
  /** Epoch ms; events of before are not looked at. */
  readonly since: number;
  /** Events of this partition at this offset or behind it do not count. */
  readonly before: { readonly topic: string; readonly partition: number; readonly offset: number };
  readonly limit: number;
}

/**
 * By machine, the ids of the last `limit` events that have one and are no repeats, in the order of the log. Events of another
 * partition than that of `before` are taken for older: machines were dealt anew, or the log began anew.
 */
export async function lastIds(transport: Transport, query: IdsQuery): Promise<Map<string, string[]>> {
  const { machines, since, limit, before } = query;
  const rows = await transport.rows<{ machine: string; id: string }>(
    `SELECT machine, id FROM oee.events FINAL
WHERE machine IN ({machines:Array(String)}) AND at >= fromUnixTimestamp64Milli({since:Int64}, 'UTC') AND NOT is_repeat AND id <> ''
  AND NOT (topic = {topic:String} AND partition = {partition:Int32} AND offset >= {offset:Int64})
ORDER BY if(topic = {topic:String} AND partition = {partition:Int32}, {newest:Int64}, toUnixTimestamp64Milli(received_at)) DESC, offset DESC, record_index DESC
LIMIT {limit:UInt32} BY machine`,
    { machines, since, limit, ...before, newest: Number.MAX_SAFE_INTEGER },
  );
  const ids = new Map<string, string[]>();
  for (const { machine, id } of rows.toReversed()) {
    const known = ids.get(machine);
    if (known === undefined) ids.set(machine, [id]);
    else known.push(id);
  }
  return ids;
}

/** By quantity; `null`: there is none. */
export interface TotalsBefore {
  readonly good: EventRecord | null;
  readonly scrap: EventRecord | null;
  readonly rework: EventRecord | null;
  readonly produced: EventRecord | null;
}

/** For each quantity, the last `total` event before an instant, from which later totals are counted (CN-2). */
export async function totalsBefore(
  transport: Transport,
  query: { readonly machine: string; readonly before: number },
): Promise<TotalsBefore> {
  const last = async (quantity: string): Promise<EventRecord | null> => {
    const given = "type = 'total' AND JSONType(raw, 'total', {quantity:String}) NOT IN ('Null')";
    return (await lastEvents(transport, given, { ...query, quantity, limit: 1 }))[0] ?? null;
  };
  const [good, scrap, rework, produced] = await Promise.all(["good", "scrap", "rework", "produced"].map(last));
  return { good: good ?? null, scrap: scrap ?? null, rework: rework ?? null, produced: produced ?? null };
}

/** The first instants (epoch ms) of what is stored of a machine; `null`: nothing is. */
export interface HistoryStart {
  readonly row: number | null;
  /** The first raw event that is no correction. */
  readonly event: number | null;
  /** Raw events before this may be gone; `null`: they are kept for ever. */
  readonly expiresBefore: number | null;
  /**
   * The first state or count where rows of before it say more than corrections do: raw events of before it are gone, whatever the
   * retention is now; `Infinity`: all are. `null`: none is.
   */
  readonly keptFrom: number | null;
}

/** What rows have by states and counts alone; jobs stay for ever, and calendars plan stops. */
const TOLD = ["run_time_ms", "minor_stop_time_ms", "unplanned_stop_time_ms", "setup_time_ms"]
  .concat(["good_count", "scrap_count", "rework_count"])
  .map((column) => `${column} != 0`)
  .join(" OR ");

/** `corrected`: the spans of the machine's corrections. */
export async function historyStart(
  transport: Transport,
  machine: string,
  corrected: readonly Period[],
): Promise<HistoryStart> {
  const first = async (table: string, time: string, condition: string): Promise<number | null> => {
    const [row] = await transport.rows<{ first: string }>(
      `SELECT toUnixTimestamp64Milli(toDateTime64(${time}, 3)) AS first FROM oee.${table} FINAL
WHERE machine = {machine:String}${condition} ORDER BY machine, ${time} LIMIT 1`,
      { machine },
    );
    return row === undefined ? null : Number(row.first);
  };
  const [row, event, kept, expiresBefore] = await Promise.all([
    first("kpi_minutes", "minute", ""),
    first("events", "at", " AND type <> 'correction'"),
    first("events", "at", " AND type IN ('state', 'count', 'total')"),
    eventsExpireBefore(transport),
  ]);
  const before = await transport.rows(
    `SELECT 1 FROM oee.kpi_minutes FINAL
WHERE machine = {machine:String} AND minute < toDateTime({end:UInt32}, 'UTC') AND (${TOLD})
  AND NOT arrayExists((a, b) -> a < toUnixTimestamp(minute) + 60 AND toUnixTimestamp(minute) < b, {starts:Array(Int64)}, {ends:Array(Int64)})
LIMIT 1`,
    {
      machine,
      end: kept === null ? LATEST_S : Math.max(0, Math.floor(kept / 60_000) * 60),
      starts: corrected.map(({ from }) => Math.floor(from / 1_000)),
      ends: corrected.map(({ to }) => Math.ceil(to / 1_000)),
    },
  );
  return { row, event, expiresBefore, keptFrom: before.length === 0 ? null : (kept ?? Infinity) };
}

async function lastEvents(
  transport: Transport,
  condition: string,
  parameters: {
    readonly machine: string;
    readonly before: number;
    readonly limit: number;
    readonly types?: readonly string[];
    readonly quantity?: string;
  },
): Promise<EventRecord[]> {
  const rows = await transport.rows<EventJson>(
    `SELECT ${EVENT_SELECTION} FROM oee.events FINAL
WHERE machine = {machine:String} AND at < fromUnixTimestamp64Milli({before:Int64}, 'UTC') AND NOT is_repeat AND ${condition}
ORDER BY at DESC, topic DESC, partition DESC, offset DESC, record_index DESC LIMIT {limit:UInt32}`,
    { ...parameters },
  );
  return rows.map(eventRecordOf);
}
