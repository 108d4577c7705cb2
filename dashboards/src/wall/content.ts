/** What a screen shows of a scope, and on how many pages, computed from the plant and the address alone. */
import type { PlantScope } from "@oee/protocol";
import type { PlantIndex } from "../shared/plant.ts";
import type { WallAddress } from "./address.ts";
import { type Grid, gridFor, pageCount } from "./pages.ts";

export interface Content {
  readonly scope: PlantScope;
  /** A line of one machine is shown as that machine, since it has no rows to compare. */
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
      const items = tilesOf(plant, scope, address.tiles);
      const grid = gridFor(items.length, portrait);
      return { ...base, kind: "tiles", items, grid, pages: pageCount(items.length, grid.columns * grid.rows) };
    }
  }
}

const LEVELS = [
  ["lines", "line"],
  ["areas", "area"],
  ["sites", "site"],
] as const;
/** Most tiles: twenty pages of the fullest grid. With more pages one would wait for minutes until one's own page comes. */
const TILES_MAX = 240;

/** The scopes of the level asked for; where they are too many, of the next level above with few enough; only levels below the scope count. */
function tilesOf(plant: PlantIndex, scope: PlantScope, wanted: WallAddress["tiles"]): readonly PlantScope[] {
  const within = LEVELS.slice(0, scope.kind === "area" ? 1 : scope.kind === "site" ? 2 : 3);
  const from = Math.min(
    within.findIndex(([tiles]) => tiles === wanted),
    within.length - 1,
  );
  const levels = within.slice(from < 0 ? within.length - 1 : from).map(([, kind]) => plant.below(scope.path, kind));
  return levels.find((items) => items.length <= TILES_MAX) ?? levels[levels.length - 1] ?? [];
}

export interface Needed {
  /** Scopes whose element the screen needs whole, each once. */
  readonly scopes: readonly string[];
  /** Scopes of which it needs every machine in brief, and the paths of these machines. */
  readonly machinesOf: readonly string[];
  readonly machines: readonly string[];
}

/** The scopes whose elements a screen needs. A scope with tiles needs its machines in brief, for their signs alone. */
export function scopesNeeded(plant: PlantIndex, address: WallAddress): Needed {
  const scopes = new Set<string>();
  const machinesOf = new Set<string>();
  const machines = new Set<string>();
  for (const path of address.scopes) {
    const scope = plant.scope(path);
    if (scope === undefined) continue;
    const content = contentOf(plant, scope, address, false);
    scopes.add(path);
    for (const item of content.items) scopes.add(item.path);
    if (content.kind !== "tiles") continue;
    machinesOf.add(path);
    for (const machine of content.machines) machines.add(machine);
  }
  return { scopes: [...scopes], machinesOf: [...machinesOf], machines: [...machines] };
}
