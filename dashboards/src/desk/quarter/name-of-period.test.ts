import { expect, test } from "vitest";
import { daysOf, nameOfPeriod, periodOfEntry } from "./name-of-period.ts";

test.each([
  ["2026-10-01", "2027-01-01", "2026-Q4"],
  ["2026-11-01", "2026-12-01", "2026-11"],
  ["2026-01-01", "2027-01-01", "2026"],
  ["2026-02-01", "2026-05-01", null],
  ["2026-11-23", "2026-11-30", null],
] as const)("%s to %s is %s", (from, to, name) => {
  expect(periodOfEntry({ from, to })).toEqual(name ?? [from, to]);
  expect(nameOfPeriod({ from, to })).toBe(name ?? `${from} – ${to}`);
});

test("PE-2: a period ends with its last day, not with the day after", () => {
  const named = (date: string): string => `on ${date}`;
  expect(daysOf({ from: "2026-10-01", to: "2027-01-01" }, named)).toEqual({
    from: "on 2026-10-01",
    to: "on 2026-12-31",
  });
});
