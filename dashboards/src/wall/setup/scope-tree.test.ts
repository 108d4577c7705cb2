import { expect, test } from "vitest";
import { largePlant, smallPlant } from "../../../test/plant-fixture.ts";
import { scopeEntries } from "./scope-tree.ts";

test("a search keeps what it finds and all above it", () => {
  const { plant } = smallPlant(["running", "running"]);
  const found = scopeEntries(plant.scopes, "KEGS");
  expect(found.map((entry) => [entry.scope.name, entry.depth])).toEqual([
    ["Acme Drinks", 0],
    ["Berlin", 1],
    ["Packing", 2],
    ["Line 4 Kegs", 3],
  ]);
});

test("a large plant is cut to what a list can hold", () => {
  expect(scopeEntries(largePlant(2, 5, 10, 10).plant.scopes, "")).toHaveLength(400);
});
