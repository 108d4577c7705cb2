import { expect, test } from "vitest";
import { eventsOf, MINUTE, modelOf, T } from "./one-machine.fixture.ts";
import { runningPulses } from "./running-pulses.ts";

const MODEL = modelOf("idealCycleSeconds: 10, pulseGap: 2m");

/** The running pulses of a span, all in minutes after T. `counts`: minute and fields of each count event. */
function found(from: number, to: number, ...counts: readonly (readonly [number, object])[]): number[] {
  const events = eventsOf(
    MODEL,
    counts.map(([at, fields]) => ({ at, type: "count", ...fields })),
  );
  return runningPulses(MODEL, events, T + from * MINUTE, T + to * MINUTE).map((at) => (at - T) / MINUTE);
}

test("TL-9: running pulses are those that another pulse follows within `pulseGap`", () => {
  const counts = [0, 1, 3, 8, 20, 22, 30].map((at) => [at, { good: 1 }] as const);
  expect(found(0, 60, ...counts)).toEqual([0, 1, 20]);
  expect(found(1, 60, ...counts)).toEqual([1, 20]);
  expect(found(0, 22, ...counts)).toEqual([0, 1]);
});

test("TL-9: a count that adds no piece is no pulse: the first total, an equal total, good that becomes scrap, a count of 0", () => {
  const total = (good: number): object => ({ total: { good } });
  expect(found(0, 60, [0, total(5)], [1, total(5)], [2, total(6)], [3, total(7)])).toEqual([2]);
  // The total at minute 1, the first within the span, is a pulse, since it is above the total before the span.
  expect(found(1, 60, [0, total(5)], [1, total(6)], [2, total(7)])).toEqual([1]);
  expect(found(0, 60, [0, { good: -1, scrap: 1 }], [1, { good: 0 }], [2, { good: 1 }])).toEqual([]);
});

test("a machine without pulseGap has no running pulses", () => {
  const model = modelOf();
  const events = eventsOf(model, [
    { at: 0, type: "count", good: 1 },
    { at: 1, type: "count", good: 1 },
  ]);
  expect(runningPulses(model, events, T, T + 60 * MINUTE)).toEqual([]);
});
