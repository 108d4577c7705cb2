import { emptyRow, type Row } from "@oee/model";
import type { StoredRow } from "@oee/store";
import { expect, test } from "vitest";
import type { Recomputed } from "./recompute-machine.ts";
import { compare } from "./verification.ts";

const MINUTE_MS = 60_000;
const [NOW, BEFORE] = ["now", "before"];

function rowOf(minute: number, shift: string, runTime: number = MINUTE_MS): Row {
  const head = { machine: "s/a/l/m", product: null, shift, shiftDate: "2026-03-02", taktUs: null, costPerHour: null };
  return { ...emptyRow({ ...head, decimals: 0 }, minute * MINUTE_MS), runTime };
}

function pieceOf(rows: readonly Row[], stored: readonly StoredRow[]): Recomputed {
  const none = { stops: [], doubts: [], storedStops: [], storedDoubts: [] };
  return { ...none, rows, stored, from: 0, to: 10 * MINUTE_MS, newestVersion: 1n };
}

const madeBy = (plantVersion: string, row: Row): StoredRow => ({ ...row, plantVersion, version: 1n });
const known = (version: string): Promise<boolean> => Promise.resolve(version === NOW || version === BEFORE);

test("DI-3: a minute that another plant file put into another shift is not compared, and no row is written beside it", async () => {
  const recomputed = [rowOf(0, "early"), rowOf(1, "early")];
  const stored = [madeBy(BEFORE, rowOf(0, "first")), madeBy(NOW, rowOf(1, "early"))];
  const { differences, remedy, otherPlants } = await compare(pieceOf(recomputed, stored), NOW, known);
  expect(differences).toEqual([]);
  expect(remedy.rows).toHaveLength(0);
  expect([...otherPlants]).toEqual([[BEFORE, 1]]);
});

test("a minute of this plant file that lacks a row, also beside one of another file, differs", async () => {
  const recomputed = [rowOf(0, "early", 20_000), rowOf(0, "late", 40_000), rowOf(1, "early")];
  const stored = [madeBy(BEFORE, rowOf(0, "first")), madeBy(NOW, rowOf(0, "early", 20_000))];
  const { differences } = await compare(pieceOf(recomputed, stored), NOW, known);
  expect(differences).toMatchObject([
    { minute: "1970-01-01T00:00:00.000Z", shift: "late", stored: null },
    { minute: "1970-01-01T00:01:00.000Z", shift: "early", stored: null },
  ]);
});
