/**
 * Work that failed is tried again after a pause, which doubles from try to try. An abort ends a pause at once, so that closing
 * never waits for one. Time comes in as `Sleep`, which simulations replace.
 */
import { type Scheduler, systemScheduler } from "./scheduler.ts";

const NEVER = new AbortController().signal;

/** Resolves after `delayMs`, or at once when the signal is aborted. */
export type Sleep = (delayMs: number, signal: AbortSignal) => Promise<void>;

export interface Backoff {
  readonly firstDelayMs: number;
  readonly delayMsMax: number;
}

/**
 * The value of the first attempt that does not throw, or undefined when the signal is aborted before one. After a failure
 * `onFailure` may throw, and nothing is tried again; `attempts`: how many have failed.
 */
export async function retry<T>(
  attempt: () => Promise<T> | T,
  onFailure: (error: unknown, delayMs: number, attempts: number) => Promise<void> | void,
  signal: AbortSignal,
  sleep: Sleep = sleepTimer,
  { firstDelayMs, delayMsMax }: Backoff = { firstDelayMs: 100, delayMsMax: 10_000 },
): Promise<T | undefined> {
  let attempts = 0;
  for (let delayMs = firstDelayMs; !signal.aborted; delayMs = Math.min(delayMs * 2, delayMsMax)) {
    try {
      return await attempt();
    } catch (error) {
      await onFailure(error, delayMs, ++attempts);
    }
    await sleep(delayMs, signal);
  }
  return undefined;
}

/** As `retry`, for work without an abort signal: it ends when it is done, or when `onFailure` throws. */
export async function retryForEver<T>(
  attempt: () => Promise<T>,
  onFailure: (error: unknown, delayMs: number, attempts: number) => Promise<void> | void,
  sleep: Sleep = sleepTimer,
  backoff?: Backoff,
): Promise<T> {
  // Its signal is never aborted, so it comes to no `undefined` but the work's own.
  return (await retry(attempt, onFailure, NEVER, sleep, backoff)) as T;
}

/** Sleeps by a scheduler's time. */
export function sleepBy(scheduler: Scheduler): Sleep {
  return (delayMs, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) {
        resolve();
        return;
      }
      const done = (): void => {
        cancel();
        signal.removeEventListener("abort", done);
        resolve();
      };
      const cancel = scheduler.after(delayMs, done);
      signal.addEventListener("abort", done);
    });
}

export const sleepTimer: Sleep = sleepBy(systemScheduler());

/** Waits for `work` at most `delayMs`; false when it was not done by then. */
export async function within(work: Promise<unknown>, delayMs: number, sleep: Sleep = sleepTimer): Promise<boolean> {
  return inTime(
    work.then(() => true),
    delayMs,
    () => false,
    sleep,
  );
}

/** The value of `work`; where it takes longer than `delayMs`, that of `late`, which may throw. */
export async function inTime<T>(
  work: Promise<T>,
  delayMs: number,
  late: () => T,
  sleep: Sleep = sleepTimer,
): Promise<T> {
  const cancel = new AbortController();
  const { signal } = cancel;
  try {
    return await Promise.race([work, sleep(delayMs, signal).then(() => (signal.aborted ? work : late()))]);
  } finally {
    // Without a reason it would make an error with its stack, of which nobody reads anything.
    cancel.abort(null);
  }
}
