import { expect, test } from "vitest";
import { mayLoseDigits, wholeNumberOf } from "./whole-number.ts";

test.each([
  ["12", 12],
  ["12.0", 12],
  ["1.2e1", 12],
  ["1200e-2", 12],
  ["-0.0", 0],
  ["9007199254740991", 2 ** 53 - 1],
  // 2^53, one above the largest number that is taken.
  ["9007199254740992", null],
  ["12.5", null],
  ["12.0000000000000000001", null],
  ["1e-1", null],
  ["1e400", null],
])("%s stands for %s", (source, expected) => {
  expect(wholeNumberOf(source)).toBe(expected);
});

test("a number of more than 15 digits, or with an exponent, may lose digits as a double", () => {
  expect(["123456789012345", "1234567890123456", "1e3", "12"].map(mayLoseDigits)).toEqual([false, true, true, false]);
});
