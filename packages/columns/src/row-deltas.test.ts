import { PLACE } from "@oee/model";
import { expect, test } from "vitest";
import { headOf, numbersOf } from "./one-row.fixture.ts";
import { rescaled, RowDelta, RowDeltas } from "./row-deltas.ts";

test("a changed row gives a delta with the differences of its numbers; an unchanged one gives none", () => {
  const deltas = new RowDeltas();
  expect(deltas.addChange(headOf(null), 0, numbersOf(50, 7), 0, numbersOf(60, 4))).toBe(true);
  expect(deltas.addChange(headOf(null), 0, numbersOf(60), 0, numbersOf(60))).toBe(false);
  deltas.takeBack(headOf("a"), 60_000, numbersOf(30));
  expect([...deltas]).toMatchObject([
    { runTime: -10, goodCount: 3 },
    { from: 60_000, product: "a", runTime: -30 },
  ]);
});

test("a delta holds the numbers that are not 0 and adds them to a sum; it has planned and elapsed time of its own", () => {
  const delta = new RowDelta();
  const numbers = numbersOf(40, 2);
  numbers[PLACE.notPlannedTime] = 20;
  delta.set(numbers, 0);
  expect([delta.length, delta.planned, delta.elapsed]).toEqual([3, 40, 60]);
  expect(delta.mask).toBe((1 << PLACE.runTime) | (1 << PLACE.goodCount) | (1 << PLACE.notPlannedTime));
  const sums = numbersOf(1, 1);
  delta.addTo(sums);
  expect([sums[PLACE.runTime], sums[PLACE.goodCount], sums[PLACE.notPlannedTime]]).toEqual([41, 3, 20]);
});

test("CN-5: a delta brought to other decimals has its quantities rounded, and its times unchanged", () => {
  const delta = new RowDelta();
  delta.set(numbersOf(40, 25), 0);
  delta.rescale(1, 0);
  const sums = numbersOf(0);
  delta.addTo(sums);
  expect([sums[PLACE.runTime], sums[PLACE.goodCount]]).toEqual([40, 3]);
  expect([rescaled(3, 0, 2), rescaled(249, 2, 0)]).toEqual([300, 2]);
});
