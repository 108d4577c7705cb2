import { PlantModel } from "@oee/engine";
import { type StateEvent, type StateName } from "@oee/model";
import { MachineEngine } from "@oee/stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ShownTimeline } from "./shown-timeline.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

const START = Date.UTC(2026, 2, 2, 5);
const HOUR_MS = 3_600_000;
const SEGMENTS_MAX = 400;

const plant = plantFrom(
  "enterprise: e\nminorStopThreshold: 5m\nsites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 } } } } } } } }\n",
);
const model = new PlantModel(plant).machine(plant.machines[0] ?? expect.fail("a plant without machines"));

class Live {
  readonly engine = new MachineEngine(model, { allowedLatenessMs: HOUR_MS });
  readonly timeline = new ShownTimeline(model, SEGMENTS_MAX);

  say(at: number, state: StateName, reason: string | null = null): void {
    const event: StateEvent = { type: "state", machine: model.machine, at, id: null, state, reason };
    this.engine.accept(event);
  }

  moveTo(now: number): void {
    const { segments, judged } = this.engine.advance(now);
    this.timeline.take(segments, judged, now);
  }
}

test("a segment that lasts longer is no change of the timeline; a new segment, or a stop that stops being minor, is (ST-2)", () => {
  const live = new Live();
  const { timeline } = live;
  live.say(START, "running");
  live.moveTo(START + 1_000);
  expect(timeline.drainChanged()).toBe(true);
  for (let at = START + 2_000; at < START + 600_000; at += 1_000) live.moveTo(at);
  expect(timeline.drainChanged()).toBe(false);
  expect(timeline.segments).toMatchObject([{ from: START, to: START + 599_000, state: "running", minor: false }]);

  live.say(START + 600_000, "down");
  live.moveTo(START + 601_000);
  expect(timeline.drainChanged()).toBe(true);
  expect(timeline.segments.at(-1)).toMatchObject({ from: START + 600_000, state: "down", minor: true });
  live.moveTo(START + 899_999);
  expect(timeline.drainChanged()).toBe(false);
  live.moveTo(START + 900_000);
  expect(timeline.drainChanged()).toBe(true);
  expect(timeline.segments.at(-1)).toMatchObject({ from: START + 600_000, to: START + 900_000, minor: false });
});

test("the timeline is that of all events at once, in whatever order they come and whenever the engine is advanced", () => {
  const event = fc.record({
    at: fc.integer({ min: 0, max: 120 }),
    state: fc.constantFrom<StateName>("running", "down", "setup", "unknown"),
    reason: fc.constantFrom("jam", null),
    moveTo: fc.option(fc.integer({ min: 0, max: 150 })),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      const live = new Live();
      const whole = new Live();
      const instant = (half: number): number => START + half * 30_000;
      for (const { at, state, reason, moveTo } of events) {
        live.say(instant(at), state, reason);
        whole.say(instant(at), state, reason);
        if (moveTo !== null) live.moveTo(Math.max(live.engine.now, instant(moveTo)));
      }
      const end = instant(200);
      live.moveTo(end);
      whole.moveTo(end);
      expect(live.timeline.segments).toEqual(whole.timeline.segments);
    }),
    { numRuns: 500 },
  );
});
