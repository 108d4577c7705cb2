/**
 * Retries work with growing pauses until it succeeds or the signal is aborted. An abort ends the pause at once, so that
 * closing never waits for a backoff. Time comes in as `Sleep`, which simulations replace.
 */

/** Resolves after `delayMs`, or at once when the signal is aborted. */
export type Sleep = (delayMs: number, signal: AbortSignal) => Promise<void>;

export interface Backoff {
  readonly firstDelayMs: number;
  readonly delayMsMax: number;
}

/** The value of the first attempt that does not throw, or undefined when the signal is aborted before one. */
export async function retry<T>(
  attempt: () => Promise<T> | T,
  onFailure: (error: unknown, delayMs: number) => void,
  signal: AbortSignal,
  sleep: Sleep = sleepTimer,
  { firstDelayMs, delayMsMax }: Backoff = { firstDelayMs: 100, delayMsMax: 10_000 },
): Promise<T | undefined> {
  for (let delayMs = firstDelayMs; !signal.aborted; delayMs = Math.min(delayMs * 2, delayMsMax)) {
    try {
      return await attempt();
    } catch (error) {
      onFailure(error, delayMs);
    }
    await sleep(delayMs, signal);
  }
  return undefined;
}

export const sleepTimer: Sleep = (delayMs, signal) =>
  new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, delayMs);
    signal.addEventListener("abort", done);
  });

/** Waits for `work` at most `delayMs`; false when it was not done by then. */
export async function within(work: Promise<unknown>, delayMs: number, sleep: Sleep = sleepTimer): Promise<boolean> {
  const cancel = new AbortController();
  const done = work.then(() => true);
  const result = await Promise.race([done, sleep(delayMs, cancel.signal).then(() => false)]);
  cancel.abort();
  return result;
}
