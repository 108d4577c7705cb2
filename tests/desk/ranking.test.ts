/** What makes a number good without making anything better stands beside each rank (BM-3). */
import { writeFileSync } from "node:fs";
import type { Element } from "@oee/model";
import type { BenchmarkAnswer } from "@oee/protocol";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../dashboards/test/browser.ts";
import { getJson, newFolder, oeeOutput, type Served, serve, until } from "../live/oee-process.ts";
import { violations } from "../wall/axe.ts";
import { ensureBuilt } from "../wall/wall.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const PATIENCE_MS = 300_000;
const HOURS = 72;
const FROM = Math.floor(Date.now() / DAY_MS) * DAY_MS - 4 * DAY_MS;
const dateAt = (at: number): string => new Date(at).toISOString().slice(0, 10);
const PERIOD = `${dateAt(FROM)},${dateAt(FROM + HOURS * HOUR_MS)}`;
const LANGUAGES = ["en", "de", "es", "fr", "pt", "zh"];

const folder = newFolder();
let server: Served;
let browser: Browser;

/** Each machine is down in the last quarter of each hour; ten stops of one were corrected to cleaning. */
function* history(): Generator<object> {
  for (const name of ["a", "b", "c"]) {
    const machine = `s/a/l/${name}`;
    for (let at = FROM; at < FROM + HOURS * HOUR_MS; at += HOUR_MS) {
      yield { type: "state", machine, at, state: "running" };
      yield { type: "state", machine, at: at + 45 * MINUTE_MS, state: "down", reason: "belt" };
    }
  }
  for (let at = FROM; at < FROM + 10 * HOUR_MS; at += HOUR_MS) {
    const span = { from: at + 45 * MINUTE_MS, to: at + HOUR_MS };
    yield { type: "correction", machine: "s/a/l/a", at: Date.now(), ...span, state: "cleaning", by: "anna" };
  }
}

beforeAll(async () => {
  await ensureBuilt();
  const [plant, events] = [folder.path("plant.yaml"), folder.path("events.ndjson")];
  writeFileSync(
    plant,
    `enterprise: e
sites: { s: { areas: { a: { lines: { l: { minorStopThreshold: 0, machines: { a: { class: filler, idealCycleSeconds: 1 },
  b: { class: filler, idealCycleSeconds: 1 }, c: { class: filler, idealCycleSeconds: 1, minorStopThreshold: 5m } } } } } } } }
`,
  );
  writeFileSync(events, [...history()].map((event) => JSON.stringify(event)).join("\n"));
  server = await serve(["start", "--plant", plant, "--data", folder.path("data"), "--log-level", "warn"]);
  await oeeOutput(["import", "--plant", plant, "--url", server.url, events]);
  await until("the history", async () => {
    const path = `/api/v1/kpis?scope=s/a/l&by=machine&from=${FROM}&to=${FROM + HOURS * HOUR_MS}`;
    const { body } = await getJson<Element[]>(server.url, path);
    const isKnown = body.length === 3 && body.every(({ kpis }) => kpis.coverage === 1);
    return isKnown && body[0]?.components.plannedStopTime === 150 * MINUTE_MS ? true : undefined;
  });
  browser = await launchBrowser();
}, PATIENCE_MS);

afterAll(async () => {
  await browser.close();
  await server.end("SIGKILL");
  folder.remove();
});

test("BM-3: the figures beside the ranks are the API's, in every language", async () => {
  const path = `/api/v1/benchmark?class=filler&measure=availability&scope=*&period=${PERIOD}`;
  const { rows } = (await getJson<BenchmarkAnswer>(server.url, path)).body;
  // 72 × 15 min of stops by the states, of which 10 × 15 min became cleaning: a planned stop, of 72 planned hours.
  expect(rows.map(({ scope, beside }) => [scope.at(-1), beside.correctedShare, beside.plannedStopShare])).toEqual([
    ["a", 150 / 1080, 150 / (72 * 60)],
    ["b", 0, 0],
    ["c", 0, 0],
  ]);
  const figures = [
    "coverage",
    "loading",
    "teep",
    "plannedStopShare",
    "performanceAbove1",
    "correctedShare",
    "reasonShare",
  ] as const;
  const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
  for (const language of LANGUAGES) {
    await page.goto(`${server.url}/review/ranking/*?lang=${language}&measure=availability&of=${PERIOD}`);
    const table = page.locator('[data-table="besideRanks"]');
    await table.locator("tbody tr").nth(2).waitFor();
    for (const name of figures) {
      const cells = table.locator(`tbody [data-column="${name}"]`);
      const shown = await cells.evaluateAll((all) => all.map((cell) => cell.getAttribute("data-value")));
      expect([name, shown]).toEqual([name, rows.map(({ beside }) => String(beside[name] ?? ""))]);
    }
    expect(await table.locator("thead").innerText()).not.toMatch(/ranking\.|Share/);
    const policy = await table.locator('tbody [data-column="policy"]').allInnerTexts();
    expect(policy.map((text) => text.trim() !== "")).toEqual([false, false, true]);
  }
  expect(await violations(page)).toEqual([]);
  await page.close();
});
