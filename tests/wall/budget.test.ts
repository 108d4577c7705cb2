/**
 * Budgets of W-6 and W-7 (bytes, processor time, memory), measured with messages of a scripted server; cost.test.ts measures with the
 * real one. The figures are printed; benchmarks/wall.ts prints them without the budgets.
 */
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../dashboards/test/browser.ts";
import {
  aDayOfUpdates,
  leastOf,
  MAIN_THREAD,
  PROCESSOR_MS,
  scriptedLineOfTwenty,
  scriptedWork,
  timeToFirstFigures,
  weigh,
} from "./measure.ts";
import { ensureBuilt } from "./wall.ts";

/** Seconds between two updates of a day; `OEE_WALL_LONG=1` sends one every 5 s. */
const EVERY_SECONDS = process.env["OEE_WALL_LONG"] === "1" ? 5 : 15;

let browser: Browser;
beforeAll(async () => {
  await ensureBuilt();
  browser = await launchBrowser();
});
afterAll(async () => browser.close());

test("W-7: scripts (gzipped) and fonts of all languages and pages together have less than 300 kB", () => {
  const weight = weigh();
  console.log(weight);
  expect(weight.scriptBytes + weight.fontBytes).toBeLessThan(300_000);
  expect(weight.scriptBytes).toBeGreaterThan(50_000);
  expect(weight.fontBytes).toBeGreaterThan(20_000);
});

test("W-7: first figures within 2 s on a processor five times slower", async () => {
  const line = await scriptedLineOfTwenty();
  const processorMs = await leastOf(async () => {
    const start = await timeToFirstFigures(browser, line.url);
    console.log(start);
    return start.processorMs;
  }, PROCESSOR_MS);
  await line.close();
  expect(processorMs).toBeLessThan(PROCESSOR_MS);
});

test("W-7: 20 machines at 4 updates a second stay below 10 % of one core", async () => {
  const line = await scriptedLineOfTwenty();
  const mainThread = await leastOf(async () => {
    const work = await scriptedWork(browser, line, 6);
    console.log(work);
    return work.mainThread;
  }, MAIN_THREAD);
  await line.close();
  expect(mainThread).toBeLessThan(MAIN_THREAD);
});

test("W-6: after a day of updates the heap and the number of DOM nodes are as after the first hours", async () => {
  const heap = await aDayOfUpdates(browser, EVERY_SECONDS);
  console.log(heap);
  expect(heap.messages).toBe(86_400 / EVERY_SECONDS);
  expect(heap.lateBytes).toBeLessThan(heap.earlyBytes * 1.05 + 200_000);
  expect(heap.domNodesLate).toBeLessThan(heap.domNodesEarly * 1.1 + 50);
});
