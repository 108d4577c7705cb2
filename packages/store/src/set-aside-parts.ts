/**
 * Finds parts of tables that ClickHouse has detached because it could not read them. It does so silently when it opens a
 * damaged data folder; their rows are missing from every answer.
 */
import type { Transport } from "./transport.ts";

export interface PartSetAside {
  readonly table: string;
  readonly part: string;
  /** ClickHouse's word for why, such as `broken-on-start`. */
  readonly reason: string;
  /** Where its files are. */
  readonly path: string;
}

/** Parts detached with a reason; a part that an operator detached by hand has none, and is left out. */
export function partsSetAside(transport: Transport): Promise<PartSetAside[]> {
  return transport.rows<PartSetAside>(
    `SELECT table, name AS part, reason, path FROM system.detached_parts
WHERE database = 'oee' AND startsWith(reason, 'broken') OR database = 'oee' AND reason IN ('noquorum', 'unexpected')
ORDER BY table, name LIMIT 1000`,
  );
}
