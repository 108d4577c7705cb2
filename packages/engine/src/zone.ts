/**
 * Local time of an IANA zone and instants, by the rule of CA-3.
 * Local times are written as "local milliseconds": the epoch milliseconds that the wall clock would show if it were UTC.
 */
import { IANAZone } from "luxon";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

const zones = new Map<string, IANAZone>();

/** Offset of the zone's clock from UTC at an instant (ms). */
export function offsetMs(zone: string, instant: number): number {
  if (zone === "UTC") return 0;
  let found = zones.get(zone);
  if (found === undefined) {
    found = IANAZone.create(zone);
    zones.set(zone, found);
  }
  return found.offset(instant) * MINUTE_MS;
}

/** What the zone's wall clock shows at an instant (local ms). */
export function localMsOf(zone: string, instant: number): number {
  return instant + offsetMs(zone, instant);
}

/** CA-3: the instant of a local time; the first of two, and with the offset before the gap where there is none. */
export function instantOf(zone: string, localMs: number): number {
  // Offsets lie between -12 h and +14 h, so these two instants are safely before and after any reading of localMs.
  const before = offsetMs(zone, localMs - DAY_MS);
  const first = localMs - before;
  if (offsetMs(zone, first) === before) return first;
  const after = offsetMs(zone, localMs + DAY_MS);
  const second = localMs - after;
  return offsetMs(zone, second) === after ? second : first;
}

/** `yyyy-mm-dd` of a number of days since 1970-01-01. */
export function dateOfDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** ISO weekday (1 = Monday) of a number of days since 1970-01-01. */
export function weekdayOfDay(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}
