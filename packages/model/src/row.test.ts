import { expect, test } from "vitest";
import { eachComponent, emptyRow, PLACE, type RowHead, rowOf, sameHead, sameKey, WIDTH } from "./row.ts";

const HEAD: RowHead = {
  machine: "m",
  product: "a",
  shift: "day",
  shiftDate: "2026-03-02",
  taktUs: null,
  costPerHour: null,
  decimals: 0,
};

test("the numbers of a row stand at the places of their components, from an offset on", () => {
  const values = new Float64Array(3 * WIDTH);
  values[WIDTH + PLACE.runTime] = 50_000;
  values[WIDTH + PLACE.goodCount] = 7;
  const row = rowOf(HEAD, 60_000, values, WIDTH);
  expect(row).toEqual({ ...emptyRow(HEAD, 60_000), runTime: 50_000, goodCount: 7 });
  expect(Object.values(eachComponent((_name, place) => place))).toEqual(Array.from({ length: WIDTH }, (_, i) => i));
});

test("P-1: rows have one key where product and shift are alike, and one head where their rates are too", () => {
  const otherTakt = { ...HEAD, taktUs: 2_000_000 };
  expect([sameKey(HEAD, otherTakt), sameHead(HEAD, otherTakt)]).toEqual([true, false]);
  expect([sameKey(HEAD, { ...HEAD }), sameHead(HEAD, { ...HEAD })]).toEqual([true, true]);
  for (const other of [{ product: null }, { shift: "night" }, { shiftDate: "2026-03-03" }]) {
    expect(sameKey(HEAD, { ...HEAD, ...other })).toBe(false);
  }
});
