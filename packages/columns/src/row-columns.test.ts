import { expect, test } from "vitest";
import { headOf } from "./one-row.fixture.ts";
import { RowColumns } from "./row-columns.ts";

function productsOf(columns: RowColumns, cell: number): (string | null)[] {
  const products: (string | null)[] = [];
  for (let row = columns.firstOf(cell); row >= 0; row = columns.nextOf(row))
    products.push(columns.batch.headAt(row).product);
  return products;
}

test("rows are found by their cell, in order of first use, however far cells lie apart", () => {
  const columns = new RowColumns();
  for (const [cell, product] of [
    [5, "a"],
    [6, "b"],
    [5, "c"],
    [-90_000, "d"],
    [100_000, "e"],
  ] as const) {
    columns.add(cell, cell * 60_000, headOf(product));
  }
  expect([5, 6, -90_000, 100_000, 7].map((cell) => productsOf(columns, cell))).toEqual([
    ["a", "c"],
    ["b"],
    ["d"],
    ["e"],
    [],
  ]);
  expect([columns.firstCell, columns.lastCell]).toEqual([-90_000, 100_000]);
});

test("what was cleared is gone", () => {
  const columns = new RowColumns();
  columns.add(5, 0, headOf("a"));
  columns.clear();
  expect([columns.firstOf(5), columns.batch.length, columns.firstCell]).toEqual([-1, 0, Infinity]);
  columns.add(9, 0, headOf("b"));
  expect([5, 9].map((cell) => productsOf(columns, cell))).toEqual([[], ["b"]]);
});
