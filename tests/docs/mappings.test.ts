/** docs/mappings.md: each of its blocks is a mapping that a connections file takes, or state maps that a plant file takes. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parsePlant } from "@oee/model";
import { expect, test } from "vitest";
import { parseConnections } from "../../services/connectors/src/index.ts";
import { ROOT } from "./repository.ts";

const text = readFileSync(join(ROOT, "docs/mappings.md"), "utf8");
const BLOCKS = [...text.matchAll(/^## (.*)$|^```yaml\n([^]*?)^```$/gm)].reduce<{ title: string; yaml: string }[]>(
  (blocks, [, title, yaml]) => {
    const last = blocks.at(-1)?.title ?? "";
    return [...blocks, { title: title ?? last, yaml: yaml ?? "" }];
  },
  [],
);
const blocksWith = (first: string): readonly { title: string; yaml: string }[] =>
  BLOCKS.filter(({ yaml }) => yaml.startsWith(first));

const indented = (yaml: string): string => yaml.replaceAll(/^/gm, "        ");

test.each(blocksWith("signals:"))("a connections file takes the mapping of $title", ({ title, yaml }) => {
  const settings =
    title === "MTConnect" ? "protocol: mtconnect\n    url: http://agent" : "protocol: opcua\n    url: opc.tcp://s";
  const file = `connections:\n  c:\n    ${settings}\n    machines:\n      s/a/l/m:\n${indented(yaml)}`;
  const result = parseConnections(file, "docs/mappings.md", null, {});
  expect(result.ok ? [] : result.problems).toEqual([]);
});

test.each(blocksWith("stateMaps:"))("a plant file takes the states of $title", ({ yaml }) => {
  const name = /^ {2}([a-z-]+):/m.exec(yaml)?.[1] ?? "";
  const machine = `{ areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1, states: ${name} } } } } } } }`;
  const result = parsePlant(`enterprise: acme\n${yaml}sites: { s: ${machine} }\n`, "docs/mappings.md");
  expect(result.ok ? [] : result.problems).toEqual([]);
});

test("there are as many as the page tells of", () => {
  expect([blocksWith("signals:").length, blocksWith("stateMaps:").length]).toEqual([6, 4]);
});
