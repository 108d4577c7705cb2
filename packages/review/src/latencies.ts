/** How long events took, as counts by bucket, which add up over machines and hours (SC-3). */

/** The greatest duration (ms) in a bucket: 1, then the quarter powers of two, rounded up. */
export function boundOfBucket(bucket: number): number {
  return Math.ceil(2 ** (bucket / 4));
}

/** The bucket of a duration (ms): all up to 1 ms, negative ones too, are in 0. */
export function bucketOf(durationMs: number): number {
  if (durationMs <= 1) return 0;
  // A bound rounded up holds it when the power itself passes the whole number below.
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
