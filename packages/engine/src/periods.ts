/**
 * The periods that answers are cut into (PE-2): days, weeks, months and quarters of a zone, its hours counted from
 * local midnight, and UTC minutes.
 */
import type { Zone } from "@oee/model";
import type { Period } from "./machine-history.ts";
import { DAY_MS, HOUR_MS, instantOf, localMsOf, MINUTE_MS, weekdayOfDay } from "./zone.ts";

export type Every = "minute" | "hour" | "shift" | "day" | "week" | "month" | "quarter";

/** All but shifts, which are the calendars' own. */
export const CIVIL_PERIODS = ["minute", "hour", "day", "week", "month", "quarter"] as const;

export type CivilPeriod = (typeof CIVIL_PERIODS)[number];

/** The periods that overlap `[from, to)`, whole, by time. Those without length (a day that a zone skipped) are left out. */
export function periodsOf(every: CivilPeriod, zone: Zone, from: number, to: number): Period[] {
  const periods: Period[] = [];
  const add = (start: number, end: number): void => {
    if (end > start && start < to && end > from) periods.push({ from: start, to: end });
  };
  if (every === "minute") {
    for (let at = Math.floor(from / MINUTE_MS) * MINUTE_MS; at < to; at += MINUTE_MS) add(at, at + MINUTE_MS);
    return periods;
  }
  // Local dates around the span; one more on either side, since a clock change may move midnight.
  let day = firstDayOf(every, Math.floor(localMsOf(zone, from) / DAY_MS) - 1);
  for (let start = midnight(zone, day); start < to; ) {
    const next = firstDayOf(every, day + DAYS_AT_LEAST[every], true);
    const end = midnight(zone, next);
    if (every === "hour") for (let at = start; at < end; at += HOUR_MS) add(at, Math.min(at + HOUR_MS, end));
    else add(start, end);
    day = next;
    start = end;
  }
  return periods;
}

/** At least so many days further on, the next period has begun or is about to. */
const DAYS_AT_LEAST = { hour: 1, day: 1, week: 7, month: 28, quarter: 90 } as const;

function midnight(zone: Zone, day: number): number {
  return instantOf(zone, day * DAY_MS);
}

/** The first day of the period that holds a day; with `next`, of the first period that begins at the day or later. */
function firstDayOf(every: Exclude<CivilPeriod, "minute">, day: number, next = false): number {
  if (every === "hour" || every === "day") return day;
  if (every === "week") {
    const monday = day - (weekdayOfDay(day) - 1);
    return next && monday < day ? monday + 7 : monday;
  }
  const date = new Date(day * DAY_MS);
  const months = every === "month" ? 1 : 3;
  const month = Math.floor(date.getUTCMonth() / months) * months;
  const first = Date.UTC(date.getUTCFullYear(), month, 1) / DAY_MS;
  return next && first < day ? Date.UTC(date.getUTCFullYear(), month + months, 1) / DAY_MS : first;
}
