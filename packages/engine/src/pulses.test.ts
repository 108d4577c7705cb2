import { expect, test } from "vitest";
import { MINUTE, modelOf, SECOND, T } from "./one-machine.fixture.ts";
import { Production, Pulses } from "./pulses.ts";
import type { Segment } from "./segments.ts";

const { classifier } = modelOf();
const GAP = 2 * MINUTE;

/** The segments (seconds after T) into which production from minute 0 to 10 is cut, with pulses at these minutes. */
function cut(...pulseMinutes: readonly number[]): string[] {
  const pulses = new Pulses(GAP);
  for (const minutes of pulseMinutes) pulses.add(T + minutes * MINUTE, 1);
  const whole: Segment = { from: T, to: T + 10 * MINUTE, state: "running", reason: null, correction: null };
  const production = new Production(T, pulses, classifier, () => 10 * SECOND, null);
  return production.cut([whole]).map(({ from, to, state }) => `${(from - T) / SECOND}-${(to - T) / SECOND} ${state}`);
}

test("TL-9: between two pulses further apart than pulseGap the machine is idle, from one cycle after the first on", () => {
  expect(cut(0, 1, 2, 8, 9)).toEqual(["0-130 running", "130-480 idle", "480-600 running"]);
});

test("TL-9: production without any pulse is idle", () => {
  expect(cut()).toEqual(["0-600 idle"]);
});

test("CN-1: counts of one instant are one pulse, and none where their sum is 0", () => {
  const pulses = new Pulses(GAP);
  pulses.add(T, 5);
  pulses.add(T + MINUTE, 3);
  pulses.add(T + MINUTE, -3);
  expect([pulses.first, pulses.last]).toEqual([T, T]);
});
