/**
 * An HTTP server that answers "later" (429, or 503 while it starts) is well: the same request is sent again after the seconds that its
 * header `Retry-After` says.
 */
import { type Sleep, sleepTimer } from "./retry.ts";

export interface Answered {
  readonly status: number;
  readonly text: string;
}

/** Where the header is missing, or says a date or no time at all: a server that is asked again at once would be asked without end. */
const PAUSE_SECONDS = 1;

/** The first answer whose status is not one of `later`, or the one that came after the signal was aborted, which also ends a pause. */
export async function askUntilTaken(
  ask: () => Promise<Response>,
  later: ReadonlySet<number>,
  signal: AbortSignal,
  sleep: Sleep = sleepTimer,
): Promise<Answered> {
  for (;;) {
    const response = await ask();
    const text = await response.text();
    if (!later.has(response.status) || signal.aborted) return { status: response.status, text };
    await sleep(1_000 * secondsOf(response.headers.get("retry-after")), signal);
  }
}

function secondsOf(header: string | null): number {
  const seconds = Number(header ?? PAUSE_SECONDS);
  return Number.isFinite(seconds) && seconds > 0 ? seconds : PAUSE_SECONDS;
}
