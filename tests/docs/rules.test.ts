/** Every rule of the KPI specification is held by at least one test that names it in its title. */
import { expect, test } from "vitest";
import { files, textOf } from "./repository.ts";

test("each rule's identifier stands in the title of a test", () => {
  const rules = [...textOf("packages/engine/SPEC.md").matchAll(/\*\*([A-Z]{1,2}-\d+)\*\*/g)].map(
    (match) => match[1] ?? "",
  );
  const titles = files("*.test.ts", "*.test.tsx").flatMap((path) => titlesIn(textOf(path)));
  const named = new Set(titles.flatMap((title) => title.match(/\b[A-Z]{1,2}-\d+\b/g) ?? []));
  expect(rules.length).toBeGreaterThan(40);
  expect(rules.filter((rule) => !named.has(rule))).toEqual([]);
});

/** Of `test`, `it` and `describe`, with their modifiers; a title that is computed is not found. */
function titlesIn(source: string): readonly string[] {
  const calls = source.matchAll(
    /\b(?:test|it|describe)(?:\.\w+)*(?:\([^"'`]*?\))?\(\s*(["'`])((?:\\.|(?!\1)[^\\])*)\1/gs,
  );
  return [...calls].map((match) => match[2] ?? "");
}
