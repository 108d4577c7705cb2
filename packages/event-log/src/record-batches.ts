/**
 * Decodes stored record batches into the batches that are delivered: readable ones are joined, and an unreadable one is
 * delivered in its place between them, so that no later record comes before it.
 */
import { RecordBatch, type RecordColumns } from "./record-batch.ts";
import { type BatchHeader, decodeRecords, type RecordRoom, unreadable } from "./record-decoding.ts";
import type { UnreadableBatch } from "./unreadable.ts";

export interface Place {
  readonly topic: string;
  readonly partition: number;
  /** The first offset to hand over. */
  readonly fromOffset: number;
  /** One past the last offset that was read, batches that are not to be handed over included. */
  readonly nextOffset: number;
  readonly highWatermark: number;
  readonly readableEnd?: number;
}

/** A batch of `bytes`, sound and inflated, or one that cannot be read; in order of offset. */
export type Stored = BatchHeader | UnreadableBatch;

/** At least one, the last of which goes up to `nextOffset`. The columns of the first are made in `room`, where it is given. */
export function recordBatches(
  bytes: Buffer,
  stored: readonly Stored[],
  place: Place,
  room: RecordRoom | null = null,
): RecordBatch[] {
  const { topic, partition, fromOffset, nextOffset, highWatermark, readableEnd } = place;
  const made: RecordBatch[] = [];
  const add = (columns: RecordColumns, next: number, unread: UnreadableBatch | null): void => {
    made.push(new RecordBatch(topic, partition, columns, next, highWatermark, unread, readableEnd));
  };
  let run: BatchHeader[] = [];
  const endRun = (next: number): void => {
    const decoded = decodeRecords(bytes, run, fromOffset, made.length === 0 ? room : null);
    if (decoded.misfits.size === 0) add(decoded, next, null);
    else made.push(...aroundMisfits(bytes, run, decoded.misfits, { ...place, nextOffset: next }));
    run = [];
  };
  for (const each of stored) {
    if (!isUnreadable(each)) run.push(each);
    else if (each.nextOffset > fromOffset) {
      if (run.length > 0) endRun(Math.max(fromOffset, each.offset));
      add(noRecords(each.bytes), Math.max(fromOffset + 1, each.nextOffset), each);
    }
  }
  if (run.length > 0 || (made.at(-1)?.nextOffset ?? fromOffset) < nextOffset) endRun(nextOffset);
  return made;
}

function aroundMisfits(
  bytes: Buffer,
  run: readonly BatchHeader[],
  misfits: ReadonlyMap<BatchHeader, string>,
  place: Place,
): RecordBatch[] {
  const stored = run.map((header) => {
    const detail = misfits.get(header);
    return detail === undefined ? header : unreadable(bytes, header, "records", detail);
  });
  return recordBatches(bytes, stored, place);
}

function isUnreadable(stored: Stored): stored is UnreadableBatch {
  return "reason" in stored;
}

function noRecords(bytes: Buffer): RecordColumns {
  return { bytes, length: 0, offsets: NONE, timestamps: NONE, spans: NO_SPANS };
}

const NONE = new Float64Array(0);
const NO_SPANS = new Int32Array(0);
