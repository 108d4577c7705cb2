/**
 * The periods that answers are cut into (PE-2, PE-5): days, weeks, months, quarters and years of a zone, its hours counted
 * from the start of the day, and UTC minutes.
 */
import type { Every, PeriodRules, Zone } from "@oee/model";
import { DAY_MS, HOUR_MS, instantOf, localMsOf, MINUTE_MS, weekdayOfDay } from "./local-time.ts";

/** `[from, to)`, instants in epoch ms. */
export interface Period {
  readonly from: number;
  readonly to: number;
}

/** All but shifts, which are the calendars' own. */
export type CivilPeriod = Exclude<Every, "shift">;

/** The periods that overlap `[from, to)`, whole, by time. Those without length (a day that a zone skipped) are left out. */
export function periodsOf(every: CivilPeriod, zone: Zone, rules: PeriodRules, from: number, to: number): Period[] {
  const periods: Period[] = [];
  const add = (start: number, end: number): void => {
    if (end > start && start < to && end > from) periods.push({ from: start, to: end });
  };
  if (every === "minute") {
    for (let at = Math.floor(from / MINUTE_MS) * MINUTE_MS; at < to; at += MINUTE_MS) add(at, at + MINUTE_MS);
    return periods;
  }
  const startOf = (date: number): number => instantOf(zone, date * DAY_MS + rules.dayStartMinute * MINUTE_MS);
  // Local dates around the span: two more before it, since a day may begin late in its date, and a clock change may move it.
  let day = firstDayOf(every, rules, Math.floor(localMsOf(zone, from) / DAY_MS) - 2);
  for (let start = startOf(day); start < to; ) {
    const next = nextFirstDay(every, day);
    const end = startOf(next);
    if (every === "hour") for (let at = start; at < end; at += HOUR_MS) add(at, Math.min(at + HOUR_MS, end));
    else add(start, end);
    day = next;
    start = end;
  }
  return periods;
}

type DayPeriod = Exclude<CivilPeriod, "minute">;

const MONTHS = { month: 1, quarter: 3, year: 12 } as const;

/** The first date (days since 1970) of the period that holds a date. */
function firstDayOf(every: DayPeriod, { weekStart, yearStartMonth }: PeriodRules, day: number): number {
  if (every === "hour" || every === "day") return day;
  if (every === "week") return day - ((weekdayOfDay(day) - weekStart + 7) % 7);
  const date = new Date(day * DAY_MS);
  const month = date.getUTCMonth();
  const into = (month - (yearStartMonth - 1) + 12) % MONTHS[every];
  return Date.UTC(date.getUTCFullYear(), month - into, 1) / DAY_MS;
}

/** The first date of the period after the one that begins with a date. */
function nextFirstDay(every: DayPeriod, first: number): number {
  if (every === "hour" || every === "day") return first + 1;
  if (every === "week") return first + 7;
  const date = new Date(first * DAY_MS);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + MONTHS[every], 1) / DAY_MS;
}
