/**
 * Writes records in bounded batches, one at a time per table. A call that resolves means that all of it is stored; one
 * that rejects may have stored some of it, and can be repeated as it was: keys and versions make it the same again.
 */
import { type BatchColumn, encodeArrow } from "./arrow-column.ts";
import type { Transport } from "./transport.ts";

/** Each insert is a part that ClickHouse merges with others: few large ones cost it less. */
const BATCH_RECORDS_MAX = 300_000;
const BATCH_TEXT_MAX = 32 * 1024 * 1024;

/** `textLengthOf` says how long the texts of the record at a place are. */
export async function writeBatches<B extends { readonly length: number }>(
  transport: Transport,
  table: string,
  columns: readonly BatchColumn<B>[],
  records: B & { slice(from: number, to: number): B },
  textLengthOf: (record: number) => number = () => 0,
): Promise<void> {
  const into = `oee.${table} (${columns.map((column) => column.name).join(", ")})`;
  let from = 0;
  let text = 0;
  for (let to = 1; to <= records.length; to++) {
    text += textLengthOf(to - 1);
    if (to < records.length && to - from < BATCH_RECORDS_MAX && text < BATCH_TEXT_MAX) continue;
    const whole = from === 0 && to === records.length;
    await transport.insert(into, await encodeArrow(columns, whole ? records : records.slice(from, to)));
    from = to;
    text = 0;
  }
}
