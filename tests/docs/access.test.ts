/** docs/access.md prints the table of who may do what as the code has it. `OEE_PRINT_TABLE=1` writes it there. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROUTES, SUBSCRIPTIONS } from "@oee/gateway";
import { expect, test } from "vitest";
import { ROOT, textOf } from "./repository.ts";

const PAGE = "docs/access.md";

function printed(): string {
  const rows = Object.entries({ ...ROUTES, ...SUBSCRIPTIONS }).map(([route, { role, tokens, reach, does }]) => {
    const shown = tokens.map((token) => `\`${token}\``).join(", ");
    return `| \`${route}\` | ${role === null ? "nobody signs in for it" : `\`${role}\``} | ${shown} | ${reach} | ${does} |`;
  });
  return ["| route | role | or a token | reach | |", "| --- | --- | --- | --- | --- |", ...rows].join("\n");
}

test("the page has the table, row by row", () => {
  const page = textOf(PAGE);
  const table = /^\| route \| role .*?(?=\n\n)/ms.exec(page)?.[0];
  if (process.env["OEE_PRINT_TABLE"] === "1") {
    writeFileSync(join(ROOT, PAGE), page.replace(table ?? "<!-- table -->", printed));
    return;
  }
  expect(table).toBe(printed());
});
