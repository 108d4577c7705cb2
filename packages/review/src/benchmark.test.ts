import { expect, test } from "vitest";
import { nearestRank } from "./benchmark.ts";

test("BM-1: quartiles are values of the list, by the nearest rank", () => {
  expect([0.25, 0.5, 0.75].map((p) => nearestRank([1, 2, 3, 4, 5], p))).toEqual([2, 3, 4]);
  expect([0.25, 0.5, 0.75].map((p) => nearestRank([7], p))).toEqual([7, 7, 7]);
});
