/**
 * Periods by name: `2026`, `2026-Q3`, `2026-07`, `2026-W31`, `2026-07-04`, or two dates. Each knows the one before it: the
 * calendar's of the same kind, else as many dates (RV-1).
 */
import { DAY_MS, weekdayOfDay } from "@oee/calendar";
import { type Day, dayOf, type DaySpan } from "./dates.ts";

export interface NamedPeriod extends DaySpan {
  readonly previous: DaySpan;
}

/** `null`: no name of a period. */
export function periodNamed(name: string | readonly [string, string]): NamedPeriod | null {
  if (typeof name !== "string") return between(dayOf(name[0]), dayOf(name[1]));
  const day = dayOf(name);
  if (day !== null) return { from: day, to: day + 1, previous: { from: day - 1, to: day } };
  const [, year, kind, number] = /^(\d{4})(?:-(Q|W|)(\d{1,2}))?$/.exec(name) ?? [];
  if (year === undefined) return null;
  const y = Number(year);
  if (number === undefined) return monthsFrom(y, 0, 12);
  const n = Number(number);
  if (kind === "Q") return n >= 1 && n <= 4 && number.length === 1 ? monthsFrom(y, 3 * (n - 1), 3) : null;
  if (number.length !== 2) return null;
  return kind === "W" ? isoWeek(y, n) : n >= 1 && n <= 12 ? monthsFrom(y, n - 1, 1) : null;
}

function between(from: Day | null, to: Day | null): NamedPeriod | null {
  if (from === null || to === null || from >= to) return null;
  return { from, to, previous: { from: from - (to - from), to: from } };
}

function monthsFrom(year: number, month: number, count: number): NamedPeriod {
  const first = (months: number): Day => Date.UTC(year, months, 1) / DAY_MS;
  const [from, to] = [first(month), first(month + count)];
  return { from, to, previous: { from: first(month - count), to: from } };
}

/** Week 1 holds the year's first Thursday. */
function isoWeek(year: number, week: number): NamedPeriod | null {
  const from = firstMonday(year) + 7 * (week - 1);
  if (week < 1 || from >= firstMonday(year + 1)) return null;
  return { from, to: from + 7, previous: { from: from - 7, to: from } };
}

function firstMonday(year: number): Day {
  const fourth = Date.UTC(year, 0, 4) / DAY_MS;
  return fourth - (weekdayOfDay(fourth) - 1);
}
