/**
 * Finds rows, stops and doubted totals whose newest version lies in given spans, retracted ones included: after a crash a worker looks for
 * lost versions by it.
 */
import type { DoubtKey } from "./doubted-totals.ts";
import { type Machines, machineFilter } from "./machine-filter.ts";
import type { StopKey } from "./stop-table.ts";
import { StoreError } from "./store-error.ts";
import type { Transport } from "./transport.ts";

/** Versions between two, neither of them included. */
export interface VersionSpan {
  readonly after: bigint;
  readonly before: bigint;
}

export interface WrittenQuery {
  readonly machines: Machines;
  readonly within: readonly VersionSpan[];
}

/** Names a stored row. `from` is the start of its minute in epoch ms. */
export interface RowKey {
  readonly machine: string;
  readonly from: number;
  readonly product: string | null;
  readonly shift: string | null;
  readonly shiftDate: string | null;
}

export interface KeysWritten {
  readonly rows: readonly RowKey[];
  readonly stops: readonly StopKey[];
  readonly doubts: readonly DoubtKey[];
}

/** Where what was written within the spans begins, by machine (epoch ms); a machine of which nothing was is missing. */
export async function oldestWritten(transport: Transport, query: WrittenQuery): Promise<Map<string, number>> {
  const oldest = new Map<string, number>();
  const tables = [
    { from: "toInt64(toUnixTimestamp(minute)) * 1000", keys: lastOfRows(query) },
    { from: "toUnixTimestamp64Milli(from_time)", keys: lastOfStops(query) },
    { from: "toUnixTimestamp64Milli(at)", keys: lastOfDoubts(query) },
  ];
  for (const { from, keys } of tables) {
    const rows = await transport.rows<{ machine: string; oldest: string }>(
      `SELECT machine, min(${from}) AS oldest FROM (${keys.sql}) GROUP BY machine`,
      keys.parameters,
    );
    for (const row of rows) {
      oldest.set(row.machine, Math.min(oldest.get(row.machine) ?? Infinity, Number(row.oldest)));
    }
  }
  return oldest;
}

/** All of their keys: of machines of which `oldestWritten` has told that they are few. */
export async function keysWritten(transport: Transport, query: WrittenQuery): Promise<KeysWritten> {
  const ofRows = lastOfRows(query);
  const ofStops = lastOfStops(query);
  const ofDoubts = lastOfDoubts(query);
  const rows = await transport.rows<{
    machine: string;
    at: number;
    product: string;
    shift: string;
    shift_date: string;
  }>(
    `SELECT machine, toUnixTimestamp(minute) AS at, product, shift, shift_date FROM (${ofRows.sql})`,
    ofRows.parameters,
  );
  const stops = await transport.rows<{ machine: string; at: string }>(
    `SELECT machine, toUnixTimestamp64Milli(from_time) AS at FROM (${ofStops.sql})`,
    ofStops.parameters,
  );
  const doubts = await transport.rows<{ machine: string; ms: string; quantity: DoubtKey["quantity"] }>(
    `SELECT machine, toUnixTimestamp64Milli(at) AS ms, quantity FROM (${ofDoubts.sql})`,
    ofDoubts.parameters,
  );
  return {
    rows: rows.map((row) => ({
      machine: row.machine,
      from: row.at * 1000,
      product: row.product || null,
      shift: row.shift || null,
      shiftDate: row.shift_date || null,
    })),
    stops: stops.map(({ machine, at }) => ({ machine, from: Number(at) })),
    doubts: doubts.map(({ machine, ms, quantity }) => ({ machine, at: Number(ms), quantity })),
  };
}

/** The greatest version under which something of these machines is stored, also what was taken back; 0 where nothing is. */
export async function newestVersion(transport: Transport, machines: Machines): Promise<bigint> {
  const { sql, parameters } = machineFilter(machines);
  const [row] = await transport.rows<{ newest: string }>(
    `SELECT max(newest) AS newest FROM (
  SELECT max(version) AS newest FROM oee.kpi_minutes WHERE ${sql}
  UNION ALL SELECT max(version) AS newest FROM oee.stops WHERE ${sql}
  UNION ALL SELECT max(version) AS newest FROM oee.doubted_totals WHERE ${sql})`,
    parameters,
  );
  return BigInt(row?.newest ?? 0);
}

/** Whether anything of these machines is stored under this version or a greater one; the first that is found ends the search. */
export async function isStoredFrom(transport: Transport, machines: Machines, version: bigint): Promise<boolean> {
  const { sql, parameters } = machineFilter(machines);
  for (const table of ["kpi_minutes", "stops", "doubted_totals"]) {
    const found = await transport.rows(
      `SELECT 1 AS found FROM oee.${table} WHERE ${sql} AND version >= ${version} LIMIT 1`,
      parameters,
    );
    if (found.length > 0) return true;
  }
  return false;
}

function lastOfRows(query: WrittenQuery): ReturnType<typeof machineFilter> {
  return lastOf(query, "kpi_minutes", "machine, minute, product, shift, shift_date");
}

function lastOfStops(query: WrittenQuery): ReturnType<typeof machineFilter> {
  return lastOf(query, "stops", "machine, from_time");
}

function lastOfDoubts(query: WrittenQuery): ReturnType<typeof machineFilter> {
  return lastOf(query, "doubted_totals", "machine, at, quantity");
}

/** The keys whose newest version lies within the spans. */
function lastOf({ machines, within }: WrittenQuery, table: string, keys: string): ReturnType<typeof machineFilter> {
  const [first] = within;
  if (first === undefined) throw new StoreError("OEE_STORE_INVALID", "no versions are given; one span is expected");
  const filter = machineFilter(machines);
  const oldest = within.reduce((least, { after }) => (after < least ? after : least), first.after);
  const inside = within.map(({ after, before }) => `(newest > ${after} AND newest < ${before})`).join(" OR ");
  return {
    sql: `SELECT ${keys} FROM (
  SELECT ${keys}, max(version) AS newest FROM oee.${table} WHERE ${filter.sql} AND version > ${oldest}
  GROUP BY ${keys} SETTINGS optimize_aggregation_in_order = 1) WHERE ${inside}`,
    parameters: filter.parameters,
  };
}
