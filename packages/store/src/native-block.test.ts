import { expect, test } from "vitest";
import { NativeBlock } from "./native-block.ts";

test("pieces keep their order and what was written to them, also where the memory of the first was too small", () => {
  const block = new NativeBlock();
  for (const [byte, bytes] of [
    [1, 3],
    [2, 20_000],
    [3, 5],
  ] as const)
    block.add(block.take(bytes).fill(byte));
  block.add(Buffer.of());
  expect(block.pieces.map((piece) => [piece[0], piece.length, piece.every((byte) => byte === piece[0])])).toEqual([
    [1, 3, true],
    [2, 20_000, true],
    [3, 5, true],
  ]);
});

test("memory for numbers of 64 bits begins where they may stand", () => {
  const block = new NativeBlock();
  block.take(3);
  const { buffer, byteOffset } = block.take(16);
  expect(new BigInt64Array(buffer, byteOffset, 2)).toHaveLength(2);
});

test("cleared, its memory is used again; dropped, it is not, for someone may still read it", () => {
  const block = new NativeBlock();
  block.add(block.take(20_000).fill(1));
  block.clear();
  expect(block.pieces).toEqual([]);
  const again = block.take(30_000).fill(2);
  block.clear();
  const third = block.take(30_000);
  expect(third.buffer).toBe(again.buffer);
  block.drop();
  expect(block.take(30_000).fill(3).buffer).not.toBe(third.buffer);
  expect(third[0]).toBe(2);
});

test("room of which less than an eighth was used is given back by halves", () => {
  const block = new NativeBlock();
  block.take(1024 * 1024);
  block.clear();
  const before = block.take(1).buffer.byteLength;
  block.clear();
  expect([before, block.take(1).buffer.byteLength]).toEqual([1024 * 1024, 512 * 1024]);
});
