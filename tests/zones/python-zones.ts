/**
 * What the clocks of every zone show from 1970 to 2045 as Python reads them from PyPI's `tzdata` (`dump.py`, made by
 * `tests/prepare.sh`): nothing of it comes from the product.
 */
import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const CACHE = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "open-oee");

/** TZif files of the release that the product ships, and of an older one. */
export const NEW_FOLDER: string = join(CACHE, "tzdata-2026.6/package/tzdata/zoneinfo");
export const OLD_FOLDER: string = join(CACHE, "tzdata-2025.3/package/tzdata/zoneinfo");

export interface PythonZones {
  readonly release: string;
  /** By name: from when (epoch s) clocks are how many seconds ahead of UTC. */
  readonly zones: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

let known: PythonZones | null = null;

export function pythonZones(): PythonZones {
  known ??= JSON.parse(readFileSync(join(CACHE, "tzdata-2026.6/offsets.json"), "utf8")) as PythonZones;
  return known;
}
