import { expect, test } from "vitest";
import { Stamps } from "./epoch.ts";
import { OwnedPartition } from "./partition.ts";

function partitionAt(position: number): OwnedPartition {
  return new OwnedPartition(0, new Map(), new Stamps(1), position, []);
}

test("lag: records behind an open transaction are lag, yet the partition is caught up once all readable ones are read", () => {
  const owned = partitionAt(10);
  expect([owned.caughtUp, owned.blocked, owned.lag]).toEqual([false, false, 0]);
  owned.ends(10, 15);
  expect([owned.caughtUp, owned.blocked, owned.lag]).toEqual([true, true, 5]);
  owned.ends(15, 15);
  expect([owned.caughtUp, owned.blocked, owned.lag]).toEqual([false, false, 5]);
});

test("lag: records of an aborted transaction, which no consumer gets, move the position on", () => {
  const owned = partitionAt(10);
  owned.ends(13, 13);
  owned.passed(9);
  expect(owned.position).toBe(10);
  owned.passed(13);
  expect([owned.taken, owned.position, owned.committable, owned.lag, owned.caughtUp]).toEqual([13, 13, 13, 0, true]);
});

test("lag: a partition stands still since it was first seen without progress, by monotonic time, and not while it is read to its end", () => {
  const owned = partitionAt(0);
  expect(owned.stoodStillMs(1_000)).toBe(0);
  owned.ends(5, 5);
  expect(owned.stoodStillMs(2_000)).toBe(0);
  expect(owned.stoodStillMs(9_000)).toBe(7_000);
  owned.passed(2);
  expect(owned.stoodStillMs(10_000)).toBe(0);
  expect(owned.stoodStillMs(11_000)).toBe(1_000);
  owned.passed(5);
  expect(owned.stoodStillMs(12_000)).toBe(0);
});
