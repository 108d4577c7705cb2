import { expect, test } from "vitest";
import { dateText, dayOf, type DaySpan } from "./dates.ts";
import { quarterBefore } from "./scorecard-rows.ts";

const span = (from: string, to: string): DaySpan => ({ from: dayOf(from) ?? NaN, to: dayOf(to) ?? NaN });

test.each([
  // A quarter, a month, two months over New Year.
  ["2026-04-01", "2026-07-01", "2026-01-01", "2026-04-01"],
  ["2026-06-01", "2026-07-01", "2026-03-01", "2026-04-01"],
  ["2026-01-01", "2026-03-01", "2025-10-01", "2025-12-01"],
  // A week from Monday to Monday, and one whose Monday is the first of a month.
  ["2026-07-27", "2026-08-03", "2026-04-27", "2026-05-04"],
  ["2026-06-01", "2026-06-08", "2026-03-02", "2026-03-09"],
])("SC-4: a quarter before %s to %s is %s to %s", (from, to, first, end) => {
  const before = quarterBefore(span(from, to));
  expect([dateText(before.from), dateText(before.to)]).toEqual([first, end]);
});
