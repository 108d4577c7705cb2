import { expect, test } from "vitest";
import { memberStarts, skipValue, skipWhitespace } from "./json-span.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const firstOf = (text: string): string => text.slice(0, skipValue(bytes(text), 0, text.length));

test("a value ends where its string, number, array or object ends, whatever stands in its strings", () => {
  expect(firstOf('"a\\"b",1')).toBe('"a\\"b"');
  expect(firstOf("-1.5e3,2")).toBe("-1.5e3");
  expect(firstOf('{"a":[1,"}"]},[]')).toBe('{"a":[1,"}"]}');
  const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
  expect(firstOf(`${deep},1`)).toBe(deep);
});

test("the value of each member of an object is found; of members with one name the last counts", () => {
  const text = '{ "a" : 1, "b\\u0022": {"a": 2}, "a":"three" }';
  const starts = memberStarts(bytes(text), 0, text.length);
  const values = [...starts].map(([name, at]) => [name, text.slice(at, skipValue(bytes(text), at, text.length))]);
  expect(values).toEqual([
    ["a", '"three"'],
    ['b"', '{"a": 2}'],
  ]);
});

test("no other characters than JSON's four are white space", () => {
  expect(skipWhitespace(bytes(" \t\r\nx"), 0, 5)).toBe(4);
  expect(skipWhitespace(bytes("\u000bx"), 0, 2)).toBe(0);
  expect(skipWhitespace(bytes("  "), 0, 2)).toBe(2);
});
