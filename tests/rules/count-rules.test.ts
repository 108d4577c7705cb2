/** Rules of counts (CN) and of pulses (TL-9), each with an example that was computed by hand. */
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
  test("counts of 0.2 m and 0.1 m sum to 0.3 m, and with a cycle of 600 s a metre to 180 s of ideal time", () => {
    const story: Story = [running, counted(10, { good: 0.2 }), counted(20, { good: 0.1 })];
    const found = components("idealCycleSeconds: 600, unit: m, decimals: 1", story);
    expect(found).toMatchObject({ goodCount: 0.3, idealTime: 180_000, idealGoodTime: 180_000 });
  });

  test("the ideal time of each count is rounded by itself, halves away from zero, so that a count of −x takes back one of x", () => {
    // 0.000015 s × 0.1 = 1.5 µs, rounded to 2 µs; two such counts have 4 µs, not 3.
    const machine = "idealCycleSeconds: 0.000015, decimals: 1";
    const twice: Story = [counted(1, { good: 0.1 }), counted(2, { good: 0.1 })];
    expect(components(machine, twice).idealTime).toBe(0.004);
    expect(components(machine, [...twice, counted(3, { good: -0.1 }), counted(3, { good: -0.1 })])).toMatchObject({
      goodCount: 0,
      idealTime: 0,
    });
  });

  test("`rolloverAt` is in the unit: of a counter that rolls over at 1000, 990.5 and then 3.2 count 12.7", () => {
    expect(components("idealCycleSeconds: 1, decimals: 1, rolloverAt: 1000", totals([990.5, 3.2])).goodCount).toBe(
      12.7,
    );
  });
});

describe("CN-6: pieces per count", () => {
  const top = "products: { p: { piecesPerCount: 2 }, q: {} }";
  test("`piecesPerCount` is the job's, else the product's, else the machine's", () => {
    const story: Story = [
      counted(1, { good: 1, scrap: 1 }),
      [2, { type: "job", product: "q" }],
      counted(3, { good: 1 }),
      [4, { type: "job", product: "p" }],
      counted(5, { good: 1 }),
      [6, { type: "job", product: "p", piecesPerCount: 8 }],
      counted(7, { good: 1 }),
    ];
    // Pieces a count: 4 before the first job, 4 for q, 2 for p, 8 for the last job: 18 good and 4 scrap, of 3 s each.
    const found = components("idealCycleSeconds: 3, piecesPerCount: 4", story, top);
    expect(found).toMatchObject({ goodCount: 18, scrapCount: 4, idealTime: 66_000 });
  });

  test("a difference of totals is multiplied by the `piecesPerCount` in force at the instant of the later total", () => {
    const story: Story = [
      ...totals([100, 110]),
      [15, { type: "job", product: "p" }],
      counted(20, { total: { good: 115 } }),
    ];
    expect(components("idealCycleSeconds: 3, piecesPerCount: 4", story, top).goodCount).toBe(10 * 4 + 5 * 2);
  });
});

describe("CN-7: scrap is produced less good and rework", () => {
  test("the scrap of a count is its produced less good and rework, also if that is negative", () => {
    const story: Story = [
      counted(1, { produced: 13, good: 10, rework: 1 }),
      counted(2, { produced: 0, good: 1, startup: true }),
    ];
    expect(components("idealCycleSeconds: 1", story)).toMatchObject({ goodCount: 11, scrapCount: 1, reworkCount: 1 });
  });

  test("a counter of 1000 at the infeed and one of 950 at the outfeed make 50 scrap", () => {
    const story: Story = [
      counted(0, { total: { produced: 0, good: 0 } }),
      counted(59, { total: { produced: 1000, good: 950 } }),
    ];
    expect(components("idealCycleSeconds: 3", story)).toMatchObject({ goodCount: 950, scrapCount: 50 });
  });

  test("totals of produced and good in separate events: scrap is produced less the good between two totals of produced; a negative scrap is made up later", () => {
    const story: Story = [
      counted(0, { total: { produced: 100, good: 90 } }),
      counted(5, { total: { good: 94 } }),
      counted(10, { total: { produced: 103, good: 94 } }),
      counted(15, { total: { good: 97 } }),
      counted(20, { total: { produced: 110, good: 97 } }),
    ];
    // Up to minute 10: 3 produced less 4 good is −1 scrap; from then on 7 less 3 is 4: in all 10 produced, 7 good, 3 scrap.
    expect(components("idealCycleSeconds: 1", story.slice(0, 3))).toMatchObject({ goodCount: 4, scrapCount: -1 });
    expect(components("idealCycleSeconds: 1", story)).toMatchObject({ goodCount: 7, scrapCount: 3 });
    expect(components("idealCycleSeconds: 1", story.toReversed())).toMatchObject({ goodCount: 7, scrapCount: 3 });
  });
});

describe("CN-8: totals that the machine cannot have made are doubted", () => {
  test("a jump that the machine cannot have made counts nothing: totals of 2000, 2010, 599999, 2020, 2030 count 30", () => {
    const story = totals([2000, 2010, 599_999, 2020, 2030]);
    expect(components("idealCycleSeconds: 60, maxRatePerHour: 120", story).goodCount).toBe(30);
    expect(components("idealCycleSeconds: 60", story).goodCount).toBe(10 + 597_989 + 2020 + 10);
  });

  test("a fall that would count too much as a reset counts nothing: totals of 400, 500, 498, 503 count 103", () => {
    // At 700 an hour 116.7 and 1 more are possible in ten minutes: 100 are, 498 since a reset are not.
    expect(components("idealCycleSeconds: 1, maxRatePerHour: 700", totals([400, 500, 498, 503])).goodCount).toBe(103);
  });

  test("a replaced counter counts from its second total on; one unit more than the maximum rate is possible", () => {
    // 9000 is doubted, and 9010 confirms it. At 60 an hour 10 and 1 more are possible in ten minutes.
    expect(components("idealCycleSeconds: 1, maxRatePerHour: 60", totals([5, 9000, 9010, 9012])).goodCount).toBe(12);
    expect(components("idealCycleSeconds: 1, maxRatePerHour: 60", totals([5, 16])).goodCount).toBe(11);
    expect(components("idealCycleSeconds: 1, maxRatePerHour: 60", totals([5, 17])).goodCount).toBe(0);
  });

  test("a fall is taken for a rollover if that is possible, else for a reset", () => {
    const machine = "idealCycleSeconds: 1, maxRatePerHour: 60, rolloverAt: 1000";
    expect(components(machine, totals([995, 2])).goodCount).toBe(7);
    // As a rollover it would count 108, which is impossible; as a reset it counts 8.
    expect(components(machine, totals([900, 8])).goodCount).toBe(8);
  });
});

describe("CN-9: a count can name its product", () => {
  const top = "products: { a: { idealCycleSeconds: 25 }, b: { idealCycleSeconds: 15 } }";
  const jobs: Story = [
    running,
    [0, { type: "job", product: "a" }],
    [1, { type: "job", product: "b", idealCycleSeconds: 10 }],
  ];

  test("a count belongs to the product that it names, with that product's cycle; time belongs to the job's product", () => {
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
      // The job in force is of this product: its cycle of 10 s holds, whether a count names the product or not.
      { product: "b", good: 41, ideal: 410, minutes: 59 },
      { product: "new", good: 1, ideal: 60, minutes: 0 },
    ]);
  });

  test("totals are of one counter whatever product they name; a product whose counts sum to 0 is not listed", () => {
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

  test("with a piece a minute from 06:00 to 06:29, then none, the machine runs for half of the hour", () => {
    const story = Array.from({ length: 30 }, (_, i) => counted(i, { good: 1 }));
    // The last piece takes its cycle of a minute, up to 06:30; then the machine is idle, because the gap is longer than two minutes.
    expect(minutes(components(machine, story))).toEqual([30, 30, 0, 0]);
  });

  test("before its first pulse the machine is unknown; it runs through a gap of `pulseGap`, and is idle in a longer one after one cycle", () => {
    const story = [10, 12, 15].map((minute) => counted(minute, { good: 1 }));
    // It runs from 10 to 12, and for the first minute of 12 to 15 and of 15 to 60.
    expect(minutes(components(machine, story))).toEqual([2 + 1 + 1, 2 + 44, 0, 10]);
  });

  test("a span of production without a pulse at either end is idle from its start; with a pulse at its end it is idle after one cycle", () => {
    const story: Story = [
      running,
      [10, { type: "state", state: "setup" }],
      [20, { type: "state", state: "running" }],
      counted(30, { scrap: 1 }),
      [31, { type: "state", state: "setup" }],
    ];
    // 0 to 10: idle. 20 to 30: the piece of minute 30 took one minute, counted from 20. 30 to 31: running.
    expect(minutes(components(machine, story))).toEqual([1 + 1, 10 + 9, 0, 0]);
  });

  test("the first state event ends the running time that pulses began, also if its state is unknown", () => {
    const story: Story = [
      ...[0, 1, 2, 3].map((minute) => counted(minute, { good: 1 })),
      [2, { type: "state", state: "unknown" }],
    ];
    expect(minutes(components(machine, story))).toEqual([2, 0, 0, 58]);
  });

  test("these are no pulses: a count of 0, a rejection, a first total, a doubted total, a total that did not rise", () => {
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
    // The pulses are at 0, 11 and 12: it runs for a minute from 0, from 11 to 12, and for a minute from 12.
    expect(minutes(components(`${machine}, maxRatePerHour: 600`, story))).toEqual([3, 57, 0, 0]);
  });

  test("a gap shorter than the cycle is not idle, even if longer than `pulseGap`; the cycle is that of all pieces of a count", () => {
    const story = [0, 6, 13].map((minute) => counted(minute, { good: 1 }));
    // Three pieces a count have a cycle of 180 s, longer than `pulseGap` of 2 min; all gaps are longer still.
    expect(minutes(components(`${machine}, piecesPerCount: 3`, story))).toEqual([9, 51, 0, 0]);
    expect(minutes(components(`${machine}, piecesPerCount: 7`, story))).toEqual([6 + 7 + 7, 40, 0, 0]);
  });

  test("a correction to running holds in spite of missing pulses", () => {
    const from = new Date(START + 10 * MINUTE_MS).toISOString();
    const to = new Date(START + 60 * MINUTE_MS).toISOString();
    const story: Story = [
      counted(0, { good: 1 }),
      [60, { type: "correction", from, to, state: "running", by: "anna" }],
    ];
    expect(minutes(components(machine, story))).toEqual([51, 9, 0, 0]);
  });
});
