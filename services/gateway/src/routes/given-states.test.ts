import type { StateName } from "@oee/model";
import { expect, test } from "vitest";
import { givesState } from "./given-states.ts";

const state = (from: number, to: number) => ({ from, to, state: "down" as StateName, clear: false });
const clear = (from: number, to: number) => ({ from, to, state: null, clear: true });
const reason = (from: number, to: number) => ({ from, to, state: null, clear: false });

test.each([
  ["nothing said", [], false],
  ["a reason", [reason(0, 100)], false],
  ["a state before the span, and one behind it", [state(0, 10), state(20, 30)], false],
  ["a state that reaches into it", [state(0, 11)], true],
  ["a state that begins in it", [state(19, 30)], true],
  ["a state under a reason", [state(12, 13), reason(0, 100)], true],
  ["a state that was taken back", [state(5, 15), clear(0, 100)], false],
  ["a state that was taken back up to a moment before its end", [state(5, 15), clear(0, 14)], true],
  ["a state that was taken back but for its beginning", [state(5, 15), clear(11, 100)], true],
  ["a state that was given again", [clear(0, 100), state(18, 19)], true],
] as const)("TL-7: of 10 to 20, %s", (_, corrections, expected) => {
  expect(givesState(corrections, 10, 20)).toBe(expected);
});
