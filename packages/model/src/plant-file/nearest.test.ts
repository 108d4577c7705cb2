import { expect, test } from "vitest";
import { nearest } from "./nearest.ts";

test.each([
  ["idealCylceSeconds", "idealCycleSeconds", "two neighbours swapped are one edit"],
  ["TAKTSECONDS", "taktSeconds", "case does not matter"],
  ["takSeconds", "taktSeconds", "one letter is missing"],
])("%s: nearest is %s, for %s", (name, expected) => {
  expect(nearest(name, ["idealCycleSeconds", "taktSeconds", "staleAfter"])).toBe(expected);
});

test("of names that are equally near the first is answered; among no names there is none", () => {
  // Both names differ from the text by one letter.
  expect(nearest("b", ["a", "c"])).toBe("a");
  expect(nearest("a", [])).toBeNull();
});
