/**
 * Reads Kafka record batches (message format 2) into columns. The cost of a record is its varints: nothing is allocated
 * for it. Batches are checked against their CRC-32C before anything of them is used. Compressed batches must have been
 * inflated.
 */
import { crc32c } from "@node-rs/crc32";
import { messageOf } from "./error.ts";
import { type RecordColumns, SPAN_STRIDE } from "./record-batch.ts";
import type { UnreadableBatch, UnreadableReason } from "./unreadable.ts";
import { Cursor } from "./varint.ts";

export const BATCH_HEADER_BYTES = 61;
/** The checksum's place, and where what it covers begins. */
export const CRC_AT = 17;
export const CRC_FROM = 21;

/** Offset and length, which every format begins with. */
const SIZE_BYTES = 12;
const MAGIC_AT = 16;
const MAGIC = 2;
const COMPRESSION_MASK = 0x07;
const LOG_APPEND_TIME = 0x08;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
/** A record's least size: length, attributes, timestamp, offset, key, value, headers of one byte each. */
const RECORD_BYTES_MIN = 7;

/** A batch's place in the bytes and what its header says. */
export interface BatchHeader {
  readonly start: number;
  readonly end: number;
  readonly baseOffset: number;
  readonly nextOffset: number;
  readonly count: number;
  readonly compression: number;
  readonly control: boolean;
  /** The producer of a batch within a transaction, else null. */
  readonly transactionOf: bigint | null;
}

export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: number;
}

export interface DecodedRecords extends RecordColumns {
  /** Batches whose records do not fit them, and what is wrong. */
  readonly misfits: ReadonlyMap<BatchHeader, string>;
}

/** The whole batches in `bytes`, whose offsets count from `first`; an incomplete one at the end, which a bounded fetch may cut, is left out. */
export function batchHeaders(bytes: Buffer, first: number = 0): BatchHeader[] {
  const headers: BatchHeader[] = [];
  let start = 0;
  while (start + SIZE_BYTES <= bytes.length) {
    const end = start + SIZE_BYTES + bytes.readInt32BE(start + 8);
    if (end <= start + MAGIC_AT || end > bytes.length) break;
    headers.push(headerAt(bytes, start, end, first));
    start = end;
  }
  return headers;
}

/** The header of the batch in `bytes[start, end)`, which may be damaged, or of another format. */
export function headerAt(bytes: Buffer, start: number, end: number, first: number = 0): BatchHeader {
  const whole = end - start >= BATCH_HEADER_BYTES && bytes[start + MAGIC_AT] === MAGIC;
  const attributes = whole ? bytes.readInt16BE(start + 21) : 0;
  const baseOffset = first + (end - start >= 8 ? Number(bytes.readBigInt64BE(start)) : 0);
  return {
    start,
    end,
    baseOffset,
    nextOffset: baseOffset + (whole ? bytes.readInt32BE(start + 23) : 0) + 1,
    count: whole ? bytes.readInt32BE(start + 57) : 0,
    compression: attributes & COMPRESSION_MASK,
    control: (attributes & CONTROL) !== 0,
    transactionOf: (attributes & TRANSACTIONAL) === 0 ? null : bytes.readBigInt64BE(start + 43),
  };
}

/** What is wrong with a batch whose bytes are not those that were written; null when nothing is. */
export function checkBatch(bytes: Buffer, header: BatchHeader): UnreadableBatch | null {
  const { start, end } = header;
  if (end - start < BATCH_HEADER_BYTES) {
    return unreadable(bytes, header, "format", `${end - start} bytes, expected ${BATCH_HEADER_BYTES} or more`);
  }
  const magic = bytes[start + MAGIC_AT];
  if (magic !== MAGIC) return unreadable(bytes, header, "format", `message format ${magic}, expected ${MAGIC}`);
  const expected = bytes.readUInt32BE(start + CRC_AT);
  const found = crc32c(bytes.subarray(start + CRC_FROM, end));
  if (found === expected) return null;
  return unreadable(bytes, header, "checksum", `checksum ${found.toString(16)}, expected ${expected.toString(16)}`);
}

/**
 * A batch that cannot be read. The header may be what is damaged: its length in offsets counts only where the checksum
 * holds or it agrees with the number of records, else the batch covers one offset.
 */
export function unreadable(
  bytes: Buffer,
  { start, end, baseOffset, nextOffset, count }: BatchHeader,
  reason: UnreadableReason,
  detail: string,
): UnreadableBatch {
  const credible = reason === "compression" || reason === "records" || nextOffset - baseOffset === count;
  return {
    reason,
    detail: `record batch at offset ${baseOffset}: ${detail}`,
    offset: baseOffset,
    nextOffset: credible ? nextOffset : baseOffset + 1,
    bytes: bytes.subarray(start, end),
  };
}

/** Columns that are used again for one batch after the other, and grow as needed. */
export interface RecordRoom {
  offsets: Float64Array;
  timestamps: Float64Array;
  spans: Int32Array;
}

/** Columns of the records at and after `fromOffset`, in `room` where it is given. */
export function decodeRecords(
  bytes: Buffer,
  headers: readonly BatchHeader[],
  fromOffset: number,
  room: RecordRoom | null = null,
): DecodedRecords {
  let capacity = 0;
  for (const { count, start, end } of headers) {
    capacity += Math.max(0, Math.min(count, (end - start) / RECORD_BYTES_MIN));
  }
  capacity = Math.ceil(capacity);
  const { offsets, timestamps, spans } = roomFor(capacity, room);
  const misfits = new Map<BatchHeader, string>();
  let length = 0;
  for (const header of headers) {
    if (header.nextOffset <= fromOffset) continue;
    try {
      length = indexBatch(bytes, header, fromOffset, length, offsets, timestamps, spans);
    } catch (error) {
      misfits.set(header, messageOf(error));
    }
  }
  return { bytes, length, offsets, timestamps, spans, misfits };
}

function roomFor(capacity: number, room: RecordRoom | null): RecordRoom {
  if (room !== null && room.offsets.length >= capacity) return room;
  const length = room === null ? capacity : capacity + (capacity >> 2);
  const made = {
    offsets: new Float64Array(length),
    timestamps: new Float64Array(length),
    spans: new Int32Array(length * SPAN_STRIDE),
  };
  return room === null ? made : Object.assign(room, made);
}

/** Records from index `at` on; answers the index after the last, or throws and has changed nothing before `at`. */
function indexBatch(
  bytes: Buffer,
  header: BatchHeader,
  fromOffset: number,
  at: number,
  offsets: Float64Array,
  timestamps: Float64Array,
  spans: Int32Array,
): number {
  const appended = (bytes.readInt16BE(header.start + 21) & LOG_APPEND_TIME) !== 0;
  const baseTimestamp = Number(bytes.readBigInt64BE(header.start + 27));
  const maxTimestamp = Number(bytes.readBigInt64BE(header.start + 35));
  const cursor = new Cursor(bytes, header.start + BATCH_HEADER_BYTES, header.end);
  let index = at;
  for (let i = 0; i < header.count; i += 1) {
    const bodyBytes = cursor.varint();
    const next = cursor.position + bodyBytes;
    cursor.skip(1); // attributes, unused
    const timestampDelta = cursor.varlong();
    const offset = header.baseOffset + cursor.varint();
    const key = cursor.varint();
    const keyStart = cursor.position;
    if (key > 0) cursor.skip(key);
    const value = cursor.varint();
    const valueStart = cursor.position;
    if (value > 0) cursor.skip(value);
    const headersStart = cursor.position;
    if (bodyBytes < 0 || headersStart >= next || next > header.end) {
      throw new Error(`record ${i} does not fit its length of ${bodyBytes}`);
    }
    cursor.position = next;
    if (offset < fromOffset) continue;
    offsets[index] = offset;
    timestamps[index] = appended ? maxTimestamp : baseTimestamp + timestampDelta;
    const span = index * SPAN_STRIDE;
    spans[span] = key < 0 ? -1 : keyStart;
    spans[span + 1] = keyStart + key;
    spans[span + 2] = value < 0 ? -1 : valueStart;
    spans[span + 3] = valueStart + value;
    spans[span + 4] = headersStart;
    index += 1;
  }
  return index;
}

/**
 * Without control batches and those of aborted transactions. A producer's batches are aborted from the first offset of
 * its aborted transaction up to the control batch that ends it.
 */
export function committedBatches(
  headers: readonly BatchHeader[],
  aborted: readonly AbortedTransaction[],
): readonly BatchHeader[] {
  if (headers.every(({ transactionOf, control }) => transactionOf === null && !control)) return headers;
  const coming = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  const aborting = new Set<bigint>();
  return headers.filter((header) => {
    while (coming[0] !== undefined && coming[0].firstOffset < header.nextOffset) {
      const begun = coming.shift();
      if (begun !== undefined) aborting.add(begun.producerId);
    }
    if (header.transactionOf === null) return !header.control;
    if (!header.control) return !aborting.has(header.transactionOf);
    // a producer has one transaction at a time: the first that ends after an aborted one began is that one
    aborting.delete(header.transactionOf);
    return false;
  });
}
