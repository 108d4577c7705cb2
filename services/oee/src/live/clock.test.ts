/** The clock of a simulation that runs faster than real time is kept in the data folder. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { processClock } from "./clock.ts";

test("a fast clock is saved in the data folder; where that cannot be written, `save` returns the error and the clock goes on", () => {
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
