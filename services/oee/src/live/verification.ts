/**
 * Compares what is stored of one machine with what its raw events give: the differences, and the writes that remove
 * them. Rows that another plant file made stay as they are (DI-3), if that file is known.
 */
import { COMPONENT_NAMES, type DoubtedTotal, type Row, RowBatch, type StopSegment } from "@oee/model";
import type { StopKey, Store } from "@oee/store";
import type { Recomputed } from "./recompute-machine.ts";

/** What sets a piece right. */
export interface Remedy {
  readonly rows: RowBatch;
  readonly stops: StopSegment[];
  readonly gone: StopKey[];
  readonly doubts: DoubtedTotal[];
}

export interface Compared {
  readonly rows: number;
  /** One object for each row or stop that differs. */
  readonly differences: readonly Readonly<Record<string, unknown>>[];
  readonly remedy: Remedy;
  /** How many rows were not compared, by the digest of the plant file that they were computed with. */
  readonly otherPlants: ReadonlyMap<string, number>;
}

/** `isKnown` says whether a plant file of that digest is stored. */
export async function compare(
  recomputed: Recomputed,
  plantVersion: string,
  isKnown: (version: string) => Promise<boolean>,
): Promise<Compared> {
  const differences: Readonly<Record<string, unknown>>[] = [];
  const remedy: Remedy = { rows: new RowBatch(), stops: [], gone: [], doubts: [] };
  const otherPlants = new Map<string, number>();
  const stored = new Map<string, Recomputed["stored"][number]>();
  const skipped = new Set<string>();
  const [ofOthers, ofThis] = [new Set<number>(), new Set<number>()];
  for (const row of recomputed.stored) {
    stored.set(keyOf(row), row);
    if (row.plantVersion === plantVersion || !(await isKnown(row.plantVersion))) {
      ofThis.add(row.from);
      continue;
    }
    skipped.add(keyOf(row));
    ofOthers.add(row.from);
    otherPlants.set(row.plantVersion, (otherPlants.get(row.plantVersion) ?? 0) + 1);
  }
  let rows = 0;
  for (const row of recomputed.rows) {
    const key = keyOf(row);
    const was = stored.get(key);
    stored.delete(key);
    rows++;
    // Another plant file may have put the same minute into another shift or product: its rows are all that there is of it.
    if (skipped.has(key) || (ofOthers.has(row.from) && !ofThis.has(row.from))) continue;
    const foreign = was !== undefined && was.plantVersion !== plantVersion ? { plantVersion: was.plantVersion } : null;
    if (was !== undefined && foreign === null && sameComponents(was, row)) continue;
    const both = { stored: was === undefined ? null : componentsOf(was), recomputed: componentsOf(row) };
    differences.push({ ...keysOf(row), ...foreign, ...both });
    remedy.rows.append(RowBatch.of([row]));
  }
  for (const [key, was] of stored) {
    rows++;
    if (skipped.has(key)) continue;
    differences.push({ ...keysOf(was), stored: componentsOf(was), recomputed: null });
    remedy.rows.addEmpty(was, was.from);
  }
  // Of a time with two plant files it is not known which of them made a stop, or doubted a total.
  if (skipped.size === 0) {
    compareStops(recomputed, differences, remedy);
    compareDoubts(recomputed, differences, remedy);
  }
  return { rows, differences, remedy, otherPlants };
}

function compareStops(
  { stops, storedStops }: Recomputed,
  differences: Readonly<Record<string, unknown>>[],
  remedy: Remedy,
): void {
  const stored = new Map(storedStops.map((stop) => [stop.from, stop]));
  for (const stop of stops) {
    const was = stored.get(stop.from);
    stored.delete(stop.from);
    if (was !== undefined && sameStop(was, stop)) continue;
    differences.push({ machine: stop.machine, stored: was ?? null, recomputed: stop });
    remedy.stops.push(stop);
  }
  for (const was of stored.values()) {
    differences.push({ machine: was.machine, stored: was, recomputed: null });
    remedy.gone.push({ machine: was.machine, from: was.from });
  }
}

function compareDoubts(
  { doubts, storedDoubts }: Recomputed,
  differences: Readonly<Record<string, unknown>>[],
  remedy: Remedy,
): void {
  const nameOf = ({ at, quantity }: DoubtedTotal): string => `${new Date(at).toISOString()} ${quantity}`;
  const stored = new Map(storedDoubts.map((total) => [nameOf(total), total]));
  for (const total of doubts) {
    if (stored.delete(nameOf(total))) continue;
    differences.push({ machine: total.machine, doubtedTotal: nameOf(total), stored: false, recomputed: true });
    remedy.doubts.push(total);
  }
  for (const [name, total] of stored) {
    differences.push({ machine: total.machine, doubtedTotal: name, stored: true, recomputed: false });
    remedy.doubts.push({ ...total, doubted: false });
  }
}

/** Throws `StoreError`. */
export async function mend(
  store: Store,
  { rows, stops, gone, doubts }: Remedy,
  version: bigint,
  plantVersion: string,
): Promise<void> {
  const stamp = { version, plantVersion };
  if (rows.length > 0) await store.insertRows(rows, stamp);
  if (stops.length + gone.length > 0) await store.insertStops(stops, stamp, gone);
  if (doubts.length > 0) await store.insertDoubts(doubts, stamp);
}

function keysOf({ machine, from, product, shift, shiftDate }: Row): Readonly<Record<string, unknown>> {
  return { machine, minute: new Date(from).toISOString(), product, shift, shiftDate };
}

function keyOf(row: Row): string {
  return JSON.stringify(keysOf(row));
}

function componentsOf(row: Row): Readonly<Record<string, number>> {
  return Object.fromEntries(COMPONENT_NAMES.map((name) => [name, row[name]]));
}

function sameComponents(a: Row, b: Row): boolean {
  return (
    a.taktUs === b.taktUs && a.costPerHour === b.costPerHour && COMPONENT_NAMES.every((name) => a[name] === b[name])
  );
}

function sameStop(a: StopSegment, b: StopSegment): boolean {
  return (Object.keys(b) as (keyof StopSegment)[]).every((key) => a[key] === b[key]);
}
