import fc from "fast-check";
import { expect, test } from "vitest";
import { Amount } from "./amount.ts";
import { costOf, lossCostsOf } from "./formulas.ts";
import { sumsWith } from "./sums.ts";

test("CS-5: ten times 0.1 is exactly 1, which the sum of ten doubles is not", () => {
  let sum = Amount.ZERO;
  for (let hour = 0; hour < 10; hour++) sum = sum.plus(Amount.of(0.1));
  expect(sum.toDecimal(20)).toBe("1.00000000000000000000");
  expect(sum.toNumber()).toBe(1);
});

test.each([
  [0.125, 2, "0.12"],
  [0.135, 2, "0.14"],
  [2.5, 0, "2"],
  [3.5, 0, "4"],
  [-0.125, 2, "-0.12"],
  [-0.004, 2, "0.00"],
  [1234.5, 2, "1234.50"],
  [1e-7, 3, "0.000"],
  [1e21, 2, "1000000000000000000000.00"],
  [0.0005, 3, "0.000"],
])("CS-5: %d with %i decimals is %s, rounded half to even", (value, places, text) => {
  expect(Amount.of(value).toDecimal(places)).toBe(text);
});

test("CS-5: three thirds of a cent are exactly a cent", () => {
  const third = Amount.of(0.01).over(3);
  expect(third.plus(third).plus(third).toDecimal(2)).toBe("0.01");
  expect(third.times(-3).over(-1).toNumber()).toBe(0.01);
});

test("an amount that was made of a number gives that number back", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(Amount.of(value).toNumber()).toBe(value === 0 ? 0 : value);
    }),
  );
});

test("CS-1: costs of breakdowns and of other unplanned stops add up to the cost of all unplanned stops", () => {
  const hour = 3_600_000;
  const sums = sumsWith({}, 0);
  expect(lossCostsOf(sums)).toBeNull();
  sums.unplannedByCost.add(0.1, 3 * hour).add(77.77, hour);
  sums.failureByCost.add(77.77, hour / 2);
  const costs = lossCostsOf(sums);
  expect(costs?.breakdowns.toDecimal(3)).toBe("38.885");
  expect(costs?.otherUnplannedStops.toDecimal(3)).toBe("39.185");
  expect(costOf(sums.unplannedByCost)?.toDecimal(2)).toBe("78.07");
});
