/**
 * Repeats work that waits for room on disk, after a pause that stays the same, until it is done or its source is
 * closed.
 */
import { retry, sleepTimer } from "@oee/pacing";
import type { Observation, SourceHost } from "./port.ts";

const EVERY_MS = 500;

/** Tries `task` again `everyMs` after each failure, whose error `onFailure` gets; `false`: `signal` was aborted before it was done. */
export async function untilDone(
  task: () => Promise<void>,
  signal: AbortSignal,
  everyMs: number = EVERY_MS,
  onFailure: () => void = () => undefined,
): Promise<boolean> {
  const attempt = async (): Promise<true> => {
    await task();
    return true;
  };
  const done = await retry(attempt, onFailure, signal, sleepTimer, { firstDelayMs: everyMs, delayMsMax: everyMs });
  return done === true;
}

/** As `SourceHost.observed`, until it is done; `false`: `signal` was aborted before. */
export async function untilObserved(
  host: SourceHost,
  observations: readonly Observation[],
  mark: string | undefined,
  signal: AbortSignal,
): Promise<boolean> {
  return untilDone(() => host.observed(observations, mark), signal);
}
