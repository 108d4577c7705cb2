import { expect, test } from "vitest";
import { boundOfBucket, bucketOf, percentileOf } from "./latencies.ts";

test("SC-3: a duration is counted in the first bucket whose bound is not less than it", () => {
  for (const ms of [-5, 0, 0.5, 1, 1.01, 2, 2.5, 3, 4, 5, 99, 100, 101, 1024, 1025, 86_400_000, 3e9]) {
    const bucket = bucketOf(ms);
    expect([ms, boundOfBucket(bucket) >= ms, bucket === 0 || boundOfBucket(bucket - 1) < ms]).toEqual([ms, true, true]);
  }
  // The bounds are 1, 2, 2, 2, 2, 3, 3, 4, 4: of buckets with equal bounds the first holds all.
  expect([1, 2, 3, 4].map(bucketOf)).toEqual([0, 1, 5, 7]);
});

test("SC-3: a percentile is the bound of the bucket that holds the ceil(n P / 100)-th smallest", () => {
  const counts = new Map([
    [bucketOf(100), 10],
    [bucketOf(1), 89],
    [bucketOf(5_000), 1],
  ]);
  expect(percentileOf(counts, 50)).toBe(1);
  expect(percentileOf(counts, 89)).toBe(1);
  expect(percentileOf(counts, 95)).toBe(boundOfBucket(bucketOf(100)));
  expect(percentileOf(counts, 99)).toBe(boundOfBucket(bucketOf(100)));
  expect(percentileOf(counts, 100)).toBe(boundOfBucket(bucketOf(5_000)));
  expect(percentileOf([], 95)).toBeNull();
});
