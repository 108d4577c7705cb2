/** CONTRIBUTING.md: the files that it names exist, its recipes keep their bounds, and it knows what tests take from the environment. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { COMPONENT_COLUMNS } from "../../packages/store/src/component-columns.ts";
import { blocksOf, codesIn, files, ROOT, tableRowsOf, textOf } from "./repository.ts";

const PAGE = textOf("CONTRIBUTING.md");
const [, recipes = ""] = /^## Four recipes$(.*?)^## /ms.exec(PAGE) ?? [];
const RECIPES = recipes.split(/^### /m).slice(1);
/** Made in a recipe, and so not there. */
const MADE = ["packages/store/src/migrations/overtime.ts", "services/connectors/src/datagrams"];
const isMade = (path: string): boolean => MADE.some((made) => path.startsWith(made));
const ROOMS = /^(?:packages|services|dashboards|tests|docs|benchmarks)\//;

test("every path that it names is there", () => {
  const paths = codesIn(PAGE.replaceAll(/^```.*?^```$/gms, "")).filter((code) => ROOMS.test(code) && !/\s/.test(code));
  expect(paths.length).toBeGreaterThan(25);
  expect(paths.filter((path) => !isMade(path) && !existsSync(join(ROOT, path)))).toEqual([]);
});

describe.each(RECIPES.map((recipe) => [recipe.split("\n", 1)[0] ?? "", recipe]))("the recipe of %s", (name, recipe) => {
  const listed = tableRowsOf(recipe).flatMap(([cell = ""]) => codesIn(cell));

  test("touches at most four files, a connector one", () => {
    expect(listed.length).toBeGreaterThan(0);
    expect(listed.length).toBeLessThanOrEqual(name === "A connector" ? 1 : 4);
  });

  test("has a diff of these files, and of what it makes", () => {
    const changed = blocksOf(recipe)
      .filter(({ info }) => info === "diff")
      .flatMap(({ text }) => text.split("\n").filter((line) => ROOMS.test(line.slice(1))))
      .map((line) => line.trim());
    expect(changed.filter((path) => !isMade(path)).toSorted()).toEqual(listed.toSorted());
  });

  test("changes lines that are there", () => {
    let path = "";
    const missing: string[] = [];
    for (const line of blocksOf(recipe).flatMap(({ text }) => text.split("\n"))) {
      if (ROOMS.test(line.slice(1))) path = line.trim();
      else if (/^[- ]./.test(line) && !textOf(path).includes(line.slice(1).trim())) missing.push(`${path}: ${line}`);
    }
    expect(missing).toEqual([]);
  });
});

test("the recipe of a component adds its column after one that is there, and names a file that makes the view", () => {
  const recipe = RECIPES.find((one) => one.startsWith("A component")) ?? "";
  const after = [...recipe.matchAll(/\bAFTER (\w+)/g)].map(([, column = ""]) => column);
  expect(after.length).toBeGreaterThan(0);
  expect(after.filter((column) => !COMPONENT_COLUMNS.includes(column))).toEqual([]);
  // Neither the last column nor the newest view: who follows the recipe makes other ones, and need not change this page.
  const [, copied = ""] = /copy its text of `([\w-]+\.ts)`/.exec(recipe) ?? [];
  expect(textOf(`packages/store/src/migrations/${copied}`)).toContain("VIEW oee.kpi_minutes_final");
});

test("tests/README.md says what each folder of tests is for", () => {
  const folders = new Set(files("tests/*/**").map((path) => path.split("/")[1] ?? ""));
  const told = tableRowsOf(textOf("tests/README.md")).flatMap(([cell = ""]) => codesIn(cell));
  expect(told.toSorted()).toEqual([...folders].toSorted());
});

test("every variable by which tests are told more is explained", () => {
  const read = files("*.test.ts", "*.test.tsx", "tests/*.ts", "dashboards/test/*.ts").flatMap((path) =>
    [...textOf(path).matchAll(/process\.env\["(OEE_\w+|UPDATE_\w+|KAFKA_\w+)"\]/g)].map(
      ([, variable = ""]) => variable,
    ),
  );
  const explained = codesIn(tableRowsOf(PAGE).flat().join(" "));
  expect(read).toContain("OEE_PROPERTY_RUNS");
  expect([...new Set(read)].filter((variable) => !explained.includes(variable))).toEqual([]);
  const named = explained.filter((code) => /^(?:OEE|UPDATE|KAFKA)_/.test(code));
  expect(named.filter((variable) => !read.includes(variable))).toEqual([]);
});
