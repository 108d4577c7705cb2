import { describe, expect, it } from "vitest";
import { parsePlant } from "./parse-plant.ts";
import { ONE_MACHINE } from "../../../../tests/support/plant.ts";

const GOOD = ONE_MACHINE;

function problems(text: string): readonly string[] {
  const result = parsePlant(text, "f");
  return result.ok ? [] : result.problems.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe("a text that is no plant file", () => {
  it.each([
    ["nothing", "", "1:1 found an empty file"],
    ["only comments", "# nothing\n", "1:1 found an empty file"],
    ["a word", "hello", '1:1 found the text "hello", expected a mapping'],
    ["a list", "- 1", "1:1 found a list, expected a mapping"],
    ["a NUL", `${GOOD}\0`, "3:1 found a NUL character"],
    ["tabs", "enterprise: e\n\tsites: {}", "2:1 found a text that is not YAML: Tabs"],
    ["an open bracket", "enterprise: [", "found a text that is not YAML"],
    ["two documents", `${GOOD}---\n${GOOD}`, "3:1 found a second document"],
    ["YAML 1.1, where 06:00 is 360", `%YAML 1.1\n---\n${GOOD}`, "1:1 found YAML 1.1"],
    ["an unknown tag", `${GOOD}name: !name x`, "3:7 found a text that is not YAML: Unresolved tag"],
    ["a key that is a list", `${GOOD}[a]: 1`, "3:1 found a key that is no text"],
    ["an unknown alias", `${GOOD}name: *n`, "3:7 name: found the alias *n, expected an anchor"],
    ["a merge key", `${GOOD}<<: {}`, '3:1 "<<": found the unknown key "<<"'],
    ["more characters than we take", " ".repeat(16 * 1024 * 1024 + 1), "1:1 found 16777217 characters"],
  ])("is refused: %s", (_, text, expected) => {
    expect(problems(text)[0]).toContain(expected);
  });

  it("has a problem for every syntax error, and no other problem beside them", () => {
    expect(problems("a: [\nb: {\n")).toHaveLength(2);
  });

  it("keeps the first of very many problems, and counts the others", () => {
    const words = Array.from({ length: 5_000 }, (_, i) => `k${i}: [1}`).join("\n");
    const result = parsePlant(`${GOOD}${words}\n`, "f");
    if (result.ok) throw new Error("it is no plant file");
    expect(result.problems).toHaveLength(1_000);
    expect(result.problems[0]).toMatchObject({ line: 3 });
    expect(result.more).toBeGreaterThan(3_000);
  });

  it("has a problem for each duplicate key, which names the place of the first", () => {
    expect(problems(`${GOOD}name: a\nname: b\nname: c\n`)).toEqual([
      '4:1 name: found the key "name" again, expected it once: line 3 has it already',
      '5:1 name: found the key "name" again, expected it once: line 3 has it already',
    ]);
  });

  it("counts lines and columns with CRLF and a byte order mark", () => {
    expect(problems(`\uFEFF${GOOD.replaceAll("\n", "\r\n")}currency: 5\r\n`)[0]).toMatch(
      /^3:11 currency: found the number 5/,
    );
  });
});

describe("anchors and aliases", () => {
  it("an alias stands for the value of the last anchor of its name before it", () => {
    const text = `enterprise: e
sites: { s: { areas: { a: { lines: { l: &line { machines: { m: &m { idealCycleSeconds: 1 } } }, k: *line, j: { machines: { m: &m { idealCycleSeconds: 2 }, n: *m } } } } } } }
`;
    const result = parsePlant(text, "f");
    expect(result.ok && result.plant.machines.map(({ id, idealCycleUs }) => `${id} ${idealCycleUs}`)).toEqual([
      "s/a/l/m 1000000",
      "s/a/k/m 1000000",
      "s/a/j/m 2000000",
      "s/a/j/n 2000000",
    ]);
  });

  it("a problem in a value that many aliases repeat is reported once, at the anchor's place", () => {
    const text = `enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { m: &m { idealCycleSeconds: 0 }, n: *m, o: *m } } } } } } }`;
    expect(problems(text)).toHaveLength(1);
  });

  it("a value that holds itself is refused", () => {
    expect(problems(`${GOOD}reasons: &r { a: { children: *r } }`)).toEqual([
      "3:30 reasons.a.children: found the alias *r inside its own anchor, expected a value that does not hold itself",
    ]);
  });

  it("a file whose aliases would unfold to a huge value is refused without unfolding them", () => {
    const levels = Array.from({ length: 60 }, (_, i) => `r${i + 1}: &r${i + 1} { children: { a: *r${i}, b: *r${i} } }`);
    expect(problems(`${GOOD}reasons:\n  r0: &r0 {}\n  ${levels.join("\n  ")}\n`)[0]).toContain(
      "aliases repeat too much",
    );
  });

  it("a chain of aliases counts as levels of depth, and is refused beyond the deepest", () => {
    const levels = Array.from({ length: 60 }, (_, i) => `r${i + 1}: &r${i + 1} { children: { a: *r${i} } }`);
    expect(problems(`${GOOD}reasons:\n  r0: &r0 {}\n  ${levels.join("\n  ")}\n`)).toEqual([
      "1:1 found values nested too deeply, expected at most 64 levels",
    ]);
  });
});

describe("depth", () => {
  it.each(["[", "{ a: ", "- ", "? "])("100,000 of %j one in another are refused with problems", (text) => {
    expect(problems(text.repeat(100_000)).length).toBeGreaterThan(0);
  });

  it("more than 64 levels are one problem", () => {
    expect(problems(`${GOOD}name: ${"[".repeat(70)}${"]".repeat(70)}`)).toEqual([
      expect.stringContaining("found values nested too deeply, expected at most 64 levels"),
    ]);
  });
});
