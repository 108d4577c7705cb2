import { expect, test } from "vitest";
import type { Plant } from "../plant.ts";
import { idealCyclesAsIn } from "./ideal-cycles.ts";
import { parsePlant } from "./parse-plant.ts";

const PLANT = `enterprise: e
sites: { s: { areas: { a: { lines: {
  l: { machines: { m: { idealCycleSeconds: 1 }, n: { idealCycleSeconds: null } } },
  k: { machines: { o: { idealCycleSeconds: 1 } } } } } } } }
products: { x: { idealCycleSeconds: 5 }, y: { name: Y } }
`;

function plantOf(text: string): Plant {
  const parsed = parsePlant(text, "plant.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed));
  return parsed.plant;
}

test.each([
  ["m: { idealCycleSeconds: 1 }", "m: { idealCycleSeconds: 1.5 }", [["s/a/l/m", 1_500_000]], []],
  ["n: { idealCycleSeconds: null }", "n: { idealCycleSeconds: 2 }", [["s/a/l/n", 2_000_000]], []],
  ["m: { idealCycleSeconds: 1 }", "m: { idealCycleSeconds: null }", [["s/a/l/m", null]], []],
  ["x: { idealCycleSeconds: 5 }", "x: { idealCycleSeconds: 6 }", [], [["x", 6_000_000]]],
  ["x: { idealCycleSeconds: 5 }, ", "", [], [["x", null]]],
  ["y: { name: Y }", "y: { name: Y }, z: { idealCycleSeconds: 7 }", [], [["z", 7_000_000]]],
  // Another scope, a setting that is no ideal cycle, a machine that came.
  ["o: { idealCycleSeconds: 1 }", "o: { idealCycleSeconds: 9 }", [], []],
  ["m: { idealCycleSeconds: 1 }", "m: { idealCycleSeconds: 1, minorStopThreshold: 9m }", [], []],
  ["m: { idealCycleSeconds: 1 }, ", "", [], []],
])(
  "RV-2: in a file with %j as %j the ideal cycles of the line differ in %j and %j",
  (now, then, machines, products) => {
    const plant = plantOf(PLANT);
    const line = plant.scopes.get("s/a/l");
    if (line === undefined) throw new Error("no line");
    const found = idealCyclesAsIn(plantOf(PLANT.replace(now, then)), plant, line);
    expect([[...found.machines], [...found.products]]).toEqual([machines, products]);
  },
);
