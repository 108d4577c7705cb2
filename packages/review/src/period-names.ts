/**
 * Periods by name (`2026`, `2026-Q3`, `2026-07`, `2026-W31`, `2026-07-04`), which begin as the plant file says (PE-5), or by two
 * dates, which begin at midnight. Each has the period before it: of a name the one of the same kind, else as many dates (RV-1).
 */
import { DAY_MS, type Period, periodsOf, weekdayOfDay } from "@oee/calendar";
import type { PeriodRules, Scope } from "@oee/model";
import { DATES_END, dateText, type Day, DAY_AFTER_LATEST, dayAt, dayOf, type DaySpan, EARLIEST_DAY } from "./dates.ts";

export interface NamedPeriod extends DaySpan {
  readonly previous: DaySpan;
}

const DAYS_PER_WEEK = 7;

/**
 * The period of a name or of two dates; `null`: there is none that begins in 2000 to 2099. A year, and its quarters, are named by the year in
 * which they begin.
 */
export function periodNamed(name: string | readonly [string, string], rules: PeriodRules): NamedPeriod | null {
  const days = typeof name === "string" ? daysNamed(name, rules) : between(dayOf(name[0]), dayOf(name[1]));
  if (days === null || days.from < EARLIEST_DAY || days.from >= DAY_AFTER_LATEST || days.to > DATES_END) return null;
  if (typeof name !== "string") return days;
  const { dayStartMinute } = rules;
  return { ...days, dayStartMinute, previous: { ...days.previous, dayStartMinute } };
}

/** The name or the two dates that mean a period at any time; of several names the one of the longest kind that has the same period before. */
export function nameOfPeriod(period: NamedPeriod, rules: PeriodRules): string | readonly [string, string] {
  const [from, to] = [dateText(period.from), dateText(period.to)];
  const year = Number(from.slice(0, 4));
  const names = [year - 1, year, year + 1].flatMap((y) => [
    `${y}`,
    ...[1, 2, 3, 4].map((quarter) => `${y}-Q${quarter}`),
    ...Array.from({ length: 12 }, (_, month) => `${y}-${twoDigits(month + 1)}`),
    ...Array.from({ length: 53 }, (_, week) => `${y}-W${twoDigits(week + 1)}`),
  ]);
  return [...names, from].find((name) => isSame(periodNamed(name, rules), period)) ?? [from, to];
}

function isSame(a: NamedPeriod | null, b: NamedPeriod): boolean {
  return (
    a?.from === b.from &&
    a.to === b.to &&
    (a.dayStartMinute ?? 0) === (b.dayStartMinute ?? 0) &&
    a.previous.from === b.previous.from
  );
}

function twoDigits(number: number): string {
  return String(number).padStart(2, "0");
}

function daysNamed(name: string, { weekStart, yearStartMonth }: PeriodRules): NamedPeriod | null {
  const day = dayOf(name);
  if (day !== null) return { from: day, to: day + 1, previous: { from: day - 1, to: day } };
  const [, year, kind, number] = /^(\d{4})(?:-(Q|W|)(\d{1,2}))?$/.exec(name) ?? [];
  if (year === undefined) return null;
  const y = Number(year);
  const first = yearStartMonth - 1;
  if (number === undefined) return monthsFrom(y, first, 12);
  const n = Number(number);
  if (kind === "Q") return n >= 1 && n <= 4 && number.length === 1 ? monthsFrom(y, first + 3 * (n - 1), 3) : null;
  if (number.length !== 2) return null;
  return kind === "W" ? weekOf(y, n, weekStart) : n >= 1 && n <= 12 ? monthsFrom(y, n - 1, 1) : null;
}

function between(from: Day | null, to: Day | null): NamedPeriod | null {
  if (from === null || to === null || from >= to) return null;
  // No instant of before 1970 is asked of a store, where all of them would be unknown.
  return { from, to, previous: { from: Math.max(1, from - (to - from)), to: from } };
}

function monthsFrom(year: number, month: number, count: number): NamedPeriod {
  const first = (months: number): Day => Date.UTC(year, months, 1) / DAY_MS;
  const [from, to] = [first(month), first(month + count)];
  return { from, to, previous: { from: first(month - count), to: from } };
}

/** The week of a number. Week 1 is the one that holds 4 January; where weeks begin on Monday these are ISO's weeks. */
function weekOf(year: number, week: number, weekStart: number): NamedPeriod | null {
  const from = firstWeek(year, weekStart) + DAYS_PER_WEEK * (week - 1);
  if (week < 1 || from >= firstWeek(year + 1, weekStart)) return null;
  return { from, to: from + DAYS_PER_WEEK, previous: { from: from - DAYS_PER_WEEK, to: from } };
}

/** The first day of the week that holds 4 January. */
function firstWeek(year: number, weekStart: number): Day {
  return weekStartOf(Date.UTC(year, 0, 4) / DAY_MS, weekStart);
}

/** The first day of the week that holds a day. */
export function weekStartOf(day: Day, weekStart: number): Day {
  return day - ((weekdayOfDay(day) - weekStart + DAYS_PER_WEEK) % DAYS_PER_WEEK);
}

type Unit = "day" | "week" | "month" | "quarter" | "year";

const RELATIVE: Readonly<Record<string, readonly [isLast: boolean, unit: Unit]>> = {
  today: [false, "day"],
  yesterday: [true, "day"],
  ...Object.fromEntries(
    (["week", "month", "quarter", "year"] as const).flatMap((unit) => [
      [`this-${unit}`, [false, unit]],
      [`last-${unit}`, [true, unit]],
    ]),
  ),
};

export const RELATIVE_PERIODS: readonly string[] = Object.keys(RELATIVE);

/** The period that `today`, `yesterday`, `this-week`, … or `last-year` means at an instant; `null`: it is no such name. */
export function relativePeriod(
  name: string,
  { timezone, periods }: Pick<Scope, "timezone" | "periods">,
  now: number,
): NamedPeriod | null {
  const found = Object.hasOwn(RELATIVE, name) ? RELATIVE[name] : undefined;
  if (found === undefined) return null;
  const [isLast, unit] = found;
  const holding = (instant: number): Period =>
    periodsOf(unit, timezone, periods, instant, instant + 1)[0] ?? { from: instant, to: instant + 1 };
  const before = (period: Period): Period => holding(period.from - 1);
  const period = isLast ? before(holding(now)) : holding(now);
  const { dayStartMinute } = periods;
  const daysOf = ({ from, to }: Period): DaySpan => ({
    from: dayAt(timezone, from),
    to: dayAt(timezone, to),
    dayStartMinute,
  });
  return { ...daysOf(period), previous: daysOf(before(period)) };
}

/** The periods of a kind that overlap `[from, to)`, not cut to it, in order of time (PE-5). */
export function periodsBetween(
  every: Unit,
  { timezone, periods }: Pick<Scope, "timezone" | "periods">,
  from: number,
  to: number,
): readonly Period[] {
  return periodsOf(every, timezone, periods, from, to);
}
