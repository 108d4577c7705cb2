import { Amount, Sums } from "@oee/answers";
import type { Period } from "@oee/calendar";
import { type Machine, RowBatch, type Scope } from "@oee/model";
import { expect, test } from "vitest";
import { plantFrom } from "../../../tests/support/plant.ts";
import { dayOf } from "./dates.ts";
import type { Facts } from "./facts.ts";
import { type Measure, measureNamed } from "./measures.ts";
import { pilotResult } from "./pilots.ts";

const PLANT = plantFrom(`enterprise: e
sites: { s: { areas: { a: { lines: {
  p: { machines: { m: { idealCycleSeconds: 1 } } },
  x: { machines: { m: { idealCycleSeconds: 1 } } },
  y: { machines: { m: { idealCycleSeconds: 1 } } } } } } } }
`);
const WEEK = 7 * 86_400_000;
const START = Date.UTC(2026, 5, 1);

/** Hours of a week of a line, by its number from the pilot's start on. */
interface Week {
  readonly run: number;
  readonly down: number;
  readonly unknown: number;
}

function factsOf(weekOf: (line: string, week: number) => Week): Facts {
  const cellsOf = (machine: Machine, { from }: Period): ReadonlyMap<string | null, Sums> => {
    const { run, down, unknown } = weekOf(machine.path.split("/")[2] ?? "", (from - START) / WEEK);
    const head = { machine: "m", product: null, shift: null, shiftDate: null, taktUs: null, costPerHour: null };
    const batch = new RowBatch();
    batch.addEmpty({ ...head, decimals: 0 }, 0);
    const times = { runTime: run, unplannedStopTime: down, unknownTime: unknown };
    return new Map([[null, new Sums().addRow(RowBatch.of([{ ...batch.rowAt(0), ...times }]), 0)]]);
  };
  return {
    ...{ plant: PLANT, now: START + 6 * WEEK, cellsOf, plantFilesOf: () => [] },
    part: (_key: string, make: () => unknown) => make(),
  } as unknown as Facts;
}

function pilotOn(facts: Facts, measure: string, controls: readonly string[]): ReturnType<typeof pilotResult> {
  const scopeOf = (line: string): Scope => PLANT.scopes.get(`s/a/${line}`) as Scope;
  return pilotResult(facts, {
    ...{ id: "p", scopes: [scopeOf("p")], controls: controls.map(scopeOf), start: dayOf("2026-06-01") as number },
    ...{ warmUp: 0, before: 6, after: 6, minCoverage: 0.8, measures: [measureNamed(measure) as Measure] },
    ...{ money: { investment: Amount.ZERO, runningCostPerYear: Amount.ZERO }, chosenLater: false },
  });
}

test("PI-2, ME-4: all blocks count for a pilot of coverage, which is there because coverage is low", () => {
  // Before it half of the time is not known, after it a tenth, and of some weeks a little more or less.
  const facts = factsOf((_line, week) => {
    const unknown = (week < 0 ? 84 : 17) + (week & 1);
    return { run: 168 - unknown, down: 0, unknown };
  });
  const { leftOut, measures, verdict } = pilotOn(facts, "coverage", []);
  expect(leftOut).toEqual([]);
  expect(measures["coverage"]).toMatchObject({ blocks: [6, 6] });
  expect(verdict).toBe("improved");
  // Availability of weeks of which half is not known says nothing.
  expect(pilotOn(facts, "availability", [])).toMatchObject({ verdict: "too-little-data" });
  expect(pilotOn(facts, "availability", []).leftOut).toHaveLength(6);
});

test("PI-7: a control plays the pilot over the same blocks, those in which it was closed itself too", () => {
  // One control is closed in one week, in which the other stands still for half of it.
  const facts = factsOf((line, week) => {
    if (week === 2 && line === "x") return { run: 0, down: 0, unknown: 0 };
    return week === 2 && line === "y" ? { run: 50, down: 50, unknown: 0 } : { run: 90, down: 10, unknown: 0 };
  });
  const { measures } = pilotOn(facts, "unplannedDowntimeShare", ["x", "y"]);
  const effect = measures["unplannedDowntimeShare"];
  if (effect === undefined || !("placebo" in effect)) throw new Error("there is too little data");
  expect(effect.blocks).toEqual([6, 6]);
  // After it the other control stands still for 100 of 600 hours; the one that was closed for 50 of 500, as before.
  expect(effect.placebo["s/a/x"]).toBeCloseTo(0.1 - 100 / 600, 12);
  expect(effect.placebo["s/a/y"]).toBeCloseTo(100 / 600 - 0.1, 12);
});

test("PI-3: the measures of the scorecard are sums over the blocks of a side too", () => {
  // Each week before has four stops of 10 h, of which one has a reason, given in time; after it three of four have. Two weeks differ.
  const explained = (week: number): number => (week < 0 ? 1 : 3) + (week === -3 || week === 2 ? 1 : 0);
  const weekFrom = (from: number): number => (from - START) / WEEK;
  const facts = {
    ...factsOf(() => ({ run: 128, down: 40, unknown: 0 })),
    stopTotalsOf: (_: Machine, { from }: Period) =>
      ["jam", null].map((reason) => {
        const count = reason === null ? 4 - explained(weekFrom(from)) : explained(weekFrom(from));
        return { reason, state: "down", minor: false, scheduledMs: count * 36_000_000, count };
      }),
    reasonsOf: (_: Machine, { from }: Period) => {
      const inTime = explained(weekFrom(from));
      return { due: 4, inTime, lacking: 4 - inTime, first: [] };
    },
    // Lines x and y are silent in the week before the pilot alone.
    isSeen: (machine: Machine, { to }: Period) => machine.path.startsWith("s/a/p") || to !== START,
    undeclaredIn: () => [],
    latenciesOf: (_: Scope, _hop: string, { from }: Period) => [[from < START ? 20 : 8, 10]],
  } as unknown as Facts;
  for (const measure of ["reasonShare", "reasonInTime"]) {
    // 7 of 24 before, 19 of 24 after.
    const { verdict, measures } = pilotOn(facts, measure, []);
    expect(measures[measure], measure).toMatchObject({ blocks: [6, 6], pilot: [7 / 24, 19 / 24] });
    expect(verdict, measure).toBe("improved");
  }
  const seen = pilotOn(facts, "visibility", ["x", "y"]).measures["visibility"];
  expect(seen).toMatchObject({ pilot: [1, 1], control: [10 / 12, 1] });
  expect(pilotOn(facts, "latency:total:95", []).measures["latency:total:95"]).toMatchObject({ pilot: [32, 4] });
});
