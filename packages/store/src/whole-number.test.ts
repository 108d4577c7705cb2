import { expect, test } from "vitest";
import { readInteger, writeInteger } from "./whole-number.ts";

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
