import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test, vi } from "vitest";
import { whileHeard } from "./while-heard.ts";

/** Rejects with the signal's reason when it is aborted. */
const aborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason as Error)));

test("work is aborted when its source is closed, before it or during it, and when the source is silent for too long", async () => {
  const ended = new AbortController();
  const asked = whileHeard(ended.signal, 60_000, aborted);
  ended.abort(new Error("closed"));
  await expect(asked).rejects.toThrow("closed");
  await expect(whileHeard(ended.signal, 60_000, () => Promise.resolve("done"))).rejects.toThrow("closed");
  await expect(whileHeard(new AbortController().signal, 1, aborted)).rejects.toThrow("silent for 1 ms");
});

test("a sign of life begins the time of silence anew", async () => {
  vi.useFakeTimers();
  const seen: boolean[] = [];
  const work = async (signal: AbortSignal, heard: () => void): Promise<void> => {
    for (const ms of [900, 900, 1_100]) {
      await vi.advanceTimersByTimeAsync(ms);
      seen.push(signal.aborted);
      heard();
    }
  };
  await whileHeard(new AbortController().signal, 1_000, work).finally(() => vi.useRealTimers());
  expect(seen).toEqual([false, false, true]);
});

test("an open source keeps no references to work that is done", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const ended = new AbortController();
  const signals: WeakRef<AbortSignal>[] = [];
  for (let i = 0; i < 10; i++) {
    await whileHeard(ended.signal, 60_000, (signal) => {
      signal.addEventListener("abort", () => undefined);
      signals.push(new WeakRef(signal));
      return Promise.resolve();
    });
  }
  // A WeakRef that was made or read keeps its object until the next turn of the event loop.
  await expect
    .poll(() => {
      collect();
      return signals.filter((signal) => signal.deref() !== undefined).length;
    })
    .toBe(0);
  expect(ended.signal.aborted).toBe(false);
});
