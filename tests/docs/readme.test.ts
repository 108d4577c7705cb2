/**
 * The README does what it says: its shell blocks run, in order, in a folder that sees the repository. Blocks marked
 * `server` start something that stays, or speak to it; they are held by tests/live.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { blocksOf, ROOT, textOf } from "./repository.ts";

const folder = mkdtempSync(join(tmpdir(), "oee-readme-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
for (const name of readdirSync(ROOT)) symlinkSync(join(ROOT, name), join(folder, name));

const blocks = blocksOf(textOf("README.md")).filter(({ info }) => info.split(" ")[0] === "sh");

describe("README.md", () => {
  test("tells the two commands", () => {
    const all = blocks.map(({ text }) => text).join("");
    expect(all).toContain("npm ci && npm start");
    expect(all).toContain("npm ci && npm test");
  });

  test.each(blocks.filter(({ info }) => info === "sh"))("line $line runs", ({ text }) => {
    const run = spawnSync("bash", ["-euo", "pipefail", "-c", text], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, OEE_PLANT: undefined },
    });
    expect(run.status, run.stderr).toBe(0);
    expect(run.stdout).not.toBe("");
  });

  test("blocks that are not run are those of servers", () => {
    for (const { info, text, line } of blocks.filter((block) => block.info !== "sh")) {
      expect(info, `line ${line}`).toBe("sh server");
      expect(text, `line ${line}`).toMatch(/npm (start|test)|oee start|http:\/\/|docker compose|--data/);
    }
  });
});
