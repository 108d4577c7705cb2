import { expect, test } from "vitest";
import { HeldRows } from "./held-rows.ts";
import { headOf, numbersOf } from "./one-row.fixture.ts";
import { RowTable } from "./row-table.ts";

const MINUTE = 60_000;

/** A table with one row a minute. `rows`: run time (ms) by minute. */
function tableOf(rows: Readonly<Record<number, number>>): RowTable {
  const table = new RowTable();
  for (const [minute, runTime] of Object.entries(rows)) {
    const row = table.add(Number(minute), Number(minute) * MINUTE, headOf(null));
    table.batch.set(row, numbersOf(runTime), 0);
  }
  return table;
}

function runTimes(rows: HeldRows, from: number, to: number): (number | null)[] {
  return Array.from({ length: to - from }, (_, i) => rows.rowsOf(from + i)?.[0]?.runTime ?? null);
}

test("consecutive minutes with equal numbers are kept once, and one of them may be changed", () => {
  const rows = new HeldRows();
  rows.replaceFrom(10, tableOf({ 10: 5, 11: 5, 12: 5, 13: 8 }));
  expect(rows.snapshot().spans).toEqual(Int32Array.of(3, 1));
  const table = tableOf({ 11: 6 });
  rows.set(11, table, table.firstOf(11));
  expect(runTimes(rows, 9, 15)).toEqual([null, 5, 6, 5, 8, null]);
  expect(rows.rowsOf(11)?.[0]?.from).toBe(11 * MINUTE);
});

test("`replaceFrom` replaces a minute and all after it, and keeps those before it", () => {
  const rows = new HeldRows();
  rows.replaceFrom(10, tableOf({ 10: 5, 11: 5, 12: 5 }));
  rows.replaceFrom(11, tableOf({ 11: 7, 12: 9 }));
  expect(runTimes(rows, 10, 13)).toEqual([5, 7, 9]);
});

test("minutes before an instant are forgotten, except for those in given spans", () => {
  const rows = new HeldRows();
  rows.replaceFrom(10, tableOf({ 10: 1, 11: 2, 12: 3, 13: 4 }));
  rows.forgetBefore(13 * MINUTE, [{ from: 11 * MINUTE, to: 12 * MINUTE }]);
  expect(runTimes(rows, 10, 14)).toEqual([null, 2, null, 4]);
});

test("rows restored from a snapshot are the same", () => {
  const rows = new HeldRows();
  rows.replaceFrom(10, tableOf({ 10: 5, 11: 5, 12: 6 }));
  expect(runTimes(HeldRows.restore(rows.snapshot()), 10, 13)).toEqual([5, 5, 6]);
});
