import { expect, test } from "vitest";
import { TimeByRate } from "./time-by-rate.ts";

test("CS-1: times add up by rate, the least first whatever came first; there is none before the first", () => {
  const times = new TimeByRate();
  expect([times.size, ...times]).toEqual([0]);
  times.add(60, 1_000).add(12.5, 500).add(60, 200);
  expect([...times]).toEqual([
    [12.5, 500],
    [60, 1_200],
  ]);
  const all = new TimeByRate();
  all.addAll(times);
  all.addAll(new TimeByRate());
  all.addAll(times);
  expect([...all]).toEqual([
    [12.5, 1_000],
    [60, 2_400],
  ]);
  expect([times.size, all.size]).toEqual([2, 2]);
  all.clear();
  expect([all.size, ...all]).toEqual([0]);
  expect([...all.add(7, 1).add(7, 2)]).toEqual([[7, 3]]);
});
