import { expect, test } from "vitest";
import { Stamps } from "./epoch.ts";
import { OwnedPartition } from "./partition.ts";

function partitionAt(position: number): OwnedPartition {
  return new OwnedPartition(0, new Map(), new Stamps(1), position, []);
}

test("lag: what waits behind an open transaction is lag, and all that can be read is caught up with", () => {
  const owned = partitionAt(10);
  expect([owned.caughtUp, owned.blocked, owned.lag]).toEqual([false, false, 0]);
  owned.ends(10, 15);
  expect([owned.caughtUp, owned.blocked, owned.lag]).toEqual([true, true, 5]);
  owned.ends(15, 15);
  expect([owned.caughtUp, owned.blocked, owned.lag]).toEqual([false, false, 5]);
});

test("lag: records of an aborted transaction, which nobody is handed, are passed", () => {
  const owned = partitionAt(10);
  owned.ends(13, 13);
  owned.passed(9);
  expect(owned.position).toBe(10);
  owned.passed(13);
  expect([owned.taken, owned.position, owned.committable, owned.lag, owned.caughtUp]).toEqual([13, 13, 13, 0, true]);
});

test("lag: a partition stands still from when it was first seen to, by a monotonic clock, and not while it is empty or moves", () => {
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
