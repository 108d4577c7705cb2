import { RowBatch } from "@oee/model";
import { expect, test } from "vitest";
import { headOf } from "./one-row.fixture.ts";
import { RowTable } from "./row-table.ts";

function productsOf(table: RowTable, cell: number, machine?: number): (string | null)[] {
  const products: (string | null)[] = [];
  for (let row = table.firstOf(cell, machine); row >= 0; row = table.nextOf(row))
    products.push(table.batch.headAt(row).product);
  return products;
}

test("rows of a cell are found in the order in which they were added, however far cells lie apart", () => {
  const table = new RowTable();
  for (const [cell, product] of [
    [5, "a"],
    [6, "b"],
    [5, "c"],
    [-90_000, "d"],
    [100_000, "e"],
    [5 + 64, "f"],
  ] as const) {
    table.add(cell, cell * 60_000, headOf(product));
  }
  expect([5, 6, -90_000, 100_000, 5 + 64, 7].map((cell) => productsOf(table, cell))).toEqual([
    ["a", "c"],
    ["b"],
    ["d"],
    ["e"],
    ["f"],
    [],
  ]);
  expect([table.firstCell, table.lastCell]).toEqual([-90_000, 100_000]);
});

test("a row of a cell is found by its product and shift", () => {
  const table = new RowTable();
  const [first, late] = [headOf("a", { shift: "early" }), headOf("a", { shift: "late" })].map((head) =>
    table.add(5, 0, head),
  );
  const rowOf = (shift: string): number => table.withKey(table.firstOf(5), headOf("a", { shift }));
  expect([rowOf("early"), rowOf("late"), rowOf("night")]).toEqual([first, late, -1]);
});

test("rows of many machines and cells are found by machine and cell, before and after the table grew", () => {
  const table = new RowTable();
  const machines = Array.from({ length: 70 }, (_, machine) => machine);
  const cells = [29_000_000, 29_000_001, 29_000_003];
  for (const product of ["a", "b"])
    for (const machine of machines)
      for (const cell of cells) table.add(cell, 0, headOf(`${product}${machine} ${cell}`), machine);
  const found = machines.map((machine) => cells.map((cell) => productsOf(table, cell, machine)));
  expect(found).toEqual(machines.map((m) => cells.map((cell) => [`a${m} ${cell}`, `b${m} ${cell}`])));
  expect(productsOf(table, 29_000_002, 3)).toEqual([]);
  expect(productsOf(table, 29_000_000, 70)).toEqual([]);
});

test("rows that are moved to a batch are appended to it, and are in the table no more", () => {
  const table = new RowTable();
  const moved = new RowBatch();
  for (const product of ["a", "b"]) {
    table.add(5, 0, headOf(product));
    table.moveTo(moved);
    expect([table.firstOf(5), table.batch.length]).toEqual([-1, 0]);
  }
  table.add(5, 0, headOf("c"));
  expect(productsOf(table, 5)).toEqual(["c"]);
  expect([...moved].map(({ product }) => product)).toEqual(["a", "b"]);
});

test.each([1, 40, 70_000])("a table of %i rows has none after it was cleared, and takes others", (count) => {
  const table = new RowTable();
  for (let cell = 5; cell < 5 + count; cell++) table.add(cell, 0, headOf("a"));
  table.clear();
  expect([table.firstOf(5), table.batch.length, table.firstCell]).toEqual([-1, 0, Infinity]);
  table.add(4 + count, 0, headOf("b"));
  table.add(9_000_000, 0, headOf("c"));
  expect([5, 4 + count, 9_000_000].map((cell) => productsOf(table, cell))).toEqual([
    count === 1 ? ["b"] : [],
    ["b"],
    ["c"],
  ]);
});
