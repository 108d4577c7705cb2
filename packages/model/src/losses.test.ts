import { expect, test } from "vitest";
import { BIG_LOSS_NAMES, LOSS_NAMES } from "./losses.ts";

test("KP-1: the waterfall goes from planned time by each of the big losses to the ideal time of good items", () => {
  expect(LOSS_NAMES).toEqual(["planned", ...BIG_LOSS_NAMES, "idealGoodTime"]);
  expect(new Set(LOSS_NAMES).size).toBe(LOSS_NAMES.length);
});
