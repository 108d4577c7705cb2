/** Events in Arrow IPC, compressed or not: those of a record's value, or of a file or stream one batch after the other. */
import type { FileHandle } from "node:fs/promises";
import { DataType, type RecordBatch, RecordBatchReader, type Schema } from "apache-arrow";
import { arrowEventRows } from "./arrow-rows.ts";
import { ArrowTexts } from "./arrow-texts.ts";
import { TextRoom } from "./text-room.ts";
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

/** The rows of a whole stream, whose texts lie in `room`; `null` where it has no columns. Throws Error where it is damaged, or grows too large. */
export function arrowEvents(stream: Uint8Array, room: TextRoom = new TextRoom()): ArrowTexts | null {
  allowInflated(RECORD_INFLATED_BYTES_MAX);
  const rows = new ArrowTexts(room);
  let batches = 0;
  try {
    const reader = RecordBatchReader.from(stream).open();
    // The reader forgets it at its end; bytes that are no stream have none.
    const schema = reader.schema as Schema | undefined;
    for (const batch of reader) {
      expectRows(rows.length + batch.numRows, RECORD_ROWS_MAX);
      rows.add(batch);
      batches++;
    }
    return schema === undefined || schema.fields.length === 0 ? null : rows;
  } catch (error) {
    throw explained(error, batches);
  }
}

/** The rows of each batch of a file or of chunks, in order; before them `onSchema`. Throws as `arrowEvents` does. */
export async function* arrowEventBatches(
  source: FileHandle | AsyncIterable<Uint8Array>,
  onSchema: (schema: Schema) => void,
): AsyncGenerator<Iterable<object>> {
  allowInflated(BATCH_INFLATED_BYTES_MAX);
  let batches = 0;
  try {
    const reader = await ("read" in source ? RecordBatchReader.from(source) : RecordBatchReader.from(source));
    await reader.open();
    onSchema(reader.schema);
    for await (const batch of reader) {
      expectRows(batch.numRows, BATCH_ROWS_MAX);
      yield rowsOf(batch, batches);
      batches++;
      allowInflated(BATCH_INFLATED_BYTES_MAX);
    }
  } catch (error) {
    throw explained(error, batches);
  }
}

/** The columns whose timestamps say what clocks showed, not in which time zone. */
export function columnsWithoutZone({ fields }: Schema): readonly string[] {
  return fields.flatMap(({ name, type }) => (DataType.isTimestamp(type) && !type.timezone ? [name] : []));
}

function* rowsOf(batch: RecordBatch, before: number): Iterable<object> {
  try {
    yield* arrowEventRows(batch);
  } catch (error) {
    throw explained(error, before);
  }
}

/** The messages that are passed on as they are: ours, and apache-arrow's about lengths. Its others name its own insides. */
const SENTENCES = /^(found|expected|Expected to read|the compressed columns)/;

class Explained extends Error {}

/** An error of apache-arrow as a sentence: what was found, what is expected, and where. `batches` is the number that were read before. */
function explained(error: unknown, batches: number): unknown {
  if (error instanceof Explained || (error instanceof Error && "code" in error)) return error;
  const where = batches === 0 ? "the schema or the first record batch" : `record batch ${batches + 1}`;
  const message = error instanceof Error ? error.message : String(error);
  const sentence = /RunEndEncoded/.test(message)
    ? "found run-end encoded columns, expected plain ones or dictionaries (pyarrow.compute.run_end_decode)"
    : SENTENCES.test(message)
      ? `${message.replace(/\.$/, "")}, in ${where}`
      : `found ${where} damaged or cut short, expected it to be as its lengths and its schema say`;
  return new Explained(sentence, { cause: error });
}
