import { type Scope, scopeAt } from "@oee/model";
import { expect, test } from "vitest";
import { ONE_MACHINE, plantFrom } from "../../../tests/support/plant.ts";
import { dateText } from "./dates.ts";
import { nameOfPeriod, periodNamed, relativePeriod } from "./period-names.ts";

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

test("DI-2, RV-1: periods begin in 2000 to 2099, and the one before in 1970 at the earliest", () => {
  for (const name of ["0000", "1969", "1999-Q4", "1999-12-31", "9999-Q4", "2100", "2100-01-01"]) {
    expect([name, periodNamed(name, ISO)]).toEqual([name, null]);
  }
  expect(periodNamed(["1999-12-31", "2000-02-01"], ISO)).toBeNull();
  expect(periodNamed(["2026-01-01", "9999-01-01"], ISO)).toBeNull();
  const names = ["2000", "2000-W01", "2099", "2099-Q4", "2099-12-31"];
  expect(names.filter((name) => periodNamed(name, ISO) === null)).toEqual([]);
  expect(periodNamed("2099", { ...ISO, yearStartMonth: 10 })).not.toBeNull();
  const long = periodNamed(["2000-01-01", "2099-01-01"], ISO);
  expect(long && dateText(long.previous.from)).toBe("1970-01-02");
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

test.each([
  ["2026", "2026"],
  ["2026-Q3", "2026-Q3"],
  ["2026-12", "2026-12"],
  ["2026-W01", "2026-W01"],
  ["2026-07-04", "2026-07-04"],
  [
    ["2026-07-01", "2026-08-15"],
    ["2026-07-01", "2026-08-15"],
  ],
] as const)(
  "PE-5, R-1: the period of %j is named %j, with years from April and days from 06:00 too",
  (name, expected) => {
    for (const rules of [ISO, FISCAL]) {
      const period = periodNamed(name, rules);
      expect(period && nameOfPeriod(period, rules)).toEqual(expected);
    }
  },
);

test("PE-5, R-1: a period that is relative to now is named so that it is the same later", () => {
  const rules = 'periods: { dayStart: "06:00", weekStart: sun, yearStart: "04-01" }';
  const scope = scopeAt(plantFrom(`${ONE_MACHINE}${rules}`), "*") as Scope;
  const named = (name: string): unknown => {
    const period = relativePeriod(name, scope, Date.UTC(2026, 10, 30, 7));
    return period && nameOfPeriod(period, FISCAL);
  };
  // The year began in April: October to December is its third quarter.
  expect(["this-quarter", "last-month", "this-year", "yesterday", "this-week"].map(named)).toEqual([
    ...["2026-Q3", "2026-10", "2026", "2026-11-29"],
    ...["2026-W48"],
  ]);
  // Dates begin at midnight, and have as many dates before them: they are no name of a quarter.
  const dates = periodNamed(["2026-10-01", "2027-01-01"], FISCAL);
  expect(dates && nameOfPeriod(dates, FISCAL)).toEqual(["2026-10-01", "2027-01-01"]);
});
