import { expect, test } from "vitest";
import { idealUsOf } from "./ideal-time.ts";

test("CN-5: ideal time is cycle × quantity in whole microseconds, halves away from zero", () => {
  expect(idealUsOf(1_200_000, 3, 0)).toBe(3_600_000);
  // 0.5 of 3 µs
  expect(idealUsOf(3, 5, 1)).toBe(2);
  expect(idealUsOf(3, -5, 1)).toBe(-2);
  expect(idealUsOf(3, 4, 1)).toBe(1);
});

test("CN-5: next to halves and whole multiples, up to what a double holds, it is what whole numbers give", () => {
  for (let decimals = 1; decimals <= 6; decimals++) {
    const step = 10 ** decimals;
    for (let power = 10; power <= 53; power++) {
      const multiple = Math.floor(2 ** power / step) * step;
      for (const near of [-1, 0, 1, step / 2 - 1, step / 2, step / 2 + 1]) {
        const units = multiple + near;
        if (units < 0 || units > Number.MAX_SAFE_INTEGER) continue;
        const expected = Number((2n * BigInt(units) + BigInt(step)) / (2n * BigInt(step)));
        expect([idealUsOf(1, units, decimals), idealUsOf(1, -units, decimals)]).toEqual([expected, 0 - expected]);
      }
    }
  }
});

test("CN-5: a product beyond 2^53 is exact too", () => {
  expect(idealUsOf(9_007_199_254_740_991, 1000, 3)).toBe(9_007_199_254_740_991);
  expect(idealUsOf(9_007_199_254_740_991, -1000, 3)).toBe(-9_007_199_254_740_991);
});
