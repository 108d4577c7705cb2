import { expect, test } from "vitest";
import { ShdrLines } from "./shdr-line.ts";

const valuesOf = (...lines: readonly string[]): (readonly [string, string])[] => {
  const read = new ShdrLines();
  return lines.flatMap((line) => read.read(line)?.values ?? []);
};

test.each([
  [String.raw`1|a|"x\|y"|b|2`, "x|y"],
  [String.raw`1|a|"\|x\|"|b|2`, "|x|"],
  // Without marks around the whole value a backslash is a part of it, and the bar divides.
  [String.raw`1|a|C:\jobs\|b|2`, String.raw`C:\jobs` + "\\"],
  [String.raw`1|a|"x\|b|2`, String.raw`"x` + "\\"],
  [String.raw`1|a|x"y"|b|2`, 'x"y"'],
  ['1|a|"x"|b|2', "x"],
  ["1 | a | x | b | 2 \r", "x"],
])(
  "the bar of a value in quotation marks divides nothing; those of all others do, as agents read them: %s",
  (line, value) => {
    expect(valuesOf(line)).toEqual([
      ["a", value],
      ["b", "2"],
    ]);
  },
);

test("a value that spans lines is theirs up to the line with its tag; items before it on its line are read", () => {
  expect(
    valuesOf("1|exec|ACTIVE|note|--multiline--A1", "2|exec|READY", "no end", "--multiline--A1", "3|exec|STOPPED"),
  ).toEqual([
    ["exec", "ACTIVE"],
    ["note", "2|exec|READY\nno end"],
    ["exec", "STOPPED"],
  ]);
});
