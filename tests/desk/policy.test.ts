/** A policy that changed is told where figures are compared: on the quarter, the overview, baselines and pilots (BL-6, RV-2, PI-2). */
import { readFileSync, writeFileSync } from "node:fs";
import type { BaselineAnswer, ReviewAnswer, ScorecardRows } from "@oee/protocol";
import { demoFormerPlant } from "@oee/simulator";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { launchBrowser } from "../../dashboards/test/browser.ts";
import { formerPlantText } from "../../services/oee/src/live/former-plant.ts";
import { demoPlantFile } from "../../services/oee/src/plant-from-file.ts";
import { getJson, newFolder, oeeOutput, post, type Served, serve, until } from "../live/oee-process.ts";
import { saidBy } from "../support/sign-in.ts";
import { violations } from "../wall/axe.ts";
import { ensureBuilt } from "../wall/wall.ts";

const DAY_MS = 86_400_000;
const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const PATIENCE_MS = 300_000;
const [PET, GLASS] = ["koeln/filling/pet", "koeln/filling/glass"];
const PARTS = ["costPerHour", "minorStopThreshold"];
const WORDS = "costs per hour, minor stop thresholds";
/** In days before today; blocks of a pilot are of seven days. */
const [HISTORY, BASELINE_TO, CHANGED, PILOT] = [36, 28, 21, 12];

const folder = newFolder();
const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
const dateOf = (daysAgo: number): string => new Date(today - daysAgo * DAY_MS).toISOString().slice(0, 10);
let server: Served;
let browser: Browser;
const ends: (() => Promise<unknown>)[] = [];

/** The filler of each line stands still for four minutes every four hours. */
function* history(): Generator<string> {
  for (const line of [PET, GLASS]) {
    for (let at = today - HISTORY * DAY_MS; at < today; at += 4 * HOUR_MS) {
      for (const [minute, state] of [
        [0, "running"],
        [100, "down"],
        [104, "running"],
      ] as const) {
        yield JSON.stringify({ type: "state", machine: `${line}/filler`, at: at + minute * MINUTE_MS, state });
      }
    }
  }
}

beforeAll(async () => {
  await ensureBuilt();
  // The demo's plant, whose machines may be silent for days here, and as it was before its policy changed.
  const text = readFileSync(demoPlantFile(), "utf8").replace("staleAfter: 10m", "staleAfter: 60h");
  const [plant, former] = [folder.path("plant.yaml"), folder.path("former.yaml")];
  const [events, data] = [folder.path("events.ndjson"), folder.path("data")];
  writeFileSync(plant, text);
  writeFileSync(former, formerPlantText(text, demoFormerPlant(today).settings));
  writeFileSync(events, [...history()].join("\n"));
  const started = ["start", "--plant", plant, "--data", data, "--log-level", "warn"];
  const first = await serve(started);
  ends.push(() => first.end("SIGKILL"));
  await oeeOutput(["import", "--plant", plant, "--url", first.url, events]);
  await until(
    "the history",
    async () => {
      const span = `from=${dateOf(HISTORY - 1)}T00:00:00Z&to=${dateOf(1)}T00:00:00Z`;
      const { body } = await getJson<
        readonly { readonly scope: string; readonly kpis: { readonly coverage: number | null } }[]
      >(first.url, `/api/v1/kpis?scope=koeln/filling&by=line&${span}`);
      const known = body.filter(({ kpis }) => (kpis.coverage ?? 0) > 0.99).map(({ scope }) => scope);
      return known.includes(PET) && known.includes(GLASS) ? true : undefined;
    },
    PATIENCE_MS,
  );
  await first.end("SIGTERM");
  // As it would be had the file been changed on that day.
  const span = ["--scope", "koeln", "--to", `${dateOf(CHANGED)}T00:00:00Z`, "--log-level", "warn"];
  await oeeOutput(["recompute", "--plant", former, "--data", data, ...span]);
  server = await serve(started);
  ends.push(() => server.end("SIGKILL"));
  const made = { rev: 1, ...saidBy("Petra") };
  const entries = [
    { type: "baseline", id: "before", ...made, scope: PET, from: dateOf(HISTORY - 1), to: dateOf(BASELINE_TO) },
    { type: "target", id: "goal", ...made, scope: PET, measure: "oee", value: "+5%" },
    {
      ...{ type: "pilot", id: "clean", ...made, scopes: [PET], controls: [GLASS], start: dateOf(PILOT), warmUp: 0 },
      ...{ before: 6, after: 6, measures: ["oee"] },
    },
  ];
  expect((await post<unknown>(server.url, "/api/v1/entries", JSON.stringify(entries))).body).toMatchObject({});
  browser = await launchBrowser();
  ends.push(() => browser.close());
}, PATIENCE_MS * 2);
afterAll(async () => {
  for (const end of ends) await end();
  folder.remove();
});

const SPAN = `${dateOf(26)},${dateOf(5)}`;

async function open(view: string): Promise<Page> {
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, locale: "en" })).newPage();
  await page.goto(`${server.url}/review/${view}`);
  return page;
}

test("BL-6, RV-2, PI-2: the API names the parts of a policy that changed, and the date", async () => {
  const review = `/api/v1/review?scope=${PET}&period=${SPAN}`;
  expect((await getJson<ReviewAnswer>(server.url, review)).body).toMatchObject({
    baseline: "before",
    policy: PARTS,
    quality: { policyChanges: PARTS, policyChangedOn: [dateOf(CHANGED)] },
  });
  const changes = `/api/v1/changes?scope=${PET}&first=baseline:before&second=${SPAN}`;
  expect((await getJson(server.url, changes)).body).toMatchObject({ scope: PET, policy: PARTS });
  const scorecard = await getJson<ScorecardRows>(server.url, `/api/v1/scorecard?scope=${PET}&period=${SPAN}`);
  // Of the four measures a baseline has coverage alone.
  expect(scorecard.body.rows.map(({ policy }) => policy)).toEqual([undefined, PARTS, undefined, undefined]);
  const baselines = await getJson<readonly BaselineAnswer[]>(server.url, `/api/v1/baselines?scope=${PET}`);
  expect(baselines.body).toMatchObject([{ id: "before", policy: PARTS, drift: {} }]);
  expect((await getJson(server.url, "/api/v1/pilots/clean")).body).toMatchObject({ policy: PARTS });
});

test("BL-6: the quarter says beside its comparison with the baseline what differs, and in its data quality on which day it changed", async () => {
  const page = await open(`quarter/${PET}?of=${SPAN}&lang=en`);
  await page.locator('#summary [data-policy="costPerHour minorStopThreshold"]', { hasText: WORDS }).waitFor();
  // a view with no instants in its head names the zone of those below.
  expect(await page.locator(".desk-span").innerText()).toBe("Europe/Berlin");
  const day = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeZone: "UTC" }).format(
    Date.parse(dateOf(CHANGED)),
  );
  await page.locator("#trust [data-policy]", { hasText: `since the baseline: ${WORDS}` }).waitFor();
  const quality = page.locator("#trust li", { hasText: "changed within the period" });
  expect(await quality.innerText()).toContain(WORDS);
  expect(await quality.innerText()).toContain(day.replace(/,.*/, ""));
  expect(await violations(page)).toEqual([]);
  // Since the change all figures are of one policy, which is not the baseline's.
  await page.goto(`${server.url}/review/quarter/${PET}?of=${dateOf(CHANGED - 1)},${dateOf(5)}&lang=en`);
  await page.locator("#summary [data-policy]").waitFor();
  expect(await page.locator("#trust li", { hasText: "changed within the period" }).count()).toBe(0);
  // The line beside it has no baseline, and a period before the change one policy. A quarter before, nothing was recorded: that time is cut by the plant file of now.
  await page.goto(`${server.url}/review/quarter/${GLASS}?of=${dateOf(26)},${dateOf(CHANGED + 1)}&lang=en`);
  await page.locator("#trust [data-policy]", { hasText: `since the quarter before: ${WORDS}` }).waitFor();
  expect(await page.locator("[data-policy]").count()).toBe(1);
  expect(await page.locator("#trust li", { hasText: "changed within the period" }).count()).toBe(0);
});

test("BL-6: the target and the savings say beside their figures that the baseline is of another policy", async () => {
  const targets = await getJson(server.url, `/api/v1/targets?scope=${PET}`);
  expect(targets.body).toMatchObject([{ id: "goal", policy: PARTS }]);
  const page = await open(`programme/${PET}?lang=en`);
  await page.locator('[data-table="targets"] [data-column="policy"]', { hasText: WORDS }).waitFor();
  await page.goto(`${server.url}/review/quarter/${PET}?of=${SPAN}&lang=en`);
  await page.locator("#money [data-policy]", { hasText: WORDS }).waitFor();
});

test("BL-6: beside the frozen figures stand those of the baseline's period under the policy of now", async () => {
  const url = `/api/v1/baselines?scope=${PET}&policy=today`;
  const [baseline] = (await getJson<readonly BaselineAnswer[]>(server.url, url)).body;
  // Stops of four minutes are minor by the one file and count as stops by the other.
  const [frozen, other] = [baseline?.kpis["availability"], baseline?.today?.kpis["availability"]];
  expect([frozen, other]).toEqual([expect.any(Number), expect.any(Number)]);
  expect(other).not.toBe(frozen);
  const page = await open(`programme/${PET}?lang=en`);
  const row = page.locator('[data-today="before"] tbody tr', { hasText: "Availability" });
  const percent = (share = 0): string => (share * 100).toFixed(1);
  await row.locator('[data-column="frozen"]', { hasText: percent(frozen ?? undefined) }).waitFor();
  await row.locator('[data-column="today"]', { hasText: percent(other ?? undefined) }).waitFor();
  expect(await violations(page)).toEqual([]);
});

test("R-3: overview, baselines and the pilot say in words that the policy changed", async () => {
  const page = await open(`overview/${PET}?period=yesterday&lang=en`);
  await page.locator("[data-policy]", { hasText: WORDS }).waitFor();
  await page.goto(`${server.url}/review/programme/${PET}?lang=en`);
  await page.locator('[data-table="baselines"] [data-column="policy"]', { hasText: WORDS }).waitFor();
  const pilot = page.getByRole("heading", { name: "Pilot clean" }).locator("xpath=..");
  await pilot.getByText(`how events become figures changed between its weeks: ${WORDS}`).first().waitFor();
  expect(await violations(page)).toEqual([]);
});

test("R-3: beside the cost of a day stands none of the baseline, which is the sum of a week", async () => {
  const page = await open(`overview/${PET}?period=yesterday&lang=en`);
  await page.locator('[data-figure="oee"]', { hasText: "Baseline" }).waitFor();
  const url = `/api/v1/baselines?scope=${PET}`;
  const [baseline] = (await getJson<readonly BaselineAnswer[]>(server.url, url)).body;
  expect(baseline?.kpis["downtimeCost"] ?? null).not.toBeNull();
  expect(await page.locator('[data-figure="downtimeCost"]').innerText()).not.toContain("Baseline");
});

test("BL-5: after a late stop programme, quarter and overview show the baseline's drift by KPI and component, and what came", async () => {
  // Two hours of a run on the second day of the baseline were a stop.
  const at = today - (HISTORY - 2) * DAY_MS + 5 * HOUR_MS;
  const late = [0, 2].map((hours, i) => ({
    ...{ type: "state", machine: `${PET}/filler`, at: at + hours * HOUR_MS, state: i === 0 ? "down" : "running" },
  }));
  await post(
    server.url,
    "/api/v1/events",
    `${late.map((event) => JSON.stringify(event)).join("\n")}\n`,
    "application/x-ndjson",
  );
  const url = `/api/v1/baselines?scope=${PET}`;
  const [drifted] = await until(
    "the drift",
    async () => {
      const { body } = await getJson<readonly BaselineAnswer[]>(server.url, url);
      return body[0]?.driftComponents["runTime"] === undefined ? undefined : body;
    },
    PATIENCE_MS,
  );
  expect(drifted?.since).toMatchObject({ lateEvents: 2, corrections: 0, recomputations: 0 });
  const page = await open(`programme/${PET}?lang=en`);
  const shown = page.locator('[data-drift="before"]');
  await shown.getByText("Events of that time that came later: 2").waitFor();
  const figures = await shown.locator('[data-table="baseline-drift"] tbody [data-column="figure"]').allInnerTexts();
  expect(figures).toEqual(expect.arrayContaining(["Availability", "Run time", "Unplanned downtime"]));
  expect(await violations(page)).toEqual([]);
  const cells = '[data-table="baseline-drift"] tbody td';
  const told = await shown.locator(cells).allInnerTexts();
  await page.goto(`${server.url}/review/quarter/${PET}?of=${SPAN}&lang=en`);
  await page.locator('#summary [data-drift="before"]').waitFor();
  expect(await page.locator(`#summary ${cells}`).allInnerTexts()).toEqual(told);
  expect(await violations(page)).toEqual([]);
  await page.goto(`${server.url}/review/overview/${PET}?period=yesterday&lang=en`);
  await page.locator('[data-drift="before"] > details > summary').click();
  await page.locator('[data-drift="before"]').getByText("Events of that time that came later: 2").waitFor();
  expect(await page.locator(cells).allInnerTexts()).toEqual(told);
  expect(await violations(page)).toEqual([]);
  // It stops at 5:00 and runs again at 5:44, as it was known to; of these 44 minutes four were a stop already. The machine
  // beside it does not drift.
  const above = async (machine: string): Promise<readonly BaselineAnswer[]> =>
    (await getJson<readonly BaselineAnswer[]>(server.url, `${url}/${machine}&date=${dateOf(1)}`)).body;
  expect(await above("filler")).toMatchObject([{ id: "before", driftComponents: { runTime: -40 * MINUTE_MS } }]);
  expect(await above("labeller")).toMatchObject([{ id: "before", drift: {}, driftComponents: {} }]);
});
