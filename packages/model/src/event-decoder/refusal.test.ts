import { expect, test } from "vitest";
import { isRefusal, shown, shortened } from "./refusal.ts";

test("a refusal shows texts quoted and shortened, and of objects only that they are some", () => {
  expect(['a"b', 5, null, undefined, [1], { a: 1 }, 10n, true].map(shown)).toEqual([
    '"a\\"b"',
    "5",
    "null",
    "nothing",
    "an array",
    "an object",
    "10",
    "true",
  ]);
  expect(shown("x".repeat(200))).toBe(`"${"x".repeat(80)}"… (200 characters)`);
  expect(shortened("9".repeat(81))).toBe(`${"9".repeat(80)}…`);
});

test("what the decoder answers is a refusal where it has a code", () => {
  expect(isRefusal({ code: "invalid", detail: "" })).toBe(true);
  expect(isRefusal({ type: "state" })).toBe(false);
});
