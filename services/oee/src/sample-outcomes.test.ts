import { EventDecoder, isRefusal } from "@oee/model";
import { expect, test } from "vitest";
import { SampleOutcomes } from "./sample-outcomes.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

const START = Date.UTC(2026, 2, 2, 6);
const MINUTE = 60_000;
const plant = plantFrom(
  `enterprise: e
sites: { s: { areas: { a: { lines: { l: { machines: {
  m: { idealCycleSeconds: 60 }, n: { idealCycleSeconds: 1, maxRatePerHour: 600 } } } } } } } }
`,
);

function linesOf(events: readonly object[]): readonly string[] {
  const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
  const outcomes = new SampleOutcomes(plant);
  for (const fields of events) {
    const event = decoder.decodeValue(fields, null);
    if (isRefusal(event)) throw new Error(event.detail);
    outcomes.take(event);
  }
  return outcomes.lines();
}

test("P-4: a performance above 100 % gives a line, one of 100 % gives none", () => {
  const made = (good: number): readonly object[] => [
    { type: "state", machine: "s/a/l/m", at: START, state: "running" },
    { type: "count", machine: "s/a/l/m", at: START + 5 * MINUTE, good },
    { type: "state", machine: "s/a/l/m", at: START + 10 * MINUTE, state: "down" },
  ];
  // With a cycle of a minute ten minutes allow ten pieces; 12 pieces are 120 %.
  expect(linesOf(made(10))).toEqual([]);
  expect(linesOf(made(12))).toEqual([
    "s/a/l/m: performance 120.0 %: more than the ideal cycle allows; it is too long, or piecesPerCount too high",
  ]);
});

test("CN-8: a machine's doubted totals are counted: of 2000, 2010, 599999, 2020, 2030 one", () => {
  const totals = [2000, 2010, 599_999, 2020, 2030].map((good, i) => ({
    type: "count",
    machine: "s/a/l/n",
    at: START + i * MINUTE,
    total: { good },
  }));
  expect(linesOf(totals)).toEqual(["s/a/l/n: 1 total doubted: more than maxRatePerHour allows; they count nothing"]);
});

test("a sample of corrections alone gives no line", () => {
  const [from, to] = [START, START + MINUTE];
  expect(linesOf([{ type: "correction", machine: "s/a/l/m", at: to, from, to, state: "down", by: "anna" }])).toEqual(
    [],
  );
});
