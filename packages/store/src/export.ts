/** Exports the rows of a table, newest versions only, in a format of ClickHouse. */
import type { Readable } from "node:stream";
import type { Period } from "./period.ts";
import { jsonLines } from "./json-lines.ts";
import { STORED_ROW_COLUMNS, type StoredRow, storedRowOf } from "./kpi-minute-table.ts";
import { type Machines, machineFilter } from "./machine-filter.ts";
import { StoreError } from "./store-error.ts";
import type { ExportFormat, Transport } from "./transport.ts";

const TABLES = {
  events: { columns: "*", time: "at", order: "topic, partition, offset, record_index" },
  // As ClickHouse keeps minutes, Arrow would give them as plain numbers of seconds.
  kpi_minutes: {
    columns: "* REPLACE (toDateTime64(minute, 3, 'UTC') AS minute)",
    time: "minute",
    order: "product, shift, shift_date",
  },
  stops: { columns: "*", time: "from_time", order: "to_time" },
} as const;

export type ExportTable = keyof typeof TABLES;

/** A server takes these parameters in the address of a request, which is limited. */
const MACHINES_TEXT_MAX = 200_000;

export interface ExportQuery {
  readonly table: ExportTable;
  readonly machines: Machines;
  /** Epoch ms; rows whose start lies in it. */
  readonly period: Period;
  readonly format: ExportFormat;
}

/**
 * Rows with the columns of the table's `_final` view, in order of machine and time. Instants are timestamps of
 * milliseconds in UTC, as texts RFC 3339; what is missing is null, in CSV empty.
 */
export async function exportTable(transport: Transport, query: ExportQuery): Promise<Readable> {
  const { columns, time, order } = TABLES[query.table];
  const { sql, parameters } = spanOf(query.machines, query.period, `stored.${time}`);
  return transport.stream(
    `SELECT ${columns} FROM oee.${query.table}_final AS stored WHERE ${sql} ORDER BY machine, stored.${time}, ${order}`,
    parameters,
    query.format,
  );
}

/** Stored rows of components, in batches, in order of machine, minute, product, shift and shift date. */
export async function* storedRows(
  transport: Transport,
  query: { readonly machines: Machines; readonly period: Period },
): AsyncGenerator<StoredRow[]> {
  const { sql, parameters } = spanOf(query.machines, query.period, "minute");
  const readable = await transport.stream(
    `SELECT ${STORED_ROW_COLUMNS} FROM oee.kpi_minutes AS stored FINAL WHERE ${sql.replaceAll("minute", "stored.minute")}
ORDER BY machine, stored.minute, product, shift, shift_date`,
    parameters,
    "JSONEachRow",
  );
  yield* jsonLines(readable, "read stored rows", (line) => storedRowOf(JSON.parse(line)));
}

function spanOf(machines: Machines, period: Period, time: string): ReturnType<typeof machineFilter> {
  if (Array.isArray(machines) && machines.join().length > MACHINES_TEXT_MAX) {
    throw new StoreError(
      "OEE_STORE_INVALID",
      `${machines.length} machines are too many to name here; name their scope`,
    );
  }
  const filter = machineFilter(machines);
  const span = `${time} >= fromUnixTimestamp64Milli({from:Int64}, 'UTC') AND ${time} < fromUnixTimestamp64Milli({to:Int64}, 'UTC')`;
  return { sql: `${filter.sql} AND ${span}`, parameters: { ...filter.parameters, ...period } };
}
