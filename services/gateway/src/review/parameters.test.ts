import { expect, test } from "vitest";
import { FILLER, PLANT, START } from "../../test/gateway-fixture.ts";
import { checkReviewPeriod, isWithinScope, namedPeriodOf } from "./parameters.ts";

const scopeAt = (path: string) => {
  const scope = PLANT.plant.scopes.get(path);
  if (scope === undefined) throw new Error(`no scope ${path}`);
  return scope;
};

test("a path is within the scopes above it", () => {
  expect(isWithinScope(PLANT.plant, FILLER, scopeAt("berlin"))).toBe(true);
  expect(isWithinScope(PLANT.plant, FILLER, scopeAt("recife"))).toBe(false);
  expect(isWithinScope(PLANT.plant, "no/such", scopeAt("*"))).toBe(false);
});

test("a period is named by a quarter, by its place to now, or by two dates", () => {
  const of = (text: string) => namedPeriodOf("period", text, scopeAt("berlin"), START);
  expect(of("this-quarter")).toEqual(of("2026-Q1"));
  // The second date is the first day after it.
  const [{ from, to }, month] = [of("2026-07-01,2026-08-01"), of("2026-07")];
  expect([from, to]).toEqual([month.from, month.to]);
  for (const text of ["2026-Q5", "2026-07-01,", "1,2,3"]) {
    expect(() => of(text)).toThrow(`period is ${JSON.stringify(text)}; expected a period such as 2026-Q3`);
  }
});

test("a review is of at most five years", () => {
  const check = (text: string) => checkReviewPeriod(namedPeriodOf("period", text, scopeAt("berlin"), START));
  expect(() => check("2022-01-01,2027-01-01")).not.toThrow();
  expect(() => check("2000-01-01,2100-01-01")).toThrow("period has 36525 dates; expected at most 1830, five years");
});
