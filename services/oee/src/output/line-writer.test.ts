import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { queryObjects } from "node:v8";
import { gunzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LineWriter } from "./line-writer.ts";

const LINES = Array.from({ length: 200 }, (_, i) => `${i} ${"x".repeat(66_000)}`);

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "oee-lines-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test.each(["lines", "lines.gz"])("the file %s has all lines once the writer has ended", async (name) => {
  const file = join(folder, name);
  const writer = new LineWriter(file);
  for (const line of LINES) await writer.write(line);
  await writer.end();
  const bytes = readFileSync(file);
  expect((name.endsWith(".gz") ? gunzipSync(bytes) : bytes).toString() === `${LINES.join("\n")}\n`).toBe(true);
});

test("while the file is open no promises of earlier writes are kept", async () => {
  const writer = new LineWriter(join(folder, "lines"));
  const promises = (): number => queryObjects(Promise, { format: "count" });
  const before = promises();
  for (const line of LINES) await writer.write(line);
  expect(promises() - before).toBeLessThan(LINES.length / 2);
  await writer.end();
});

test.each(["lines", "lines.gz"])("a file %s that cannot be written is an error with the reason", async (name) => {
  const writer = new LineWriter(name.endsWith(".gz") ? join(folder, "no folder", name) : "/dev/full");
  const writing = async (): Promise<void> => {
    for (const line of LINES) await writer.write(line);
    await writer.end();
  };
  await expect(writing()).rejects.toThrow(/^cannot write .*: no (space left on device|such file or directory)$/);
});
