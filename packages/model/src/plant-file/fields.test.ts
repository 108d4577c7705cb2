import { expect, test } from "vitest";
import {
  ANY_TEXT,
  booleanOf,
  didYouMean,
  durationMsIn,
  entriesOf,
  fieldsOf,
  itemsOf,
  microsecondsIn,
  numberOf,
  oneOf,
  optional,
  referenceOf,
  textOf,
} from "./fields.ts";
import { readOf } from "./one-value.fixture.ts";

test("keys that the format does not know, and missing ones, are told with the nearest and where they stand", () => {
  const { read, said } = readOf("{ nmae: a, unit: kg }", (value, problems) =>
    fieldsOf(value, ["name", "unit"], ["name"], problems),
  );
  expect(Object.keys(read)).toEqual(["unit"]);
  expect(said).toEqual([
    "1:1 found no name, expected the key name, which must be written",
    '1:3 nmae: found the unknown key "nmae", expected "name", the nearest of name, unit',
  ]);
});

test("entries whose key has another form are left out and told", () => {
  const form = { pattern: /^[a-z]+$/, words: "lower case letters" };
  const { read, said } = readOf("{ a: 1, B: 2 }", (value, problems) => entriesOf(value, "letters", form, problems));
  expect(read.map(({ key }) => key)).toEqual(["a"]);
  expect(said).toEqual(['1:9 B: found the key "B", expected as a key of letters lower case letters']);
  expect(readOf("{ '': 1 }", (value, problems) => entriesOf(value, "names", ANY_TEXT, problems)).read).toEqual([]);
});

test.each([
  ["cola", "cola", []],
  ["7", null, ["1:1 found the number 7, expected a name, in quotes"]],
  ["''", null, ['1:1 found the text "", expected a name']],
  ["[]", null, ["1:1 found a list, expected a name"]],
])("a text of %s is %s", (text, expected, said) => {
  expect(readOf(text, (value, problems) => textOf(value, "a name", problems))).toEqual({ read: expected, said });
});

test("words, truths, numbers and lists: what is none of them is told with what was expected", () => {
  expect(readOf("count", (value, problems) => oneOf(value, ["count", "ignore"], problems)).read).toBe("count");
  expect(readOf("Count", (value, problems) => oneOf(value, ["count", "ignore"], problems)).said).toEqual([
    '1:1 found the text "Count", expected one of count, ignore',
  ]);
  expect(readOf("true", booleanOf).read).toBe(true);
  expect(readOf("yes", booleanOf).said).toEqual(['1:1 found the text "yes", expected true or false']);
  const positive = (number: number): boolean => number > 0;
  expect(readOf("1.5", (value, problems) => numberOf(value, positive, "above 0", problems)).read).toBe(1.5);
  expect(readOf("-1", (value, problems) => numberOf(value, positive, "above 0", problems)).said).toEqual([
    "1:1 found the number -1, expected above 0",
  ]);
  expect(readOf("[1, 2]", (value, problems) => itemsOf(value, "a list", problems)).read.length).toBe(2);
  expect(readOf("{}", (value, problems) => itemsOf(value, "a list", problems))).toEqual({
    read: [],
    said: ["1:1 found a mapping, expected a list"],
  });
});

test("P-2: seconds become whole microseconds, from the digits as they are written", () => {
  const read = (text: string) => readOf(text, (value, problems) => microsecondsIn(value, "seconds", problems));
  // 1.0000005 s are half a microsecond above a whole one; rounded away from zero.
  expect([read("1.2").read, read("1.0000005").read]).toEqual([1_200_000, 1_000_001]);
  expect(read("0.0000001").said).toEqual([
    "1:1 found the number 0.0000001, which is 0 in whole microseconds, expected seconds",
  ]);
  // 100 days are 8,640,000 s.
  expect(read("8640000").read).toBe(8_640_000_000_000);
  expect(read("8640001").said).toEqual(["1:1 found the number 8640001, expected seconds, at most 8640000 (100 days)"]);
});

test("durations, references to names that are defined, and values that may be left out", () => {
  expect(readOf("5m", (value, problems) => durationMsIn(value, "a duration", problems)).read).toBe(300_000);
  expect(readOf("soon", (value, problems) => durationMsIn(value, "a duration", problems)).said).toEqual([
    '1:1 found the text "soon", expected a duration',
  ]);
  const calendars = new Map([["three-shift", 3]]);
  const read = (text: string) =>
    readOf(text, (value, problems) => referenceOf(value, "a calendar", calendars, problems));
  expect(read("three-shift").read).toBe(3);
  expect(read("tree-shift").said).toEqual(['1:1 found "tree-shift", expected the name of a calendar: "three-shift"']);
  expect(optional(undefined, () => 1)).toBeNull();
  expect(didYouMean("a", [])).toBe("none, as there is none");
});
