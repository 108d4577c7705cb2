/**
 * How long each table keeps its rows; for ever unless told otherwise. Raw events are what history can be computed again
 * from: where they are gone, stored minutes and stops stay as they are, and nothing may be computed in their place. Job
 * events stay for ever: one may be in force long after the others of its time are gone, and later minutes need its product.
 */
import { StoreError } from "./store-error.ts";
import type { Transport } from "./transport.ts";

/** Days by table; `null` keeps for ever, a table not named is left as it is. */
export interface Retention {
  readonly events?: number | null;
  readonly kpi_minutes?: number | null;
  readonly stops?: number | null;
}

export const RETENTION_DAYS_MAX = 36_500;

/** By table the column that expires, and whose retention it has: sums of days go with their first minute, doubted totals with theirs. */
const EXPIRING = [
  { table: "events", kept: "events", column: "at" },
  { table: "kpi_minutes", kept: "kpi_minutes", column: "minute" },
  { table: "kpi_days", kept: "kpi_minutes", column: "from_time" },
  { table: "doubted_totals", kept: "kpi_minutes", column: "at" },
  { table: "stops", kept: "stops", column: "to_time" },
] as const;

/** As ClickHouse writes it. */
const JOBS_STAY = " WHERE type != 'job'";

export async function applyRetention(
  transport: Transport,
  cluster: string | null,
  retention: Retention,
): Promise<void> {
  const onCluster = cluster === null ? "" : `ON CLUSTER \`${cluster}\``;
  for (const { table, kept, column } of EXPIRING) {
    const days = retention[kept];
    if (days === undefined) continue;
    if (days !== null && (!Number.isInteger(days) || days < 1 || days > RETENTION_DAYS_MAX)) {
      throw new StoreError(
        "OEE_STORE_INVALID",
        `retention of ${table} is ${days}; 1 to ${RETENTION_DAYS_MAX} whole days are expected`,
      );
    }
    const stay = table === "events" ? JOBS_STAY : "";
    const wanted = days === null ? null : `toDateTime(${column}) + toIntervalDay(${days})${stay}`;
    const inForce = await expiryOf(transport, table);
    // Naming the same again would have the server rewrite all of the table at each start.
    if (wanted === inForce) continue;
    const change = wanted === null ? "REMOVE TTL" : `MODIFY TTL ${wanted}`;
    await transport.command(`ALTER TABLE oee.${table} ${onCluster} ${change}`);
  }
}

/** Before which instant (epoch ms) raw events other than jobs may be gone by the table's TTL, also one set by hand; `null`: none are. */
export async function eventsExpireBefore(transport: Transport): Promise<number | null> {
  const expiry = await expiryOf(transport, "events");
  if (expiry === null) return null;
  const interval = /^(?:toDateTime\(at\)|toDate\(at\)|at) \+ (toInterval[A-Z][a-z]+\(\d+\))(?: WHERE .*)?$/.exec(
    expiry,
  )?.[1];
  if (interval === undefined) {
    throw new StoreError(
      "OEE_STORE_INVALID",
      `table events has TTL ${expiry}; toDateTime(at) + INTERVAL n DAY is expected, as --retention-events sets it`,
    );
  }
  const [row] = await transport.rows<{ before: string }>(
    `SELECT toUnixTimestamp(toDateTime(now(), 'UTC') - ${interval}) * 1000 AS before`,
  );
  return Number(row?.before);
}

/** The table's TTL as ClickHouse writes it, or `null`. */
async function expiryOf(transport: Transport, table: string): Promise<string | null> {
  const [row] = await transport.rows<{ expiry: string }>(
    "SELECT extract(engine_full, ' TTL (.*?)(?: SETTINGS .*)?$') AS expiry FROM system.tables WHERE database = 'oee' AND name = {table:String}",
    { table },
  );
  return row === undefined || row.expiry === "" ? null : row.expiry;
}
