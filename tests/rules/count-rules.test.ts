/** Rules of counts and pulses, each with an example that was worked out by hand. */
import { type By, type Element, EventDecoder, isRefusal, type PublicComponents } from "@oee/model";
import { describe, expect, test } from "vitest";
import { Replay } from "../../services/oee/src/replay.ts";
import { plantFrom } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 2, 2, 6);

type Story = readonly (readonly [minute: number, fields: Readonly<Record<string, unknown>>])[];

function replayOf(machine: string, story: Story, top = "", hours = 1, by: By = "machine"): readonly Element[] {
  const text = `enterprise: e
sites: { s: { areas: { a: { lines: { l: { machines: { m: { ${machine} } } } } } } } }
${top}`;
  const plant = plantFrom(text);
  const replay = new Replay(plant);
  const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
  for (const [minute, fields] of story) {
    const at = START + Math.round(minute * MINUTE_MS);
    const bytes = Buffer.from(JSON.stringify({ machine: "s/a/l/m", at, ...fields }));
    const event = decoder.decode(bytes, 0, bytes.length, null);
    if (isRefusal(event)) throw new Error(event.detail);
    replay.accept(event);
  }
  const scope = plant.scopes.get("s/a/l/m");
  if (scope === undefined) throw new Error("no machine");
  const to = START + hours * 60 * MINUTE_MS;
  return replay.report({ from: START, to, scope, by, every: null }, to) ?? [];
}

function components(machine: string, story: Story, top = "", hours = 1): PublicComponents {
  const [element] = replayOf(machine, story, top, hours);
  if (element === undefined) throw new Error("no answer");
  return element.components;
}

const running = [0, { type: "state", state: "running" }] as const;
const counted = (minute: number, fields: object): Story[number] => [minute, { type: "count", ...fields }];
const totals = (good: readonly number[], every = 10): Story =>
  good.map((total, i) => counted(i * every, { total: { good: total } }));

describe("CN-5: quantities with decimals", () => {
  test("0.2 m and 0.1 m are 0.3 m, and at 600 s a metre they take 180 s", () => {
    const story: Story = [running, counted(10, { good: 0.2 }), counted(20, { good: 0.1 })];
    const found = components("idealCycleSeconds: 600, unit: m, decimals: 1", story);
    expect(found).toMatchObject({ goodCount: 0.3, idealTime: 180_000, idealGoodTime: 180_000 });
  });

  test("the ideal time of each count is rounded by itself, halves away from zero, so that −x undoes x", () => {
    // 0.000015 s a unit × 0.1 = 1.5 µs, which is 2; twice are 4, and not 3.
    const machine = "idealCycleSeconds: 0.000015, decimals: 1";
    const twice: Story = [counted(1, { good: 0.1 }), counted(2, { good: 0.1 })];
    expect(components(machine, twice).idealTime).toBe(0.004);
    expect(components(machine, [...twice, counted(3, { good: -0.1 }), counted(3, { good: -0.1 })])).toMatchObject({
      goodCount: 0,
      idealTime: 0,
    });
  });

  test("a rollover counts in the unit: 990.5 to 3.2 of 1000 are 12.7", () => {
    expect(components("idealCycleSeconds: 1, decimals: 1, rolloverAt: 1000", totals([990.5, 3.2])).goodCount).toBe(
      12.7,
    );
  });
});

describe("CN-6: pieces per count", () => {
  const top = "products: { p: { piecesPerCount: 2 }, q: {} }";
  test("the job's go before the product's, these before the machine's", () => {
    const story: Story = [
      counted(1, { good: 1, scrap: 1 }),
      [2, { type: "job", product: "q" }],
      counted(3, { good: 1 }),
      [4, { type: "job", product: "p" }],
      counted(5, { good: 1 }),
      [6, { type: "job", product: "p", piecesPerCount: 8 }],
      counted(7, { good: 1 }),
    ];
    // 4 before the first job, 4 for q, 2 for p, 8 for the job: 18 good and 4 scrap, at 3 s each.
    const found = components("idealCycleSeconds: 3, piecesPerCount: 4", story, top);
    expect(found).toMatchObject({ goodCount: 18, scrapCount: 4, idealTime: 66_000 });
  });

  test("differences of totals are multiplied by what is in force at their instant", () => {
    const story: Story = [
      ...totals([100, 110]),
      [15, { type: "job", product: "p" }],
      counted(20, { total: { good: 115 } }),
    ];
    expect(components("idealCycleSeconds: 3, piecesPerCount: 4", story, top).goodCount).toBe(10 * 4 + 5 * 2);
  });
});

describe("CN-7: produced beside good", () => {
  test("of deltas, scrap is that of the event, negative too", () => {
    const story: Story = [
      counted(1, { produced: 13, good: 10, rework: 1 }),
      counted(2, { produced: 0, good: 1, startup: true }),
    ];
    expect(components("idealCycleSeconds: 1", story)).toMatchObject({ goodCount: 11, scrapCount: 1, reworkCount: 1 });
  });

  test("infeed 1000 and outfeed 950 are 50 scrap", () => {
    const story: Story = [
      counted(0, { total: { produced: 0, good: 0 } }),
      counted(59, { total: { produced: 1000, good: 950 } }),
    ];
    expect(components("idealCycleSeconds: 3", story)).toMatchObject({ goodCount: 950, scrapCount: 50 });
  });

  test("in events of their own: what came in after the total before it, up to its own instant; later ones make up", () => {
    const story: Story = [
      counted(0, { total: { produced: 100, good: 90 } }),
      counted(5, { total: { good: 94 } }),
      counted(10, { total: { produced: 103, good: 94 } }),
      counted(15, { total: { good: 97 } }),
      counted(20, { total: { produced: 110, good: 97 } }),
    ];
    // 3 produced less 4 good is −1, then 7 less 3 is 4: 10 produced, 7 good, 3 scrap.
    expect(components("idealCycleSeconds: 1", story.slice(0, 3))).toMatchObject({ goodCount: 4, scrapCount: -1 });
    expect(components("idealCycleSeconds: 1", story)).toMatchObject({ goodCount: 7, scrapCount: 3 });
    expect(components("idealCycleSeconds: 1", story.toReversed())).toMatchObject({ goodCount: 7, scrapCount: 3 });
  });
});

describe("CN-8: totals that the machine cannot have made", () => {
  test("2000, 2010, 599999, 2020, 2030 gives 30", () => {
    const story = totals([2000, 2010, 599_999, 2020, 2030]);
    expect(components("idealCycleSeconds: 60, maxRatePerHour: 120", story).goodCount).toBe(30);
    expect(components("idealCycleSeconds: 60", story).goodCount).toBe(10 + 597_989 + 2020 + 10);
  });

  test("400, 500, 498, 503 gives 103", () => {
    // 100 in ten minutes are possible at 700 an hour (116.7 and 1), 498 after a reset are not.
    expect(components("idealCycleSeconds: 1, maxRatePerHour: 700", totals([400, 500, 498, 503])).goodCount).toBe(103);
  });

  test("a replaced counter is believed with its second total, and one unit more than the rate is", () => {
    // 9000 is doubted; 9010 confirms it. 20 an hour allow 3.3 and 1 in ten minutes.
    expect(components("idealCycleSeconds: 1, maxRatePerHour: 60", totals([5, 9000, 9010, 9012])).goodCount).toBe(12);
    expect(components("idealCycleSeconds: 1, maxRatePerHour: 60", totals([5, 16])).goodCount).toBe(11);
    expect(components("idealCycleSeconds: 1, maxRatePerHour: 60", totals([5, 17])).goodCount).toBe(0);
  });

  test("of a fall a rollover is tried first, then a reset", () => {
    const machine = "idealCycleSeconds: 1, maxRatePerHour: 60, rolloverAt: 1000";
    expect(components(machine, totals([995, 2])).goodCount).toBe(7);
    // Rolled over it would be 108, and as new it is 8.
    expect(components(machine, totals([900, 8])).goodCount).toBe(8);
  });
});

describe("CN-9: a count's own product", () => {
  const top = "products: { a: { idealCycleSeconds: 25 }, b: { idealCycleSeconds: 15 } }";
  const jobs: Story = [
    running,
    [0, { type: "job", product: "a" }],
    [1, { type: "job", product: "b", idealCycleSeconds: 10 }],
  ];

  test("counts go to the product that they name with its cycle, times stay with the job", () => {
    const story: Story = [
      ...jobs,
      counted(30, { good: 50, product: "a" }),
      counted(30, { good: 40, product: "b" }),
      counted(31, { good: 1, product: "new", order: "4711" }),
      counted(32, { good: 1 }),
    ];
    const found = replayOf("idealCycleSeconds: 60", story, top, 1, "product").map(({ product, components: c }) => ({
      product,
      good: c.goodCount,
      ideal: c.idealTime / 1000,
      minutes: c.runTime / MINUTE_MS,
    }));
    expect(found).toEqual([
      { product: "a", good: 50, ideal: 1250, minutes: 1 },
      // Its own job is in force: the job's 10 s hold, whether the count names it or not.
      { product: "b", good: 41, ideal: 410, minutes: 59 },
      { product: "new", good: 1, ideal: 60, minutes: 0 },
    ]);
  });

  test("a total is one counter, whatever product it names; what cancels out names none", () => {
    const story: Story = [
      ...jobs,
      counted(10, { total: { good: 100 }, product: "a" }),
      counted(20, { total: { good: 107 } }),
      counted(30, { total: { good: 110 }, product: "a" }),
      counted(40, { good: 5, product: "gone" }),
      counted(41, { good: -5, product: "gone" }),
    ];
    const found = replayOf("idealCycleSeconds: 60", story, top, 1, "product").map(({ product, components: c }) => [
      product,
      c.goodCount,
    ]);
    expect(found).toEqual([
      ["a", 3],
      ["b", 7],
    ]);
  });
});

describe("TL-9: counts tell whether the machine runs", () => {
  const minutes = ({ runTime, unplannedStopTime, minorStopTime, unknownTime }: PublicComponents): readonly number[] =>
    [runTime, unplannedStopTime, minorStopTime, unknownTime].map((ms) => ms / MINUTE_MS);
  const machine = "idealCycleSeconds: 60, pulseGap: 2m, minorStopThreshold: 0";

  test("a piece a minute from 06:00 to 06:29, then nothing: it runs half of the hour", () => {
    const story = Array.from({ length: 30 }, (_, i) => counted(i, { good: 1 }));
    // The last piece takes its minute, up to 06:30; from there on it is idle, once that is longer than two minutes.
    expect(minutes(components(machine, story))).toEqual([30, 30, 0, 0]);
  });

  test("before its first pulse it is unknown; a gap of two minutes is none, one of more is idle after a cycle", () => {
    const story = [10, 12, 15].map((minute) => counted(minute, { good: 1 }));
    // 10 to 12 runs; of 12 to 15 the first minute does; of 15 to 60 too.
    expect(minutes(components(machine, story))).toEqual([2 + 1 + 1, 2 + 44, 0, 10]);
  });

  test("a part with no pulse at either end is idle from its start, one with a pulse at its end from a cycle on", () => {
    const story: Story = [
      running,
      [10, { type: "state", state: "setup" }],
      [20, { type: "state", state: "running" }],
      counted(30, { scrap: 1 }),
      [31, { type: "state", state: "setup" }],
    ];
    // 0 to 10: nothing was made. 20 to 30: the piece that came at 30 took a minute from 20 on. 30 to 31 runs.
    expect(minutes(components(machine, story))).toEqual([1 + 1, 10 + 9, 0, 0]);
  });

  test("a first state event ends what pulses say before it, also one that says unknown", () => {
    const story: Story = [
      ...[0, 1, 2, 3].map((minute) => counted(minute, { good: 1 })),
      [2, { type: "state", state: "unknown" }],
    ];
    expect(minutes(components(machine, story))).toEqual([2, 0, 0, 58]);
  });

  test("what brings nothing is no pulse: a 0, a rejection, a first and a doubted total, one that did not rise", () => {
    const story: Story = [
      counted(0, { good: 1 }),
      counted(1, { good: 0 }),
      counted(3, { good: -1, scrap: 1 }),
      counted(5, { total: { good: 7 } }),
      counted(7, { total: { good: 7 } }),
      counted(9, { total: { good: 7_000_000 } }),
      counted(11, { total: { good: 8 } }),
      counted(12, { good: 1 }),
    ];
    // Pulses at 0, 11 and 12: a minute from 0 on, from 11 to 12, and a minute from 12 on.
    expect(minutes(components(`${machine}, maxRatePerHour: 600`, story))).toEqual([3, 57, 0, 0]);
  });

  test("a cycle that is longer than the gap is waited for; pieces per count make it longer", () => {
    const story = [0, 6, 13].map((minute) => counted(minute, { good: 1 }));
    // Three pieces a count take 180 s, longer than the gap of 2 min: each part is longer still.
    expect(minutes(components(`${machine}, piecesPerCount: 3`, story))).toEqual([9, 51, 0, 0]);
    expect(minutes(components(`${machine}, piecesPerCount: 7`, story))).toEqual([6 + 7 + 7, 40, 0, 0]);
  });

  test("a person's word is final", () => {
    const from = new Date(START + 10 * MINUTE_MS).toISOString();
    const to = new Date(START + 60 * MINUTE_MS).toISOString();
    const story: Story = [
      counted(0, { good: 1 }),
      [60, { type: "correction", from, to, state: "running", by: "anna" }],
    ];
    expect(minutes(components(machine, story))).toEqual([51, 9, 0, 0]);
  });
});
