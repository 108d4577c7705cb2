/**
 * Retracts rows, stops and doubted totals of a span that a recompute did not write again. The recompute's rows are written first.
 * Then every record of the span with an older version is marked deleted under the new one. Those that were deleted already are
 * marked too, so that nothing of the span keeps an earlier owner's version. Running it twice changes nothing more.
 */
import type { Stamp } from "./kpi-minute-table.ts";
import type { Transport } from "./transport.ts";

/** `[from, to)` of one machine, in epoch ms. */
export interface Span {
  readonly machine: string;
  readonly from: number;
  readonly to: number;
}

export async function retractRows(transport: Transport, span: Span, stamp: Stamp): Promise<void> {
  await retract(
    transport,
    "kpi_minutes",
    ["machine", "minute", "product", "shift", "shift_date"],
    "minute",
    span,
    stamp,
  );
}

export async function retractStops(transport: Transport, span: Span, stamp: Stamp): Promise<void> {
  await retract(transport, "stops", ["machine", "from_time"], "from_time", span, stamp);
}

export async function retractDoubts(transport: Transport, span: Span, stamp: Stamp): Promise<void> {
  await retract(transport, "doubted_totals", ["machine", "at", "quantity"], "at", span, stamp);
}

async function retract(
  transport: Transport,
  table: string,
  keys: readonly string[],
  time: string,
  span: Span,
  stamp: Stamp,
): Promise<void> {
  const key = keys.join(", ");
  await transport.command(
    `INSERT INTO oee.${table} (${key}, plant_version, version, deleted) SETTINGS async_insert = 0
SELECT ${key}, {plantVersion:String}, {newVersion:UInt64}, 1 FROM oee.${table}
WHERE machine = {machine:String} AND ${time} >= fromUnixTimestamp64Milli({from:Int64}, 'UTC')
  AND ${time} < fromUnixTimestamp64Milli({to:Int64}, 'UTC')
GROUP BY ${key} HAVING max(version) < {newVersion:UInt64}`,
    { ...span, plantVersion: stamp.plantVersion, newVersion: String(stamp.version) },
  );
}
