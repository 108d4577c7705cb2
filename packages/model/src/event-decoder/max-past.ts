/**
 * The `maxPast` of an import (DI-2): how far behind the clock its events may lie, as a duration such as `3650d`. The gateway
 * puts it into a header of each record of the import, and the worker judges the record's events by that header.
 */
import { durationMsOf } from "../duration.ts";

export const MAX_PAST_HEADER = "max-past";

/** The duration (ms), which is above 0; `null`: the text is none. */
export function maxPastOf(text: string): number | null {
  const durationMs = durationMsOf(text);
  return durationMs === null || durationMs <= 0 ? null : durationMs;
}
