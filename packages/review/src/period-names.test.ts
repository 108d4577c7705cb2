import { expect, test } from "vitest";
import { dateText } from "./dates.ts";
import { periodNamed } from "./period-names.ts";

const ISO = { dayStartMinute: 0, weekStart: 1, yearStartMonth: 1 };

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
  const period = periodNamed(name, ISO);
  expect(period && [period.from, period.to, period.previous.from].map(dateText)).toEqual([from, to, before]);
  expect(period?.previous.to).toBe(period?.from);
});

test.each(["2025-W53", "2026-Q5", "2026-13", "2026-7", "26", "2026-02-30", ""])("RV-1: %j is no period", (name) => {
  expect(periodNamed(name, ISO)).toBeNull();
});

const FISCAL = { dayStartMinute: 360, weekStart: 7, yearStartMonth: 4 };

test.each([
  ["2026", "2026-04-01", "2027-04-01", "2025-04-01"],
  ["2026-Q1", "2026-04-01", "2026-07-01", "2026-01-01"],
  ["2026-Q4", "2027-01-01", "2027-04-01", "2026-10-01"],
  ["2026-07", "2026-07-01", "2026-08-01", "2026-06-01"],
  ["2026-W01", "2026-01-04", "2026-01-11", "2025-12-28"],
  ["2025-W53", "2025-12-28", "2026-01-04", "2025-12-21"],
] as const)(
  "PE-5: with years from April, weeks from Sunday and days from 06:00, %j is %s to %s",
  (name, from, to, before) => {
    const period = periodNamed(name, FISCAL);
    expect(period && [period.from, period.to, period.previous.from].map(dateText)).toEqual([from, to, before]);
    expect([period?.dayStartMinute, period?.previous.dayStartMinute]).toEqual([360, 360]);
  },
);

test("PE-5: two dates begin at midnight, whatever the plant file says of days", () => {
  expect(periodNamed(["2026-07-01", "2026-07-02"], FISCAL)?.dayStartMinute ?? 0).toBe(0);
});
