/** The bundle that the build makes (`npm run bundle`), which the command `oee` runs. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { sourceStack } from "../../services/oee/src/output/source-stack.ts";
import { ROOT } from "./oee.ts";

const BUNDLE = join(ROOT, "services/oee/bundle");
const files = readdirSync(BUNDLE).filter((name) => name.endsWith(".js"));
const textOf = (path: string): string => readFileSync(path, "utf8");

/** Where a text is in a file, as messages of errors say it. */
function placeOf(text: string, file: string): string {
  const at = textOf(file).indexOf(text);
  const before = textOf(file).slice(0, at).split("\n");
  return `${file}:${before.length}:${(before.at(-1)?.length ?? 0) + 1}`;
}

test("the stack of an error names files, lines and columns of our sources", () => {
  const call = "program.parseAsync(";
  const inBundle = placeOf(call, join(BUNDLE, "main.js"));
  const stack = `Error: odd\n    at main (${pathToFileURL("/").href}${inBundle.slice(1)})\n    at file:///elsewhere.js:1:2`;
  const inSource = placeOf(call, join(ROOT, "services/oee/src/main.ts"));
  expect(sourceStack(stack)).toBe(`Error: odd\n    at main (${inSource})\n    at file:///elsewhere.js:1:2`);
});

test("what has native parts is no part of it, and kafkajs, whose insides we change, is there once", () => {
  const sources = files.flatMap(
    (name) => (JSON.parse(textOf(join(BUNDLE, `${name}.map`))) as { readonly sources: readonly string[] }).sources,
  );
  const apart = ["chdb", "lmdb", "msgpackr-extract", "kafkajs", "snappy", "lz4-napi"];
  expect(sources.filter((source) => apart.some((name) => source.includes(`/node_modules/${name}/`)))).toEqual([]);
  expect(sources.some((source) => source.includes("/node_modules/fastify/"))).toBe(true);
  // A native part is loaded by its path, which would be another one.
  expect(files.filter((name) => /require\("[^"]*\.node"\)/.test(textOf(join(BUNDLE, name))))).toEqual([]);
});
