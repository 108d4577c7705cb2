import { expect, test } from "vitest";
import { dateText } from "./dates.ts";
import { periodNamed } from "./period-names.ts";

test.each([
  ["2026", "2026-01-01", "2027-01-01", "2025-01-01"],
  ["2026-Q3", "2026-07-01", "2026-10-01", "2026-04-01"],
  ["2026-Q1", "2026-01-01", "2026-04-01", "2025-10-01"],
  ["2026-07", "2026-07-01", "2026-08-01", "2026-06-01"],
  ["2026-W01", "2025-12-29", "2026-01-05", "2025-12-22"],
  ["2026-W53", "2026-12-28", "2027-01-04", "2026-12-21"],
  ["2026-07-04", "2026-07-04", "2026-07-05", "2026-07-03"],
  [["2026-07-01", "2026-08-15"], "2026-07-01", "2026-08-15", "2026-05-17"],
] as const)("RV-1: %j is the dates from %s to %s, after %s", (name, from, to, before) => {
  const period = periodNamed(name);
  expect(period && [period.from, period.to, period.previous.from].map(dateText)).toEqual([from, to, before]);
  expect(period?.previous.to).toBe(period?.from);
});

test.each(["2025-W53", "2026-Q5", "2026-13", "2026-7", "26", "2026-02-30", ""])("RV-1: %j is no period", (name) => {
  expect(periodNamed(name)).toBeNull();
});
