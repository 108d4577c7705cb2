/**
 * Answers as an Arrow IPC stream: texts are Utf8, instants timestamps of milliseconds in UTC, numbers Float64 (whole
 * ones are exact), flags Bool. A batch holds a bounded number of records, so that any length can be written.
 */
import {
  AsyncByteQueue,
  Bool,
  type Data,
  type DataType,
  Field,
  Float64,
  makeData,
  RecordBatch,
  RecordBatchStreamWriter,
  Schema,
  Struct,
  TimestampMillisecond,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import type { Column } from "./columns.ts";

const BATCH_RECORDS_MAX = 4096;

export function* arrowOf<R>(records: Iterable<R>, columns: readonly Column<R>[]): Iterable<Uint8Array> {
  const schema = new Schema(
    columns.map((column) => new Field(column.name, typeOf(column), column.kind === "text" || column.kind === "number")),
  );
  const sink = new Pieces();
  const writer = new RecordBatchStreamWriter();
  writer.reset(sink, schema);
  let batch: R[] = [];
  for (const record of records) {
    batch.push(record);
    if (batch.length < BATCH_RECORDS_MAX) continue;
    writer.write(recordBatchOf(batch, columns, schema));
    yield* sink.take();
    batch = [];
  }
  if (batch.length > 0) writer.write(recordBatchOf(batch, columns, schema));
  writer.finish();
  yield* sink.take();
}

/** Keeps what the writer writes until it is taken. */
class Pieces extends AsyncByteQueue {
  #pieces: Uint8Array[] = [];

  override write(piece: Uint8Array): void {
    if (piece.byteLength > 0) this.#pieces.push(piece);
  }

  take(): Uint8Array[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    return pieces;
  }
}

function typeOf<R>(column: Column<R>): DataType {
  switch (column.kind) {
    case "text":
      return new Utf8();
    case "instant":
      return new TimestampMillisecond("UTC");
    case "number":
      return new Float64();
    case "flag":
      return new Bool();
  }
}

function recordBatchOf<R>(records: readonly R[], columns: readonly Column<R>[], schema: Schema): RecordBatch {
  const children = columns.map((column, i): Data => {
    const type = schema.fields[i]?.type ?? typeOf(column);
    const values: unknown[] = records.map((record) => column.of(record));
    return vectorFromArray(values, type).data[0] ?? makeData({ type: new Utf8() });
  });
  return new RecordBatch(schema, makeData({ type: new Struct(schema.fields), length: records.length, children }));
}
