import { expect, test } from "vitest";
import { plantFrom } from "../../../tests/support/plant.ts";
import type { PlantFileOfRows } from "./facts.ts";
import { differingParts, idealCycleChanges, policyChangeDates } from "./policies.ts";

const plant = plantFrom(`enterprise: e
sites: { s: { areas: { a: { lines: { l: { machines: { n: { idealCycleSeconds: 2 }, m: { idealCycleSeconds: 1.2 } } } } } } } }
products: { x: { idealCycleSeconds: 5 } }
`);
const line = plant.scopes.get("s/a/l") as NonNullable<ReturnType<typeof plant.scopes.get>>;

/** A plant file that has some ideal cycles (µs) otherwise than the plant at hand. */
function fileWith(
  machines: readonly (readonly [string, number | null])[],
  products: readonly (readonly [string, number | null])[] = [],
): PlantFileOfRows {
  return { version: "v", policy: {}, idealCycles: { machines: new Map(machines), products: new Map(products) } };
}

const NOW = fileWith([]);

test("PI-2: policies differ in the parts that not all of them have alike", () => {
  const [one, other, less] = [{ a: "1", b: "1" }, { a: "1", b: "2", c: "1" }, { a: "1" }];
  expect(differingParts([])).toEqual([]);
  expect(differingParts([one])).toEqual([]);
  expect(differingParts([one, { ...one }, one])).toEqual([]);
  expect(differingParts([other, one])).toEqual(["b", "c"]);
  expect(differingParts([one, one, less])).toEqual(["b"]);
});

test("RV-2: ideal cycles that changed have each value once, in the order of the plant files", () => {
  const [m, n] = ["s/a/l/m", "s/a/l/n"];
  const [first, second] = [
    fileWith([[n, 3_000_000]], [["x", null]]),
    fileWith([
      [m, 333_300],
      [n, 3_000_000],
    ]),
  ];
  expect(idealCycleChanges(plant, line, [first, second, NOW])).toEqual([
    { machine: m, seconds: [1.2, 0.3333] },
    { machine: n, seconds: [3, 2] },
    { product: "x", seconds: [null, 5] },
  ]);
  // Without rows of the plant at hand what the former files have alike did not change.
  expect(idealCycleChanges(plant, line, [first, second]).map(({ machine, product }) => machine ?? product)).toEqual([
    m,
    "x",
  ]);
  expect(idealCycleChanges(plant, line, [NOW])).toEqual([]);
  expect(idealCycleChanges(plant, line, [])).toEqual([]);
});

test("RV-2: a policy changed on the first date of each plant file whose policy is not that of the file before", () => {
  const file = (since: string | undefined, threshold: string): PlantFileOfRows => ({
    ...fileWith([]),
    ...(since === undefined ? {} : { since }),
    policy: { minorStopThreshold: threshold },
  });
  expect(policyChangeDates([])).toEqual([]);
  expect(policyChangeDates([file("2026-03-04", "1")])).toEqual([]);
  expect(policyChangeDates([file("2026-03-04", "2"), file("2026-01-01", "1"), file("2026-05-01", "2")])).toEqual([
    "2026-03-04",
  ]);
  expect(policyChangeDates([file("2026-01-01", "1"), file("2026-02-01", "2"), file("2026-03-01", "1")])).toEqual([
    ...["2026-02-01", "2026-03-01"],
  ]);
  expect(policyChangeDates([file(undefined, "1"), file(undefined, "2")])).toEqual([]);
});
