/**
 * Compares the engine's calendar with the oracle's (CA-1 to CA-5) around every clock change of every zone from 2024 to 2027, with
 * shifts and breaks that lie across it, or begin or end in the hour that is missing or comes twice.
 */
import { CalendarClock } from "@oee/calendar";
import type { Calendar, ShiftRule } from "@oee/model";
import { expect, test } from "vitest";
import { pythonZones } from "../zones/python-zones.ts";
import { zoneNamed } from "../zones/zone-named.ts";
import { DAY_MS, MINUTE_MS, offsetMs, shiftSpans } from "./wall-clock.ts";

const FIRST = Date.parse("2024-01-01T00:00Z");
const LAST = Date.parse("2028-01-01T00:00Z");

interface ClockChange {
  readonly zone: string;
  readonly at: number;
  readonly before: number;
  readonly after: number;
  /** The local minutes of the day that the clocks skip or repeat, from `lo` to `hi`; `hi` may exceed 1440. */
  readonly lo: number;
  readonly hi: number;
}

/** The clock changes of a zone, found by comparing offsets two days apart: no zone changes its clocks twice within two days. */
function changesOf(zone: string): ClockChange[] {
  const found: ClockChange[] = [];
  for (let t = FIRST; t < LAST; t += 2 * DAY_MS) {
    const before = offsetMs(zone, t);
    const after = offsetMs(zone, t + 2 * DAY_MS);
    if (before === after) continue;
    let [low, high] = [t, t + 2 * DAY_MS];
    while (high - low > MINUTE_MS) {
      const middle = Math.floor((low + high) / 2 / MINUTE_MS) * MINUTE_MS;
      if (offsetMs(zone, middle) === before) low = middle;
      else high = middle;
    }
    const lo = (high + Math.min(before, after)) % DAY_MS;
    found.push({ zone, at: high, before, after, lo: lo / MINUTE_MS, hi: (lo + Math.abs(after - before)) / MINUTE_MS });
  }
  return found;
}

/** A shift between two minutes of the local day, which may be negative or above 1440. */
function shift(name: string, from: number, to: number, ...breaks: readonly [number, number][]): ShiftRule {
  const days = Math.floor(from / 1440) * 1440;
  return {
    name,
    days: [1, 2, 3, 4, 5, 6, 7],
    cycle: null,
    crew: null,
    startMinute: from - days,
    endMinute: to - days,
    breaks: breaks.map(([start, end]) => ({ startMinute: start - days, endMinute: end - days })),
  };
}

function calendarsAround({ lo, hi }: ClockChange): Record<string, ShiftRule[]> {
  const third = Math.max(1, Math.floor((hi - lo) / 3));
  const [a, b] = [lo + third, hi - third];
  return {
    "across, breaks inside": [shift("n", lo - 240, hi + 240, [lo - 5, a], [a, b], [b, hi + 5])],
    "ends and begins inside": [
      shift("n", lo - 240, a, [lo - 30, lo + 1]),
      shift("m", a, hi + 240, [b, hi], [hi, hi + 9]),
    ],
    "all inside": [shift("1", lo, a), shift("2", a, b), shift("3", b, hi), shift("4", hi, hi + 60, [hi, hi + third])],
    "overlapping once read": [shift("1", lo - 60, b, [a, b]), shift("2", hi, hi + 400, [hi + 1, hi + third])],
    "22 to 6": [shift("night", 1320, 1800, [1320 + 240, 1320 + 270])],
    "three shifts": [shift("e", 360, 840), shift("l", 840, 1320), shift("n", 1320, 1800)],
  };
}

function compare(change: ClockChange, shifts: readonly ShiftRule[]): void {
  const calendar: Calendar = { name: "c", shifts, exceptions: new Map() };
  const [from, to] = [change.at - DAY_MS, change.at + DAY_MS];
  const spans = shiftSpans(calendar, change.zone, from, to);
  const clock = new CalendarClock(calendar, zoneNamed(change.zone));
  const bounds = new Set([from, ...spans.flatMap((s) => [s, ...s.breaks].flatMap((part) => [part.from, part.to]))]);
  for (let t = from; t < to; t = clock.spanAt(t).to) bounds.add(t);
  let scheduledMs = 0;
  const sorted = [...bounds].filter((t) => t >= from && t < to).toSorted((a, b) => a - b);
  for (const [i, t] of sorted.entries()) {
    const span = spans.find((s) => s.from <= t && t < s.to);
    const scheduled = span !== undefined && !span.breaks.some((pause) => pause.from <= t && t < pause.to);
    if (scheduled) scheduledMs += (sorted[i + 1] ?? to) - t;
    const shown = clock.spanAt(t);
    expect({ t, scheduled: shown.scheduled, shift: shown.shift }).toEqual({
      t,
      scheduled,
      shift:
        span === undefined ? null : { name: span.name, crew: span.crew, date: span.date, from: span.from, to: span.to },
    });
  }
  expect(clock.scheduledMs(from, to)).toBe(scheduledMs);
}

/** Set by `OEE_CLOCK_CHANGES=all`: every zone with every calendar, which takes some minutes. */
const all = process.env["OEE_CLOCK_CHANGES"] === "all";

/** Of zones that change their clocks at the same instant by the same offsets, only one. */
function distinct(changes: readonly ClockChange[]): readonly ClockChange[] {
  if (all) return changes;
  return [...new Map(changes.map((change) => [`${change.at} ${change.before} ${change.after}`, change])).values()];
}

test("CA-3: around each clock change of each zone, 2024-2027, shifts and scheduled time are the oracle's", () => {
  const changes = Object.keys(pythonZones().zones).flatMap(changesOf);
  expect(changes.length).toBeGreaterThan(1000);
  for (const [i, change] of distinct(changes).entries()) {
    for (const [j, [name, shifts]] of Object.entries(calendarsAround(change)).entries()) {
      if (!all && (i + j) % 3 !== 0) continue;
      const where = `${change.zone}, ${new Date(change.at).toISOString()}, shifts: ${name} ${JSON.stringify(shifts)}`;
      try {
        compare(change, shifts);
      } catch (error) {
        throw new Error(`${where}\n${String(error)}`, { cause: error });
      }
    }
  }
});
