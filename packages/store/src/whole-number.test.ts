import { expect, test } from "vitest";
import { readInteger, varintLength, writeInteger, writeVarint } from "./whole-number.ts";

test.each([0, 1, -1, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, 1_772_431_200_000, 2 ** 53 - 1, 1 - 2 ** 53])(
  "%d is written as a 64-bit integer, and read back",
  (value) => {
    const halves = new Int32Array(4);
    writeInteger(halves, 2, "count", value);
    expect(new BigInt64Array(halves.buffer)[1]).toBe(BigInt(value));
    expect(readInteger(halves, 2)).toBe(value);
  },
);

test.each([0.5, 2 ** 53, Number.NaN, Number.POSITIVE_INFINITY])(
  "%d is refused, by an error that names the field",
  (value) => {
    expect(() => writeInteger(new Int32Array(2), 0, "count", value)).toThrow(`count of a record is ${value}`);
  },
);

test.each([
  [0, [0]],
  [127, [127]],
  [128, [0x80, 1]],
  [300, [0xac, 2]],
  [16_383, [0xff, 0x7f]],
  [16_384, [0x80, 0x80, 1]],
  [2 ** 32 - 1, [0xff, 0xff, 0xff, 0xff, 0x0f]],
])("the length %d is written seven bits a byte", (length, bytes) => {
  const memory = new Uint8Array(8).fill(9);
  expect(writeVarint(memory, 1, length)).toBe(1 + bytes.length);
  expect([...memory]).toEqual([9, ...bytes, ...Array.from({ length: 7 - bytes.length }, () => 9)]);
  expect(varintLength(length)).toBe(bytes.length);
});
