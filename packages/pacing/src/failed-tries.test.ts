import { expect, test } from "vitest";
import { FailedTries } from "./failed-tries.ts";

test("the pause of a thing doubles from try to try up to the longest one; others are tried at once", () => {
  const tries = new FailedTries({ firstDelayMs: 5, delayMsMax: 12 });
  const pauseFrom = (now: number): number => {
    tries.failed("a", now, "full");
    return Array.from({ length: 100 }, (_, ms) => ms).find((ms) => tries.mayTry("a", now + ms)) ?? NaN;
  };
  expect([tries.mayTry("a", 0), pauseFrom(0), pauseFrom(100), pauseFrom(200), pauseFrom(300)]).toEqual([
    true,
    5,
    10,
    12,
    12,
  ]);
  expect(tries.mayTry("b", 0)).toBe(true);
});

test("what is done, or not wanted any more, is forgotten, with why it failed", () => {
  const tries = new FailedTries({ firstDelayMs: 5, delayMsMax: 12 });
  for (const key of ["a", "b", "c"]) tries.failed(key, 0, `${key} is full`);
  tries.done("a");
  tries.keepOnly(new Set(["b"]));
  expect(["a", "b", "c"].map((key) => tries.whyOf(key))).toEqual([null, "b is full", null]);
  expect(["a", "b", "c"].map((key) => tries.mayTry(key, 0))).toEqual([true, false, true]);
});
