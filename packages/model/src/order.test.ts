import { expect, test } from "vitest";
import { compareCodePoints, firstNotBefore } from "./order.ts";

test("`firstNotBefore` finds the first place that is not before a value: between two, at the first of equal ones, at either end", () => {
  const sorted = [1, 3, 3, 7];
  const placeOf = (value: number): number => firstNotBefore(sorted.length, (place) => (sorted[place] ?? 0) < value);
  expect([0, 1, 2, 3, 4, 7, 8].map(placeOf)).toEqual([0, 0, 1, 1, 3, 3, 4]);
  expect(firstNotBefore(0, () => true)).toBe(0);
});

test("texts are ordered by code points, not by UTF-16 units", () => {
  expect(["\u{1f600}", "\uff5e", "a", "ab", ""].toSorted(compareCodePoints)).toEqual([
    "",
    "a",
    "ab",
    "\uff5e",
    "\u{1f600}",
  ]);
});
