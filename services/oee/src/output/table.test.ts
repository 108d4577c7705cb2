import { expect, it } from "vitest";
import { type Table, tablesOf } from "./table.ts";

interface Fruit {
  readonly name: string;
  readonly color: string;
  readonly price: string;
}

const FRUIT: readonly Fruit[] = [
  { name: "\u85cd\u8393", color: "blue", price: "1,250.00" },
  { name: "plum", color: "", price: "7.00" },
];

const TABLE: Table<Fruit> = {
  columns: [
    { title: "name", align: "left", cell: ({ name }) => name },
    { title: "color", align: "left", cell: ({ color }) => color, spare: 2 },
    { title: "price", align: "right", cell: ({ price }) => price, spare: 1 },
  ],
  empty: "no fruit",
  note: () => null,
};

function linesIn(widthMax: number | null): string[] {
  return [...tablesOf(FRUIT, TABLE, widthMax)].join("").split("\n").slice(0, -1);
}

const WHOLE = ["name  color     price", "\u85cd\u8393  blue   1,250.00", "plum  \u2013          7.00"];

it("has all columns without a terminal, or in one that is wide enough", () => {
  expect(linesIn(null)).toEqual(WHOLE);
  expect(linesIn(21)).toEqual(WHOLE);
});

it("leaves out spare columns in a narrower terminal, and names them", () => {
  expect(linesIn(20)).toEqual([
    "name     price",
    "\u85cd\u8393  1,250.00",
    "plum      7.00",
    "not shown in 20 columns: color (--format csv has all)",
  ]);
  expect(linesIn(13).slice(0, 1)).toEqual(["name"]);
});

it("keeps columns that are not spare, however narrow the terminal", () => {
  expect(linesIn(1).at(-1)).toBe("not shown in 1 columns: color, price (--format csv has all)");
});
