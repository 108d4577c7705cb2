import { type Machine } from "@oee/model";
import { expect, test } from "vitest";
import type { LackingSegment } from "./facts.ts";
import { LACKING_MAX, reasonInTime, sumOfReasons } from "./reasons.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

const plant = plantFrom(
  "enterprise: e\ntimezone: UTC\nsites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 }, n: { idealCycleSeconds: 1 } } } } } } } }\n",
);
const [m, n] = plant.machines as [Machine, Machine];

const lacking = (machine: Machine, from: number, scheduledDuration: number, open = false): LackingSegment => ({
  machine,
  segment: { from, scheduledDuration, open },
});

test("RS-1: all segments that lack a reason are counted; the first 1,000 are listed, open ones before the longest, then by machine and start", () => {
  const many = Array.from({ length: LACKING_MAX }, (_, i) => lacking(n, i, 1_000 + i));
  const sum = sumOfReasons([
    { due: 3, inTime: 1, lacking: many.length, first: many },
    { due: 1, inTime: 1, lacking: 3, first: [lacking(m, 9, 5_000), lacking(m, 7, 5_000), lacking(m, 8, 1, true)] },
  ]);
  expect([sum.due, sum.inTime, sum.lacking, sum.first.length]).toEqual([4, 2, LACKING_MAX + 3, LACKING_MAX]);
  expect(sum.first.slice(0, 4).map(({ machine, segment }) => [machine.id, segment.from])).toEqual([
    ["s/a/l/m", 8],
    ["s/a/l/m", 7],
    ["s/a/l/m", 9],
    ["s/a/l/n", LACKING_MAX - 1],
  ]);
  expect(sum.first.at(-1)?.segment.from).toBe(3);
});

test("SC-2: the share of due reasons that were given in time, null where none was due", () => {
  expect(reasonInTime({ due: 4, inTime: 3, lacking: 0, first: [] })).toBe(0.75);
  expect(reasonInTime({ due: 0, inTime: 0, lacking: 2, first: [] })).toBeNull();
});
