import { emptyRow, type Row } from "@oee/model";
import { expect, test } from "vitest";
import { kpisOf, lossesOf } from "./formulas.ts";
import { type Sums, sumOf } from "./sums.ts";

const HOUR = 3_600_000;
const HEAD = { machine: "m", product: null, shift: null, shiftDate: null, taktUs: 2e6, costPerHour: 100, decimals: 0 };

/** A shift of eight planned hours: six of run time, one of minor stops, one of failure; 18,000 pieces with an ideal cycle of 1 s, 900 of them scrap. */
function shift(more: Partial<Row> = {}): Sums {
  return sumOf([
    {
      ...emptyRow(HEAD, 0),
      runTime: 6 * HOUR,
      minorStopTime: HOUR,
      unplannedStopTime: HOUR,
      failureTime: HOUR,
      failureCount: 2,
      repairCount: 2,
      repairTime: HOUR,
      stopCount: 2,
      goodCount: 17_100,
      scrapCount: 900,
      idealTimeUs: 18_000e6,
      idealGoodTimeUs: 17_100e6,
      ...more,
    },
  ]);
}

test("KP-1: the figures of a shift, worked out by hand", () => {
  expect(kpisOf(shift(), true)).toMatchObject({
    availability: 7 / 8,
    performance: 5 / 7,
    quality: 0.95,
    oee: 17_100 / (8 * 3600),
    mttr: HOUR / 2,
    mtbf: 3 * HOUR,
    scrapRatio: 0.05,
    targetCount: 14_400,
    downtimeCost: 100,
  });
});

test("P-3: a denominator of 0 gives null", () => {
  const { oee, mttr, quality } = kpisOf(shift({ goodCount: 0, scrapCount: 0, repairCount: 0 }), false);
  expect([oee, mttr, quality]).toEqual([null, null, null]);
});

test("KP-1: planned time less all losses is ideal good time; an unrated scope has none", () => {
  const losses = lossesOf(shift({ startupLossTimeUs: 300e6 }).components(), true);
  if (losses === null) return expect.unreachable();
  const { planned, idealGoodTime, ...six } = losses;
  expect(planned - Object.values(six).reduce((sum, ms) => sum + ms, 0)).toBe(idealGoodTime);
  expect(losses).toMatchObject({
    breakdowns: HOUR,
    reducedSpeed: HOUR,
    processDefects: 600_000,
    startupLosses: 300_000,
  });
  expect(lossesOf(shift().components(), false)).toBeNull();
});
