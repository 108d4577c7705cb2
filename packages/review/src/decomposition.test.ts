import { type Sums, sumsWith } from "@oee/answers";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type Cells, changeOfOee, shareOf } from "./decomposition.ts";

const HOUR = 3_600_000;

const cell = (runTime: number, stopped: number, idealGood: number): Sums =>
  sumsWith({ runTime, unplannedStopTime: stopped, idealTimeUs: idealGood * 1000, idealGoodTimeUs: idealGood * 1000 });

test("DC-1: one machine whose stops grew from 1 to 2 of 8 hours loses 12.5 points, all of them stops", () => {
  // Before: 8 h planned, 7 h run at full speed, OEE 7/8. After: 6 h run, OEE 6/8.
  const change = changeOfOee(
    new Map([["m", new Map([[null, cell(7 * HOUR, HOUR, 7 * HOUR)]])]]),
    new Map([["m", new Map([[null, cell(6 * HOUR, 2 * HOUR, 6 * HOUR)]])]]),
  );
  expect(change?.oee).toEqual([0.875, 0.75]);
  expect(change?.change).toBeCloseTo(-0.125, 12);
  expect(change?.bars.otherUnplannedStops).toBeCloseTo(-0.125, 12);
  expect(change?.hours.otherUnplannedStops).toBeCloseTo(-1, 12);
  expect(change?.bars.machineMix).toBeCloseTo(0, 12);
});

test("DC-3: where each machine keeps its OEE and only their shares of planned time change, the change is in the mix of machines alone", () => {
  // A is at 90 %, B at 50 %. Before 10 h each: 70 %. After 15 h of A and 5 h of B: 80 %.
  const before: Cells = new Map([
    ["A", new Map([[null, cell(10 * HOUR, 0, 9 * HOUR)]])],
    ["B", new Map([[null, cell(10 * HOUR, 0, 5 * HOUR)]])],
  ]);
  const after: Cells = new Map([
    ["A", new Map([[null, cell(15 * HOUR, 0, 13.5 * HOUR)]])],
    ["B", new Map([[null, cell(5 * HOUR, 0, 2.5 * HOUR)]])],
  ]);
  const change = changeOfOee(before, after);
  expect(change?.change).toBeCloseTo(0.1, 12);
  expect(change?.bars.machineMix).toBeCloseTo(0.1, 12);
  expect(change?.bars.reducedSpeed).toBeCloseTo(0, 12);
});

test("DC-2: a product made in one period alone is a change of the mix of products", () => {
  const before: Cells = new Map([["m", new Map([["x", cell(10 * HOUR, 0, 9 * HOUR)]])]]);
  const after: Cells = new Map([
    [
      "m",
      new Map([
        ["x", cell(5 * HOUR, 0, 4.5 * HOUR)],
        ["y", cell(5 * HOUR, 0, 3 * HOUR)],
      ]),
    ],
  ]);
  const change = changeOfOee(before, after);
  expect(change?.change).toBeCloseTo(-0.15, 12);
  expect(change?.bars.productMix).toBeCloseTo(-0.15, 12);
});

const amount = fc.integer({ min: 0, max: 50_000_000 });
const sums = fc
  .record({
    runTime: amount,
    minorStopTime: amount,
    unplannedStopTime: amount,
    failed: fc.double({ min: 0, max: 1, noNaN: true }),
    setupTime: amount,
    plannedStopTime: amount,
    idealTimeUs: fc.integer({ min: 0, max: 60_000_000_000 }),
    good: fc.double({ min: 0, max: 1, noNaN: true }),
    idle: fc.boolean(),
  })
  .map(({ failed, good, idle, ...c }) => {
    const idealGoodTimeUs = Math.floor(c.idealTimeUs * good);
    const startupLossTimeUs = Math.floor((c.idealTimeUs - idealGoodTimeUs) / 3);
    // The good production of a cell without planned time is in `unplaced`.
    if (idle) return sumsWith({ idealTimeUs: c.idealTimeUs, idealGoodTimeUs, startupLossTimeUs });
    return sumsWith({
      ...c,
      failureTime: Math.floor(c.unplannedStopTime * failed),
      idealGoodTimeUs,
      startupLossTimeUs,
    });
  });
const cells = fc
  .dictionary(fc.constantFrom("a", "b", "c", "d"), fc.dictionary(fc.constantFrom("x", "y", "z"), sums))
  .map(
    (machines): Cells =>
      new Map(Object.entries(machines).map(([id, products]) => [id, new Map(Object.entries(products))])),
  );

test("DC-3, DC-4: on random cells the bars, and the machines with what is unplaced, add up to the change of OEE", () => {
  fc.assert(
    fc.property(cells, cells, (before, after) => {
      const change = changeOfOee(before, after);
      const planned = (of: Cells): number =>
        [...of.values()].flatMap((p) => [...p.values()]).reduce((n, s) => n + s.planned, 0);
      if (planned(before) === 0 || planned(after) === 0) return change === null;
      if (change === null) return false;
      const bars = Object.values(change.bars).reduce((n: number, bar) => n + (bar ?? 0), 0);
      const machines =
        shareOf(
          change,
          ["a", "b", "c", "d"].map((path) => ({ path })),
        ) + change.bars.unplaced;
      const size = 1 + Math.abs(change.oee[0]) + Math.abs(change.oee[1]);
      expect(Math.abs(bars - change.change) / size).toBeLessThan(1e-9);
      expect(Math.abs(machines - change.change) / size).toBeLessThan(1e-9);
      return true;
    }),
    { numRuns: 150 },
  );
});

test("DC-1: identical periods have a change of 0 in every bar", () => {
  fc.assert(
    fc.property(cells, (same) => {
      const change = changeOfOee(same, same);
      if (change === null) return;
      for (const bar of Object.values(change.bars)) expect(Math.abs(bar ?? 0)).toBeLessThan(1e-12);
    }),
    { numRuns: 50 },
  );
});
