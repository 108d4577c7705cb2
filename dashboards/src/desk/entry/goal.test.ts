import { expect, test } from "vitest";
import { goalIn, goalValue } from "./goal.ts";

test.each([
  [{ way: "reach", number: "57" }, "oee", 0.57],
  [{ way: "reach", number: "12.5" }, "mttr", 750_000],
  [{ way: "reach", number: "3" }, "downtimeFrequency", 3],
  [{ way: "reach", number: "4" }, "loss:setup", 0.04],
  [{ way: "percent", number: "5" }, "oee", "+5%"],
  [{ way: "percent", number: "-20" }, "mttr", "-20%"],
  [{ way: "points", number: "2.5" }, "oee", "+2.5pp"],
] as const)("TG-1: %j of %s is %j, and back", (goal, measure, value) => {
  expect(goalValue(goal, measure)).toBe(value);
  expect(goalIn(value, measure)).toEqual(goal);
});

test("a text that is no number is sent as it is, for the server to refuse", () => {
  expect(goalValue({ way: "reach", number: "much" }, "oee")).toBe("much");
  expect(goalIn(null, "oee")).toEqual({ way: "reach", number: "" });
});
