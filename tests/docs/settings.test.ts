/** docs/settings.md tells every option of every command, with its environment variable and default, and no other. */
import { GATEWAY_LIMITS } from "@oee/gateway";
import { WORKER_DEFAULTS } from "@oee/worker";
import { expect, test } from "vitest";
import { commands } from "./commands.ts";
import { codesIn, tableRowsOf, textOf } from "./repository.ts";

const page = textOf("docs/settings.md");
const rows = tableRowsOf(page);

interface Told {
  readonly option: string;
  readonly commands: readonly string[];
  readonly env: string | undefined;
  readonly standard: string | undefined;
}

/** What the page calls the commands that read a settings file. */
const known = await commands();
const STORED = [...known]
  .filter(([, { options }]) => options.some(({ long }) => long === "--settings"))
  .map(([name]) => name);

const told: readonly Told[] = rows
  .filter(([option]) => option?.startsWith("`--"))
  .map(([option = "", env = "", standard = "", of = ""]) => ({
    option: codesIn(option)[0]?.split(" ")[0] ?? "",
    env: codesIn(env)[0],
    standard: codesIn(standard)[0],
    commands: of.split(",").flatMap((name) => (name.trim() === "stored" ? STORED : [name.trim()])),
  }));

test("each option stands in the table with its environment variable and its default", () => {
  const missing: string[] = [];
  for (const [name, command] of known) {
    for (const option of command.options) {
      const row = told.find((candidate) => candidate.option === option.long && candidate.commands.includes(name));
      const standard: unknown = option.defaultValue;
      const plain = typeof standard === "string" || typeof standard === "number";
      if (row === undefined) missing.push(`${name} ${option.flags}`);
      else {
        if (row.env !== option.envVar) missing.push(`${name} ${option.long}: environment ${option.envVar}`);
        // As a person would write it, where the option says so.
        const shown = option.defaultValueDescription ?? String(standard);
        if (plain && row.standard !== shown) missing.push(`${name} ${option.long}: default ${shown}`);
      }
    }
  }
  expect(missing).toEqual([]);
});

test("the page names the commands that read a settings file", () => {
  const paragraph = page.split("\n").find((line) => line.startsWith('"stored" below')) ?? "";
  expect(
    codesIn(paragraph)
      .filter((code) => known.has(code))
      .toSorted(),
  ).toEqual(STORED.toSorted());
});

test("the table tells no option that does not exist", () => {
  const invented = told.flatMap(({ option, commands: of }) =>
    of
      .filter((name) => known.get(name)?.options.some(({ long }) => long === option) !== true)
      .map((name) => `${name} ${option}`),
  );
  expect(told.length).toBeGreaterThan(30);
  expect(invented).toEqual([]);
});

test.each([
  ["the worker's settings", WORKER_DEFAULTS],
  ["the gateway's limits", GATEWAY_LIMITS],
])("%s stand in it with their values", (_, values) => {
  const wrong = Object.entries(values).filter(
    ([name, value]) =>
      !rows.some((row) => codesIn(row[0] ?? "")[0] === name && codesIn(row[1] ?? "")[0] === String(value)),
  );
  expect(wrong).toEqual([]);
});
