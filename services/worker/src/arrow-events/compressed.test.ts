/** Compressed columns become what they were; what would become too much is refused before it is made. */
import { CompressionType, compressionRegistry } from "apache-arrow";
import { compressFrameSync } from "lz4-napi";
import { expect, test } from "vitest";
import { allowInflated } from "./compressed.ts";

const MIB = 1 << 20;

function decode(type: CompressionType, bytes: Uint8Array): Uint8Array | undefined {
  return compressionRegistry.get(type)?.decode?.(bytes);
}

/** A ZSTD frame of blocks that each repeat one byte 128 KiB times (RFC 8878, 3.1.1.2.2). */
function repeated(blocks: number, head: readonly number[] = [0, 0x38]): Buffer {
  const size = 128 << 10;
  const block = (last: number): Buffer => {
    const bytes = Buffer.alloc(4, 7);
    bytes.writeUIntLE(last | (1 << 1) | (size << 3), 0, 3);
    return bytes;
  };
  return Buffer.concat([
    Buffer.from([0x28, 0xb5, 0x2f, 0xfd, ...head]),
    ...Array.from({ length: blocks }, (_, i) => block(i === blocks - 1 ? 1 : 0)),
  ]);
}

test("LZ4 and ZSTD within what is allowed", () => {
  allowInflated(4 * MIB);
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) >> 7));
  expect(Buffer.from(decode(CompressionType.LZ4_FRAME, compressFrameSync(bytes)) ?? []).equals(bytes)).toBe(true);
  expect(Buffer.from(decode(CompressionType.ZSTD, repeated(8)) ?? []).equals(Buffer.alloc(MIB, 7))).toBe(true);
});

test("a small body that becomes huge is refused, and no such memory is taken", () => {
  const bombs: readonly (readonly [CompressionType, Uint8Array])[] = [
    [CompressionType.LZ4_FRAME, compressFrameSync(Buffer.alloc(80 * MIB))],
    [CompressionType.ZSTD, repeated(600)],
    // A window of 2 GiB, and a content that is said to have a TiB.
    [CompressionType.ZSTD, repeated(1, [0, 0xa8])],
    [CompressionType.ZSTD, repeated(1, [0xe0, 0, 0, 0, 0, 0, 1, 0, 0])],
  ];
  for (const [type, bytes] of bombs) {
    expect(bytes.length).toBeLessThan(MIB / 2);
    allowInflated(64 * MIB);
    const before = process.memoryUsage().arrayBuffers;
    expect(() => decode(type, bytes)).toThrow("become more than 64 MiB");
    // The bound itself, and what came before it was noticed; unbounded it were gigabytes.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(128 * MIB);
  }
});

test("many columns share what is allowed", () => {
  allowInflated(3 * MIB);
  const column = compressFrameSync(Buffer.alloc(2 * MIB));
  expect(decode(CompressionType.LZ4_FRAME, column)?.length).toBe(2 * MIB);
  expect(() => decode(CompressionType.LZ4_FRAME, column)).toThrow("become more than 3 MiB");
});

test("what is no frame is told", () => {
  allowInflated(MIB);
  for (const type of [CompressionType.LZ4_FRAME, CompressionType.ZSTD]) {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(40), repeated(2).subarray(0, 9)]) {
      expect(() => decode(type, bytes)).toThrow(/./);
    }
  }
});
