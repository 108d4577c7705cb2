/**
 * Repeats what failed for a reason that passes, with doubling pauses, a bounded number of times. Safe for every call of
 * the store: reads change nothing and writes are idempotent by their keys, so work that was done although its answer
 * was lost is done again to the same effect.
 */
import { setTimeout as pause } from "node:timers/promises";
import { StoreError, storeErrorOf } from "./store-error.ts";

export interface RetryPolicy {
  readonly attemptsMax: number;
  readonly pauseFirstMs: number;
  readonly pauseMaxMs: number;
}

export const RETRY_DEFAULT: RetryPolicy = { attemptsMax: 5, pauseFirstMs: 100, pauseMaxMs: 5_000 };

/** Throws a `StoreError`: the last attempt's, or `OEE_STORE_CLOSED` when `signal` aborts a pause. */
export async function retrying<T>(
  policy: RetryPolicy,
  signal: AbortSignal,
  doing: string,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let attempts = 1; ; attempts++) {
    try {
      return await attempt();
    } catch (error) {
      const failure = storeErrorOf(error, doing);
      // A full disk passes when someone makes room, which takes longer than any pause here.
      const worthwhile = failure.retryable && failure.code !== "OEE_STORE_DISK_FULL";
      if (!worthwhile || attempts >= policy.attemptsMax) throw failure;
      const pauseMs = Math.min(policy.pauseFirstMs * 2 ** (attempts - 1), policy.pauseMaxMs);
      await pause(pauseMs, undefined, { signal }).catch(() => {
        throw new StoreError("OEE_STORE_CLOSED", `could not ${doing}: the store was closed`, { cause: failure });
      });
    }
  }
}
