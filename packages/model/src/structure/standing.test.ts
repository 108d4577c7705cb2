import { expect, test } from "vitest";
import type { Machine, Scope } from "../plant.ts";
import { epochsIn, isRatedIn, isThereIn, machinesIn, membersIn } from "./standing.ts";

const machine = (id: string, index: number): Machine => ({ id, index }) as Machine;
const [A, B] = [machine("a", 0), machine("b", 1)];

/** A line where only `a` stood until 100, both from 100 to 200, and nothing after. */
const LINE = {
  machines: [],
  members: [],
  rated: true,
  past: {
    epochs: [
      { from: 0, to: 100, machines: [A], members: [A], rated: true },
      { from: 100, to: 200, machines: [B, A], members: [B, A], rated: false },
      { from: 200, to: 300, machines: [], members: [], rated: true },
    ],
  },
} as unknown as Scope;

test("DI-3: the spans of a period are cut to it, and each has its own machines", () => {
  expect(epochsIn(LINE, { from: 50, to: 150 }).map(({ from, to, machines }) => [from, to, machines.length])).toEqual([
    [50, 100, 1],
    [100, 150, 2],
  ]);
});

test("EQ-3, DI-3: a machine has one span where it stood without a break, in the order of the plant", () => {
  expect(membersIn(LINE, { from: 50, to: 300 })).toEqual([
    { machine: A, period: { from: 50, to: 200 } },
    { machine: B, period: { from: 100, to: 200 } },
  ]);
  expect(machinesIn(LINE, { from: 200, to: 300 })).toEqual([]);
});

test("DI-3: a period is rated where all that stood in it was; time in which nothing stood does not matter", () => {
  expect(isRatedIn(LINE, { from: 0, to: 100 })).toBe(true);
  expect(isRatedIn(LINE, { from: 0, to: 150 })).toBe(false);
  expect(isRatedIn(LINE, { from: 200, to: 300 })).toBe(false);
  expect([isThereIn(LINE, { from: 150, to: 250 }), isThereIn(LINE, { from: 200, to: 300 })]).toEqual([true, false]);
});

test("a scope whose structure never changed is in any period what it is now", () => {
  const now = { machines: [A, B], members: [B], rated: true, past: null } as unknown as Scope;
  const period = { from: 5, to: 6 };
  expect(membersIn(now, period)).toEqual([{ machine: B, period }]);
  expect([isRatedIn(now, period), isThereIn(now, period)]).toEqual([true, true]);
});
