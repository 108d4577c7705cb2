import { expect, test } from "vitest";
import { PLANT } from "../../test/gateway-fixture.ts";
import { checkCost, periodsAtLeast } from "./answer-cost.ts";

const DAY_MS = 86_400_000;

test.each([
  [null, 365, 1],
  // A zone may have left out one day of ten: 10 × 24 × 60 − 1 minutes.
  ["minute", 10, 14_399],
  // Days of up to 25 h: ⌊240 h / 25 h⌋ − 1.
  ["day", 10, 8],
  ["year", 365, 1],
  // Six shifts a day, with the days at both ends of the period.
  ["shift", 10, 66],
] as const)("every %s of %d days: at least %d periods", (every, days, expected) => {
  expect(periodsAtLeast({ every, from: 0, to: days * DAY_MS })).toBe(expected);
});

test("an answer of too many elements, or made of too many cells, is refused before anything is read", () => {
  const enterprise = PLANT.plant.scopes.get("*");
  if (enterprise === undefined) throw new Error("the plant has no root");
  const machines = enterprise.members.length;
  expect(() => checkCost([enterprise], 10, { elementsMax: 10, cellsMax: 10 * machines })).not.toThrow();
  expect(() => checkCost([enterprise], 11, { elementsMax: 10, cellsMax: 1e9 })).toThrow(
    "about 11 elements; expected at most 10",
  );
  expect(() => checkCost([enterprise], 10, { elementsMax: 10, cellsMax: 10 * machines - 1 })).toThrow("summed from");
});
