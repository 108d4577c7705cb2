import { expect, test } from "vitest";
import { jsonOf } from "./json.ts";

const textOf = (records: readonly number[]): string => [...jsonOf(records, (n) => ({ n }))].join("");

test("an answer is one JSON array with an element a line, also where it is empty", () => {
  expect(textOf([1, 2])).toBe('[\n{"n":1},\n{"n":2}\n]\n');
  expect(textOf([])).toBe("[]\n");
});
