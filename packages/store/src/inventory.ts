/** Lists what is stored of each machine, known to the plant file or not, so that `oee verify` can tell what it has not checked. */
import { type Machines, machineFilter } from "./machine-filter.ts";
import type { Period } from "./period.ts";
import type { Transport } from "./transport.ts";

export interface Inventory {
  /** Rows of the period, the newest version of each key. */
  readonly rows: number;
  /** Segments of stops that begin in it. */
  readonly stops: number;
  /** Where the oldest of them begins, and the newest (epoch ms). */
  readonly first: number;
  readonly last: number;
  /** Digests of the plant files that they were computed with. */
  readonly plantVersions: ReadonlySet<string>;
}

/** By machine; those of which nothing is stored in the period are missing. */
export async function inventory(
  transport: Transport,
  query: { readonly machines: Machines; readonly period: Period },
): Promise<Map<string, Inventory>> {
  const filter = machineFilter(query.machines);
  const found = new Map<string, Inventory>();
  for (const [table, time] of [
    ["kpi_minutes", "toDateTime64(minute, 3, 'UTC')"],
    ["stops", "from_time"],
  ] as const) {
    const rows = await transport.rows<{
      machine: string;
      stored: string;
      first: string;
      last: string;
      versions: string[];
    }>(
      `SELECT machine, count() AS stored, toUnixTimestamp64Milli(min(${time})) AS first,
  toUnixTimestamp64Milli(max(${time})) AS last, groupUniqArray(toString(plant_version)) AS versions
FROM oee.${table} FINAL WHERE ${filter.sql} AND ${time} >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
  AND ${time} < fromUnixTimestamp64Milli({to:Int64}, 'UTC') GROUP BY machine ORDER BY machine`,
      { ...filter.parameters, ...query.period },
    );
    for (const row of rows) {
      const before = found.get(row.machine);
      found.set(row.machine, {
        rows: table === "stops" ? (before?.rows ?? 0) : Number(row.stored),
        stops: table === "stops" ? Number(row.stored) : 0,
        first: Math.min(before?.first ?? Infinity, Number(row.first)),
        last: Math.max(before?.last ?? -Infinity, Number(row.last)),
        plantVersions: new Set([...(before?.plantVersions ?? []), ...row.versions]),
      });
    }
  }
  return found;
}
