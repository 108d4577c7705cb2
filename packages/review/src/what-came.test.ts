import type { Machine } from "@oee/model";
import { expect, test } from "vitest";
import { plantFrom } from "../../../tests/support/plant.ts";
import type { Facts } from "./facts.ts";
import { cameBy, correctionsSince } from "./what-came.ts";

const plant = plantFrom(
  "enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 }, n: { idealCycleSeconds: 1 } } } } } } } }",
);

test("BL-5: what came is counted as a whole and by whom; of nobody under an empty name", () => {
  expect(cameBy([])).toEqual({ count: 0, by: {} });
  expect(cameBy(["ben", null, "ben"])).toEqual({ count: 3, by: { ben: 2, "": 1 } });
});

test("BL-5, RV-4: corrections count that were made since and overlap the period, half-open on both sides", () => {
  const [since, period] = [100, { from: 10, to: 20 }];
  const made = [
    { at: 100, from: 19, to: 30, by: "first" },
    { at: 200, from: 0, to: 11, by: "second" },
    { at: 99, from: 12, to: 13, by: "before" },
    { at: 200, from: 20, to: 30, by: "behind it" },
    { at: 200, from: 0, to: 10, by: "ahead of it" },
  ];
  const [m] = plant.machines;
  const facts = { correctionsOf: (machine: Machine) => (machine === m ? made : []) } as unknown as Facts;
  expect(correctionsSince(facts, plant.machines, since, period)).toEqual({ count: 2, by: { first: 1, second: 1 } });
});
