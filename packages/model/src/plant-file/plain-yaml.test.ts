/** The fast reader answers nothing, or what the parser of YAML answers: for plant files, random texts, and damaged ones. */
import { readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { stringify } from "yaml";
import { readByParser, readDocument } from "./document.ts";
import { readPlain } from "./plain-yaml.ts";
import { Problems } from "./problem.ts";
import type { Value } from "./value.ts";

const ROOT = new URL("../../../../", import.meta.url);
const textOf = (path: string): string => readFileSync(new URL(path, ROOT), "utf8");
const FILES = [
  "services/simulator/plants/demo.yaml",
  ...readdirSync(new URL("tests/conformance/", ROOT), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => `tests/conformance/${name}/plant.yaml`),
];

function byParser(text: string): Value | null {
  const problems = new Problems("plant.yaml", text);
  const value = readByParser(text, problems);
  return problems.none ? value : null;
}

/** Whether it was plain. */
function agrees(text: string): boolean {
  const plain = readPlain(text);
  if (plain === null) return false;
  expect(plain, text).toEqual(byParser(text));
  return true;
}

test("the demo's plant file and those of the conformance examples are plain, nearly all", () => {
  const plain = FILES.filter((path) => agrees(textOf(path)));
  expect(plain).toContain(FILES[0]);
  expect(plain.length / FILES.length).toBeGreaterThan(0.9);
  expect(FILES.filter((path) => agrees(textOf(path).replaceAll("\n", "\r\n")))).toEqual(plain);
});

test.each([
  ["comments and empty lines", "# one\n\n  # two\na: 1 # three\n\n   \nb:\n  # four\n  c: x\n# five\n  d: y\n   # six"],
  ["lists", 'a:\n- 1\n- x y\nb:\n  - { c: 1 }\n  - c: 2\n    d: [1, 2]\n  - "e"\nf: []\ng: {}\n'],
  ["brackets over many lines", "a:\n  {\n    b: 1,\n\n    c: [\n      2,\n      3\n    ],\n  }\nd: 'x: #y'\n"],
  ["a document's begin, and a # within a word", "---\na: b#c\n"],
  ["quoted keys", '"5": a\n\'#\': { "b: c": d }\n'],
  ["words", "a: 06:00\nb: 5m\nc: null\nd: true\ne: 0.115\nf: yes\ng: Köln 1 (a) & b\nh: a{b}, c\nnull: x\n7: y\n"],
])("plain: %s", (_, text) => {
  expect(agrees(text)).toBe(true);
});

test.each([
  ["no value", "a:\nb: 1\n"],
  ["a text of two lines", "a: b\n  c\n"],
  ["a key again", "a: 1\na: 2\n"],
  ["keys that are further in, or less", "a:\n    b: 1\n  c: 2\n"],
  ["anchors, aliases and tags", "a: &x 1\n"],
  ["a block of text", "a: |\n  b\n"],
  ["escapes", 'a: "\\n"\n'],
  ["numbers of other forms", "a: 0x1F\n"],
  ["words of other forms", "a: Null\n"],
  ["a tab", "a: 1\t\n"],
  ["a NUL in a comment", "a: 1 # \0\n"],
  ["brackets that are not further in than their key", "a:\n  b: [\n  1]\n"],
  ["more levels than a plant file may have", `a: ${"[".repeat(70)}${"]".repeat(70)}\n`],
])("not plain: %s", (_, text) => {
  expect(readPlain(text)).toBeNull();
});

describe("agrees with the parser", () => {
  const word = fc.oneof(
    { weight: 9, arbitrary: fc.stringMatching(/^[a-z][a-z0-9_-]{0,8}$/) },
    {
      weight: 3,
      arbitrary: fc.constantFrom(
        ...[
          "0",
          "1",
          "007",
          "1.50",
          ".5",
          "5.",
          "1e3",
          "1.2.3",
          "-1",
          "+1",
          "0o7",
          "0x1f",
          "06:00",
          "1_0",
          "2026-03-01",
          "true",
          "True",
          "null",
        ],
        ...[
          "~",
          "",
          "yes",
          ".nan",
          "a b",
          "a  b",
          "a: b",
          "a:b",
          "a :b",
          "a #b",
          "a#b",
          "a, b",
          "[a",
          "b]",
          "{a",
          "'a'",
          '"a"',
          "'a",
          "it's",
        ],
        ...[
          "Köln",
          "&a",
          "*a",
          "!a",
          "|",
          ">",
          "%a",
          "@a",
          "`a",
          "- a",
          "-",
          "?",
          "? a",
          ":",
          "=",
          "<<",
          "a\\b",
          "a\u00a0b",
          "\u2028",
          "日本",
          "🏭",
        ],
      ),
    },
    { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
  );
  const value = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      word,
      fc.oneof(fc.integer(), fc.double({ noNaN: true }), fc.boolean(), fc.constant(null)),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(word, tie("value"), { maxKeys: 4 }),
    ),
  })).value;
  const mapping = fc.dictionary(word, value, { minKeys: 1, maxKeys: 5 });

  test("for what is written by a program", () => {
    let plain = 0;
    fc.assert(
      fc.property(
        mapping,
        fc.constantFrom("any", "block", "flow"),
        fc.boolean(),
        (tree, collectionStyle, indentSeq) => {
          const text = stringify(tree, { collectionStyle, indentSeq, lineWidth: 40 });
          if (agrees(text)) plain++;
        },
      ),
      { numRuns: 1_000 },
    );
    expect(plain).toBeGreaterThan(50);
  });

  test("for lines of keys and words at any place", () => {
    const space = fc.constantFrom("", " ", " ", " ", " ", "  ");
    const end = fc.constantFrom("\n", "\n", "\n", " # c\n", "#c\n", "\r\n", "\n\n", "\n  # c\n", "");
    const begin = fc.constantFrom("", "", "", "", "  ", "  ", "    ", "- ", "  - ", " ", "-   ");
    const flow = fc
      .array(
        fc.tuple(
          word,
          fc.constantFrom(": ", ":", " : ", ", ", ""),
          word,
          fc.constantFrom(", ", ",", ",\n   ", ",\n", ""),
        ),
        { maxLength: 3 },
      )
      .chain((parts) =>
        fc
          .constantFrom("{", "[", "{ ", "[\n  ")
          .map((open) => `${open}${parts.flat().join("")}${open[0] === "{" ? " }" : "]"}`),
      );
    const line = fc
      .tuple(
        begin,
        word,
        fc.constantFrom(":", ":", ":", ":", ":", ":", " :", ""),
        space,
        fc.oneof(word, word, flow, fc.constant("")),
        end,
      )
      .map((parts) => parts.join(""));
    let plain = 0;
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), (lines) => {
        if (agrees(lines.join(""))) plain++;
      }),
      { numRuns: 5_000 },
    );
    expect(plain).toBeGreaterThan(50);
  });

  test("for plant files with a sign more, less or other", () => {
    const signs = fc.constantFrom(...Array.from(" \n:-,{}[]#\"'&*!|>?%@`\t\r\0a0.\\~é\u00a0\u2028\uFEFF"));
    const texts = FILES.map((path) => textOf(path).slice(0, 1_500));
    let plain = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...texts),
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 2 }), signs), {
          minLength: 1,
          maxLength: 3,
        }),
        (text, changes) => {
          let changed = text;
          for (const [share, removed, sign] of changes) {
            const at = Math.floor(share * changed.length);
            changed = `${changed.slice(0, at)}${removed === 2 ? "" : sign}${changed.slice(at + Math.min(1, removed))}`;
          }
          if (agrees(changed)) plain++;
        },
      ),
      { numRuns: 2_000 },
    );
    expect(plain).toBeGreaterThan(200);
  });
});

test("a document of either way has the same bounds", () => {
  const text = `a: [${"1, ".repeat(1_000_001)}]\n`;
  const problems = new Problems("plant.yaml", text);
  expect(readDocument(text, problems)).toBeNull();
  expect(problems.inOrder()[0]?.expected).toBe("at most 1000000 values");
});
