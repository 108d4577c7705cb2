/**
 * Records as they are handed over: one buffer and three index columns for a whole batch, nothing per record. A reader
 * that parses `bytes` between `valueStart(i)` and `valueEnd(i)` allocates nothing; `keyAt`, `valueAt` and `headersAt` make
 * views on demand. The buffer belongs to the batch and is not written to again, so views may be kept, but by a
 * consumer that reads with `keepsNothing`; they keep the whole of it alive. What cannot be read comes as a batch of its own, without records.
 */
import type { UnreadableBatch } from "./unreadable.ts";
import { Cursor } from "./varint.ts";

const NO_HEADERS: Readonly<Record<string, Buffer>> = Object.freeze({});

/** Where a record's parts are: key start and end, value start and end, headers; a start of -1 is null. */
export const SPAN_STRIDE = 5;

export interface RecordColumns {
  readonly bytes: Buffer;
  readonly length: number;
  readonly offsets: Float64Array;
  /** Epoch milliseconds: when the producer made the record, or the log took it. */
  readonly timestamps: Float64Array;
  readonly spans: Int32Array;
}

export class RecordBatch {
  readonly topic: string;
  readonly partition: number;
  readonly length: number;
  readonly bytes: Buffer;
  /** One past the last offset that this batch covers: what to commit when it is done. */
  readonly nextOffset: number;
  /** One past the newest offset of the partition when this batch was read. */
  readonly highWatermark: number;
  /** Null, unless there are no records since they cannot be read. */
  readonly unreadable: UnreadableBatch | null;
  /** The end of the partition for a reader then: less than `highWatermark` while a producer's transaction is open. */
  readonly readableEnd: number;
  /**
   * Gives the memory of the batch back: called once it was delivered to a reader that keeps nothing of it; `null`: it
   * is the batch's own.
   */
  giveBack: (() => void) | null = null;
  readonly #offsets: Float64Array;
  readonly #timestamps: Float64Array;
  readonly #spans: Int32Array;

  constructor(
    topic: string,
    partition: number,
    columns: RecordColumns,
    nextOffset: number,
    highWatermark: number,
    unreadable: UnreadableBatch | null = null,
    readableEnd: number = highWatermark,
  ) {
    this.topic = topic;
    this.partition = partition;
    this.length = columns.length;
    this.bytes = columns.bytes;
    this.nextOffset = nextOffset;
    this.highWatermark = highWatermark;
    this.unreadable = unreadable;
    this.readableEnd = readableEnd;
    this.#offsets = columns.offsets;
    this.#timestamps = columns.timestamps;
    this.#spans = columns.spans;
  }

  /** The first offset that this batch has something to say of. */
  get firstOffset(): number {
    return this.unreadable?.offset ?? (this.length > 0 ? this.offsetAt(0) : this.nextOffset);
  }

  /** Number of records after this batch, as known when it was read. */
  get lag(): number {
    return Math.max(0, this.highWatermark - this.nextOffset);
  }

  offsetAt(index: number): number {
    return this.#offsets[index] as number;
  }

  timestampAt(index: number): number {
    return this.#timestamps[index] as number;
  }

  /** Start of the key in `bytes`, or -1 for none. */
  keyStart(index: number): number {
    return this.#spans[index * SPAN_STRIDE] as number;
  }

  keyEnd(index: number): number {
    return this.#spans[index * SPAN_STRIDE + 1] as number;
  }

  /** Start of the value in `bytes`, or -1 for a tombstone. */
  valueStart(index: number): number {
    return this.#spans[index * SPAN_STRIDE + 2] as number;
  }

  valueEnd(index: number): number {
    return this.#spans[index * SPAN_STRIDE + 3] as number;
  }

  keyAt(index: number): Buffer | null {
    const start = this.keyStart(index);
    return start < 0 ? null : this.bytes.subarray(start, this.keyEnd(index));
  }

  valueAt(index: number): Buffer | null {
    const start = this.valueStart(index);
    return start < 0 ? null : this.bytes.subarray(start, this.valueEnd(index));
  }

  /** Whether a record has any headers: cheaper to ask than for the headers themselves. */
  hasHeaders(index: number): boolean {
    return this.bytes[this.#spans[index * SPAN_STRIDE + 4] as number] !== 0;
  }

  /** The last of several headers of one name; a header without a value is an empty buffer. */
  headersAt(index: number): Readonly<Record<string, Buffer>> {
    const cursor = new Cursor(this.bytes, this.#spans[index * SPAN_STRIDE + 4] as number, this.bytes.length);
    const count = cursor.varint();
    if (count === 0) return NO_HEADERS;
    const headers: Record<string, Buffer> = Object.create(null) as Record<string, Buffer>;
    for (let i = 0; i < count; i += 1) {
      const name = cursor.take(cursor.varint()).toString("utf8");
      headers[name] = cursor.take(Math.max(0, cursor.varint()));
    }
    return headers;
  }
}
