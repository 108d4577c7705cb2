import { expect, test } from "vitest";
import { textsOf } from "./text-format.ts";

test("a text has its head, each record with its number, and a tail that knows how many there were", () => {
  const format = {
    head: "[",
    textOf: (record: string, index: number) => `${index > 0 ? "," : ""}${record}`,
    tailOf: (records: number) => `] ${records}`,
  };
  expect([...textsOf(["a", "b"], format)].join("")).toBe("[a,b] 2");
  expect([...textsOf([], format)].join("")).toBe("[] 0");
});
