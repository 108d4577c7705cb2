import { createRequire } from "node:module";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { AppendRecord } from "./port.ts";
import { RecordBatch } from "./record-batch.ts";
import { recordBatches, type Stored } from "./record-batches.ts";
import { batchHeaders, checkBatch, committedBatches, decodeRecords } from "./record-decoding.ts";
import { encodeRecordBatch, recordBytes } from "./record-encoding.ts";

const require = createRequire(import.meta.url);

interface Row {
  offset: number;
  timestamp: number;
  key: string | null;
  value: string | null;
  headers: Record<string, string>;
}

const hex = (bytes: Uint8Array | null): string | null => (bytes === null ? null : Buffer.from(bytes).toString("hex"));

/** Decodes record batches as the fetcher does, without compression and transactions. */
function read(bytes: Buffer, fromOffset = 0): RecordBatch[] {
  const stored: Stored[] = batchHeaders(bytes).map((header) => checkBatch(bytes, header) ?? header);
  const nextOffset = stored.reduce((next, each) => Math.max(next, each.nextOffset), fromOffset);
  return recordBatches(bytes, stored, { topic: "t", partition: 0, fromOffset, nextOffset, highWatermark: nextOffset });
}

function rowsOf(bytes: Buffer, fromOffset = 0): Row[] {
  return read(bytes, fromOffset).flatMap((batch) =>
    Array.from({ length: batch.length }, (_, i) => ({
      offset: batch.offsetAt(i),
      timestamp: batch.timestampAt(i),
      key: hex(batch.keyAt(i)),
      value: hex(batch.valueAt(i)),
      headers: Object.fromEntries(
        Object.entries(batch.headersAt(i)).map(([name, value]) => [name, value.toString("hex")]),
      ),
    })),
  );
}

const bytes = fc.uint8Array({ maxLength: 300 });
const record: fc.Arbitrary<AppendRecord> = fc.record(
  {
    key: fc.oneof(fc.constant(null), fc.string({ unit: "binary" }), bytes),
    value: fc.oneof(fc.constant(null), bytes),
    headers: fc.dictionary(fc.string({ unit: "binary", minLength: 1 }), fc.oneof(fc.string(), bytes)),
  },
  { requiredKeys: ["key", "value"] },
);
const offset = fc.integer({ min: 0, max: 2 ** 45 });

describe("record batches", () => {
  test("property: encoded records are decoded to the same records", () => {
    fc.assert(
      fc.property(fc.array(record, { minLength: 1, maxLength: 20 }), offset, offset, (records, base, timestamp) => {
        const keyBytes = (key: AppendRecord["key"]) => (typeof key === "string" ? Buffer.from(key) : key);
        expect(rowsOf(encodeRecordBatch(records, base, timestamp))).toEqual(
          records.map(({ key, value, headers = {} }, i) => ({
            offset: base + i,
            timestamp,
            key: hex(keyBytes(key)),
            value: hex(value),
            headers: Object.fromEntries(
              Object.entries(headers).map(([name, of]) => [
                // Names of headers are written as UTF-8, which changes lone surrogates.
                Buffer.from(name).toString("utf8"),
                Buffer.from(of as string).toString("hex"),
              ]),
            ),
          })),
        );
      }),
    );
  });

  test("oracle: kafkajs decodes our record batches", async () => {
    const Decoder = require("kafkajs/src/protocol/decoder") as new (bytes: Buffer) => object;
    const decode = require("kafkajs/src/protocol/recordBatch/v0/decoder") as (decoder: object) => Promise<{
      records: {
        offset: string;
        timestamp: string;
        key: Buffer | null;
        value: Buffer | null;
        headers: Record<string, Buffer>;
      }[];
    }>;
    const records = [
      { key: "berlin/l1", value: Buffer.from("1"), headers: { a: "x", b: Buffer.from([0, 255]) } },
      { key: null, value: null },
      { key: Buffer.from([0xff]), value: Buffer.alloc(70_000, 7) },
    ];
    const encoded = encodeRecordBatch(records, 41, 1_770_000_000_000);
    const { records: theirs } = await decode(new Decoder(encoded));
    expect(
      theirs.map((row) => ({
        offset: Number(row.offset),
        timestamp: Number(row.timestamp),
        key: hex(row.key),
        value: hex(row.value),
        headers: Object.fromEntries(Object.entries(row.headers).map(([name, value]) => [name, value.toString("hex")])),
      })),
    ).toEqual(rowsOf(encoded));
  });

  test("records before the offset asked for are left out, and so is a batch that is cut off at the end", () => {
    const batches = Buffer.concat([0, 3, 6].map((base) => encodeRecordBatch([record1, record1, record1], base, 0)));
    expect(rowsOf(batches.subarray(0, batches.length - 1), 2).map((row) => row.offset)).toEqual([2, 3, 4, 5]);
  });

  const record1 = { key: "k", value: Buffer.from("value") };

  test("property: a batch with any byte changed is unreadable, with its bytes as they are, in its place among the others", () => {
    const parts = [0, 2, 4].map((base) => encodeRecordBatch([record1, record1], base, 5));
    const [first, second] = parts as [Buffer, Buffer];
    fc.assert(
      fc.property(fc.integer({ min: 21, max: second.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.concat(parts);
        const place = first.length + at;
        damaged[place] = (damaged[place] ?? 0) ^ change;
        const [before, itself, after, ...none] = read(damaged);
        expect([before?.length, before?.nextOffset, after?.firstOffset, after?.length, none]).toEqual([2, 2, 4, 2, []]);
        const unreadable = itself?.unreadable;
        expect([itself?.length, unreadable?.reason, unreadable?.offset]).toEqual([0, "checksum", 2]);
        expect(unreadable?.bytes).toEqual(damaged.subarray(first.length, first.length + second.length));
        // The offset after the batch, which a damaged header may give wrong.
        expect([3, 4]).toContain(itself?.nextOffset);
      }),
    );
  });

  test("a batch whose records do not fit into it is unreadable, with its bytes as they are, though its checksum is right", () => {
    const parts = [0, 2, 4].map((base) => encodeRecordBatch([record1, record1], base, 5));
    const whole = Buffer.concat(parts);
    // The length of the second batch's first record.
    whole[(parts[0]?.length ?? 0) + 61] = 0x7e;
    const headers = batchHeaders(whole);
    const place = { topic: "t", partition: 0, fromOffset: 0, nextOffset: 6, highWatermark: 6 };
    const batches = recordBatches(whole, headers, place);
    expect(
      batches.map(({ firstOffset, length, nextOffset, unreadable }) => [
        firstOffset,
        length,
        nextOffset,
        unreadable?.reason,
      ]),
    ).toEqual([
      [0, 2, 2, undefined],
      [2, 0, 4, "records"],
      [4, 2, 6, undefined],
    ]);
    expect(batches[1]?.unreadable?.bytes).toEqual(
      parts[1] === undefined ? null : whole.subarray(parts[0]?.length, (parts[0]?.length ?? 0) + parts[1].length),
    );
  });

  test("a batch of an older message format is unreadable, with its bytes as they are", () => {
    // Message format 1: offset, size, checksum, magic, attributes, timestamp, length of key, length of value, value.
    const old = Buffer.alloc(12 + 4 + 1 + 1 + 8 + 4 + 4 + 3);
    old.writeBigInt64BE(7n, 0);
    old.writeInt32BE(old.length - 12, 8);
    old[16] = 1;
    const batches = read(Buffer.concat([old, encodeRecordBatch([record1], 8, 5)]), 7);
    expect(
      batches.map(({ firstOffset, length, nextOffset, unreadable }) => [
        firstOffset,
        length,
        nextOffset,
        unreadable?.reason,
      ]),
    ).toEqual([
      [7, 0, 8, "format"],
      [8, 1, 9, undefined],
    ]);
  });

  test("transactions: a producer's batches are left out from the beginning of its aborted transaction up to its end", () => {
    const header = (baseOffset: number, producer: number | null, control = false) => ({
      ...{ start: 0, end: 0, baseOffset, nextOffset: baseOffset + 1, count: 1, compression: 0, control },
      transactionOf: producer === null ? null : BigInt(producer),
    });
    const headers = [
      header(0, 1),
      header(1, 2),
      header(2, null),
      header(3, 1, true),
      header(4, 1),
      header(5, 2, true),
      header(6, 2),
      header(7, 1, true),
      header(8, 2, true),
    ];
    const aborted = [
      { producerId: 1n, firstOffset: 0 },
      { producerId: 2n, firstOffset: 6 },
    ];
    expect(committedBatches(headers, aborted).map(({ baseOffset }) => baseOffset)).toEqual([1, 2, 4]);
  });

  test("property: bytes without a checksum to guard them never crash the decoder", () => {
    const encoded = encodeRecordBatch([record1, record1, { ...record1, headers: { h: "1" } }], 0, 5);
    fc.assert(
      fc.property(fc.integer({ min: 57, max: encoded.length - 1 }), fc.integer({ min: 0, max: 255 }), (at, byte) => {
        const damaged = Buffer.from(encoded);
        damaged[at] = byte;
        const decoded = decodeRecords(damaged, batchHeaders(damaged), 0);
        expect(decoded.length).toBeLessThanOrEqual(encoded.length);
      }),
    );
  });

  test("recordBytes counts key, value and headers in UTF-8", () => {
    expect(recordBytes({ key: "é", value: Buffer.alloc(3), headers: { ä: "ö", b: Buffer.alloc(4) } })).toBe(
      2 + 3 + 4 + 5,
    );
    expect(recordBytes({ key: null, value: null })).toBe(0);
  });
});
