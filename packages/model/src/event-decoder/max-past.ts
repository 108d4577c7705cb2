/**
 * How an import of history names its own `maxPast` (DI-2): a duration such as `3650d`, which travels with its records, as
 * the header of this name, to the worker that judges them.
 */
import { durationMsOf } from "../duration.ts";

export const MAX_PAST_HEADER = "max-past";

/** The duration (ms), which is above 0; `null`: the text is none. */
export function maxPastOf(text: string): number | null {
  const durationMs = durationMsOf(text);
  return durationMs === null || durationMs <= 0 ? null : durationMs;
}
