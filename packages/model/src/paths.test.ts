import { expect, test } from "vitest";
import { isAtOrBelow, isInScope } from "./paths.ts";

test("a path lies within itself and what is above it, and not within what is only named alike", () => {
  expect(isAtOrBelow("berlin/packing/l1", "berlin/packing")).toBe(true);
  expect(isAtOrBelow("berlin/packing", "berlin/packing")).toBe(true);
  expect(isAtOrBelow("berlin/packing-2", "berlin/packing")).toBe(false);
  expect(isAtOrBelow("berlin", "berlin/packing")).toBe(false);
});

test("all scopes are in *, and a reason is not", () => {
  expect([isInScope("berlin", "*"), isInScope("*", "*"), isInScope("*", "berlin")]).toEqual([true, true, false]);
  expect(isAtOrBelow("jam", "*")).toBe(false);
});
