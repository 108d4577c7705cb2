import { expect, test } from "vitest";
import type { ShiftRule } from "../plant.ts";
import { Problems } from "./problem.ts";
import { dateOfDay, dayOf, isDate, type PlacedShift, refuseOverlaps } from "./shift-overlap.ts";

/** A shift whose place in the text is its number. */
function shift(offset: number, name: string, from: number, to: number, days: readonly number[] = [1]): PlacedShift {
  const rule: ShiftRule = {
    name,
    days,
    cycle: null,
    crew: null,
    startMinute: from * 60,
    endMinute: to * 60,
    breaks: [],
  };
  return { rule, place: { offset, path: name } };
}

function said(weekly: readonly PlacedShift[], exceptions: Readonly<Record<string, readonly PlacedShift[]>> = {}) {
  const problems = new Problems("plant.yaml", "");
  refuseOverlaps(weekly, new Map(Object.entries(exceptions)), problems);
  return problems.inOrder().map(({ message }) => message);
}

test("CA-2: shifts may touch and not overlap, on one date or over midnight, from Sunday to Monday too", () => {
  expect(said([shift(0, "early", 6, 14), shift(1, "late", 14, 22)])).toEqual([]);
  expect(said([shift(0, "early", 6, 14), shift(1, "late", 13, 22)])).toEqual([
    'late: found the shift "late" (13:00-22:00), which overlaps the shift "early" (06:00-14:00), expected shifts that follow one another',
  ]);
  // From 22:00 to 07:00 of the next day.
  expect(said([shift(0, "early", 6, 14, [1]), shift(1, "night", 22, 31, [7])])).toEqual([
    'early: found the shift "early" (06:00-14:00), which overlaps the shift "night" (22:00-07:00), expected shifts that follow one another',
  ]);
});

test("CA-2: two shifts of one date have two names; of two dates they may share one", () => {
  expect(said([shift(0, "day", 6, 8), shift(1, "day", 9, 10)])).toEqual([
    'day: found two shifts of one date with the name "day", expected a name for each',
  ]);
  expect(said([shift(0, "day", 6, 8, [1]), shift(1, "day", 9, 10, [2])])).toEqual([]);
});

test("CA-2: a dated exception is held against the days beside it", () => {
  // 2026-03-03 is a Tuesday, whose night before is Monday's.
  const night = shift(0, "night", 22, 30, [1]);
  expect(said([night], { "2026-03-03": [shift(1, "extra", 5, 7)] })).toEqual([
    'extra: found the shift "extra" (05:00-07:00), which overlaps the shift "night" (22:00-06:00) of the day before, expected shifts that follow one another',
  ]);
  expect(said([night], { "2026-03-04": [shift(1, "extra", 5, 7)] })).toEqual([]);
});

test("dates are days of the calendar, counted from 1970-01-01", () => {
  expect(["2028-02-29", "2026-02-29", "2026-3-1"].map(isDate)).toEqual([true, false, false]);
  expect([dayOf("1970-01-02"), dateOfDay(59)]).toEqual([1, "1970-03-01"]);
});
