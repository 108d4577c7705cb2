/** docs/errors.md is the catalogue of the codes that the product can show: none is missing, none is invented. */
import { expect, test } from "vitest";
import { commands } from "./commands.ts";
import { codesIn, files, tableRowsOf, textOf } from "./repository.ts";

const REFUSALS = ["malformed", "invalid", "unknown-machine", "unknown-state", "future", "past"];

test("every OEE_… code of the sources is explained, and no other", async () => {
  const variables = new Set(
    [...(await commands()).values()]
      .flatMap((command) => [command, ...command.commands])
      .flatMap(({ options }) => options.map(({ envVar }) => envVar)),
  );
  const sources = files("packages/*/src/**", "services/*/src/**", "dashboards/src/**").filter(
    (path) => /\.tsx?$/.test(path) && !/\.(test|fixture)\.tsx?$|\/conformance\.ts$/.test(path),
  );
  const used = new Set(sources.flatMap((path) => textOf(path).match(/\bOEE_[A-Z]+(?:_[A-Z]+)+\b/g) ?? []));
  const codes = [...used].filter((code) => !variables.has(code)).toSorted();
  const told = tableRowsOf(textOf("docs/errors.md"))
    .flatMap(([code = ""]) => codesIn(code))
    .filter((code) => code.startsWith("OEE_"))
    .toSorted();
  expect(codes.length).toBeGreaterThan(30);
  expect(told).toEqual(codes);
});

test("DI-2: the codes of refused events are explained", () => {
  const told = tableRowsOf(textOf("docs/errors.md")).flatMap(([code = ""]) => codesIn(code));
  expect(told).toEqual(expect.arrayContaining(REFUSALS));
});
