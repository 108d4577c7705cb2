import * as fc from "fast-check";
import { expect, test } from "vitest";
import { decimalOf, smallestUnitsOf, smallestUnitsOfDigits } from "./decimal.ts";

test.each([
  ["0.2", 1, 2],
  ["838860.7", 1, 8_388_607],
  ["0.15", 1, 2],
  ["-0.15", 1, -2],
  ["1.005", 2, 101],
  ["0.04999999999999999999", 1, 0],
  ["0.05", 1, 1],
  ["-0.05", 1, -1],
  ["-0.04", 1, 0],
  ["12", 3, 12_000],
  ["12.0", 0, 12],
  ["1.25e1", 1, 125],
  ["5e-2", 1, 1],
  ["9007199254740991", 0, Number.MAX_SAFE_INTEGER],
  ["900719925474099.1", 1, Number.MAX_SAFE_INTEGER],
  ["9007199254740992", 0, null],
  ["900719925474099.2", 1, null],
  ["1e300", 0, null],
  ["1e-300", 6, 0],
  ["x", 1, null],
])(
  "CN-5: %s with %i decimals is %j smallest units, rounded as written, halves away from zero",
  (text, decimals, units) => {
    expect(smallestUnitsOf(text, decimals)).toBe(units);
  },
);

test("CN-5: a number given as digits and exponent and one given as text are rounded alike, and −x to the opposite of x", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -1e15 + 1, max: 1e15 - 1 }),
      fc.nat({ max: 15 }),
      fc.integer({ min: 1, max: 6 }),
      (digits, fraction, decimals) => {
        const units = smallestUnitsOfDigits(digits, fraction, decimals);
        const exact = smallestUnitsOf(`${digits}e-${fraction}`, decimals);
        expect(Number.isNaN(units) ? null : units).toBe(exact);
        if (exact !== null) expect(smallestUnitsOfDigits(0 - digits, fraction, decimals)).toBe(0 - exact);
      },
    ),
    { numRuns: 2_000 },
  );
  expect(smallestUnitsOfDigits(15, 1, 0)).toBeNaN();
});

test("CN-5: smallest units become the double next to the decimal number that was written", () => {
  expect(decimalOf(3, 1)).toBe(0.3);
  expect(decimalOf(8_388_607, 1)).toBe(838_860.7);
  expect(decimalOf(-5, 0)).toBe(-5);
});
