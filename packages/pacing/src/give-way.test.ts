import { expect, test } from "vitest";
import { GiveWay, stepsGivingWay } from "./give-way.ts";
import type { Scheduler } from "./scheduler.ts";

/** An event loop of which each turn takes `turnMs` and is idle for `idleMs` of them. */
function loopOf(turnMs: number, idleMs: number): Scheduler & { readonly turns: () => number } {
  let turns = 0;
  const never = (): never => {
    throw new Error("not asked for");
  };
  return {
    now: never,
    elapsed: () => turns * turnMs,
    idle: () => turns * idleMs,
    after: (_delayMs, call) => {
      queueMicrotask(() => {
        turns++;
        call();
      });
      return () => undefined;
    },
    every: never,
    turn: never,
    turns: () => turns,
  };
}

test.each([
  [1, 1, 1, "an idle event loop"],
  [2, 0.5, 2, "one with time to spare"],
  [3, 0, 4, "a busy one"],
  [40, 0, 1, "a busy one whose turns are long"],
])("with turns of %d ms, %d ms idle, work that gives way lets %d pass (%s)", async (turnMs, idleMs, turns) => {
  const loop = loopOf(turnMs, idleMs);
  await new GiveWay(loop).now();
  expect(loop.turns()).toBe(turns);
});

test("work that gives way for one turn goes on after it, be the event loop busy or idle", async () => {
  let turns = 0;
  const { after: _, ...loop } = loopOf(40, 0);
  const after = (): never => {
    throw new Error("it pauses");
  };
  await new GiveWay({ ...loop, after, turn: async () => void turns++ }, true).now();
  expect(turns).toBe(1);
});

test("work in steps gives way where its slice is over, and comes to what its last step says", async () => {
  const loop = loopOf(4, 4);
  const seen: number[] = [];
  function* steps(): Generator<undefined, string> {
    for (let i = 0; i < 3; i++) {
      seen.push(loop.turns());
      yield;
    }
    return "done";
  }
  expect(await stepsGivingWay(steps(), new GiveWay(loop))).toBe("done");
  // The first slice begins at no time, so that it is not over after the first step.
  expect(seen).toEqual([0, 0, 0]);
  const giveWay = new GiveWay(loop);
  await giveWay.now();
  loop.after(0, () => undefined);
  await Promise.resolve();
  seen.length = 0;
  await stepsGivingWay(steps(), giveWay);
  expect(seen).toEqual([2, 3, 3]);
});

test("what is left out of a slice makes it longer", async () => {
  const loop = loopOf(4, 4);
  const giveWay = new GiveWay(loop);
  loop.after(0, () => undefined);
  await Promise.resolve();
  expect(giveWay.due).toBe(true);
  giveWay.leaveOut(4);
  expect(giveWay.due).toBe(false);
});
