import { expect, test } from "vitest";
import { Signal } from "./signal.ts";

test("one call wakes all that wait, and none that come after it", async () => {
  const signal = new Signal();
  const woken: string[] = [];
  const waiting = ["a", "b"].map(async (name) => {
    await signal.next();
    woken.push(name);
  });
  signal.notify();
  await Promise.all(waiting);
  expect(woken).toEqual(["a", "b"]);
  let isWoken = false;
  const later = signal.next().then(() => (isWoken = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isWoken).toBe(false);
  signal.notify();
  await later;
});
