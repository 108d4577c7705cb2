import { PLACE, RowBatch, type RowHead, WIDTH } from "@oee/model";
import { expect, test } from "vitest";
import { PendingChanges } from "./changes.ts";

const MINUTE = 60_000;
const T = Date.UTC(2026, 2, 2, 5);

/** Rows, each of a machine, minute and product, with a run time (ms). */
function rowsOf(...rows: readonly (readonly [machine: string, minute: number, product: string, runTime: number])[]) {
  const batch = new RowBatch();
  for (const [machine, minute, product, runTime] of rows) {
    const head: RowHead = {
      ...{ machine, product, shift: null, shiftDate: null },
      ...{ taktUs: null, costPerHour: null, decimals: 0 },
    };
    const row = batch.addEmpty(head, T + minute * MINUTE);
    batch.values[row * WIDTH + PLACE.runTime] = runTime;
  }
  return batch;
}

function moved(pending: PendingChanges) {
  const rows = new RowBatch();
  pending.moveTo(rows);
  return [...rows].map(({ machine, from, product, runTime }) => [machine, (from - T) / MINUTE, product, runTime]);
}

test("of each machine, minute and product the newest row waits, in order of first change", () => {
  const pending = new PendingChanges();
  pending.addRows(rowsOf(["m", 0, "a", 1], ["n", 0, "a", 2], ["m", 1, "a", 3]));
  pending.addRows(rowsOf(["m", 0, "b", 4], ["m", 0, "a", 5], ["n", 0, "a", 6]));
  expect(pending.size).toBe(4);
  expect(moved(pending)).toEqual([
    ["m", 0, "a", 5],
    ["n", 0, "a", 6],
    ["m", 1, "a", 3],
    ["m", 0, "b", 4],
  ]);
  expect([pending.size, moved(pending)]).toEqual([0, []]);
});

test("dropping a machine removes its waiting rows, and rows of others are still replaced by newer ones", () => {
  const pending = new PendingChanges();
  pending.addRows(rowsOf(["m", 0, "a", 1], ["n", 0, "a", 2], ["n", 1, "a", 3]));
  pending.drop("m");
  pending.addRows(rowsOf(["n", 1, "a", 4], ["m", 0, "a", 5]));
  expect(moved(pending)).toEqual([
    ["n", 0, "a", 2],
    ["n", 1, "a", 4],
    ["m", 0, "a", 5],
  ]);
});
