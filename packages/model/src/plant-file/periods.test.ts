import { expect, test } from "vitest";
import { readOf } from "./one-value.fixture.ts";
import { PERIODS_DEFAULT, readPeriods } from "./periods.ts";

const read = (text: string) => readOf(text, (value, problems) => readPeriods(value, PERIODS_DEFAULT, problems));

test("PE-5: a day that begins at 06:30, a week on Sunday, a year in April; what is not said is as above", () => {
  expect(read('{ dayStart: "06:30", weekStart: sun, yearStart: "04-01" }').read).toEqual({
    dayStartMinute: 390,
    weekStart: 7,
    yearStartMonth: 4,
  });
  expect(read("{ weekStart: tue }").read).toEqual({ dayStartMinute: 0, weekStart: 2, yearStartMonth: 1 });
});

test("times and dates that cannot begin a day or a year are told", () => {
  expect(read('{ dayStart: "24:00", yearStart: "04-02", weekStart: Sunday }').said).toEqual([
    '1:13 dayStart: found the text "24:00", expected a time of day from 00:00 to 23:59',
    '1:33 yearStart: found the text "04-02", expected the 1st of a month such as 04-01',
    '1:53 weekStart: found the text "Sunday", expected one of mon, tue, wed, thu, fri, sat, sun',
  ]);
});
