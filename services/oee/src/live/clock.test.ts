/** The clock of a simulation faster than life is kept in the data folder, where that can be written. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { processClock } from "./clock.ts";

test("a clock that ran ahead never goes back over a restart; where it cannot be kept, that is told and no end", () => {
  const folder = mkdtempSync(join(tmpdir(), "oee-clock-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const fast = processClock(folder, 1_000_000);
  const giveUpAt = performance.now() + 10_000;
  while (fast.now() < Date.now() + 60_000 && performance.now() < giveUpAt);
  expect(fast.save()).toBe(null);
  const kept = fast.now();
  rmSync(folder, { recursive: true });
  expect(fast.save()).toMatch(/^ENOENT: /);
  expect(fast.now()).toBeGreaterThanOrEqual(kept);
});
