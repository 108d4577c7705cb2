/**
 * How long each table keeps its rows; for ever unless told otherwise. Raw events are what history can be computed again
 * from: where they are gone, stored minutes and stops stay as they are.
 */
import { StoreError } from "./store-error.ts";
import type { Transport } from "./transport.ts";

/** Days by table; `null` keeps for ever, a table not named is left as it is. */
export interface Retention {
  readonly events?: number | null;
  readonly kpi_minutes?: number | null;
  readonly stops?: number | null;
}

const TIME_COLUMNS = { events: "at", kpi_minutes: "minute", stops: "to_time" } as const;

export async function applyRetention(
  transport: Transport,
  cluster: string | null,
  retention: Retention,
): Promise<void> {
  const onCluster = cluster === null ? "" : `ON CLUSTER \`${cluster}\``;
  for (const table of ["events", "kpi_minutes", "stops"] as const) {
    const days = retention[table];
    if (days === undefined) continue;
    if (days === null) {
      const [row] = await transport.rows<{ limited: number }>(
        "SELECT position(create_table_query, ' TTL ') > 0 AS limited FROM system.tables WHERE database = 'oee' AND name = {table:String}",
        { table },
      );
      if (row?.limited === 1) await transport.command(`ALTER TABLE oee.${table} ${onCluster} REMOVE TTL`);
      continue;
    }
    if (!Number.isInteger(days) || days < 1 || days > 36_500) {
      throw new StoreError("OEE_STORE_INVALID", `retention of ${table} is ${days}; 1 to 36500 whole days are expected`);
    }
    const expires = `toDateTime(${TIME_COLUMNS[table]}) + INTERVAL ${days} DAY`;
    await transport.command(`ALTER TABLE oee.${table} ${onCluster} MODIFY TTL ${expires}`);
  }
}
