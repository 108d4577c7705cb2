import { expect, test } from "vitest";
import { dayOf } from "./dates.ts";
import { type Measure, measureNamed } from "./measures.ts";
import { aimOf, goalOf, meanPath, pathAt, type Target } from "./targets.ts";

const OEE = measureNamed("oee") as Measure;
const day = (text: string): number => dayOf(text) as number;

const target = (some: Partial<Target>): Target => ({
  id: "t",
  scope: "*",
  measure: OEE,
  aim: { kind: "percent", value: 0.05 },
  from: day("2026-01-01"),
  due: day("2027-01-01"),
  until: Infinity,
  over: 28,
  path: "linear",
  inherit: true,
  minCoverage: 0.8,
  strictly: false,
  baseOf: () => 0.6,
  baselineOf: () => null,
  ...some,
});

test("TG-1: +5 % of 60 % is 63 %, +5 percent points are 65 %; a bare +5 is refused", () => {
  expect(aimOf("+5%", OEE)).toEqual({ kind: "percent", value: 0.05 });
  expect(goalOf(target({ aim: { kind: "percent", value: 0.05 } }), 0.6)).toBeCloseTo(0.63, 12);
  expect(goalOf(target({ aim: { kind: "points", value: 0.05 } }), 0.6)).toBeCloseTo(0.65, 12);
  expect(aimOf("+5", OEE)).toBeNull();
  expect(aimOf("+5pp", measureNamed("mttr") as Measure)).toBeNull();
  expect(goalOf(target({}), null)).toBeNull();
});

test("TG-3: the linear path is read at the middle of each date and reaches the goal when the dates of `over` begin", () => {
  // The path has ten dates from 0.60 to 0.70: at the middle of the first date it is 0.605, of the last 0.695.
  const ten = target({ due: day("2026-01-18"), over: 7, aim: { kind: "absolute", value: 0.7 } });
  expect(pathAt(ten, 0.6, day("2026-01-01"))).toBeCloseTo(0.605, 12);
  expect(pathAt(ten, 0.6, day("2026-01-10"))).toBeCloseTo(0.695, 12);
  expect(pathAt(ten, 0.6, day("2026-01-11"))).toBeCloseTo(0.7, 12);
  expect(pathAt(ten, 0.6, day("2025-12-01"))).toBeCloseTo(0.6, 12);
});

test("TG-3: a step path is the baseline until the dates of `over` begin; the path of a standing target is its goal", () => {
  const step = target({ path: "step", due: day("2026-01-18"), over: 7, aim: { kind: "absolute", value: 0.7 } });
  expect(pathAt(step, 0.6, day("2026-01-10"))).toBe(0.6);
  expect(pathAt(step, 0.6, day("2026-01-11"))).toBe(0.7);
  expect(pathAt(target({ due: null, aim: { kind: "absolute", value: 0.75 } }), null, 0)).toBe(0.75);
});

test.each([0.88, 0.9, 0.99, 0.1, 0.63])(
  "TG-5, TG-6: the path's mean over dates on which it is the goal %d is exactly that",
  (value) => {
    const standing = target({ due: null, aim: { kind: "absolute", value } });
    expect(meanPath(standing, null, { from: day("2026-07-01"), to: day("2026-10-01") })).toBe(value);
    const dated = target({ aim: { kind: "absolute", value } });
    expect(meanPath(dated, 0.6, { from: day("2026-12-04"), to: day("2027-01-01") })).toBe(value);
  },
);

test("TG-5: the path's mean is that of its dates", () => {
  // Ten dates from 0.605 to 0.695 and seven of 0.7: (10 × 0.65 + 7 × 0.7) / 17.
  const ten = target({ due: day("2026-01-18"), over: 7, aim: { kind: "absolute", value: 0.7 } });
  expect(meanPath(ten, 0.6, { from: day("2026-01-01"), to: day("2026-01-18") })).toBeCloseTo(11.4 / 17, 12);
  expect(meanPath(ten, null, { from: day("2026-01-01"), to: day("2026-01-18") })).toBeNull();
});
