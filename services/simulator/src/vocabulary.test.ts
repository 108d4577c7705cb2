import { normalizeStateName, parsePlant, STATE_NAMES } from "@oee/model";
import { describe, expect, it } from "vitest";
import { habitsOf } from "./habits.ts";
import { wordFor } from "./vocabulary.ts";

describe("vocabulary", () => {
  it.each(["packml", "mtconnect", "semi-e10"])("TL-5: what a %s machine says means the state it is in", (states) => {
    const text = `enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1, states: ${states} } } } } } } } }\n`;
    const parsed = parsePlant(text, "e.yaml");
    const machine = parsed.ok ? parsed.plant.machines[0] : undefined;
    if (machine === undefined) throw new Error("the plant is refused");
    for (let seed = 0; seed < 8; seed++) {
      const habits = habitsOf(seed, machine, "s/a/l", 1);
      for (const state of STATE_NAMES) {
        const word = normalizeStateName(String(wordFor(machine, habits, state)));
        expect(machine.states.get(word) ?? word).toBe(state);
      }
    }
  });
});
