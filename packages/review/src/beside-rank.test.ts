import { PlantModel } from "@oee/engine";
import { EventDecoder, isRefusal, type Machine, type Scope } from "@oee/model";
import { expect, test } from "vitest";
import { plantFrom } from "../../../tests/support/plant.ts";
import { rankingOf } from "./benchmark.ts";
import { oddPolicies } from "./beside-rank.ts";
import { correctedSpans } from "./corrected-stops.ts";
import { HistoryFacts } from "./history-facts.ts";
import { type Measure, measureNamed } from "./measures.ts";
import { RecordedMachine } from "./recorded-machine.ts";
import { RecordedRefusals } from "./recorded-refusals.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;
const HOURS = 72;
const START = Date.UTC(2026, 2, 2);
const PERIOD = { from: START, to: START + HOURS * HOUR };
const plant = plantFrom(`enterprise: e
reasons: { belt: {}, service: { category: plannedStop } }
sites: { s: { areas: { a: { lines: { l: { minorStopThreshold: 0, machines: {
  a: { class: filler, idealCycleSeconds: 1 }, b: { class: filler, idealCycleSeconds: 1 },
  c: { class: filler, idealCycleSeconds: 1, minorStopThreshold: 5m }, p: { class: filler, idealCycleSeconds: 1, pulseGap: 20m },
  silent: { class: press, idealCycleSeconds: 1, staleAfter: 30m }, pulses: { class: press, idealCycleSeconds: 1, pulseGap: 20m } } } } } } } }
`);

/** Each machine runs for three quarters of each hour, and is down in the last one. */
function factsWith(more: readonly Readonly<Record<string, unknown>>[]): HistoryFacts {
  const model = new PlantModel(plant);
  const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
  const records = new Map<Machine, RecordedMachine>();
  const states = ["a", "b", "c", "p"].flatMap((name) =>
    Array.from({ length: HOURS }, (_, hour) => START + hour * HOUR).flatMap((at) => [
      { type: "state", machine: `s/a/l/${name}`, at, state: "running" },
      { type: "state", machine: `s/a/l/${name}`, at: at + 45 * MINUTE, state: "down", reason: "belt" },
    ]),
  );
  for (const value of [...states, ...more]) {
    const event = decoder.decodeValue(value, null);
    if (isRefusal(event)) throw new Error(event.detail);
    let record = records.get(event.machine);
    if (record === undefined) records.set(event.machine, (record = new RecordedMachine(model, event.machine)));
    record.accept(event);
  }
  const recordOf = (machine: Machine): RecordedMachine => records.get(machine) ?? new RecordedMachine(model, machine);
  return new HistoryFacts(model, PERIOD.to, recordOf, new RecordedRefusals());
}

const scopes = ["a", "b", "c", "p"].map((name) => plant.scopes.get(`s/a/l/${name}`) as Scope);
const [A, B, C] = scopes as [Scope, Scope, Scope];
const correction = (machine: string, from: number, to: number, more: object): Readonly<Record<string, unknown>> => ({
  ...{ type: "correction", machine: `s/a/l/${machine}`, at: PERIOD.to - 1 },
  ...{ from: START + from * HOUR, to: START + to * HOUR, by: "anna" },
  ...more,
});

test("BM-3: what makes a number good without making anything better stands beside each rank", () => {
  const facts = factsWith([
    // The stops of the first ten hours become planned ones, by their reason.
    ...Array.from({ length: 10 }, (_, hour) => correction("a", hour + 0.75, hour + 1, { reason: "service" })),
    // Ten hours become time that was not planned, their stops of 15 minutes too.
    correction("a", 20, 30, { state: "no-demand" }),
    // It is taken back, so that nothing is corrected there.
    correction("a", 40, 50, { state: "no-demand" }),
    correction("a", 40, 50, { clear: true }),
    // Another reason, of the same category.
    correction("b", 0.75, 1, { reason: "belt" }),
    // A run that becomes a stop is none of the time that was moved away from stops.
    correction("b", 1, 2, { state: "down" }),
    // 100,000 pieces of 1 s in a day of 18 h running (64,800 s).
    { type: "count", machine: "s/a/l/c", at: START + HOUR, good: 100_000 },
  ]);
  const { rows } = rankingOf(facts, scopes, measureNamed("availability") as Measure, PERIOD);
  const beside = new Map(rows.map((row) => [row.scope.at(-1), row.beside]));
  // 72 h × 15 min = 1,080 min of stops by the states; 10 × 15 min became planned and 10 × 15 min not planned.
  expect(beside.get("a")?.correctedShare).toBe(300 / 1080);
  // 62 of 72 hours are planned; 150 min of them, 62 × 60 min, are planned stops.
  expect(beside.get("a")).toMatchObject({ loading: 62 / 72, coverage: 1, plannedStopShare: 150 / 3720, teep: 0 });
  expect(beside.get("a")).toMatchObject({ minorStopThresholds: [0], performanceAbove1: 0, idealCycleChanges: [] });
  expect(beside.get("b")).toMatchObject({ correctedShare: 0, loading: 1, plannedStopShare: 0 });
  // All but the hour that the correction made a stop without a reason: 72 × 15 min of 72 × 15 + 45.
  expect(beside.get("b")?.reasonShare).toBeCloseTo((1080 - 15) / (1080 + 45), 12);
  expect(beside.get("c")).toMatchObject({ correctedShare: 0, minorStopThresholds: [5 * MINUTE], performanceAbove1: 1 });
  expect(beside.get("p")?.correctedShare).toBe(0);
  // Of four, three have no threshold for minor stops, and three no pulses.
  expect(rows.map(({ scope, beside: { policy } }) => [scope.at(-1), policy])).toEqual(
    rows.map(({ scope }) => [scope.at(-1), { c: ["minorStopThreshold"], p: ["pulseGap"] }[scope.at(-1) ?? ""]]),
  );
});

test("BM-3, TL-4: silence that corrections made something else was no stop", () => {
  // It says every 20 minutes that it runs, but for 10:00 to 14:00, when it stops and falls silent, and 20:00 to 21:00.
  const times = Array.from({ length: HOURS * 3 }, (_, i) => i / 3).filter((hour) => hour < 10 || hour >= 14);
  const said = times.map((hour) => (hour >= 20 && hour < 21 ? { hour, state: "down" } : { hour, state: "running" }));
  const events = [...said, { hour: 10, state: "down" }].map(({ hour, state }) => ({
    ...{ type: "state", machine: "s/a/l/silent", at: START + hour * HOUR, state },
  }));
  const facts = factsWith([...events, correction("silent", 10, 14, { state: "no-demand" })]);
  const scope = plant.scopes.get("s/a/l/silent") as Scope;
  const [row] = rankingOf(facts, [scope], measureNamed("availability") as Measure, PERIOD).rows;
  // It was down for 30 minutes, then not known for 210; the hour at 20:00 is a stop still: 30 / (30 + 60).
  expect(row?.beside.correctedShare).toBe(30 / 90);
  expect(row?.beside.loading).toBe(68 / 72);
});

test("BM-3, TL-9: where pulses tell its stops, these are what corrections made something else", () => {
  // A piece of 1 s every 10 minutes, but for 30:00 to 32:00 and 50:00 to 51:00.
  const times = Array.from({ length: HOURS * 6 }, (_, i) => i / 6);
  const made = times.filter((hour) => !(hour > 30 && hour < 32) && !(hour > 50 && hour < 51));
  const facts = factsWith([
    { type: "state", machine: "s/a/l/pulses", at: START, state: "running" },
    ...made.map((hour) => ({ type: "count", machine: "s/a/l/pulses", at: START + hour * HOUR, good: 1 })),
    correction("pulses", 30.5, 31.5, { state: "maintenance" }),
    // A run that becomes maintenance was no stop.
    correction("pulses", 60, 60.1, { state: "maintenance" }),
  ]);
  const scope = plant.scopes.get("s/a/l/pulses") as Scope;
  const [row] = rankingOf(facts, [scope], measureNamed("availability") as Measure, PERIOD).rows;
  // Idle from one second after a piece: 7,199 s, of which 3,600 s became maintenance, and 3,599 s.
  expect(row?.beside.correctedShare).toBe(3600 / (3600 + 3599 + 3599));
});

test("BM-3: where no setting is that of more than half of a class, all that have it are marked", () => {
  expect(oddPolicies([A, C], PERIOD)).toEqual([["minorStopThreshold"], ["minorStopThreshold"]]);
  expect(oddPolicies([A, B], PERIOD)).toEqual([[], []]);
  expect(oddPolicies([C], PERIOD)).toEqual([[]]);
});

test("BM-3: corrected spans are cut to the period, and those that are near are one", () => {
  const day = 24 * HOUR;
  const spans = [
    [-5, 1],
    [2, 3],
    [6, 20],
    [-9, -8],
  ].map(([from = 0, to = 0]) => ({
    ...{ from: from * day, to: to * day },
  }));
  expect(correctedSpans(spans, { from: 0, to: 10 * day })).toEqual([
    { from: 0, to: 3 * day },
    { from: 6 * day, to: 10 * day },
  ]);
});
