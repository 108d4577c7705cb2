import { expect, test } from "vitest";
import { minorUnitOf } from "./currency.ts";

test.each([
  ["EUR", 2],
  ["JPY", 0],
  ["TND", 3],
  ["CLF", 4],
  ["toString", 2],
  [null, 2],
])("CS-5: amounts of %s have %i decimals", (currency, decimals) => {
  expect(minorUnitOf(currency)).toBe(decimals);
});
