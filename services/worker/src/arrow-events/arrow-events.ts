/** Events in Arrow IPC, compressed or not: those of a record's value, or of a file or stream one batch after the other. */
import type { FileHandle } from "node:fs/promises";
import { RecordBatchReader, tableFromIPC } from "apache-arrow";
import { arrowEventRows } from "./arrow-rows.ts";
import { allowInflated } from "./compressed.ts";

/** What the compressed columns of one record may become. */
const RECORD_INFLATED_BYTES_MAX = 64 << 20;
/** And those of one batch of a file, which is in memory whole. */
const BATCH_INFLATED_BYTES_MAX = 1 << 30;

/** Columns without values have rows that take no bytes: a small record can claim any number. */
const RECORD_ROWS_MAX = 1_000_000;
const BATCH_ROWS_MAX = 20_000_000;

function expectRows(found: number, max: number): void {
  if (found > max) throw new Error(`found ${found} rows, expected at most ${max}`);
}

/** The rows of a whole stream; `null` where it has no columns. Throws Error where it is damaged, or grows too large. */
export function arrowEvents(stream: Uint8Array): readonly object[] | null {
  allowInflated(RECORD_INFLATED_BYTES_MAX);
  try {
    const { schema, batches } = tableFromIPC(stream);
    expectRows(
      batches.reduce((sum, { numRows }) => sum + numRows, 0),
      RECORD_ROWS_MAX,
    );
    return schema.fields.length === 0 ? null : batches.flatMap((batch) => [...arrowEventRows(batch)]);
  } catch (error) {
    throw told(error);
  }
}

/** The rows of each batch of a file or of chunks, in order. Throws as `arrowEvents` does. */
export async function* arrowEventBatches(
  source: FileHandle | AsyncIterable<Uint8Array>,
): AsyncGenerator<Iterable<object>> {
  allowInflated(BATCH_INFLATED_BYTES_MAX);
  try {
    const reader = "read" in source ? RecordBatchReader.from(source) : RecordBatchReader.from(source);
    for await (const batch of await reader) {
      expectRows(batch.numRows, BATCH_ROWS_MAX);
      yield arrowEventRows(batch);
      allowInflated(BATCH_INFLATED_BYTES_MAX);
    }
  } catch (error) {
    throw told(error);
  }
}

/** What apache-arrow cannot read is told with what can be done about it. */
function told(error: unknown): unknown {
  if (!/RunEndEncoded/.test(String(error))) return error;
  return new Error(
    "found run-end encoded columns, expected plain ones or dictionaries (pyarrow.compute.run_end_decode)",
    {
      cause: error,
    },
  );
}
