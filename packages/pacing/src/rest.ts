/** Background work uses at most 10 % of the event loop: after a turn of n ms it pauses 9·n ms, at most 5 s. */

/** The pause, as a multiple of the turn before it. */
const REST = 9;
const REST_MAX_MS = 5_000;

/** How long to pause (ms) after a turn that took `tookMs`. */
export function restAfter(tookMs: number): number {
  return Math.min(REST_MAX_MS, REST * tookMs);
}
