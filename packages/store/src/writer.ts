/**
 * Writes records in bounded batches, one at a time per table. A call that resolves means that all of it is stored; one
 * that rejects may have stored some of it, and can be repeated as it was: keys and versions make it the same again.
 */
import { type Column, encodeArrow } from "./arrow-column.ts";
import type { Transport } from "./transport.ts";

const BATCH_RECORDS_MAX = 100_000;
const BATCH_TEXT_MAX = 32 * 1024 * 1024;

export async function writeBatches<R>(
  transport: Transport,
  table: string,
  columns: readonly Column<R>[],
  records: readonly R[],
  textLengthOf: (record: R) => number = () => 0,
): Promise<void> {
  const into = `oee.${table} (${columns.map((column) => column.name).join(", ")})`;
  let batch: R[] = [];
  let text = 0;
  for (const record of records) {
    batch.push(record);
    text += textLengthOf(record);
    if (batch.length === BATCH_RECORDS_MAX || text >= BATCH_TEXT_MAX) {
      await transport.insert(into, encodeArrow(columns, batch));
      batch = [];
      text = 0;
    }
  }
  if (batch.length > 0) await transport.insert(into, encodeArrow(columns, batch));
}
