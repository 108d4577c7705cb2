import { expect, test } from "vitest";
import { pause } from "./scheduler.ts";
import { inTime, retry, retryForEver, sleepBy, within } from "./retry.ts";
import { SimulatedTime } from "./simulated-time.ts";

const START = Date.UTC(2026, 2, 2, 6);
const BACKOFF = { firstDelayMs: 100, delayMsMax: 300 };

test("pauses double up to the longest: tries at 0, 100, 300, 600 and 900 ms", async () => {
  const time = new SimulatedTime(START);
  const tries: number[] = [];
  const told: unknown[] = [];
  const done = retryForEver(
    async () => {
      tries.push(time.elapsed());
      if (tries.length < 5) throw new Error(`try ${tries.length}`);
      return "done";
    },
    (error, delayMs, attempts) => void told.push([String(error), delayMs, attempts]),
    sleepBy(time),
    BACKOFF,
  );
  await time.advanceTo(START + 2_000);
  expect(await done).toBe("done");
  expect(tries).toEqual([0, 100, 300, 600, 900]);
  expect(told).toEqual([1, 2, 3, 4].map((n) => [`Error: try ${n}`, [100, 200, 300, 300][n - 1], n]));
});

test("an error that the failure callback throws ends the tries, and is thrown", async () => {
  const failing = retryForEver(
    () => Promise.reject(new Error("no")),
    (_error, _delayMs, attempts) => {
      if (attempts === 3) throw new Error("given up");
    },
    () => Promise.resolve(),
  );
  await expect(failing).rejects.toThrow("given up");
});

test("an abort ends the pause at once, and nothing is tried after it", async () => {
  const time = new SimulatedTime(START);
  const ended = new AbortController();
  let tries = 0;
  const work = retry(
    () => {
      tries++;
      throw new Error("no");
    },
    () => undefined,
    ended.signal,
    sleepBy(time),
    BACKOFF,
  );
  await time.advanceTo(START + 50);
  ended.abort();
  expect(await work).toBeUndefined();
  expect(tries).toBe(1);
});

test("within: false for work that takes longer than the time, true for other work", async () => {
  const time = new SimulatedTime(START);
  const [quick, slow] = [50, 150].map((ms) => within(pause(time, ms), 100, sleepBy(time)));
  await time.advanceTo(START + 1_000);
  expect([await quick, await slow]).toEqual([true, false]);
});

test("inTime: for work that takes longer than the time the value or the error of the fallback is returned", async () => {
  const time = new SimulatedTime(START);
  const of = (ms: number, late: () => string): Promise<string> =>
    inTime(
      pause(time, ms).then(() => "done"),
      100,
      late,
      sleepBy(time),
    );
  const refused = (): never => {
    throw new Error("no answer");
  };
  const answers = Promise.allSettled([of(50, refused), of(150, () => "late"), of(150, refused)]);
  await time.advanceTo(START + 1_000);
  expect(await answers).toEqual([
    { status: "fulfilled", value: "done" },
    { status: "fulfilled", value: "late" },
    { status: "rejected", reason: new Error("no answer") },
  ]);
});
