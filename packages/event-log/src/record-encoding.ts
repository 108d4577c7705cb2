/**
 * Writes records as one Kafka record batch (message format 2, not compressed, CRC-32C). The embedded log stores its
 * records in it, so that one decoder reads both logs and a checksum guards what is on disk.
 */
import { crc32c } from "@node-rs/crc32";
import type { AppendRecord } from "./port.ts";
import { BATCH_HEADER_BYTES, CRC_AT, CRC_FROM } from "./record-decoding.ts";
import { utf8Length, writeUtf8 } from "./short-text.ts";
import { varintSize, writeVarint } from "./varint.ts";

/** Bytes of key, value and headers: what `recordBytesMax` bounds. */
export function recordBytes(record: AppendRecord): number {
  let bytes = keyLength(record.key) + (record.value?.length ?? 0);
  for (const name in record.headers) {
    const value = record.headers[name] ?? "";
    bytes += utf8Length(name) + (typeof value === "string" ? utf8Length(value) : value.length);
  }
  return bytes;
}

/** One batch of `records`, the first at `baseOffset`, all of them at `timestamp` (epoch ms), in a room of its size. */
export function encodeRecordBatch(
  records: readonly AppendRecord[],
  baseOffset: number,
  timestamp: number,
  roomOf: (bytes: number) => Buffer = Buffer.allocUnsafe,
): Buffer {
  const sizes = records.map(bodySize);
  let size = BATCH_HEADER_BYTES;
  for (const body of sizes) size += varintSize(body) + body;
  const bytes = roomOf(size);
  writeHeader(bytes, records.length, baseOffset, timestamp);
  let at = BATCH_HEADER_BYTES;
  records.forEach((record, index) => (at = writeRecord(bytes, at, record, index, sizes[index] as number)));
  bytes.writeUInt32BE(crc32c(bytes.subarray(CRC_FROM)), CRC_AT);
  return bytes;
}

function writeHeader(bytes: Buffer, count: number, baseOffset: number, timestamp: number): void {
  bytes.writeBigInt64BE(BigInt(baseOffset), 0);
  bytes.writeInt32BE(bytes.length - 12, 8);
  bytes.writeInt32BE(0, 12); // partition leader epoch
  bytes[16] = 2; // magic
  bytes.writeInt16BE(0, 21); // attributes: not compressed, create time
  bytes.writeInt32BE(count - 1, 23);
  bytes.writeBigInt64BE(BigInt(timestamp), 27);
  bytes.writeBigInt64BE(BigInt(timestamp), 35);
  bytes.writeBigInt64BE(-1n, 43); // no producer id
  bytes.writeInt16BE(-1, 51);
  bytes.writeInt32BE(-1, 53);
  bytes.writeInt32BE(count, 57);
}

function bodySize(record: AppendRecord, index: number): number {
  const key = record.key === null ? -1 : keyLength(record.key);
  const value = record.value === null ? -1 : record.value.length;
  const names = headerNames(record);
  // attributes and timestamp delta are one byte each
  let size = 2 + varintSize(index) + fieldSize(key) + fieldSize(value) + varintSize(names.length);
  for (const name of names) {
    const text = record.headers?.[name] ?? "";
    size += fieldSize(utf8Length(name)) + fieldSize(typeof text === "string" ? utf8Length(text) : text.length);
  }
  return size;
}

function writeRecord(bytes: Buffer, start: number, record: AppendRecord, index: number, size: number): number {
  let at = writeVarint(bytes, start, size);
  bytes[at] = 0;
  bytes[at + 1] = 0;
  at = writeVarint(bytes, at + 2, index);
  at = writeField(bytes, at, record.key);
  at = writeField(bytes, at, record.value);
  const names = headerNames(record);
  at = writeVarint(bytes, at, names.length);
  for (const name of names) {
    at = writeField(bytes, at, name);
    at = writeField(bytes, at, record.headers?.[name] ?? "");
  }
  return at;
}

const NO_NAMES: readonly string[] = [];

function headerNames({ headers }: AppendRecord): readonly string[] {
  return headers === undefined ? NO_NAMES : Object.keys(headers);
}

function writeField(bytes: Buffer, start: number, field: string | Uint8Array | null): number {
  if (field === null) return writeVarint(bytes, start, -1);
  if (typeof field === "string") {
    const length = utf8Length(field);
    const at = writeVarint(bytes, start, length);
    writeUtf8(bytes, at, field, length);
    return at + length;
  }
  const at = writeVarint(bytes, start, field.length);
  bytes.set(field, at);
  return at + field.length;
}

function fieldSize(length: number): number {
  return varintSize(length) + Math.max(0, length);
}

function keyLength(key: string | Uint8Array | null): number {
  return key === null ? 0 : typeof key === "string" ? utf8Length(key) : key.length;
}
