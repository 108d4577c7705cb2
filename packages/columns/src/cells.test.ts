import { expect, test } from "vitest";
import { cellsBetween, MINUTE_CELLS, minuteOf, minuteStart } from "./cells.ts";

test("PE-1: the cells of stored rows are UTC minutes", () => {
  const at = Date.UTC(2026, 2, 2, 5, 7, 30);
  const cell = MINUTE_CELLS.indexOf(at);
  expect([MINUTE_CELLS.startOf(cell), MINUTE_CELLS.endOf(cell)]).toEqual([at - 30_000, at + 30_000]);
  expect([minuteOf(59_999), minuteOf(60_000), minuteStart(60_001)]).toEqual([0, 1, 60_000]);
});

test("a cell between two cuts begins with the first; instants before all cuts or after them are of the first or last cell", () => {
  const cells = cellsBetween([100, 200, 400]);
  expect([100, 199, 200, 399, 50, 1000].map((at) => cells.indexOf(at))).toEqual([0, 0, 1, 1, 0, 1]);
  expect([cells.startOf(1), cells.endOf(1), cells.endOf(2)]).toEqual([200, 400, Infinity]);
});
