import { expect, test } from "vitest";
import { largePlant } from "../../test/plant-fixture.ts";
import { PlantIndex } from "../shared/plant.ts";
import { parseWallAddress } from "./address.ts";
import { contentOf, scopesNeeded } from "./content.ts";

/** A plant of 50 sites, 100 areas, 500 lines and 5,000 machines. */
const LARGE = new PlantIndex(largePlant(50, 2, 5, 10).plant);

function tilesOf(path: string, options = ""): string {
  const { address } = parseWallAddress(`/wall/${path}`, options);
  const scope = LARGE.scope(path);
  if (scope === undefined) throw new Error(`no ${path}`);
  const { items } = contentOf(LARGE, scope, address, false);
  return `${items.length} ${items[0]?.kind ?? ""}`;
}

test("tiles are lines, areas or sites as asked, a level up where they would fill more than 20 pages, never above the scope", () => {
  expect(tilesOf("*")).toBe("100 area");
  expect(tilesOf("*", "?tiles=areas")).toBe("100 area");
  expect(tilesOf("*", "?tiles=sites")).toBe("50 site");
  expect(tilesOf("site-1")).toBe("10 line");
  expect(tilesOf("site-1", "?tiles=sites")).toBe("2 area");
  expect(tilesOf("site-1/area-1", "?tiles=areas")).toBe("5 line");
});

test("W-7: above lines machines are asked for in brief, by the scope that has them; a line's whole", () => {
  const needed = (path: string): readonly number[] => {
    const { scopes, machinesOf, machines } = scopesNeeded(LARGE, parseWallAddress(`/wall/${path}`, "").address);
    return [scopes.length, machinesOf.length, machines.length];
  };
  expect(needed("*")).toEqual([101, 1, 5_000]);
  expect(needed("site-1/area-1/line-1")).toEqual([11, 0, 0]);
  expect(needed("site-1/area-1/line-1/machine-1")).toEqual([1, 0, 0]);
});
