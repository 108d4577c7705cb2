import fc from "fast-check";
import { expect, test } from "vitest";
import { DECIMAL_BYTES_MAX, writeDecimal } from "./shortest-decimal.ts";

const BYTES = Buffer.alloc(DECIMAL_BYTES_MAX + 2);

function written(value: number): string | null {
  BYTES.fill("#");
  const end = writeDecimal(BYTES, 1, value);
  expect(BYTES.toString("latin1", 0, 1)).toBe("#");
  expect(BYTES.toString("latin1", DECIMAL_BYTES_MAX + 1)).toBe("#");
  return end < 0 ? null : BYTES.toString("latin1", 1, end);
}

/** Runs a property of numbers; answers which part of them was written. */
function partWritten(numbers: fc.Arbitrary<number>): number {
  let [all, some] = [0, 0];
  fc.assert(
    fc.property(numbers, (value) => {
      const text = written(value);
      all++;
      if (text === null) return;
      some++;
      expect(text).toBe(String(value));
    }),
    { numRuns: 5_000 },
  );
  return some / all;
}

/** The double that lies so many doubles behind another. */
const beside = (value: number, steps: number): number => {
  const bits = new DataView(new ArrayBuffer(8));
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + BigInt(steps));
  return bits.getFloat64(0);
};

test("ratios have the digits that String gives them, and nearly all are written", () => {
  const part = fc.integer({ min: 1, max: 86_400_000 });
  expect(partWritten(fc.noBias(fc.tuple(part, part).map(([a, b]) => a / b)))).toBeGreaterThan(0.99);
  expect(partWritten(fc.double({ min: 1e-5, max: 1e9, noNaN: true }))).toBeGreaterThan(0.5);
});

test("what is written is what String gives, whatever the number", () => {
  const steps = fc.integer({ min: -6, max: 6 });
  partWritten(fc.double());
  // Beside decimals of few digits, beside powers of two and of ten, and halfway between two decimals.
  const few = fc.tuple(fc.integer({ min: 1, max: 99_999 }), fc.integer({ min: 0, max: 9 }));
  partWritten(fc.tuple(few, steps).map(([[digits, places], by]) => beside(digits / 10 ** places, by)));
  partWritten(fc.tuple(fc.integer({ min: -25, max: 52 }), steps).map(([power, by]) => beside(2 ** power, by)));
  partWritten(fc.tuple(fc.integer({ min: -8, max: 17 }), steps).map(([power, by]) => beside(10 ** power, by)));
  partWritten(fc.tuple(fc.maxSafeNat(), fc.integer({ min: 1, max: 60 })).map(([odd, power]) => odd / 2 ** power));
});

test.each([0, -0.3, 1e-7, 2.5e16, 0.5, Number.NaN, Infinity, -Infinity])("nothing is written of %d", (value) => {
  expect(written(value)).toBeNull();
});
