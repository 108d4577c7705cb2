/** The script of the command line's page that makes events of a log of stops. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FILLER, folderWith, oee, PLANT } from "../cli/oee.ts";

test("a log of stops in CSV becomes events, also where a stop has no reason", () => {
  const page = readFileSync(new URL("../../docs/cli.md", import.meta.url), "utf8");
  const [, script = ""] = /```python\n(import csv[^]*?)```/.exec(page) ?? [];
  const csv = `machine;start;end;reason\n${FILLER};02.03.2026 06:10;02.03.2026 06:30;mechanical/jam\n${FILLER};02.03.2026 07:10;02.03.2026 07:40;\n`;
  const events = execFileSync("python3", ["-c", script], { input: csv, encoding: "utf8" });
  const file = folderWith({ "plant.yaml": PLANT, "events.ndjson": events });
  const run = oee([
    "replay",
    ...["--plant", file("plant.yaml"), "--events", file("events.ndjson"), "--stops", "--format", "json"],
  ]);
  expect(run.stderr).not.toContain("refused");
  expect((JSON.parse(run.stdout) as object[]).slice(0, 2)).toMatchObject([
    { from: "2026-03-02T05:10:00.000Z", to: "2026-03-02T05:30:00.000Z", reason: "mechanical/jam" },
    { from: "2026-03-02T06:10:00.000Z", to: "2026-03-02T06:40:00.000Z", reason: null },
  ]);
});
