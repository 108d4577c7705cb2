import { expect, test } from "vitest";
import { idealUsOf } from "./ideal-time.ts";

test("CN-5: ideal time is cycle × quantity in whole microseconds, halves away from zero", () => {
  expect(idealUsOf(1_200_000, 3, 0)).toBe(3_600_000);
  // 0.5 of 3 µs
  expect(idealUsOf(3, 5, 1)).toBe(2);
  expect(idealUsOf(3, -5, 1)).toBe(-2);
  expect(idealUsOf(3, 4, 1)).toBe(1);
});

test("CN-5: a product beyond 2^53 is exact too", () => {
  expect(idealUsOf(9_007_199_254_740_991, 1000, 3)).toBe(9_007_199_254_740_991);
  expect(idealUsOf(9_007_199_254_740_991, -1000, 3)).toBe(-9_007_199_254_740_991);
});
