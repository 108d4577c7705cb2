import { expect, test } from "vitest";
import { GiveWay } from "./give-way.ts";
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
