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

/** Small enough that a batch is made in a few milliseconds. */
const BATCH_RECORDS_MAX = 512;

export function* arrowOf<R>(records: Iterable<R>, columns: readonly Column<R>[]): Iterable<Uint8Array> {
  const stream = new ArrowStream(columns);
  for (const record of records) yield* stream.add(record);
  yield* stream.end();
}

/** An Arrow stream that is written batch by batch; each call returns the bytes that are ready. */
export class ArrowStream<R> {
  readonly #columns: readonly Column<R>[];
  readonly #schema: Schema;
  readonly #sink = new Pieces();
  readonly #writer = new RecordBatchStreamWriter();
  #batch: R[] = [];

  constructor(columns: readonly Column<R>[]) {
    this.#columns = columns;
    this.#schema = new Schema(
      columns.map(
        (column) => new Field(column.name, typeOf(column), column.kind === "text" || column.kind === "number"),
      ),
    );
    this.#writer.reset(this.#sink, this.#schema);
  }

  add(record: R): readonly Uint8Array[] {
    this.#batch.push(record);
    if (this.#batch.length < BATCH_RECORDS_MAX) return NOTHING;
    this.#write();
    return this.#sink.take();
  }

  end(): readonly Uint8Array[] {
    if (this.#batch.length > 0) this.#write();
    this.#writer.finish();
    return this.#sink.take();
  }

  #write(): void {
    this.#writer.write(recordBatchOf(this.#batch, this.#columns, this.#schema));
    this.#batch = [];
  }
}

const NOTHING: readonly Uint8Array[] = [];

/** Holds the writer's bytes until they are taken. */
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
