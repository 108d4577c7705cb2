import { expect, test } from "vitest";
import { WakeUp } from "./wake-up.ts";

test("one call wakes all that wait, and none that come after it", async () => {
  const wakeUp = new WakeUp();
  // Nobody waits yet, and nobody is woken by it later.
  wakeUp.notify();
  const woken: string[] = [];
  const waiting = ["a", "b"].map(async (name) => {
    await wakeUp.next();
    woken.push(name);
  });
  await new Promise((resolve) => setImmediate(resolve));
  expect(woken).toEqual([]);
  wakeUp.notify();
  await Promise.all(waiting);
  expect(woken).toEqual(["a", "b"]);
  let isWoken = false;
  const later = wakeUp.next().then(() => (isWoken = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(isWoken).toBe(false);
  wakeUp.notify();
  await later;
});
