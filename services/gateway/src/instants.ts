/**
 * Instants and periods of query parameters: RFC 3339, epoch milliseconds, or relative (`now-8h`). Answers from stored rows are
 * about whole minutes; an end that is now or later means now (PE-4).
 */
import { durationMsOf, formatInstant, parseInstant } from "@oee/model";
import { HttpProblem } from "./problems.ts";

const MINUTE_MS = 60_000;
/** The bounds of instants (epoch ms): no event lies outside of them (DI-2). */
const EARLIEST = Date.UTC(2000, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);

/** The instant of a parameter (epoch ms). Throws `HttpProblem` where the text is no instant. */
export function instantOf(name: string, text: string, now: number): number {
  const instant = relativeOf(text, now) ?? absoluteOf(text);
  if (instant !== null && instant >= EARLIEST && instant <= LATEST) return instant;
  throw new HttpProblem(
    "OEE_HTTP_INVALID_PARAMETER",
    `${name} is ${JSON.stringify(text.slice(0, 80))}; expected an RFC 3339 instant such as 2026-03-02T05:00:00Z, epoch milliseconds, or now-8h, from 2000 to 2099`,
    { parameter: name },
  );
}

function relativeOf(text: string, now: number): number | null {
  // In the query of a URL a plus sign is a space.
  const match = /^now(?:([-+ ])([0-9]+[a-z]+))?$/.exec(text);
  if (match === null) return null;
  if (match[2] === undefined) return now;
  const durationMs = durationMsOf(match[2]);
  return durationMs === null ? null : match[1] === "-" ? now - durationMs : now + durationMs;
}

function absoluteOf(text: string): number | null {
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : parseInstant(text.replace(" ", "+"));
}

/** `[from, to)` in epoch ms, cut to whole minutes. */
export interface AskedPeriod {
  readonly from: number;
  /** The end: a whole minute, or now where `untilNow`. */
  readonly to: number;
  readonly untilNow: boolean;
}

/** The period of two parameters. Throws `HttpProblem` where it has no whole minute. */
export function periodOf(fromText: string, toText: string, now: number): AskedPeriod {
  const from = floor(instantOf("from", fromText, now));
  const end = instantOf("to", toText, now);
  const untilNow = end >= now;
  const to = untilNow ? now : floor(end);
  if (from < to) return { from, to, untilNow };
  throw new HttpProblem(
    "OEE_HTTP_EMPTY_PERIOD",
    `from is ${formatInstant(from)} and to ${formatInstant(to)}, in whole minutes and cut at now; expected from before to`,
  );
}

export function floor(instant: number): number {
  return instant - (instant % MINUTE_MS);
}

export function ceil(instant: number): number {
  return floor(instant + MINUTE_MS - 1);
}
