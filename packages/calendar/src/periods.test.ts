import { type Plant } from "@oee/model";
import { expect, test } from "vitest";
import { type CivilPeriod, periodsOf } from "./periods.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

function plantOf(rules: string): Plant {
  return plantFrom(
    `enterprise: e\ntimezone: Europe/Berlin\n${rules}sites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 } } } } } } } }\n`,
  );
}

function periods(every: CivilPeriod, from: string, to: string, rules = ""): string[] {
  const plant = plantOf(rules);
  const scope = plant.scopes.get("*");
  if (scope === undefined) throw new Error("the plant has no scope *");
  return periodsOf(every, scope.timezone, scope.periods, Date.parse(`${from}Z`), Date.parse(`${to}Z`)).map(
    (period) => `${new Date(period.from).toISOString().slice(0, 16)} ${new Date(period.to).toISOString().slice(0, 16)}`,
  );
}

test("PE-2: days are those of the zone, with 23 hours where clocks go forward", () => {
  expect(periods("day", "2026-03-28T12:00", "2026-03-30T00:00")).toEqual([
    "2026-03-27T23:00 2026-03-28T23:00",
    "2026-03-28T23:00 2026-03-29T22:00",
    "2026-03-29T22:00 2026-03-30T22:00",
  ]);
});

test("PE-2: weeks begin on Monday, months and quarters on their first day", () => {
  expect(periods("week", "2026-03-04T00:00", "2026-03-05T00:00")).toEqual(["2026-03-01T23:00 2026-03-08T23:00"]);
  expect(periods("month", "2026-03-04T00:00", "2026-03-05T00:00")).toEqual(["2026-02-28T23:00 2026-03-31T22:00"]);
  expect(periods("quarter", "2026-03-04T00:00", "2026-03-05T00:00")).toEqual(["2025-12-31T23:00 2026-03-31T22:00"]);
});

test("PE-5: a production day, a week and a year begin where the plant file says", () => {
  const rules = 'periods: { dayStart: "06:00", weekStart: sun, yearStart: "10-01" }\n';
  expect(periods("day", "2026-03-04T12:00", "2026-03-04T13:00", rules)).toEqual(["2026-03-04T05:00 2026-03-05T05:00"]);
  expect(periods("week", "2026-03-04T12:00", "2026-03-04T13:00", rules)).toEqual(["2026-03-01T05:00 2026-03-08T05:00"]);
  expect(periods("year", "2026-03-04T12:00", "2026-03-04T13:00", rules)).toEqual(["2025-10-01T04:00 2026-10-01T04:00"]);
});

test("hours are counted from the start of the day, minutes in UTC", () => {
  expect(periods("hour", "2026-03-04T12:10", "2026-03-04T13:10")).toEqual([
    "2026-03-04T12:00 2026-03-04T13:00",
    "2026-03-04T13:00 2026-03-04T14:00",
  ]);
  expect(periods("minute", "2026-03-04T12:10", "2026-03-04T12:12")).toHaveLength(2);
});
