/** What a scope puts on the screen, and in how many pages: from the plant and the address alone. */
import type { PlantScope } from "@oee/protocol";
import type { PlantIndex } from "../shared/plant.ts";
import type { WallAddress } from "./address.ts";
import { type Grid, gridFor, pageCount } from "./pages.ts";

export interface Content {
  readonly scope: PlantScope;
  /** A line of one machine has no rows to compare: it is shown as that machine. */
  readonly kind: "machine" | "line" | "tiles";
  /** Rows or tiles, in the plant's order. */
  readonly items: readonly PlantScope[];
  /** Paths of all machines at or below the scope. */
  readonly machines: readonly string[];
  readonly grid: Grid;
  readonly pages: number;
}

const ROWS_MAX = 8;
const ROWS_MAX_PORTRAIT = 6;

export function contentOf(plant: PlantIndex, scope: PlantScope, address: WallAddress, portrait: boolean): Content {
  const machines = plant.below(scope.path, "machine");
  const paths = machines.map((machine) => machine.path);
  const base = { scope, machines: paths };
  if (scope.kind === "machine" || (scope.kind === "line" && machines.length === 1)) {
    return { ...base, kind: "machine", items: machines, grid: { columns: 1, rows: 1 }, pages: 1 };
  }
  switch (scope.kind) {
    case "line": {
      const rows = portrait ? ROWS_MAX_PORTRAIT : ROWS_MAX;
      return {
        ...base,
        kind: "line",
        items: machines,
        grid: { columns: 1, rows },
        pages: pageCount(machines.length, rows),
      };
    }
    default: {
      const asAreas = address.tiles === "areas" && scope.kind !== "area";
      const items = plant.below(scope.path, asAreas ? "area" : "line");
      const grid = gridFor(items.length, portrait);
      return { ...base, kind: "tiles", items, grid, pages: pageCount(items.length, grid.columns * grid.rows) };
    }
  }
}

/** Every scope whose live element the screen needs, each once. */
export function scopesNeeded(plant: PlantIndex, address: WallAddress): readonly string[] {
  const needed = new Set<string>();
  for (const path of address.scopes) {
    const scope = plant.scope(path);
    if (scope === undefined) continue;
    const content = contentOf(plant, scope, address, false);
    needed.add(path);
    for (const item of content.items) needed.add(item.path);
    for (const machine of content.machines) needed.add(machine);
  }
  return [...needed];
}
