import { sumsWith } from "@oee/answers";
import { expect, test } from "vitest";
import { type Block, detectable, estimate } from "./estimate.ts";
import { Amounts } from "./facts.ts";
import { type Measure, measureNamed } from "./measures.ts";
import { studentT } from "./student-t.ts";

const HOUR = 3_600_000;
const SHARE = measureNamed("unplannedDowntimeShare") as Measure;

/** A week of 100 planned hours, `stoppedHours` of which are unplanned stops. */
function week(stoppedHours: number): Amounts {
  const amounts = new Amounts();
  amounts.sums.addSums(sumsWith({ runTime: (100 - stoppedHours) * HOUR, unplannedStopTime: stoppedHours * HOUR }));
  return amounts;
}

const blocks = (pilot: readonly number[], control: readonly number[] | null, first = 0): Block[] =>
  pilot.map((hours, i) => ({
    number: first + i,
    pilot: week(hours),
    control: control === null ? null : week(control[i] ?? 0),
  }));

test("PI-8: Student's t is that of the table; between two degrees of the table that of the lower one", () => {
  expect([1, 10, 22, 30, 31, 39, 40, 59, 60, 119, 120, 500].map(studentT)).toEqual([
    12.706, 2.228, 2.074, 2.042, 2.042, 2.042, 2.021, 2.021, 2, 2, 1.98, 1.98,
  ]);
});

test("PI-3, PI-4: with equal weeks the effect is the difference of means, the error that of a two-sample comparison", () => {
  // Before 20 ± 1 of 100 hours, after 15 ± 1; six blocks each, alternating. Leaving one out of six equal weeks of a ratio
  // of sums gives d_j = the block's own distance from the mean: ±0.01. V = 2 × 6 × 0.0001 / 30 = 0.00004.
  // Neighbours alternate: r = −10 × 0.0001 / (12 × 0.0001) = −10/12, so q = max(0, −0.8333 + 0.25) = 0.
  const found = estimate(SHARE, true, blocks([21, 19, 21, 19, 21, 19], null), blocks([16, 14, 16, 14, 16, 14], null));
  expect(found?.effect).toBeCloseTo(-0.05, 12);
  expect(found?.relative).toBeCloseTo(-0.25, 12);
  expect(found?.autocorrelation).toBeCloseTo(-10 / 12, 12);
  expect(found?.q).toBe(0);
  expect(found?.se).toBeCloseTo(Math.sqrt(0.00004), 12);
  expect(found?.t).toBe(2.228);
  expect(found?.high).toBeCloseTo(-0.05 + 2.228 * Math.sqrt(0.00004), 12);
  expect(found?.verdict).toBe("improved");
  expect(found?.noControl).toBe(true);
  expect(found?.parallel).toBeNull();
});

test("PI-3: the change of the controls is subtracted from that of the pilot", () => {
  const found = estimate(
    SHARE,
    true,
    blocks([21, 19, 21, 19, 21, 19], [30, 30, 30, 30, 30, 30]),
    blocks([16, 14, 16, 14, 16, 14], [28, 28, 28, 28, 28, 28]),
  );
  expect(found?.effect).toBeCloseTo(-0.03, 12);
  expect(found?.expected).toBeCloseTo(0.18, 12);
  expect(found?.control).toEqual([0.3, 0.28]);
});

test("PI-6: identical series have an effect of exactly 0 and no clear change", () => {
  const same = [21, 17, 25, 19, 22, 18];
  const found = estimate(SHARE, true, blocks(same, same), blocks(same, same));
  expect(found?.effect).toBe(0);
  expect(found?.verdict).toBe("no-clear-change");
});

test("PI-5, PI-6: where the pilot drifted towards the better before the change already, there is no improvement", () => {
  const found = estimate(
    SHARE,
    true,
    blocks([30, 28.5, 27, 25.2, 24, 22.6, 21, 19.5], [30, 30, 30, 30, 30, 30, 30, 30]),
    blocks([15, 14, 15, 14, 15, 14], [30, 30, 30, 30, 30, 30]),
  );
  expect(found?.parallel).toBe(false);
  expect(found?.slope).toBeLessThan(0);
  expect(found?.verdict).toBe("drifting-before");
});

test("PI-2: five blocks in a phase are too little data", () => {
  expect(estimate(SHARE, true, blocks([1, 2, 3, 4, 5], null), blocks([1, 2, 3, 4, 5, 6], null))).toBeNull();
});

test("PI-10: the smallest effect that could be shown follows from the blocks before alone", () => {
  // V₀ = 6 × 0.0001 / 30 = 0.00002, doubled for as many blocks after; r = −5/6 → q = 0; t(10).
  const found = detectable(SHARE, true, blocks([21, 19, 21, 19, 21, 19], null), 6);
  expect(found).toBeCloseTo(2.228 * Math.sqrt(0.00004), 12);
});
