/** KPIs and losses of a shift of 480 minutes, computed by hand. */
import { lossesOf } from "@oee/answers";
import { type Element, EventDecoder, isRefusal, type Plant, type Scope } from "@oee/model";
import { describe, expect, test } from "vitest";
import { Replay } from "../../services/oee/src/replay.ts";
import { plantFrom } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 2, 2, 8);
const END = START + 480 * MINUTE_MS;

const PLANT = `
enterprise: acme
sites:
  s:
    areas:
      a:
        lines:
          l1:
            constraint: press
            machines:
              press: { idealCycleSeconds: 2 }
              feeder: { idealCycleSeconds: 1 }
          l2: { machines: { saw: { idealCycleSeconds: 4 }, oven: { idealCycleSeconds: null } } }
`;

function plantOf(text: string): Plant {
  return plantFrom(text);
}

const plant = plantOf(PLANT);

/** Events of a machine, each with its instant in minutes after `START`. */
type Story = readonly (readonly [minute: number, fields: Readonly<Record<string, unknown>>])[];

function replayOf(stories: Readonly<Record<string, Story>>): Replay {
  const replay = new Replay(plant);
  const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
  for (const [machine, story] of Object.entries(stories)) {
    for (const [minute, fields] of story) {
      const event = decoder.decodeValue({ machine, at: START + minute * MINUTE_MS, ...fields }, null);
      if (isRefusal(event)) throw new Error(event.detail);
      replay.accept(event);
    }
  }
  return replay;
}

function scope(path: string): Scope {
  const found = plant.scopes.get(path);
  if (found === undefined) throw new Error(`no scope ${path}`);
  return found;
}

function answer(replay: Replay, path: string, to = END, now = END): Element {
  const at = scope(path);
  const [element, ...others] = replay.report({ from: START, to, scope: at, by: at.kind, every: null }, now) ?? [];
  if (element === undefined || others.length > 0) throw new Error(`expected one answer for ${path}`);
  return element;
}

const PRESS = "s/a/l1/press";
const running = (minute: number) => [minute, { type: "state", state: "running" }] as const;

/** 427 min of running, a breakdown of 20 min, a minor stop of 3, maintenance of 30; 10,000 good and 500 scrap. */
const day: Story = [
  running(0),
  [60, { type: "state", state: "down" }],
  running(80),
  [100, { type: "state", state: "idle" }],
  running(103),
  [200, { type: "state", state: "maintenance" }],
  running(230),
  [400, { type: "count", good: 10_000, scrap: 500 }],
];

describe("one machine's day", () => {
  const { components, kpis } = answer(replayOf({ [PRESS]: day }), PRESS);

  test("KP-2: MTBF divides running time by failures; minor and planned stops are no failures", () => {
    expect(components.failureCount).toBe(1);
    expect(kpis.mtbf).toBe(427 * MINUTE_MS);
    expect(kpis.mttr).toBe(20 * MINUTE_MS);
  });

  test("KP-1: planned time less all losses is good ideal time", () => {
    const losses = lossesOf(components, true);
    expect(losses).toEqual({
      planned: 480 * MINUTE_MS,
      breakdowns: 20 * MINUTE_MS,
      otherUnplannedStops: 0,
      setup: 0,
      plannedStops: 30 * MINUTE_MS,
      minorStops: 3 * MINUTE_MS,
      reducedSpeed: 77 * MINUTE_MS,
      processDefects: 1_000_000,
      startupLosses: 0,
      idealGoodTime: 20_000_000,
    });
  });

  test("P-1: OEE is a ratio of sums, and the product of its factors", () => {
    expect(kpis.availability).toBe(430 / 480);
    expect(kpis.performance).toBe(350 / 430);
    expect(kpis.quality).toBe(20 / 21);
    expect(kpis.oee).toBe(20_000 / 28_800);
  });
});

test("P-1: the OEE of a period divides sums of the whole period; it is no mean of ratios", () => {
  const replay = replayOf({
    [PRESS]: [running(0), [10, { type: "count", good: 1800 }], [60, { type: "state", state: "idle" }]],
  });
  // One hour at 100 %, then seven hours of standstill: 12.5 %, where a mean of the two spans would be 50 %.
  expect(answer(replay, PRESS).kpis.oee).toBe(0.125);
});

test("P-3: a ratio without a denominator is null", () => {
  const { kpis } = answer(replayOf({ [PRESS]: [[0, { type: "state", state: "break" }]] }), PRESS);
  expect(kpis).toMatchObject({
    availability: null,
    performance: null,
    quality: null,
    oee: null,
    mtbf: null,
    mttr: null,
  });
  expect(kpis.teep).toBe(0);
});

test("P-3: coverage is computed as the planned share, not as 1 less the unknown share, which loses the last digits", () => {
  const { components, kpis } = answer(replayOf({ [PRESS]: [running(470)] }), PRESS);
  expect(components).toMatchObject({ runTime: 10 * MINUTE_MS, unknownTime: 470 * MINUTE_MS });
  expect(kpis.coverage).toBe(10 / 480);
  expect(1 - 470 / 480).not.toBe(10 / 480);
});

test("P-4: a performance above 1 is not clipped", () => {
  const story: Story = [running(0), [10, { type: "count", good: 21_600 }]];
  expect(answer(replayOf({ [PRESS]: story }), PRESS).kpis.performance).toBe(1.5);
});

test("EQ-2, EQ-3: the KPIs of a line are those of its constraint, or without one of its rated machines", () => {
  const stands: Story = [[0, { type: "state", state: "idle" }]];
  const runs: Story = [running(0)];
  const replay = replayOf({ [PRESS]: runs, "s/a/l1/feeder": stands, "s/a/l2/saw": stands, "s/a/l2/oven": runs });
  expect(answer(replay, "s/a/l1").kpis.availability).toBe(1);
  expect(answer(replay, "s/a/l2").kpis.availability).toBe(0);
  expect(answer(replay, "s/a").kpis.availability).toBe(0.5);
  expect(answer(replay, "s/a/l2/oven").kpis).toMatchObject({ availability: 1, performance: null, oee: null });
});

test("CO-2: an event at now does not count yet, and an open segment ends at now", () => {
  const replay = replayOf({
    [PRESS]: [running(0), [30, { type: "state", state: "idle" }], [60, { type: "count", good: 5 }]],
  });
  const { to, components } = answer(replay, PRESS, START + 60 * MINUTE_MS, START + 60 * MINUTE_MS);
  expect(to).toBe(START + 60 * MINUTE_MS);
  expect(components).toMatchObject({ runTime: 30 * MINUTE_MS, unplannedStopTime: 30 * MINUTE_MS, goodCount: 0 });
});
