import { expect, test } from "vitest";
import { daysOf, periodIn, periodText } from "./name-of-period.ts";

test("PE-5: a period has the name that the server gives it, or two dates", () => {
  const named = periodIn(new Headers({ "oee-period": "2026-Q3" }));
  expect([named, periodText(named)]).toEqual(["2026-Q3", "2026-Q3"]);
  const dates = periodIn(new Headers({ "oee-period": "2026-10-01,2027-01-01" }));
  expect([dates, periodText(dates)]).toEqual([["2026-10-01", "2027-01-01"], "2026-10-01 – 2027-01-01"]);
});

test("PE-2: a period ends with its last day, not with the day after", () => {
  const named = (date: string): string => `on ${date}`;
  expect(daysOf({ from: "2026-10-01", to: "2027-01-01" }, named)).toEqual({
    from: "on 2026-10-01",
    to: "on 2026-12-31",
  });
});
