import { expect, test } from "vitest";
import { HotRows } from "./hot-rows.ts";
import { headOf, numbersOf } from "./one-row.fixture.ts";
import { RowColumns } from "./row-columns.ts";

const MINUTE = 60_000;

/** Columns with a row of so much run time for each minute. */
function columnsOf(rows: Readonly<Record<number, number>>): RowColumns {
  const columns = new RowColumns();
  for (const [minute, runTime] of Object.entries(rows)) {
    const row = columns.add(Number(minute), Number(minute) * MINUTE, headOf(null));
    columns.batch.set(row, numbersOf(runTime), 0);
  }
  return columns;
}

function runTimes(rows: HotRows, from: number, to: number): (number | null)[] {
  return Array.from({ length: to - from }, (_, i) => rows.rowsOf(from + i)?.[0]?.runTime ?? null);
}

test("equal minutes in a row are kept once, and a minute among them may change", () => {
  const rows = new HotRows();
  rows.replaceFrom(10, columnsOf({ 10: 5, 11: 5, 12: 5, 13: 8 }));
  expect(rows.snapshot().spans).toEqual(Int32Array.of(3, 1));
  rows.set(11, columnsOf({ 11: 6 }));
  expect(runTimes(rows, 9, 15)).toEqual([null, 5, 6, 5, 8, null]);
  expect(rows.rowsOf(11)?.[0]?.from).toBe(11 * MINUTE);
});

test("minutes from one on are replaced, and those before stay", () => {
  const rows = new HotRows();
  rows.replaceFrom(10, columnsOf({ 10: 5, 11: 5, 12: 5 }));
  rows.replaceFrom(11, columnsOf({ 11: 7, 12: 9 }));
  expect(runTimes(rows, 10, 13)).toEqual([5, 7, 9]);
});

test("minutes before an instant are forgotten, but for spans that are kept", () => {
  const rows = new HotRows();
  rows.replaceFrom(10, columnsOf({ 10: 1, 11: 2, 12: 3, 13: 4 }));
  rows.forgetBefore(13 * MINUTE, [{ from: 11 * MINUTE, to: 12 * MINUTE }]);
  expect(runTimes(rows, 10, 14)).toEqual([null, 2, null, 4]);
});

test("restored rows are the same", () => {
  const rows = new HotRows();
  rows.replaceFrom(10, columnsOf({ 10: 5, 11: 5, 12: 6 }));
  expect(runTimes(HotRows.restore(rows.snapshot()), 10, 13)).toEqual([5, 5, 6]);
});
