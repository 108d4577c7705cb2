import { randomBytes } from "node:crypto";
import { compress } from "snappy";
import { describe, expect, test } from "vitest";
import { unsnap } from "./snappy.ts";

const MAX = 1_000_000;

/** Blocks in the framing of snappy-java: magic bytes, two versions, then each block with its length before it. */
function framed(...blocks: readonly Buffer[]): Buffer {
  const head = Buffer.from("82534e41505059000000000100000001", "hex");
  const withLength = blocks.flatMap((block) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    return [length, block];
  });
  return Buffer.concat([head, ...withLength]);
}

describe("snappy", () => {
  const text = Buffer.concat([Buffer.from("0123456789".repeat(5_000)), randomBytes(500)]);

  test("one block is read, and so are several in the framing of snappy-java", async () => {
    expect(await unsnap(await compress(text), MAX)).toEqual(text);
    const blocks = await Promise.all([text.subarray(0, 32_768), text.subarray(32_768)].map((part) => compress(part)));
    expect(await unsnap(framed(...blocks), MAX)).toEqual(text);
    expect(await unsnap(framed(), MAX)).toEqual(Buffer.alloc(0));
    expect(await unsnap(await compress(Buffer.alloc(0)), MAX)).toEqual(Buffer.alloc(0));
  });

  test("data that is cut short, is no snappy, or would become too large is refused", async () => {
    const block = await compress(text);
    await expect(unsnap(block.subarray(0, block.length - 1), MAX)).rejects.toThrow(/snappy/);
    await expect(unsnap(framed(block).subarray(0, 100), MAX)).rejects.toThrow("a snappy block at 16 that is cut short");
    await expect(unsnap(framed(block).subarray(0, 18), MAX)).rejects.toThrow("a snappy block at 16 that is cut short");
    await expect(unsnap(Buffer.from([0xff, 0xff]), MAX)).rejects.toThrow("without its length");
    await expect(unsnap(framed(block, block), text.length * 2 - 1)).rejects.toThrow(
      `${text.length * 2} bytes when inflated, expected at most ${text.length * 2 - 1}`,
    );
  });
});
