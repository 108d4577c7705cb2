/** Compressed columns of Arrow streams are unpacked; those that would become too large are refused before memory is taken for them. */
import { CompressionType, compressionRegistry } from "apache-arrow";
import { compressFrameSync } from "lz4-napi";
import { expect, test } from "vitest";
import { allowInflated } from "./compressed.ts";

const MIB = 1 << 20;

function decode(type: CompressionType, bytes: Uint8Array): Uint8Array | undefined {
  return compressionRegistry.get(type)?.decode?.(bytes);
}

/** A ZSTD frame of blocks that each repeat one byte 131,072 times (RFC 8878, 3.1.1.2.2). */
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

test("LZ4 and ZSTD are unpacked up to the bytes allowed", () => {
  allowInflated(4 * MIB);
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * i) >> 7));
  expect(Buffer.from(decode(CompressionType.LZ4_FRAME, compressFrameSync(bytes)) ?? []).equals(bytes)).toBe(true);
  expect(Buffer.from(decode(CompressionType.ZSTD, repeated(8)) ?? []).equals(Buffer.alloc(MIB, 7))).toBe(true);
});

test("a small column that would become huge is refused without taking that much memory", () => {
  const bombs: readonly (readonly [CompressionType, Uint8Array])[] = [
    [CompressionType.LZ4_FRAME, compressFrameSync(Buffer.alloc(80 * MIB))],
    [CompressionType.ZSTD, repeated(600)],
    // Headers that name a window of 2 GiB, and a content of 1 TiB.
    [CompressionType.ZSTD, repeated(1, [0, 0xa8])],
    [CompressionType.ZSTD, repeated(1, [0xe0, 0, 0, 0, 0, 0, 1, 0, 0])],
  ];
  for (const [type, bytes] of bombs) {
    expect(bytes.length).toBeLessThan(MIB / 2);
    allowInflated(64 * MIB);
    const before = process.memoryUsage().arrayBuffers;
    expect(() => decode(type, bytes)).toThrow("become more than 64 MiB");
    // Memory is taken up to the bound of 64 MiB, and a block beyond it.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(128 * MIB);
  }
});

test("all columns of a body share the bytes allowed", () => {
  allowInflated(3 * MIB);
  const column = compressFrameSync(Buffer.alloc(2 * MIB));
  expect(decode(CompressionType.LZ4_FRAME, column)?.length).toBe(2 * MIB);
  expect(() => decode(CompressionType.LZ4_FRAME, column)).toThrow("become more than 3 MiB");
});

test("bytes that are no whole frame are an error", () => {
  allowInflated(MIB);
  for (const type of [CompressionType.LZ4_FRAME, CompressionType.ZSTD]) {
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(40), repeated(2).subarray(0, 9)]) {
      expect(() => decode(type, bytes)).toThrow(/./);
    }
  }
});
