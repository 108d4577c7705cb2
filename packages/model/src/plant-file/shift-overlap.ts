/**
 * What CA-2 refuses of a calendar's shifts taken together: two that overlap on the wall clock, and two of one date with
 * one name. A shift ends at the latest on the day after its own, so that only neighbouring dates can meet; a dated
 * exception is held against the dates beside it as they then are.
 */
import type { ShiftRule } from "../plant.ts";
import { quote } from "./document.ts";
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
  const byWeekday = [1, 2, 3, 4, 5, 6, 7].map((day) => weekly.filter(({ rule }) => rule.days.includes(day)));
  for (const [i, shifts] of byWeekday.entries()) {
    refuseWithin(shifts, problems);
    const pair = overlapAcross(shifts, byWeekday[(i + 1) % 7] ?? []);
    if (pair !== null) refuse(pair.next, pair.last, "", problems);
  }
  const shiftsOn = (date: string): readonly PlacedShift[] =>
    exceptions.get(date) ?? byWeekday[weekdayIndex(date)] ?? [];
  for (const [date, shifts] of exceptions) {
    refuseWithin(shifts, problems);
    const before = overlapAcross(shiftsOn(dateBeside(date, -1)), shifts);
    if (before !== null) refuse(before.next, before.last, " of the day before", problems);
    const dateAfter = dateBeside(date, 1);
    const after = exceptions.has(dateAfter) ? null : overlapAcross(shifts, shiftsOn(dateAfter));
    if (after !== null) refuse(after.last, after.next, " of the day after", problems);
  }
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

/** 0 for Monday. */
function weekdayIndex(date: string): number {
  return (new Date(Date.parse(date)).getUTCDay() + 6) % 7;
}
