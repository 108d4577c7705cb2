/** Stored rows, newest versions only, on their way out: any of the tables that people read, in a format of ClickHouse. */
import type { Readable } from "node:stream";
import type { Period } from "./component-sums.ts";
import { jsonLines } from "./json-lines.ts";
import { STORED_ROW_COLUMNS, type StoredRow, storedRowOf } from "./kpi-minute-table.ts";
import { type Machines, machineFilter } from "./machine-filter.ts";
import { StoreError } from "./store-error.ts";
import type { ExportFormat, Transport } from "./transport.ts";

const TABLES = {
  events: { time: "at", order: "machine, at, topic, partition, offset, record_index" },
  kpi_minutes: { time: "minute", order: "machine, minute, product, shift, shift_date" },
  stops: { time: "from_time", order: "machine, from_time" },
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

/** Rows with the columns of the table's `_final` view, in order of machine and time. */
export async function exportTable(transport: Transport, query: ExportQuery): Promise<Readable> {
  const { time, order } = TABLES[query.table];
  const { sql, parameters } = spanOf(query.machines, query.period, time);
  return transport.stream(
    `SELECT * FROM oee.${query.table}_final WHERE ${sql} ORDER BY ${order}`,
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
