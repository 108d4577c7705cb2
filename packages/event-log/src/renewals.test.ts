import { expect, test } from "vitest";
import { firstOffsetAfter, renewalsBefore } from "./renewals.ts";

test("offsets of a topic that was made anew lie behind all of the one before, and say how often it was", () => {
  expect([firstOffsetAfter(0), firstOffsetAfter(1) + 5]).toEqual([0, 10_000_000_000_005]);
  expect([-1, 0, 9_999_999_999_999, firstOffsetAfter(1), firstOffsetAfter(3) + 7].map(renewalsBefore)).toEqual([
    0, 0, 0, 1, 3,
  ]);
  expect(Number.isSafeInteger(firstOffsetAfter(900))).toBe(true);
});
