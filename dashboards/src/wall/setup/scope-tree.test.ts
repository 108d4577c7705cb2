import { expect, test } from "vitest";
import { largePlant, smallPlant } from "../../../test/plant-fixture.ts";
import { scopeList } from "./scope-tree.ts";

const NONE: ReadonlySet<string> = new Set();

test("a search keeps what it finds and all above it", () => {
  const { plant } = smallPlant(["running", "running"]);
  const found = scopeList(plant.scopes, "KEGS", NONE);
  expect(found.entries.map((entry) => [entry.scope.name, entry.depth])).toEqual([
    ["Acme Drinks", 0],
    ["Berlin", 1],
    ["Packing", 2],
    ["Line 4 Kegs", 3],
  ]);
  expect(found.hidden).toBe(0);
});

test("a small plant is shown whole, with nothing to open", () => {
  const { plant } = smallPlant(["running", "running"]);
  const { entries, hidden } = scopeList(plant.scopes, "", NONE);
  expect([entries.length, hidden]).toEqual([plant.scopes.length, 0]);
  expect(entries.every(({ open }) => open === null)).toBe(true);
});

test("a plant of 5,000 machines is a tree: its sites, and what is opened", () => {
  const { scopes } = largePlant(50, 2, 5, 10).plant;
  const closed = scopeList(scopes, "", NONE);
  expect(closed.hidden).toBe(0);
  expect(closed.entries.map(({ scope }) => scope.kind)).toEqual(["enterprise", ...Array<string>(50).fill("site")]);
  expect(closed.entries[1]?.open).toBe(false);
  const opened = scopeList(scopes, "", new Set(["site-1", "site-1/area-2"]));
  expect(opened.entries.slice(0, 5).map(({ scope, depth, open }) => [scope.path, depth, open])).toEqual([
    ["*", 0, null],
    ["site-1", 1, true],
    ["site-1/area-1", 2, false],
    ["site-1/area-2", 2, true],
    ["site-1/area-2/line-1", 3, false],
  ]);
  expect(opened.entries).toHaveLength(1 + 50 + 2 + 5);
  // A branch that is open below a closed one is not shown.
  expect(scopeList(scopes, "", new Set(["site-1/area-2"])).entries).toHaveLength(51);
});

test("a list that is longer than can be shown says how much is left out", () => {
  const { scopes } = largePlant(50, 2, 5, 10).plant;
  const { entries, hidden } = scopeList(scopes, "machine", NONE);
  expect([entries.length, entries.length + hidden]).toEqual([400, scopes.length]);
});
