import { expect, test } from "vitest";
import { QUANTITY_MAX, quantityMaxOf } from "./bounds.ts";

test("CN-5, CN-6: the largest count is that of 100 days of the ideal cycle, in smallest units and per count", () => {
  const second = 1_000_000;
  expect(quantityMaxOf({ idealCycleUs: 60 * second, decimals: 0, piecesPerCount: 1 })).toBe(144_000);
  expect(quantityMaxOf({ idealCycleUs: 60 * second, decimals: 1, piecesPerCount: 1 })).toBe(1_440_000);
  expect(quantityMaxOf({ idealCycleUs: 60 * second, decimals: 0, piecesPerCount: 4 })).toBe(36_000);
});

test("a machine without a cycle has the same bound as the quickest, and the slowest may count one", () => {
  expect(quantityMaxOf({ idealCycleUs: null, decimals: 0, piecesPerCount: 1 })).toBe(QUANTITY_MAX);
  expect(quantityMaxOf({ idealCycleUs: 1, decimals: 6, piecesPerCount: 1 })).toBe(QUANTITY_MAX);
  expect(quantityMaxOf({ idealCycleUs: 200 * 86_400_000_000, decimals: 0, piecesPerCount: 1 })).toBe(1);
});
