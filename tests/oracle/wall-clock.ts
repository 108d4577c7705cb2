/**
 * The oracle's own calendar arithmetic, simple and slow: it finds local times by trying the offsets that the zone has in the days
 * around (CA-3), shifts by looking at each date, periods by looking at each quarter of an hour. It shares no code with the engine;
 * offsets of zones are those that Python reads from IANA's data.
 */
import type { Calendar, Machine, PeriodRules, ShiftRule } from "@oee/model";
import { pythonZones } from "../zones/python-zones.ts";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** The zone's offset from UTC at an instant, in ms, from 1970 to 2044. */
export function offsetMs(zone: string, t: number): number {
  const changes = pythonZones().zones[zone];
  if (changes === undefined || t < 0 || t > OFFSETS_END) throw new Error(`nothing is known of ${zone} at ${t}`);
  // From the end, because most instants asked about are recent.
  for (let i = changes.length - 1; i > 0; i--) {
    const [from, offset] = changes[i] ?? [0, 0];
    if (from * 1000 <= t) return offset * 1000;
  }
  return (changes[0]?.[1] ?? 0) * 1000;
}

const OFFSETS_END = Date.UTC(2044, 11, 31);

/** The local date `yyyy-mm-dd` at an instant. */
export function localDate(zone: string, t: number): string {
  return dateOf(t + offsetMs(zone, t));
}

function dateOf(utcMs: number): string {
  return new Date(utcMs).toISOString().slice(0, 10);
}

export function addDays(date: string, days: number): string {
  return dateOf(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS);
}

/** ISO weekday, 1 = Monday. */
function weekdayOf(date: string): number {
  return new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
}

const instants = new Map<string, number>();

/**
 * CA-3: the instant at which the clocks of the zone show that minute of that date (1440 and more: of the next
 * day). Of two such instants it is the first; a time that the clocks skip is read with the offset before the change.
 */
export function instantOf(zone: string, date: string, minute: number): number {
  const key = `${zone} ${date} ${minute}`;
  const known = instants.get(key);
  if (known !== undefined) return known;
  const local = Date.parse(`${date}T00:00:00Z`) + minute * MINUTE_MS;
  // No zone is further than 14 h from UTC, and none changes its clocks twice within half an hour.
  const step = 30 * MINUTE_MS;
  const samples: number[] = [];
  for (let t = Math.floor(local / step) * step - 16 * HOUR_MS; t <= local + 16 * HOUR_MS; t += step) samples.push(t);
  const matches = samples
    .map((t) => local - offsetMs(zone, t))
    .filter((t) => t + offsetMs(zone, t) === local)
    .toSorted((a, b) => a - b);
  let instant = matches[0];
  if (instant === undefined) {
    const afterGap = samples.findIndex((t) => t + offsetMs(zone, t) > local);
    const beforeGap = samples[afterGap - 1];
    if (beforeGap === undefined) throw new Error(`no gap found around ${key}`);
    instant = local - offsetMs(zone, beforeGap);
  }
  if (instants.size > 200_000) instants.clear();
  instants.set(key, instant);
  return instant;
}

export interface Span {
  from: number;
  to: number;
}

export interface ShiftSpan extends Span {
  readonly name: string;
  readonly crew: string | null;
  /** The local date it starts on (CA-2). */
  readonly date: string;
  /** Breaks with a length above 0, cut to the shift. */
  breaks: Span[];
}

/** All shifts of the calendar that overlap `[from, to)`, by start, and some before and after it. */
export function shiftSpans(calendar: Calendar, zone: string, from: number, to: number): ShiftSpan[] {
  const read: (ShiftSpan & { readonly wallStart: number })[] = [];
  for (
    let date = addDays(localDate(zone, from), -4);
    date <= addDays(localDate(zone, to), 4);
    date = addDays(date, 1)
  ) {
    for (const rule of rulesOf(calendar, date)) {
      const shift = {
        name: rule.name,
        crew: rule.crew,
        date,
        from: instantOf(zone, date, rule.startMinute),
        to: instantOf(zone, date, rule.endMinute),
        breaks: rule.breaks.map((b) => ({
          from: instantOf(zone, date, b.startMinute),
          to: instantOf(zone, date, b.endMinute),
        })),
        wallStart: Date.parse(`${date}T00:00:00Z`) + rule.startMinute * MINUTE_MS,
      };
      if (shift.from < shift.to) read.push(shift);
    }
  }
  // CA-3 does not say which of two shifts that begin at the same instant is "the earlier (by instants)": here it is the one with the
  // earlier local time, which then has no length.
  const byStart = read.toSorted((a, b) => a.from - b.from || a.wallStart - b.wallStart);
  byStart.forEach((shift, i) => {
    const later = byStart[i + 1];
    if (later !== undefined && later.from < shift.to) shift.to = later.from;
    shift.breaks = shift.breaks
      .map((b) => ({ from: Math.max(b.from, shift.from), to: Math.min(b.to, shift.to) }))
      .filter((b) => b.from < b.to);
  });
  return byStart
    .filter((shift) => shift.from < shift.to)
    .map(({ name, crew, date, from: start, to: end, breaks }) => ({ name, crew, date, from: start, to: end, breaks }));
}

/** CA-1, CA-2: the weekday's shifts, or those of the exception for that date. */
function rulesOf(calendar: Calendar, date: string): readonly ShiftRule[] {
  const day = Date.parse(`${date}T00:00:00Z`) / DAY_MS;
  return (
    calendar.exceptions.get(date) ??
    calendar.shifts.filter(({ days, cycle }) => {
      if (cycle === null) return days.includes(weekdayOf(date));
      // CA-6: the place in the cycle; before its start, cycles are added until the distance is not negative.
      let distance = day - cycle.startDay;
      while (distance < 0) distance += cycle.days;
      return cycle.on.includes(distance % cycle.days);
    })
  );
}

export type Every = "minute" | "hour" | "day" | "week" | "month" | "quarter" | "year";

/**
 * PE-2: the whole periods that overlap `[from, to)`, found by looking at each quarter of an hour whether one starts there: since 1972
 * the offset of each zone is a multiple of that.
 */
export function periods(zone: string, every: Every, from: number, to: number, rules: PeriodRules = ISO): Span[] {
  const step = every === "minute" ? MINUTE_MS : 15 * MINUTE_MS;
  let start = Math.floor(from / step) * step;
  while (!startsAt(zone, every, start, rules)) start -= step;
  const found: Span[] = [];
  for (let t = start + step; start < to; t += step) {
    if (!startsAt(zone, every, t, rules)) continue;
    if (t > from) found.push({ from: start, to: t });
    start = t;
  }
  return found;
}

const ISO: PeriodRules = { dayStartMinute: 0, weekStart: 1, yearStartMonth: 1 };

function startsAt(zone: string, every: Every, t: number, rules: PeriodRules): boolean {
  if (every === "minute") return true;
  const days = daysAround(zone, localDate(zone, t), rules.dayStartMinute);
  if (every === "hour") {
    const begun = days.map((day) => day.start).filter((start) => start <= t);
    return (t - Math.max(...begun)) % HOUR_MS === 0;
  }
  return days.some((day) => day.start === t && opens(every, day.date, rules));
}

interface Day {
  readonly date: string;
  readonly start: number;
}

const daysKnown = new Map<string, Day[]>();

function daysAround(zone: string, date: string, dayStartMinute: number): Day[] {
  const key = `${zone} ${date} ${dayStartMinute}`;
  const days =
    daysKnown.get(key) ??
    [-2, -1, 0, 1, 2].map((n) => ({
      date: addDays(date, n),
      start: instantOf(zone, addDays(date, n), dayStartMinute),
    }));
  daysKnown.set(key, days);
  return days;
}

/** PE-5: whether a period of that kind begins on that local date. */
function opens(every: Exclude<Every, "minute" | "hour">, date: string, rules: PeriodRules): boolean {
  if (every === "day") return true;
  if (every === "week") return weekdayOf(date) === rules.weekStart;
  if (!date.endsWith("-01")) return false;
  const sinceYearStart = (Number(date.slice(5, 7)) + 12 - rules.yearStartMonth) % 12;
  if (every === "month") return true;
  return every === "quarter" ? sinceYearStart % 3 === 0 : sinceYearStart === 0;
}

export interface ShiftPeriod extends Span {
  readonly shift: string;
  readonly shiftDate: string;
}

/** PE-2: one period for each name and date of a shift, from its first start to its last end in the machines. */
export function shiftPeriods(machines: readonly Machine[], from: number, to: number): ShiftPeriod[] {
  const found = new Map<string, Span & { shift: string; shiftDate: string }>();
  for (const machine of machines) {
    if (machine.calendar === null) continue;
    for (const span of shiftSpans(machine.calendar, machine.timezone.name, from, to)) {
      const key = JSON.stringify([span.name, span.date]);
      const period = found.get(key) ?? { shift: span.name, shiftDate: span.date, from: span.from, to: span.to };
      period.from = Math.min(period.from, span.from);
      period.to = Math.max(period.to, span.to);
      found.set(key, period);
    }
  }
  return [...found.values()]
    .filter((p) => p.from < to && p.to > from)
    .toSorted((a, b) => a.from - b.from || a.to - b.to);
}
