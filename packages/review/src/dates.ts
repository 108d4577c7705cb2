/**
 * Local dates as whole days since 1970-01-01: the unit of entries, blocks and goals. A date gets a zone, that of a scope,
 * only where it is turned into an instant. It begins at midnight there (SPEC.md section 14), except in periods by name,
 * whose days begin as the plant file says (PE-5).
 */
import { DAY_MS, dateOfDay, instantOf, localMsOf, MINUTE_MS, type Period } from "@oee/calendar";
import type { Zone } from "@oee/model";

/** Days since 1970-01-01. */
export type Day = number;

/** The first day of which there are events, and the first of which there are none any more (DI-2). */
export const EARLIEST_DAY: Day = Date.UTC(2000, 0, 1) / DAY_MS;
export const DAY_AFTER_LATEST: Day = Date.UTC(2100, 0, 1) / DAY_MS;
/** Dates that are given lie before it: what lasts to the end of the last year may end in the next one. */
export const DATES_END: Day = Date.UTC(2101, 0, 1) / DAY_MS;

/** Days `[from, to)`. */
export interface DaySpan {
  readonly from: Day;
  readonly to: Day;
  /** Minutes after local midnight at which the span's days begin (PE-5); midnight where missing. */
  readonly dayStartMinute?: number;
}

/** The day written as `yyyy-mm-dd`, or `null` where the text is no date of the calendar. */
export function dayOf(text: string): Day | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return null;
  const day = Date.parse(`${text}T00:00:00Z`) / DAY_MS;
  return Number.isInteger(day) && dateOfDay(day) === text ? day : null;
}

export function dateText(day: Day): string {
  return dateOfDay(day);
}

/** The instant (epoch ms) at which a date begins in a zone. */
export function startOf(zone: Zone, day: Day, dayStartMinute = 0): number {
  return instantOf(zone, day * DAY_MS + dayStartMinute * MINUTE_MS);
}

/** The date that a zone's clock shows at an instant. */
export function dayAt(zone: Zone, instant: number): Day {
  return Math.floor(localMsOf(zone, instant) / DAY_MS);
}

/** The instants of a span of dates in a zone. */
export function periodOf(zone: Zone, { from, to, dayStartMinute }: DaySpan): Period {
  return { from: startOf(zone, from, dayStartMinute), to: startOf(zone, to, dayStartMinute) };
}

/** The dates of a zone that overlap a period. */
export function datesOf(zone: Zone, { from, to }: Period): DaySpan {
  return { from: dayAt(zone, from), to: dayAt(zone, to - 1) + 1 };
}

/** The days of a zone that overlap a period, each cut to it. */
export function daysIn(zone: Zone, period: Period): readonly Period[] {
  const { from, to } = datesOf(zone, period);
  const days: Period[] = [];
  for (let date = from; date < to; date++) {
    const day = periodOf(zone, { from: date, to: date + 1 });
    const cut = { from: Math.max(day.from, period.from), to: Math.min(day.to, period.to) };
    // A zone that moved over the date line left out a whole date, which then has no length.
    if (cut.to > cut.from) days.push(cut);
  }
  return days;
}

/** The part of a period before `now`; its length is 0 where the period has not begun. */
export function cutAt(period: Period, now: number): Period {
  return { from: period.from, to: Math.max(period.from, Math.min(period.to, now)) };
}
