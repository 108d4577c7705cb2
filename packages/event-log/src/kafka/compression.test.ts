/** The size that a compressed batch will have is bounded before it is unpacked, for each codec. */
import { randomBytes } from "node:crypto";
import zstd from "@mongodb-js/zstd";
import fc from "fast-check";
import lz4 from "lz4-napi";
import { beforeAll, describe, expect, test } from "vitest";
import { lz4BytesAtMost } from "../lz4-frame.ts";
import { BATCH_HEADER_BYTES, type BatchHeader, batchHeaders } from "../record-decoding.ts";
import { encodeRecordBatch } from "../record-encoding.ts";
import { zstdBytesAtMost } from "../zstd-frame.ts";
import { type Compression, deflate, inflate } from "./compression.ts";

const MIB = 1 << 20;

/** A batch whose compressed records are these bytes, of any content. `code`: of the codec. */
function batchOf(offset: number, code: number, records: Buffer): Buffer {
  const [head] = [encodeRecordBatch([{ key: null, value: Buffer.alloc(1) }], offset, 0)];
  const batch = Buffer.concat([head.subarray(0, BATCH_HEADER_BYTES), records]);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt16BE(code, 21);
  return batch;
}

function headersOf(...batches: readonly Buffer[]): { readonly bytes: Buffer; readonly headers: BatchHeader[] } {
  const bytes = Buffer.concat(batches);
  return { bytes, headers: batchHeaders(bytes) };
}

describe("kafka: the size of an unpacked batch", () => {
  let bombs: readonly (readonly [codec: number, bytes: Buffer])[];
  beforeAll(async () => {
    const zeros = Buffer.alloc(300 * MIB);
    bombs = [
      [3, await lz4.compressFrame(zeros)],
      [4, await zstd.compress(zeros)],
    ];
  });

  test("a small lz4 or zstd batch that would become huge is unreadable, and the batches beside it are read", async () => {
    for (const [codec, bomb] of bombs) {
      expect(bomb.length).toBeLessThan(2 * MIB);
      const good = await deflate(encodeRecordBatch([{ key: null, value: Buffer.from("good") }], 0, 0), "lz4");
      const { bytes, headers } = headersOf(good, batchOf(1, codec, bomb), good);
      const before = process.memoryUsage().arrayBuffers;
      const { stored } = await inflate(bytes, headers);
      expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * MIB);
      expect(stored.map((each) => "reason" in each)).toEqual([false, true, false]);
      expect(stored[1]).toMatchObject({
        reason: "compression",
        detail: expect.stringMatching(
          /^record batch at offset 1: up to 3\d{8} bytes when inflated, expected at most 268435456$/,
        ),
      });
    }
  });

  test("batches that together become large are not unpacked all at once", async () => {
    const large = Buffer.alloc(40 * MIB);
    const packed = await lz4.compressFrame(large);
    const batches = Array.from({ length: 5 }, (_, i) => batchOf(i, 3, packed));
    const { bytes, headers } = headersOf(...batches);
    const first = await inflate(bytes, headers);
    expect([first.stored.length, first.leftFrom]).toEqual([2, 2]);
    expect((await inflate(bytes, headers.slice(4))).leftFrom).toBeNull();
  });

  test("the bound found in the blocks of lz4 and zstd is at least the unpacked size, and of zstd at most 256 KiB above it", async () => {
    const parts = fc.array(fc.tuple(fc.integer({ min: 0, max: 400_000 }), fc.boolean()), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(parts, fc.integer({ min: 1, max: 9 }), async (sizes, level) => {
        const bytes = Buffer.concat(
          sizes.map(([size, random]) => (random ? randomBytes(size) : Buffer.alloc(size, 7))),
        );
        const ofLz4 = lz4BytesAtMost(await lz4.compressFrame(bytes));
        const ofZstd = zstdBytesAtMost(await zstd.compress(bytes, level));
        expect(ofLz4).toBeGreaterThanOrEqual(bytes.length);
        expect(ofZstd).toBeGreaterThanOrEqual(bytes.length);
        expect(ofZstd).toBeLessThanOrEqual(bytes.length + 2 * 128 * 1024);
      }),
      { numRuns: 60 },
    );
  });

  test.each(["lz4", "zstd", "gzip"] as Compression[])(
    "a %s batch that is damaged or cut short is unreadable, with a sentence that says why",
    async (codec) => {
      const whole = await deflate(encodeRecordBatch([{ key: null, value: randomBytes(3_000) }], 0, 0), codec);
      const cut = (end: number): Buffer => {
        const batch = Buffer.from(whole.subarray(0, end));
        batch.writeInt32BE(batch.length - 12, 8);
        return batch;
      };
      const noise = Buffer.concat([whole.subarray(0, BATCH_HEADER_BYTES), Buffer.alloc(30, 0x41)]);
      noise.writeInt32BE(noise.length - 12, 8);
      for (const batch of [cut(BATCH_HEADER_BYTES + 2), cut(BATCH_HEADER_BYTES + 9), cut(whole.length - 20), noise]) {
        const { bytes, headers } = headersOf(batch);
        const [stored] = (await inflate(bytes, headers)).stored;
        expect(stored).toMatchObject({
          reason: "compression",
          detail: expect.stringMatching(/^record batch at offset 0: \w/),
        });
        expect(JSON.stringify(stored)).not.toMatch(/(Type|Range)Error|undefined|outside the bounds/);
      }
    },
  );
});
