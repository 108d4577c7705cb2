import { EventDecoder, isRefusal } from "@oee/model";
import { expect, test } from "vitest";
import { plantFrom } from "../../../tests/support/plant.ts";
import { UnmappedStates } from "./unmapped-states.ts";

const decoder = new EventDecoder(
  plantFrom(
    "enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 60 } } } } } } } }",
  ),
  { maxFutureMs: 0 },
);

function linesOf(states: readonly string[]): readonly string[] {
  const unmapped = new UnmappedStates();
  for (const state of states) {
    const decoded = decoder.decodeValue({ type: "state", machine: "s/a/l/m", at: "2026-03-02T06:00:00Z", state }, null);
    if (isRefusal(decoded)) unmapped.take(decoded);
  }
  return unmapped.lines();
}

test("TL-5: each state that nothing maps is told once, with how often it came, however many came before it", () => {
  const lines = linesOf(["Asleep", "running", "Asleep", "Asleep", "Asleep", "Asleep", "Asleep", "Odd"]);
  expect(lines).toEqual([
    '6 events: state: neither the state map of s/a/l/m nor ours has "Asleep"',
    '1 event: state: neither the state map of s/a/l/m nor ours has "Odd"',
  ]);
});

test("of a vocabulary without end the first fifty are told, and the others are counted", () => {
  const lines = linesOf(Array.from({ length: 60 }, (_, i) => `Odd ${i}`));
  expect(lines).toHaveLength(51);
  expect(lines.at(-1)).toBe("and 10 events with other states that nothing maps");
});
