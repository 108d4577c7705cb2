import { expect, test } from "vitest";
import { Quantities } from "./quantities.ts";

test("CN-5: quantities of machines with other decimals add up exactly, in any order", () => {
  const pieces = new Quantities();
  pieces.add(0, 2, 1, 0);
  const metres = new Quantities();
  for (let i = 0; i < 10; i++) metres.add(1, 1, 0, 0);
  metres.add(3, 5, 0, 250);
  const sum = new Quantities();
  sum.addAll(metres);
  sum.addAll(pieces);
  expect([sum.good, sum.scrap, sum.rework, sum.produced]).toEqual([3.005, 1, 0.25, 4.255]);
});

test("a sum below 0 keeps its sign", () => {
  const quantities = new Quantities();
  quantities.add(2, -1, 0, 0);
  expect(quantities.good).toBe(-0.01);
});
