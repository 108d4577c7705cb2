import { PLACE, WIDTH } from "@oee/model";
import { expect, test } from "vitest";
import { columnsOf, NO_COLUMNS, NO_NUMBERS, widened } from "./used-components.ts";

const bit = (name: keyof typeof PLACE): number => 1 << PLACE[name];

test("there is a column for each component of a mask, in their order", () => {
  const columns = columnsOf(bit("goodCount") | bit("runTime"));
  expect(columns.places).toEqual([PLACE.runTime, PLACE.goodCount].toSorted((a, b) => a - b));
  expect(columns.places.map((place) => columns.columnOf[place])).toEqual([0, 1]);
  expect(columnsOf(columns.mask)).toBe(columns);
  expect(columnsOf(2 ** WIDTH - 1).places).toHaveLength(WIDTH);
});

test("rows that get further columns keep their numbers, as wide as they were", () => {
  const narrow = columnsOf(bit("goodCount"));
  const wide = columnsOf(narrow.mask | bit("runTime"));
  const columnOf = (name: keyof typeof PLACE): number => wide.places.indexOf(PLACE[name]);
  const numbers = widened(Float64Array.of(7, 2 ** 40), 2, narrow, wide);
  expect(numbers).toBeInstanceOf(Float64Array);
  const of = (row: number): (number | undefined)[] => [
    numbers[2 * row + columnOf("runTime")],
    numbers[2 * row + columnOf("goodCount")],
  ];
  expect([of(0), of(1)]).toEqual([
    [0, 7],
    [0, 2 ** 40],
  ]);
  expect(widened(NO_NUMBERS, 3, NO_COLUMNS, narrow)).toEqual(new Int32Array(3));
});
