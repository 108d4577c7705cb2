import { expect, test } from "vitest";
import { durationStep, hoursStep } from "./time-step.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

test.each([
  [0.138, 0.2],
  [0.2, 0.2],
  [1.1, 2],
  [600, 1_000],
  [0.0001, 0.01],
])("an axis that needs marks every %f h or more has one every %f h", (least, step) => {
  expect(hoursStep(least)).toBeCloseTo(step, 12);
});

test.each([
  [1, 1_000],
  [3 * MINUTE_MS + 200, 5 * MINUTE_MS],
  [31 * MINUTE_MS, 60 * MINUTE_MS],
  [833 * MINUTE_MS, DAY_MS],
  [2.1 * DAY_MS, 5 * DAY_MS],
])("an axis of durations that needs marks every %i ms or more has one every %i ms", (least, step) => {
  expect(durationStep(least)).toBe(step);
});
