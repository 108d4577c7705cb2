/**
 * Calendars as the plant file writes them (CA-1): wall-clock times become minutes after the midnight of the shift's
 * date. What CA-2 refuses is refused here, so that whoever lays a calendar over time meets no two shifts at once.
 */
import type { Calendar, ShiftCycle, ShiftRule } from "../plant.ts";
import type { Value } from "./value.ts";
import {
  ANY_TEXT,
  booleanOf,
  entriesOf,
  type Fields,
  fieldsOf,
  itemsOf,
  numberOf,
  optional,
  textOf,
  unexpected,
} from "./fields.ts";
import type { Problems } from "./problem.ts";
import { dateOfDay, dayOf, isDate, MINUTES_PER_DAY, type PlacedShift, refuseOverlaps } from "./shift-overlap.ts";

/** The name by which a level undoes an inherited calendar. */
export const ALWAYS = "always";

export function readCalendars(value: Value, problems: Problems): ReadonlyMap<string, Calendar> {
  const calendars = new Map<string, Calendar>();
  for (const entry of entriesOf(value, "calendars by name", ANY_TEXT, problems)) {
    if (entry.key === ALWAYS) problems.add(entry.keyPlace, `the name ${ALWAYS}, which is built in`, "another name");
    calendars.set(entry.key, readCalendar(entry.key, entry.value, problems));
  }
  return calendars;
}

function readCalendar(name: string, value: Value, problems: Problems): Calendar {
  const fields = fieldsOf(value, ["shifts", "exceptions"], ["shifts"], problems);
  const shifts = fields.shifts === undefined ? [] : readShifts(fields.shifts, ["days", "cycle"], problems);
  const exceptions = new Map<string, readonly PlacedShift[]>();
  for (const item of fields.exceptions === undefined ? [] : itemsOf(fields.exceptions, "a list of dates", problems)) {
    // Of several that speak of one date the last holds (CA-7).
    for (const [date, shiftsThen] of readException(item, problems)) exceptions.set(date, shiftsThen);
  }
  refuseOverlaps(shifts, exceptions, problems);
  return {
    name,
    shifts: shifts.map(({ rule }) => rule),
    exceptions: new Map([...exceptions].map(([date, placed]) => [date, placed.map(({ rule }) => rule)])),
  };
}

/** The dates of which it speaks, each with its shifts. */
function readException(value: Value, problems: Problems): readonly (readonly [string, readonly PlacedShift[]])[] {
  const fields = fieldsOf(value, ["date", "from", "to", "closed", "shifts"], [], problems);
  if (fields.closed !== undefined && booleanOf(fields.closed, problems) === false)
    unexpected(fields.closed, "true", problems);
  if ((fields.closed === undefined) === (fields.shifts === undefined)) {
    problems.add(
      value,
      fields.closed === undefined ? "neither closed nor shifts" : "both closed and shifts",
      "one of them",
    );
  }
  const shifts = fields.shifts === undefined ? [] : readShifts(fields.shifts, [], problems);
  return datesOf(value, fields, problems).map((date) => [date, shifts] as const);
}

/** An exception speaks of so many dates at most: a longer one is a calendar of its own. */
const EXCEPTION_DAYS_MAX = 3_660;

function datesOf(
  value: Value,
  { date, from, to }: Fields<"date" | "from" | "to">,
  problems: Problems,
): readonly string[] {
  if ((date === undefined) === (from === undefined && to === undefined)) {
    problems.add(value, date === undefined ? "no date" : "both date and from or to", "a date, or from and to");
    return [];
  }
  if (date !== undefined) return [dateOf(date, problems)].filter((known) => known !== null);
  if (from === undefined || to === undefined) {
    problems.add(value, `no ${from === undefined ? "from" : "to"}`, "both from and to, the first date after it");
    return [];
  }
  const [first, end] = [dateOf(from, problems), dateOf(to, problems)];
  if (first === null || end === null) return [];
  const days = dayOf(end) - dayOf(first);
  if (days < 1 || days > EXCEPTION_DAYS_MAX) {
    problems.add(to, end, `a date after ${first}, at most ${EXCEPTION_DAYS_MAX} days after it`);
    return [];
  }
  return Array.from({ length: days }, (_, i) => dateOfDay(dayOf(first) + i));
}

function readShifts(value: Value, dayKeys: readonly ("days" | "cycle")[], problems: Problems): readonly PlacedShift[] {
  const shifts: PlacedShift[] = [];
  for (const item of itemsOf(value, "a list of shifts", problems)) {
    const fields = fieldsOf(
      item,
      ["name", "crew", ...dayKeys, "start", "end", "breaks"],
      ["name", "start", "end"],
      problems,
    );
    const name = fields.name === undefined ? null : textOf(fields.name, "the shift's name", problems);
    const days = fields.days === undefined ? EVERY_DAY : daysOf(fields.days, problems);
    if (fields.days !== undefined && fields.cycle !== undefined)
      problems.add(item, "both days and cycle", "one of them");
    const cycle = optional(fields.cycle, (written) => cycleOf(written, problems));
    const crew = optional(fields.crew, (written) => textOf(written, "who works the shift", problems));
    const startMinute = fields.start === undefined ? null : startOf(fields.start, problems);
    const end = fields.end === undefined ? null : endOf(fields.end, problems);
    if (name === null || days === null || startMinute === null || end === null) continue;
    const endMinute = end > startMinute ? end : end + MINUTES_PER_DAY;
    const breaks = fields.breaks === undefined ? [] : readBreaks(fields.breaks, startMinute, endMinute, problems);
    shifts.push({ rule: { name, days, cycle, crew, startMinute, endMinute, breaks }, place: item });
  }
  return shifts;
}

function readBreaks(value: Value, shiftStart: number, shiftEnd: number, problems: Problems): ShiftRule["breaks"] {
  const breaks: { startMinute: number; endMinute: number }[] = [];
  for (const item of itemsOf(value, "a list of breaks", problems)) {
    const fields = fieldsOf(item, ["start", "end"], ["start", "end"], problems);
    const start = fields.start === undefined ? null : startOf(fields.start, problems);
    const end = fields.end === undefined ? null : endOf(fields.end, problems);
    if (start === null || end === null) continue;
    const startMinute = start < shiftStart ? start + MINUTES_PER_DAY : start;
    let endMinute = end;
    while (endMinute <= startMinute) endMinute += MINUTES_PER_DAY;
    if (endMinute <= shiftEnd) breaks.push({ startMinute, endMinute });
    else problems.add(item, "a break that leaves its shift", "one that ends before it or with it");
  }
  return breaks;
}

const DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const EVERY_DAY: readonly number[] = [1, 2, 3, 4, 5, 6, 7];

/** `mon-thu,sun`; a range may go round the week's end, as `sat-mon` does. */
function daysOf(value: Value, problems: Problems): readonly number[] | null {
  const expected = "days such as mon-fri or sat,sun";
  const text = textOf(value, expected, problems);
  if (text === null) return null;
  const days = new Set<number>();
  for (const part of text.split(",")) {
    const [first = "", last = first, ...rest] = part.trim().split("-");
    const from = DAYS.indexOf(first);
    const to = DAYS.indexOf(last);
    if (from < 0 || to < 0 || rest.length > 0) return unexpected(value, expected, problems);
    for (let i = from; i !== to; i = (i + 1) % 7) days.add(i + 1);
    days.add(to + 1);
  }
  return [...days].toSorted((a, b) => a - b);
}

const CYCLE_DAYS_MAX = 366;

/** CA-6: `{ start: 2026-01-01, days: 6, on: [0, 1, 2] }`. */
function cycleOf(value: Value, problems: Problems): ShiftCycle | null {
  const fields = fieldsOf(value, ["start", "days", "on"], ["start", "days", "on"], problems);
  const start = optional(fields.start, (date) => dateOf(date, problems));
  const days = optional(fields.days, (written) =>
    numberOf(
      written,
      (length) => isWithin(length, 1, CYCLE_DAYS_MAX),
      `a whole number from 1 to ${CYCLE_DAYS_MAX}`,
      problems,
    ),
  );
  if (start === null || days === null || fields.on === undefined) return null;
  const expected = `a whole number from 0 to ${days - 1}`;
  const on = itemsOf(fields.on, "a list of days of the cycle", problems).map((day) =>
    numberOf(day, (place) => isWithin(place, 0, days - 1), expected, problems),
  );
  if (fields.on.kind === "list" && on.length === 0) problems.add(fields.on, "no day", "at least one");
  const places = [...new Set(on.filter((place) => place !== null))].toSorted((a, b) => a - b);
  return { startDay: dayOf(start), days, on: places };
}

function isWithin(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max;
}

function startOf(value: Value, problems: Problems): number | null {
  return minuteOf(value, "a time of day from 00:00 to 23:59", MINUTES_PER_DAY - 1, problems);
}

function endOf(value: Value, problems: Problems): number | null {
  return minuteOf(value, "a time of day from 00:00 to 24:00", MINUTES_PER_DAY, problems);
}

function minuteOf(value: Value, expected: string, max: number, problems: Problems): number | null {
  const text = textOf(value, expected, problems);
  if (text === null) return null;
  const match = /^([0-9]{2}):([0-5][0-9])$/.exec(text);
  const minute = match === null ? Number.NaN : Number(match[1]) * 60 + Number(match[2]);
  return minute <= max ? minute : unexpected(value, expected, problems);
}

function dateOf(value: Value, problems: Problems): string | null {
  const expected = "a date such as 2026-12-25";
  const text = textOf(value, expected, problems);
  if (text === null) return null;
  return isDate(text) ? text : unexpected(value, expected, problems);
}
