/**
 * Repeats what failed for a reason that passes, with doubling pauses, a bounded number of times. Safe for every call of
 * the store: reads change nothing and writes are idempotent by their keys, so work that was done although its answer
 * was lost is done again to the same effect.
 */
import { type Backoff, retryForEver, type Sleep, sleepTimer } from "@oee/pacing";
import { StoreError, storeErrorOf } from "./store-error.ts";

export interface RetryPolicy extends Backoff {
  readonly attemptsMax: number;
}

export const RETRY_DEFAULT: RetryPolicy = { attemptsMax: 5, firstDelayMs: 100, delayMsMax: 5_000 };

/** Throws a `StoreError`: the last attempt's, or `OEE_STORE_CLOSED` when `signal` aborts a pause. */
export async function retrying<T>(
  policy: RetryPolicy,
  signal: AbortSignal,
  doing: string,
  attempt: () => Promise<T>,
): Promise<T> {
  const sleep: Sleep = async (delayMs) => {
    await sleepTimer(delayMs, signal);
    if (signal.aborted) throw new StoreError("OEE_STORE_CLOSED", `could not ${doing}: the store was closed`);
  };
  const onFailure = (error: unknown, _delayMs: number, attempts: number): void => {
    const failure = storeErrorOf(error, doing);
    // A full disk passes when someone makes room, which takes longer than any pause here.
    const worthwhile = failure.retryable && failure.code !== "OEE_STORE_DISK_FULL";
    if (!worthwhile || attempts >= policy.attemptsMax) throw failure;
  };
  return retryForEver(attempt, onFailure, sleep, policy);
}
