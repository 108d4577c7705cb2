/**
 * Writes records in bounded batches, one at a time per table. A call that resolves means that all of it is stored; one
 * that rejects may have stored some of it, and can be repeated as it was: keys and versions make it the same again.
 */
import { NativeBlock } from "./native-block.ts";
import { type BatchColumn, encodeNative } from "./native-column.ts";
import type { Transport } from "./transport.ts";

/** Each insert is a part that ClickHouse merges with others: few large ones cost it less. */
const BATCH_RECORDS_MAX = 300_000;
const BATCH_TEXT_MAX = 32 * 1024 * 1024;

/** Records whose texts are short. */
export const NO_TEXTS = (): number => 0;

/** `textLengthOf` says how long the texts of the record at a place are; the memory of `block` is used, by one call at a time. */
export async function writeBatches<B extends { readonly length: number }>(
  transport: Transport,
  table: string,
  columns: readonly BatchColumn<B>[],
  records: B & { slice(from: number, to: number): B },
  textLengthOf: (record: number) => number = NO_TEXTS,
  block: NativeBlock = new NativeBlock(),
): Promise<void> {
  const into = `oee.${table} (${columns.map((column) => column.name).join(", ")})`;
  let from = 0;
  let text = 0;
  for (let to = 1; to <= records.length; to++) {
    text += textLengthOf(to - 1);
    if (to < records.length && to - from < BATCH_RECORDS_MAX && text < BATCH_TEXT_MAX) continue;
    const whole = from === 0 && to === records.length;
    await insert(transport, into, columns, whole ? records : records.slice(from, to), block);
    from = to;
    text = 0;
  }
}

async function insert<B extends { readonly length: number }>(
  transport: Transport,
  into: string,
  columns: readonly BatchColumn<B>[],
  records: B,
  block: NativeBlock,
): Promise<void> {
  try {
    await encodeNative(block, columns, records);
    await transport.insert(into, block.pieces);
  } catch (error) {
    // A request that was given up may still be sent.
    block.drop();
    throw error;
  }
  block.clear();
}
