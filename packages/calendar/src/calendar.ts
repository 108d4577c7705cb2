/**
 * The calendar of one machine as contiguous spans of time (CA-1 to CA-5), each scheduled or not, and in one shift or none.
 * Spans are computed for the days that are asked about, and cached.
 */
import type { Calendar, ShiftRule, Zone } from "@oee/model";
import { DAY_MS, dateOfDay, instantOf, localMsOf, MINUTE_MS, weekdayOfDay } from "./local-time.ts";

/** One occurrence of a shift, breaks included; `[from, to)` in epoch ms. */
export interface Shift {
  readonly name: string;
  /** Local date on which it starts, `yyyy-mm-dd` (CA-2). */
  readonly date: string;
  readonly from: number;
  readonly to: number;
  /** Who works it (CA-6). */
  readonly crew: string | null;
}

export interface CalendarSpan {
  readonly from: number;
  readonly to: number;
  readonly scheduled: boolean;
  readonly shift: Shift | null;
  /** Scheduled milliseconds before this span, from an arbitrary but fixed beginning. */
  readonly scheduledBefore: number;
}

const ALWAYS: readonly CalendarSpan[] = [
  { from: -Infinity, to: Infinity, scheduled: true, shift: null, scheduledBefore: 0 },
];

/** Days worked out beyond what is asked, on either side. */
const MARGIN_DAYS = 20;

export class CalendarClock {
  readonly #calendar: Calendar | null;
  readonly #zone: Zone;
  #spans: readonly CalendarSpan[];
  #firstDay = 0;
  #lastDay = -1;
  #last = 0;
  /** Instants for which the spans are known, with a day to spare on either side. */
  #knownFrom = Infinity;
  #knownTo = -Infinity;

  /** `calendar: null` is scheduled always, with no shift. */
  constructor(calendar: Calendar | null, zone: Zone) {
    this.#calendar = calendar;
    this.#zone = zone;
    this.#spans = calendar === null ? ALWAYS : [];
  }

  /** The span that holds an instant. */
  spanAt(instant: number): CalendarSpan {
    let span = this.#spans[this.#last];
    if (span !== undefined && span.from <= instant && instant < span.to) return span;
    if (this.#calendar !== null) this.#cover(instant);
    let low = 0;
    let high = this.#spans.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#spans[middle] as CalendarSpan).from <= instant) low = middle;
      else high = middle - 1;
    }
    this.#last = low;
    span = this.#spans[low] as CalendarSpan;
    return span;
  }

  /** Scheduled milliseconds in `[from, to)`. */
  scheduledMs(from: number, to: number): number {
    if (this.#calendar === null) return to - from;
    // Both ends must be of one numbering: the later may widen the spans, which numbers them anew.
    this.#cover(from);
    this.#cover(to);
    return this.#scheduledBefore(to) - this.#scheduledBefore(from);
  }

  /** The first scheduled instant in `[from, to)`, or `null`. */
  firstScheduled(from: number, to: number): number | null {
    for (let at = from; at < to; ) {
      const span = this.spanAt(at);
      if (span.scheduled) return at;
      at = span.to;
    }
    return null;
  }

  /** The last scheduled millisecond in `[from, to)`, or `null`. */
  lastScheduled(from: number, to: number): number | null {
    for (let end = to; end > from; ) {
      const span = this.spanAt(end - 1);
      if (span.scheduled) return end - 1;
      end = span.from;
    }
    return null;
  }

  /** The shifts of which some part lies in `[from, to)`, by time. */
  shifts(from: number, to: number): readonly Shift[] {
    const found: Shift[] = [];
    for (let at = from; at < to; ) {
      const span = this.spanAt(at);
      const last = found[found.length - 1];
      if (span.shift !== null && (last === undefined || !sameShift(last, span.shift))) found.push(span.shift);
      at = span.to;
    }
    return found;
  }

  #scheduledBefore(instant: number): number {
    const span = this.spanAt(instant);
    return span.scheduledBefore + (span.scheduled ? instant - span.from : 0);
  }

  #cover(instant: number): void {
    if (this.#calendar === null || (instant >= this.#knownFrom && instant < this.#knownTo)) return;
    const day = Math.floor(localMsOf(this.#zone, instant) / DAY_MS);
    const empty = this.#lastDay < this.#firstDay;
    const known = this.#lastDay - this.#firstDay + 1;
    // Growing by a share of what is known keeps the cost of a long history linear.
    const margin = MARGIN_DAYS + Math.ceil(known / 2);
    if (empty || day - 2 < this.#firstDay) this.#firstDay = (empty ? day : Math.min(day, this.#firstDay)) - margin;
    if (empty || day + 2 > this.#lastDay) this.#lastDay = Math.max(day, this.#lastDay) + margin;
    this.#spans = spansOf(this.#calendar, this.#zone, this.#firstDay, this.#lastDay);
    this.#last = 0;
    this.#knownFrom = instantOf(this.#zone, (this.#firstDay + 2) * DAY_MS);
    this.#knownTo = instantOf(this.#zone, (this.#lastDay - 1) * DAY_MS);
  }
}

/** Whether two occurrences are of the same name and date. */
export function sameShift(a: Shift | null, b: Shift | null): boolean {
  return a === b || (a !== null && b !== null && a.date === b.date && a.name === b.name);
}

interface Occurrence {
  readonly rule: ShiftRule;
  readonly day: number;
  readonly from: number;
  to: number;
}

function spansOf(calendar: Calendar, zone: Zone, firstDay: number, lastDay: number): CalendarSpan[] {
  const spans: CalendarSpan[] = [];
  let at = instantOf(zone, firstDay * DAY_MS);
  let scheduledBefore = 0;
  const add = (to: number, scheduled: boolean, shift: Shift | null): void => {
    if (to <= at) return;
    spans.push({ from: at, to, scheduled, shift, scheduledBefore });
    if (scheduled) scheduledBefore += to - at;
    at = to;
  };
  for (const { rule, day, from, to } of occurrencesOf(calendar, zone, firstDay, lastDay)) {
    const shift: Shift = { name: rule.name, date: dateOfDay(day), from, to, crew: rule.crew };
    add(from, false, null);
    const breaks = rule.breaks
      .map((pause) => ({
        from: wallInstant(zone, day, pause.startMinute),
        to: wallInstant(zone, day, pause.endMinute),
      }))
      .filter((pause) => pause.to > pause.from)
      .sort((a, b) => a.from - b.from);
    for (const pause of breaks) {
      add(Math.min(pause.from, to), true, shift);
      add(Math.min(pause.to, to), false, shift);
    }
    add(to, true, shift);
  }
  add(Math.max(at + 1, instantOf(zone, (lastDay + 1) * DAY_MS)), false, null);
  // Beyond the days worked out there are no spans; `#cover` works days out before their spans are read.
  return spans;
}

/** The occurrences that exist, by time, none overlapping (CA-3). */
function occurrencesOf(calendar: Calendar, zone: Zone, firstDay: number, lastDay: number): Occurrence[] {
  const found: Occurrence[] = [];
  for (let day = firstDay; day <= lastDay; day++) {
    const rules = calendar.exceptions.get(dateOfDay(day)) ?? calendar.shifts.filter((rule) => isOn(rule, day));
    for (const rule of rules) {
      const from = wallInstant(zone, day, rule.startMinute);
      const to = wallInstant(zone, day, rule.endMinute);
      if (to > from) found.push({ rule, day, from, to });
    }
  }
  found.sort((a, b) => a.from - b.from || a.day - b.day || a.rule.startMinute - b.rule.startMinute);
  for (let i = 0; i + 1 < found.length; i++) {
    const earlier = found[i] as Occurrence;
    earlier.to = Math.min(earlier.to, (found[i + 1] as Occurrence).from);
  }
  return found.filter((occurrence) => occurrence.to > occurrence.from);
}

/** CA-1, CA-6. */
function isOn({ days, cycle }: ShiftRule, day: number): boolean {
  if (cycle === null) return days.includes(weekdayOfDay(day));
  const place = (day - cycle.startDay) % cycle.days;
  return cycle.on.includes(place < 0 ? place + cycle.days : place);
}

function wallInstant(zone: Zone, day: number, minute: number): number {
  return instantOf(zone, day * DAY_MS + minute * MINUTE_MS);
}
