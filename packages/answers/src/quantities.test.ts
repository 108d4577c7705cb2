import { PLACE, WIDTH } from "@oee/model";
import { expect, test } from "vitest";
import { Quantities } from "./quantities.ts";

/** The numbers of a row with these quantities. */
function numbers(good: number, scrap: number, rework: number): Float64Array {
  const row = new Float64Array(WIDTH);
  row[PLACE.goodCount] = good;
  row[PLACE.scrapCount] = scrap;
  row[PLACE.reworkCount] = rework;
  return row;
}

test("CN-5: quantities of machines with different decimals add up exactly, in any order", () => {
  const pieces = new Quantities();
  pieces.add(0, numbers(2, 1, 0), 0);
  const metres = new Quantities();
  for (let i = 0; i < 10; i++) metres.add(1, numbers(1, 0, 0), 0);
  metres.add(3, numbers(5, 0, 250), 0);
  const sum = new Quantities();
  sum.addAll(metres);
  sum.addAll(pieces);
  expect([sum.of("goodCount"), sum.of("scrapCount"), sum.of("reworkCount"), sum.produced]).toEqual([
    3.005, 1, 0.25, 4.255,
  ]);
});

test("a sum below 0 keeps its sign", () => {
  const quantities = new Quantities();
  quantities.add(2, numbers(-1, 0, 0), 0);
  expect(quantities.of("goodCount")).toBe(-0.01);
});
