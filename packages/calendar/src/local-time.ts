/**
 * Local time of a zone and instants, by the rule of CA-3.
 * Local times are written as "local milliseconds": the epoch milliseconds that the wall clock would show if it were UTC.
 */
import type { Zone } from "@oee/model";

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** What the zone's wall clock shows at an instant (local ms). */
export function localMsOf(zone: Zone, instant: number): number {
  return instant + zone.offsetMs(instant);
}

/** CA-3: the instant of a local time; the first of two, and with the offset before the gap where there is none. */
export function instantOf(zone: Zone, localMs: number): number {
  // Offsets lie between -12 h and +14 h, so these two instants are safely before and after any reading of localMs.
  const before = zone.offsetMs(localMs - DAY_MS);
  const first = localMs - before;
  if (zone.offsetMs(first) === before) return first;
  const after = zone.offsetMs(localMs + DAY_MS);
  const second = localMs - after;
  return zone.offsetMs(second) === after ? second : first;
}

/** `yyyy-mm-dd` of a number of days since 1970-01-01. */
export function dateOfDay(day: number): string {
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** ISO weekday (1 = Monday) of a number of days since 1970-01-01. */
export function weekdayOfDay(day: number): number {
  return ((((day + 3) % 7) + 7) % 7) + 1;
}
