/** Latencies of events as counts by bucket of duration; counts add up over machines and hours (SC-3). */

/** The greatest duration (ms) that a bucket holds: 1 for bucket 0, then the powers 2^(n/4), rounded up. */
export function boundOfBucket(bucket: number): number {
  return Math.ceil(2 ** (bucket / 4));
}

/** The bucket of a duration (ms); durations up to 1 ms, negative ones too, are in bucket 0. */
export function bucketOf(durationMs: number): number {
  if (durationMs <= 1) return 0;
  // Begins a bucket too low, since bounds are rounded up and the logarithm is a double, and goes up from there.
  let bucket = Math.max(0, Math.floor(4 * Math.log2(Math.ceil(durationMs) - 1)) - 1);
  while (boundOfBucket(bucket) < durationMs) bucket++;
  return bucket;
}

/** The bound of the bucket that holds the ⌈n P / 100⌉-th smallest; `null`: there is none. */
export function percentileOf(
  counts: Iterable<readonly [bucket: number, count: number]>,
  percent: number,
): number | null {
  const inOrder = [...counts].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  const total = inOrder.reduce((sum, [, count]) => sum + count, 0);
  let left = Math.ceil((total * percent) / 100);
  for (const [bucket, count] of inOrder) {
    left -= count;
    if (left <= 0) return boundOfBucket(bucket);
  }
  return null;
}
