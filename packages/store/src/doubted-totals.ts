/** Doubted totals (CN-8) in `doubted_totals`, keyed by machine, instant and quantity. */
import type { DoubtedTotal } from "@oee/model";
import { type Column, flagNumbers, instants, names, versions } from "./native-column.ts";
import { type StampOf, stampsOf } from "./kpi-minute-table.ts";
import { type Machines, machineFilter } from "./machine-filter.ts";
import type { Period } from "./period.ts";
import type { Transport } from "./transport.ts";

/** Names a stored one. */
export type DoubtKey = Pick<DoubtedTotal, "machine" | "at" | "quantity">;

export function doubtColumns(stamp: StampOf): readonly Column<DoubtedTotal>[] {
  const stampOf = stampsOf(stamp);
  return [
    names("machine", (total) => total.machine),
    instants("at", (total) => total.at),
    names("quantity", (total) => total.quantity),
    names("plant_version", (total) => stampOf(total).plantVersion),
    versions("version", (total) => stampOf(total).version),
    flagNumbers("deleted", (total) => !total.doubted),
  ];
}

interface DoubtsQuery {
  readonly machines: Machines;
  readonly period: Period;
}

/** Those in force in a period, by machine, instant and quantity. */
export async function doubtedTotals(transport: Transport, query: DoubtsQuery): Promise<DoubtedTotal[]> {
  const filter = machineFilter(query.machines);
  const rows = await transport.rows<{ machine: string; at_ms: string; quantity: DoubtedTotal["quantity"] }>(
    `SELECT machine, toUnixTimestamp64Milli(at) AS at_ms, quantity FROM oee.doubted_totals FINAL
WHERE ${within(filter.sql)} ORDER BY machine, at, quantity`,
    { ...filter.parameters, ...query.period },
  );
  return rows.map(({ machine, at_ms, quantity }) => ({ machine, at: Number(at_ms), quantity, doubted: true }));
}

/** How many are in force in a period. */
export async function countDoubts(transport: Transport, query: DoubtsQuery): Promise<number> {
  const filter = machineFilter(query.machines);
  const [row] = await transport.rows<{ count: string }>(
    `SELECT count() AS count FROM oee.doubted_totals FINAL WHERE ${within(filter.sql)}`,
    { ...filter.parameters, ...query.period },
  );
  return Number(row?.count ?? 0);
}

function within(machines: string): string {
  return `${machines} AND at >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND at < fromUnixTimestamp64Milli({to:Int64}, 'UTC')`;
}
