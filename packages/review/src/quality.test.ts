import type { Period } from "@oee/calendar";
import type { Machine, Plant, Scope } from "@oee/model";
import { expect, test } from "vitest";
import { plantFrom } from "../../../tests/support/plant.ts";
import type { Facts } from "./facts.ts";
import { bookOf, plantAsItWas } from "./past.ts";
import { dataQualityOf } from "./quality.ts";
import { visibilityAt } from "./scorecard.ts";

const HOUR = 3_600_000;
const START = Date.UTC(2026, 2, 2);

const PLANT = `enterprise: e
sites: { s: { areas: { a: { lines: {
  l: { machines: { m: { idealCycleSeconds: 1 } } }, k: { machines: { n: { idealCycleSeconds: 1 } } } } } } } }
`;

/** The plant as it was: a line was away from it in the second of three hours. */
function plantWithGap(): Plant {
  const today = plantFrom(PLANT);
  const structures = [["l", "k"], ["k"], ["l", "k"]].map((there, i) => ({
    ...{ type: "structure", id: "plant", rev: i + 1, by: "oee", from: START + i * HOUR },
    lines: Object.fromEntries(there.map((line) => [`s/a/${line}`, { rated: [line === "l" ? "m" : "n"] }])),
  }));
  return plantAsItWas(today, bookOf(today, structures, ["structure"]));
}

test("RV-2, DI-3: a correction counts once, also where its machine was away from the plant for a part of its span", () => {
  const plant = plantWithGap();
  const corrections = [
    { from: START, to: START + 3 * HOUR, at: START + 5 * HOUR },
    // Of the hour in which the machine was away.
    { from: START + HOUR, to: START + 2 * HOUR, at: START },
  ];
  const facts = {
    ...{
      plant,
      now: START + 9 * HOUR,
      correctionsOf: () => corrections,
      stopTotalsOf: () => [],
      cellsOf: () => new Map(),
    },
    ...{ doubtsIn: () => 0, daysAbove1: () => 0, plantFilesOf: () => [], refusedIn: () => ({}) },
    lateEventsIn: () => ({ count: 0, after: 0 }),
  } as unknown as Facts;
  const period = { from: START, to: START + 4 * HOUR };
  const quality = dataQualityOf(facts, plant.scopes.get("s/a/l") as Scope, period);
  expect(quality).toMatchObject({ corrections: 1, correctionsAfterEnd: 1 });
});

test("SC-1, DI-3: a machine that was away from the plant for a part of the day is seen, or silent, once", () => {
  const plant = plantWithGap();
  const cell = { planned: 0, of: () => HOUR };
  const visibility = (seen: string): unknown =>
    visibilityAt(
      {
        ...{ plant, now: START + 9 * HOUR, cellsOf: () => new Map([[null, cell]]), undeclaredIn: () => [] },
        isSeen: (machine: Machine, period: Period) => machine.path.endsWith(seen) && period.from >= START + 2 * HOUR,
      } as unknown as Facts,
      plant.scopes.get("s") as Scope,
      START + 9 * HOUR,
    );
  // The other line's machine was there all the time, and not heard of after two hours.
  expect(visibility("l/m")).toMatchObject({ visibility: 1 / 2, silent: ["s/a/k/n"] });
  expect(visibility("none")).toMatchObject({ visibility: 0, silent: ["s/a/k/n", "s/a/l/m"] });
});
