/** DI-3: the structure of a plant at each instant follows from the structure changes in log order alone. */
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Plant } from "../plant.ts";
import { plantWithPast } from "./plant-with-past.ts";
import { epochsIn, isRatedIn, machinesIn, membersIn } from "./standing.ts";
import { readStructure, type Structure, structureDocument, structureOf } from "./structure.ts";
import { isSame, type StructureChange, structureEpochs } from "./structure-history.ts";
import { plantFrom } from "../../../../tests/support/plant.ts";

function plantOf(lines: Readonly<Record<string, string>>): Plant {
  const written = Object.entries(lines).map(([line, machines]) => `${line}: ${machines}`);
  const text = `enterprise: e\nsites: { s: { areas: { a: { lines: { ${written.join(", ")} } } } } }\n`;
  return plantFrom(text);
}

const R = "{ idealCycleSeconds: 1 }";
const U = "{ idealCycleSeconds: null }";
const PLANTS = [
  plantOf({ l1: `{ constraint: a, machines: { a: ${R}, b: ${R} } }`, l2: `{ machines: { c: ${U} } }` }),
  plantOf({ l1: `{ constraint: b, machines: { a: ${R}, b: ${R} } }`, l2: `{ machines: { c: ${R} } }` }),
  plantOf({
    l1: `{ machines: { a: ${R}, d: ${U} } }`,
    l3: `{ machines: { c: { idealCycleSeconds: 1, formerly: s/a/l2/c } } }`,
  }),
];
function plantAt(index: number): Plant {
  const plant = PLANTS[index];
  if (plant === undefined) throw new Error(`no plant ${index}`);
  return plant;
}

const SCOPES = ["*", "s", "s/a", "s/a/l1", "s/a/l2", "s/a/l3"];

const change = fc
  .record({
    from: fc.integer({ min: 0, max: 20 }),
    length: fc.constantFrom(1, 5, Infinity),
    which: fc.nat(2),
    scope: fc.constantFrom(...SCOPES),
  })
  .map(
    ({ from, length, which, scope }): StructureChange => ({
      ...{ from, to: from + length, scope },
      structure: structureOf(plantAt(which)),
    }),
  );

/** A line's structure at an instant, computed from the list of changes in a second, naive way. */
function lineAt(changes: readonly StructureChange[], line: string, at: number): unknown {
  const last = changes.findLast(
    ({ from, to, scope }) => from <= at && at < to && (scope === "*" || line === scope || line.startsWith(`${scope}/`)),
  );
  return structureDocument((last ?? changes[0])?.structure ?? new Map())[line];
}

test("DI-3: at each instant a line has the structure of the last change in the log that covers the line and the instant (property)", () => {
  fc.assert(
    fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), (changes) => {
      const epochs = structureEpochs(changes);
      expect([epochs[0]?.from, epochs.at(-1)?.to]).toEqual([-Infinity, Infinity]);
      epochs.slice(1).forEach(({ from }, i) => expect(from).toBe(epochs[i]?.to));
      for (let at = -1; at < 28; at++) {
        const epoch = epochs.find(({ from, to }) => from <= at && at < to);
        for (const line of ["s/a/l1", "s/a/l2", "s/a/l3"]) {
          expect(structureDocument(epoch?.structure ?? new Map())[line]).toEqual(lineAt(changes, line, at));
        }
      }
    }),
    { numRuns: 200 },
  );
});

test("DI-3: a structure comes back from its document as it was", () => {
  for (const plant of PLANTS) {
    const structure = structureOf(plant);
    const read = readStructure(JSON.parse(JSON.stringify(structureDocument(structure))));
    expect(typeof read === "string" ? read : isSame(read, structure)).toBe(true);
  }
});

const [FIRST, SECOND, THIRD] = PLANTS.map(structureOf) as [Structure, Structure, Structure];
const HISTORY = structureEpochs([
  { from: 0, to: Infinity, scope: "*", structure: FIRST },
  { from: 100, to: Infinity, scope: "*", structure: SECOND },
  { from: 200, to: Infinity, scope: "*", structure: THIRD },
]);

test("EQ-3, DI-3: a scope's members in each period are chosen among the machines that stood there then, rated ones first", () => {
  const plant = plantWithPast(plantAt(2), HISTORY);
  const membersAt = (path: string, at: number): readonly string[] => {
    const scope = plant.scopes.get(path);
    if (scope === undefined) throw new Error(path);
    return membersIn(scope, { from: at, to: at + 1 }).map(({ machine }) => machine.path);
  };
  expect([50, 150, 250].map((at) => membersAt("s/a/l1", at))).toEqual([["s/a/l1/a"], ["s/a/l1/b"], ["s/a/l1/a"]]);
  expect([50, 150, 250].map((at) => membersAt("s/a/l2", at))).toEqual([["s/a/l3/c"], ["s/a/l3/c"], []]);
  expect([50, 150, 250].map((at) => membersAt("s/a/l3", at))).toEqual([[], [], ["s/a/l3/c"]]);
  // At 50 machine c has no ideal cycle: it is a member of its line 2, and none of the area, which has a rated machine.
  expect([50, 150].map((at) => membersAt("s/a", at))).toEqual([["s/a/l1/a"], ["s/a/l3/c", "s/a/l1/b"]]);
  const line2 = plant.scopes.get("s/a/l2");
  if (line2 === undefined) throw new Error("a line that is gone is a scope");
  expect([isRatedIn(line2, { from: 0, to: 100 }), isRatedIn(line2, { from: 100, to: 200 })]).toEqual([false, true]);
  expect(isRatedIn(line2, { from: 50, to: 150 })).toBe(false);
  // Line 2 has no member from 200 on; such time does not make it unrated.
  expect(isRatedIn(line2, { from: 150, to: 250 })).toBe(true);
  expect(epochsIn(line2, { from: 50, to: 250 }).map(({ from, to }) => [from, to])).toEqual([
    [50, 100],
    [100, 200],
    [200, 250],
  ]);
});

test("DI-3: machines below a scope come with the period in which they stood there, also one that is gone", () => {
  const plant = plantWithPast(plantAt(2), HISTORY);
  const line = plant.scopes.get("s/a/l1");
  if (line === undefined) throw new Error("the line is there");
  const spans = machinesIn(line, { from: 0, to: 300 }).map(({ machine, period }) => [
    machine.path,
    period.from,
    period.to,
  ]);
  expect(spans).toEqual([
    ["s/a/l1/a", 0, 300],
    ["s/a/l1/d", 200, 300],
    ["s/a/l1/b", 0, 200],
  ]);
  expect(plant.machineById.get("s/a/l1/b")).toMatchObject({ name: "b", line: "l1", costPerHour: null });
  expect(plant.scopes.get("s/a/l1/b")?.parent).toBe(line);
});
