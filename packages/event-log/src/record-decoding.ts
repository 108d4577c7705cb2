/**
 * Reads Kafka record batches (message format 2) into columns. The cost of a record is its varints: nothing is allocated
 * for it. Batches are checked against their CRC-32C before anything of them is used; one that does not match, or cannot
 * be read, is left out and reported, so that it never stops a partition. Compressed batches must have been inflated.
 */
import { crc32c } from "@node-rs/crc32";
import { LogError, messageOf } from "./error.ts";
import { type RecordColumns, SPAN_STRIDE } from "./record-batch.ts";
import { Cursor } from "./varint.ts";

export const BATCH_HEADER_BYTES = 61;
/** The checksum's place, and where what it covers begins. */
export const CRC_AT = 17;
export const CRC_FROM = 21;

const MAGIC_AT = 16;
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
  /** One past the last offset covered, records that are left out included; `fromOffset` when there is no whole batch. */
  readonly nextOffset: number;
  /** What was left out because it could not be read. */
  readonly corrupt: readonly LogError[];
}

/** The whole batches in `bytes`; an incomplete one at the end, which a bounded fetch may cut, is left out. */
export function batchHeaders(bytes: Buffer): BatchHeader[] {
  const headers: BatchHeader[] = [];
  let start = 0;
  while (start + BATCH_HEADER_BYTES <= bytes.length) {
    const end = start + 12 + bytes.readInt32BE(start + 8);
    if (end < start + BATCH_HEADER_BYTES || end > bytes.length) break;
    const attributes = bytes.readInt16BE(start + 21);
    const baseOffset = Number(bytes.readBigInt64BE(start));
    headers.push({
      start,
      end,
      baseOffset,
      nextOffset: baseOffset + bytes.readInt32BE(start + 23) + 1,
      count: bytes.readInt32BE(start + 57),
      compression: attributes & COMPRESSION_MASK,
      control: (attributes & CONTROL) !== 0,
      transactionOf: (attributes & TRANSACTIONAL) === 0 ? null : bytes.readBigInt64BE(start + 43),
    });
    start = end;
  }
  return headers;
}

/** An error when the batch is not what its checksum says, else null. */
export function checkBatch(bytes: Buffer, header: BatchHeader): LogError | null {
  if (bytes[header.start + MAGIC_AT] !== 2) {
    return corrupt(header, `message format ${bytes[header.start + MAGIC_AT]}, expected 2`);
  }
  const expected = bytes.readUInt32BE(header.start + CRC_AT);
  const found = crc32c(bytes.subarray(header.start + CRC_FROM, header.end));
  return found === expected
    ? null
    : corrupt(header, `checksum ${found.toString(16)}, expected ${expected.toString(16)}`);
}

/** Checks the batches, and makes columns of the records at and after `fromOffset` of those that are sound. */
export function checkAndDecode(bytes: Buffer, fromOffset: number): DecodedRecords {
  const headers = batchHeaders(bytes);
  const failures = headers.flatMap((header) => checkBatch(bytes, header) ?? []);
  const sound = failures.length === 0 ? headers : headers.filter((header) => checkBatch(bytes, header) === null);
  const decoded = decodeRecords(bytes, sound, fromOffset);
  return { ...decoded, nextOffset: coveredTo(headers, sound, fromOffset), corrupt: [...failures, ...decoded.corrupt] };
}

/** Columns of the records at and after `fromOffset`. */
export function decodeRecords(
  bytes: Buffer,
  headers: readonly BatchHeader[],
  fromOffset: number,
  aborted: readonly AbortedTransaction[] = [],
): DecodedRecords {
  const readable = committedBatches(bytes, headers, aborted).filter((header) => header.nextOffset > fromOffset);
  let capacity = 0;
  const failures: LogError[] = [];
  for (const header of readable) {
    capacity += Math.max(0, Math.min(header.count, (header.end - header.start) / RECORD_BYTES_MIN));
  }
  capacity = Math.ceil(capacity);
  const offsets = new Float64Array(capacity);
  const timestamps = new Float64Array(capacity);
  const spans = new Int32Array(capacity * SPAN_STRIDE);
  let length = 0;
  for (const header of readable) {
    try {
      length = indexBatch(bytes, header, fromOffset, length, offsets, timestamps, spans);
    } catch (error) {
      failures.push(corrupt(header, messageOf(error), error));
    }
  }
  return {
    bytes,
    length,
    offsets,
    timestamps,
    spans,
    nextOffset: coveredTo(headers, headers, fromOffset),
    corrupt: failures,
  };
}

/**
 * One past the last offset of the batches. The header of a batch that is not sound may be what is damaged: its length in
 * offsets counts only when it agrees with its number of records, else the batch is left one offset at a time.
 */
export function coveredTo(headers: readonly BatchHeader[], sound: readonly BatchHeader[], fromOffset: number): number {
  let next = fromOffset;
  for (const header of headers) {
    const { baseOffset, nextOffset, count } = header;
    const credible = sound === headers || sound.includes(header) || nextOffset - baseOffset === count;
    next = Math.max(next, credible ? nextOffset : Math.max(baseOffset, fromOffset) + 1);
  }
  return next;
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
      throw new LogError("OEE_LOG_CORRUPT", `record ${i} does not fit its length of ${bodyBytes}`);
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
function committedBatches(
  bytes: Buffer,
  headers: readonly BatchHeader[],
  aborted: readonly AbortedTransaction[],
): readonly BatchHeader[] {
  const coming = aborted.toSorted((a, b) => a.firstOffset - b.firstOffset);
  const aborting = new Set<bigint>();
  return headers.filter((header) => {
    while (coming[0] !== undefined && coming[0].firstOffset < header.nextOffset) {
      const begun = coming.shift();
      if (begun !== undefined) aborting.add(begun.producerId);
    }
    if (header.transactionOf === null) return !header.control;
    if (!header.control) return !aborting.has(header.transactionOf);
    if (endsAborted(bytes, header)) aborting.delete(header.transactionOf);
    return false;
  });
}

/** A control record's key is a version and a type (16 bits each); type 0 is an abort. */
function endsAborted(bytes: Buffer, header: BatchHeader): boolean {
  const cursor = new Cursor(bytes, header.start + BATCH_HEADER_BYTES, header.end);
  cursor.varint();
  cursor.skip(1);
  cursor.varlong();
  cursor.varint();
  const key = cursor.take(cursor.varint());
  return key.length >= 4 && key.readInt16BE(2) === 0;
}

function corrupt(header: BatchHeader, what: string, cause?: unknown): LogError {
  return new LogError("OEE_LOG_CORRUPT", `record batch at offset ${header.baseOffset}: ${what}`, cause);
}
