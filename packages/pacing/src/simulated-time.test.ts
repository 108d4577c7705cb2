import { expect, test } from "vitest";
import { GiveWay } from "./give-way.ts";
import { pause } from "./scheduler.ts";
import { SimulatedTime } from "./simulated-time.ts";

const START = Date.UTC(2026, 2, 2, 6);

test("timers are called in order of time, those of one instant in the order in which they were set, and may set further ones", async () => {
  const time = new SimulatedTime(START);
  const called: string[] = [];
  const note = (name: string): void => void called.push(`${name} ${time.elapsed()}`);
  time.after(300, () => note("later"));
  const cancel = time.every(100, () => note("each"));
  time.after(100, () => {
    note("first");
    time.after(50, () => note("second"));
  });
  await time.advanceTo(START + 299);
  expect(called).toEqual(["each 100", "first 100", "second 150", "each 200"]);
  cancel();
  await time.advanceTo(START + 1_000);
  expect(called.slice(4)).toEqual(["later 300"]);
  expect([time.now(), time.elapsed()]).toEqual([START + 1_000, 1_000]);
});

test("simulated time stands still during work in real time (`outside`), and while what follows it without a pause runs", async () => {
  const time = new SimulatedTime(START);
  const seen: number[] = [];
  time.after(10, () => {
    void (async () => {
      await time.outside(new Promise((resolve) => setTimeout(resolve, 5)));
      seen.push(time.elapsed());
      for (let turn = 0; turn < 10; turn++) await time.turn();
      seen.push(time.elapsed());
      await pause(time, 15);
      seen.push(time.elapsed());
    })();
  });
  time.after(20, () => seen.push(-time.elapsed()));
  await time.advanceTo(START + 30);
  // The work begins at 10 ms, and takes no simulated time except for its pause of 15 ms.
  expect(seen).toEqual([10, 10, -20, 25]);
});

test("work that gives way in simulated time pauses for one turn of 1 ms", async () => {
  const time = new SimulatedTime(START);
  const giveWay = new GiveWay(time);
  expect(giveWay.due).toBe(false);
  await time.advanceTo(START + 4);
  expect(giveWay.due).toBe(true);
  const given = giveWay.now().then(() => time.elapsed());
  await time.advanceTo(START + 100);
  // One turn is enough, since the simulated event loop is idle in it.
  expect(await given).toBe(5);
});
