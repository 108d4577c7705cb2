import { expect, onTestFinished, test } from "vitest";
import { openMemoryAccess } from "../../test/memory-access.ts";
import { CodeAttempts } from "./code-attempts.ts";
import { FORGOTTEN_AFTER_MS } from "./attempts.ts";

test("five tries are free, then the pauses double from 1 s; each person is counted alone, a right code ends it", async () => {
  const { log, close } = await openMemoryAccess();
  onTestFinished(close);
  let now = 1_000_000;
  const attempts = new CodeAttempts(log, () => now);
  for (let i = 0; i < 5; i++) expect(await attempts.begin("anna")).toBe(0);
  expect([attempts.waitMs("anna"), attempts.isFirstWait("anna"), attempts.waitMs("ben")]).toEqual([1_000, true, 0]);
  expect(await attempts.begin("anna")).toBe(1_000);
  now += 1_000;
  expect(await attempts.begin("anna")).toBe(0);
  expect([attempts.waitMs("anna"), attempts.isFirstWait("anna")]).toEqual([2_000, false]);
  await attempts.succeeded("anna");
  expect(attempts.waitMs("anna")).toBe(0);
});

test("tries are forgotten an hour after the last of them", async () => {
  const { log, close } = await openMemoryAccess();
  onTestFinished(close);
  let now = 1_000_000;
  const attempts = new CodeAttempts(log, () => now);
  for (let i = 0; i < 5; i++) await attempts.begin("anna");
  now += FORGOTTEN_AFTER_MS;
  expect(attempts.waitMs("anna")).toBe(0);
  await attempts.sweep();
  expect(log.all("try").size).toBe(0);
});
