import { expect, test } from "vitest";
import type { Plant } from "../plant.ts";
import { plantFrom } from "../../../../tests/support/plant.ts";
import { plantWithPast } from "./plant-with-past.ts";
import { structureOf } from "./structure.ts";
import { structureEpochs } from "./structure-history.ts";

const plantOf = (lines: string): Plant =>
  plantFrom(`enterprise: e\nsites: { s: { areas: { a: { lines: { ${lines} } } } } }\n`);
const RATED = "{ idealCycleSeconds: 1 }";
const BEFORE = plantOf(`l: { machines: { a: ${RATED}, gone: ${RATED} } }, old: { machines: { x: ${RATED} } }`);
const TODAY = plantOf(`l: { constraint: a, machines: { a: ${RATED}, b: ${RATED} } }`);

test("DI-3: the plant whose structure was always that of today is the plant itself", () => {
  const history = structureEpochs([{ from: -Infinity, to: Infinity, scope: "*", structure: structureOf(TODAY) }]);
  expect(plantWithPast(TODAY, history)).toBe(TODAY);
});

test("DI-3: a line knows who stood for it when; machines and lines that are gone are scopes still", () => {
  const plant = plantWithPast(
    TODAY,
    structureEpochs([
      { from: -Infinity, to: Infinity, scope: "*", structure: structureOf(BEFORE) },
      { from: 1_000, to: Infinity, scope: "*", structure: structureOf(TODAY) },
    ]),
  );
  const epochs = plant.scopes.get("s/a/l")?.past?.epochs ?? [];
  expect(epochs.map(({ from, to, members }) => [from, to, members.map(({ name }) => name)])).toEqual([
    [-Infinity, 1_000, ["a", "gone"]],
    [1_000, Infinity, ["a"]],
  ]);
  expect(plant.machines.map(({ path }) => path)).toEqual(["s/a/l/a", "s/a/l/b", "s/a/l/gone", "s/a/old/x"]);
  expect([plant.scopes.get("s/a/old")?.kind, plant.scopes.get("s/a/old/x")?.kind]).toEqual(["line", "machine"]);
});
