/**
 * What CA-2 refuses of a calendar's shifts taken together: two that overlap on the wall clock, and two of one date with
 * one name; with rotations (CA-6), over all dates on which they may meet. A shift ends at the latest on the day after its own, so that only neighbouring dates can meet; a dated
 * exception is held against the dates beside it as they then are.
 */
import type { ShiftRule } from "../plant.ts";
import { quote } from "./value.ts";
import type { Place, Problems } from "./problem.ts";

export const MINUTES_PER_DAY: number = 24 * 60;
const DAY_MS = MINUTES_PER_DAY * 60_000;

/** A shift and where it is written. */
export interface PlacedShift {
  readonly rule: ShiftRule;
  readonly place: Place;
}

export function refuseOverlaps(
  weekly: readonly PlacedShift[],
  exceptions: ReadonlyMap<string, readonly PlacedShift[]>,
  problems: Problems,
): void {
  if (weekly.some(({ rule }) => rule.cycle !== null)) refusePairs(weekly, problems);
  else refuseWeekly(weekly, problems);
  const shiftsOn = (date: string): readonly PlacedShift[] =>
    exceptions.get(date) ?? weekly.filter(({ rule }) => isOn(rule, dayOf(date)));
  for (const [date, shifts] of exceptions) {
    refuseWithin(shifts, problems);
    const before = overlapAcross(shiftsOn(dateBeside(date, -1)), shifts);
    if (before !== null) refuse(before.next, before.last, " of the day before", problems);
    const dateAfter = dateBeside(date, 1);
    const after = exceptions.has(dateAfter) ? null : overlapAcross(shifts, shiftsOn(dateAfter));
    if (after !== null) refuse(after.last, after.next, " of the day after", problems);
  }
}

function refuseWeekly(weekly: readonly PlacedShift[], problems: Problems): void {
  const byWeekday = [1, 2, 3, 4, 5, 6, 7].map((day) => weekly.filter(({ rule }) => rule.days.includes(day)));
  for (const [i, shifts] of byWeekday.entries()) {
    refuseWithin(shifts, problems);
    const pair = overlapAcross(shifts, byWeekday[(i + 1) % 7] ?? []);
    if (pair !== null) refuse(pair.next, pair.last, "", problems);
  }
}

/** Of rotations each two are held against each other on all dates on which they may ever meet, and on dates in a row. */
function refusePairs(shifts: readonly PlacedShift[], problems: Problems): void {
  for (const [i, shift] of shifts.entries()) {
    for (const other of shifts.slice(i + 1))
      if (meet(shift.rule, other.rule, 0)) refuseWithin([shift, other], problems);
    for (const next of shifts) {
      if (meet(shift.rule, next.rule, 1) && overlapAcross([shift], [next]) !== null) refuse(next, shift, "", problems);
    }
  }
}

/** Whether there is a date of the one such that the date so many days later is one of the other. */
function meet(rule: ShiftRule, other: ShiftRule, daysLater: number): boolean {
  const a = turnsOf(rule);
  const b = turnsOf(other);
  const common = greatestCommonDivisor(a.length, b.length);
  // Two turns of lengths m and n meet where their places are equal modulo what divides both.
  return a.days.some((day) => b.days.some((otherDay) => (day + daysLater - otherDay) % common === 0));
}

/** The days since 1970 on which a shift is, modulo a length. */
function turnsOf({ days, cycle }: ShiftRule): { readonly length: number; readonly days: readonly number[] } {
  // 1970-01-01 was a Thursday.
  if (cycle === null) return { length: 7, days: days.map((weekday) => (weekday + 3) % 7) };
  return { length: cycle.days, days: cycle.on.map((place) => cycle.startDay + place) };
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}

/** Whether a shift is on a date, given in days since 1970 (CA-1, CA-6). */
function isOn({ days, cycle }: ShiftRule, day: number): boolean {
  if (cycle === null) return days.includes(((((day + 3) % 7) + 7) % 7) + 1);
  const place = (((day - cycle.startDay) % cycle.days) + cycle.days) % cycle.days;
  return cycle.on.includes(place);
}

/** The shifts of one date. */
function refuseWithin(shifts: readonly PlacedShift[], problems: Problems): void {
  const names = new Set<string>();
  let longest: PlacedShift | null = null;
  for (const shift of shifts.toSorted((a, b) => a.rule.startMinute - b.rule.startMinute)) {
    const { name, startMinute, endMinute } = shift.rule;
    if (names.has(name))
      problems.add(shift.place, `two shifts of one date with the name ${quote(name)}`, "a name for each");
    names.add(name);
    if (longest !== null && longest.rule.endMinute > startMinute) refuse(shift, longest, "", problems);
    if (longest === null || endMinute > longest.rule.endMinute) longest = shift;
  }
}

/** The last shift of one date and the first of the next, if they overlap. */
function overlapAcross(
  shifts: readonly PlacedShift[],
  shiftsNext: readonly PlacedShift[],
): { readonly last: PlacedShift; readonly next: PlacedShift } | null {
  const [last] = shifts.toSorted((a, b) => b.rule.endMinute - a.rule.endMinute);
  const [next] = shiftsNext.toSorted((a, b) => a.rule.startMinute - b.rule.startMinute);
  if (last === undefined || next === undefined) return null;
  return last.rule.endMinute - MINUTES_PER_DAY > next.rule.startMinute ? { last, next } : null;
}

function refuse(shift: PlacedShift, other: PlacedShift, when: string, problems: Problems): void {
  const found = `${shiftWords(shift.rule)}, which overlaps ${shiftWords(other.rule)}${when}`;
  problems.add(shift.place, found, "shifts that follow one another");
}

function shiftWords({ name, startMinute, endMinute }: ShiftRule): string {
  return `the shift ${quote(name)} (${clock(startMinute)}-${clock(endMinute)})`;
}

function clock(minute: number): string {
  const ofDay = minute > MINUTES_PER_DAY ? minute - MINUTES_PER_DAY : minute;
  return `${pad(Math.floor(ofDay / 60))}:${pad(ofDay % 60)}`;
}

function pad(number: number): string {
  return String(number).padStart(2, "0");
}

/** Whether a text is a day of the calendar, as `yyyy-mm-dd`. */
export function isDate(text: string): boolean {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  const at = Date.parse(text);
  return !Number.isNaN(at) && new Date(at).toISOString().startsWith(text);
}

function dateBeside(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}

/** Days since 1970-01-01 of a date, and back. */
export function dayOf(date: string): number {
  return Date.parse(date) / DAY_MS;
}

export function dateOfDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}
