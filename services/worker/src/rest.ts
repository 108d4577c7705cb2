/** Work that may wait rests between two turns, so that most of the time is for what may not. */

/** So many times as long as the turn before took. */
const REST = 9;
/** However long that was. */
const REST_MAX_MS = 5_000;

export function restAfter(tookMs: number): number {
  return Math.min(REST_MAX_MS, REST * tookMs);
}
