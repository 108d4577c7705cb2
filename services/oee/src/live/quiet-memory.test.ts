import { getHeapSpaceStatistics } from "node:v8";
import { expect, test } from "vitest";
import { QuietMemory, type QuietSources } from "./quiet-memory.ts";

const MIB = 1024 * 1024;

/** A process whose heap has so much garbage that each collection gives back what is left of it by halves. */
function processWith({ live, garbage }: { live: number; garbage: number }) {
  const state = { live, garbage, busyShare: 0.05, collections: 0, cpuMs: 0, elapsed: 0 };
  const sources: QuietSources = {
    heapBytes: () => (state.live + state.garbage) * MIB,
    cpuMs: () => state.cpuMs,
    elapsed: () => state.elapsed,
    collect: () => {
      state.collections++;
      state.garbage /= 2;
    },
  };
  const memory = new QuietMemory(sources);
  const looks = (times: number): void => {
    for (let i = 0; i < times; i++) {
      state.elapsed += 10_000;
      state.cpuMs += 10_000 * state.busyShare;
      memory.look();
    }
  };
  return { state, looks };
}

test("a heap that has grown is collected when the process is quiet, until nothing more comes back, and not again while it stays as it is", () => {
  const { state, looks } = processWith({ live: 100, garbage: 200 });
  looks(6);
  const { collections } = state;
  expect(collections).toBe(3);
  expect(state.garbage).toBe(25);
  looks(100);
  expect(state.collections).toBe(collections);

  // What a plant makes while little happens, V8 collects by itself.
  state.garbage = 60;
  looks(100);
  expect(state.collections).toBe(collections);

  state.garbage = 300;
  looks(6);
  expect(state.collections).toBe(collections + 3);
});

test("after a burst a heap that has grown by less than half is collected too", () => {
  const { state, looks } = processWith({ live: 100, garbage: 0 });
  looks(10);
  const { collections } = state;
  state.garbage = 40;
  state.busyShare = 0.6;
  looks(3);
  state.busyShare = 0.05;
  looks(10);
  expect(state.collections).toBeGreaterThan(collections);
});

test("nothing is collected while the process is busy, nor a minute long after the last time", () => {
  const { state, looks } = processWith({ live: 100, garbage: 300 });
  state.busyShare = 0.6;
  looks(30);
  expect(state.collections).toBe(0);
  state.busyShare = 0.05;
  looks(4);
  expect(state.collections).toBe(3);
  state.garbage = 400;
  looks(5);
  expect(state.collections).toBe(3);
  looks(1);
  expect(state.collections).toBe(4);
});

test("V8 gives the pages of garbage back that nothing else would have it look for", async () => {
  const pages = (): number =>
    getHeapSpaceStatistics().reduce((sum, of) => sum + (of.space_name.startsWith("new_") ? 0 : of.space_size), 0);
  const before = pages();
  let burst: object[] | null = [];
  for (let i = 0; i < 2_000_000; i++) burst.push({ i, of: [i] });
  const grown = pages() - before;
  expect(grown).toBeGreaterThan(100 * MIB);
  burst = null;
  let elapsed = 0;
  // The clock of the looks runs ahead, and the processor time of this test is left out.
  const memory = new QuietMemory({ ...QuietMemory.ofThisProcess, cpuMs: () => 0, elapsed: () => (elapsed += 60_000) });
  while (pages() - before > grown / 2) {
    memory.look();
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
});
