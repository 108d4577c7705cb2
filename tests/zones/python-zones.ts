/**
 * The offsets of all zones from 1970 to 2045 as Python reads them from PyPI's `tzdata`: `tests/prepare.sh` runs `dump.py`, which
 * writes them. No code of the product takes part.
 */
import { readFileSync } from "node:fs";
import { cached } from "../support/cached.ts";

/** Folders of TZif files: of the release that the product ships, and of an older one. */
export const NEW_FOLDER: string = cached("tzdata-2026.6/package/tzdata/zoneinfo");
export const OLD_FOLDER: string = cached("tzdata-2025.3/package/tzdata/zoneinfo");

export interface PythonZones {
  readonly release: string;
  /** By name of the zone: instants (epoch s), each with the offset from UTC (s) from then on. */
  readonly zones: Readonly<Record<string, readonly (readonly [number, number])[]>>;
}

let known: PythonZones | null = null;

export function pythonZones(): PythonZones {
  known ??= JSON.parse(readFileSync(cached("tzdata-2026.6/offsets.json"), "utf8")) as PythonZones;
  return known;
}
