/**
 * The wall of a large plant with the real server: a screen of each kind of scope shows its figures and keeps them up to date, and
 * the page that sets screens up finds one machine among all. It has 1,500 machines in 15 sites, with `OEE_WALL_LONG=1` 5,000
 * machines in 50 sites and 20,000 reasons (2 minutes on a busy machine).
 */
import type { Element } from "@oee/model";
import type { LiveElement, PlantDescription } from "@oee/protocol";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { launchBrowser } from "../../dashboards/test/browser.ts";
import { getJson } from "../live/oee-process.ts";
import { measure } from "./legibility.ts";
import { argumentsFor, send, start } from "./real-server.ts";
import { ensureBuilt, openScreen, settled, textOf } from "./wall.ts";

const LONG = process.env["OEE_WALL_LONG"] === "1";
const SITES = LONG ? 50 : 15;
const MACHINES = 100 * SITES;
const REASON_GROUPS = LONG ? 100 : 10;
const PER_LINE = 10;
const LINES_PER_AREA = 5;
/** Timeout of polls, in ms: they take a second or two on a quiet machine. */
const PATIENCE = { timeout: 240_000 };

function numbered<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, i) => make(i + 1));
}

const PLANT = `enterprise: acme
timezone: Europe/Berlin
staleAfter: 24h
minorStopThreshold: 0s
sites:
${numbered(
  SITES,
  (s) => `  s${s}:
    name: Site ${s}
    areas:
${numbered(
  2,
  (a) => `      a${a}:
        lines:
${numbered(
  LINES_PER_AREA,
  (l) => `          l${l}:
            machines: { ${numbered(PER_LINE, (m) => `m${m}: { name: Machine ${s}-${a}-${l}-${m}, idealCycleSeconds: 1 }`).join(", ")} }`,
).join("\n")}`,
).join("\n")}`,
).join("\n")}
reasons:
${numbered(REASON_GROUPS, (g) => `  g${g}: { children: { ${numbered(200, (r) => `r${r}: { name: Reason ${g}-${r} }`).join(", ")} } }`).join("\n")}
windows: [1h, 8h]
`;

const DOWN = "s7/a1/l2/m3";

let browser: Browser;
beforeAll(async () => {
  await ensureBuilt();
  browser = await launchBrowser();
});
afterAll(async () => browser?.close());

/** Sum of the counts of machines by state in the screen's big panel. */
async function counted(page: Page): Promise<number> {
  const counts = await page.locator(".call-counts .count").allTextContents();
  return counts.reduce((sum, count) => sum + Number(count.replace(/\D/g, "")), 0);
}

test("a plant of thousands of machines is set up, shown at every level and kept up to date", async () => {
  const { url } = await start(0, ...argumentsFor(PLANT));
  const plant = await getJson<PlantDescription>(url, "/api/v1/plant");
  expect(plant.status).toBe(200);
  const machines = plant.body.scopes.filter(({ kind }) => kind === "machine").map(({ path }) => path);
  expect([machines.length, plant.body.reasons.length]).toEqual([MACHINES, 201 * REASON_GROUPS]);
  const at = Date.now() - 60_000;
  await send(url, ...machines.map((machine) => ({ type: "state", machine, at, state: "running" })));

  const open = async (path: string): Promise<Page> => {
    const screen = await openScreen(browser, `${url}${path}`, { size: "fullHd" });
    onTestFinished(screen.close);
    return screen.page;
  };
  const enterprise = await open("/wall/*?window=1h&sort=worst&rotate=60m");
  await settled(enterprise);
  await expect.poll(() => counted(enterprise), PATIENCE).toBe(MACHINES);
  await expect.poll(() => enterprise.locator(".call").getAttribute("data-sign"), PATIENCE).toBe("running");
  // 150 lines have a tile each; the long run has 500 lines, which would fill 42 pages, so its tiles are areas.
  expect(await textOf(enterprise, ".paging-words")).toBe(`Page 1 of ${LONG ? 9 : 13}`);

  await send(url, { type: "state", machine: DOWN, at: Date.now() - 20_000, state: "down", reason: "g9/r199" });
  await expect.poll(() => enterprise.locator(".call").getAttribute("data-sign"), PATIENCE).toBe("stop");
  expect(await textOf(enterprise, ".call-word")).toBe("Machine 7-1-2-3");
  expect(await textOf(enterprise, ".call-detail")).toContain("Reason 9-199");
  expect(await enterprise.locator(".tile").first().getAttribute("data-scope")).toBe(LONG ? "s7/a1" : "s7/a1/l2");
  expect(await counted(enterprise)).toBe(MACHINES);
  expect(await measure(enterprise)).toMatchObject({ cutOff: [], overlapping: [], scrolls: false });

  for (const [path, items] of [
    ["*?tiles=sites&", LONG ? 10 : 8],
    ["s7?", 10],
    ["s7/a1?", 5],
    ["s7/a1/l2?", 5],
  ] as const) {
    const page = await open(`/wall/${path}window=1h`);
    await settled(page);
    await expect.poll(() => page.locator(".call").getAttribute("data-sign"), PATIENCE).toBe("stop");
    expect(await page.locator(".tile, .row").count(), path).toBe(items);
  }
  const machine = await open(`/wall/${DOWN}?window=1h`);
  await settled(machine);
  expect(await textOf(machine, ".detail-what")).toBe("Reason 9-199");

  const live = await getJson<{ readonly elements: readonly LiveElement[] }>(url, `/api/v1/live?scope=*,${DOWN}`);
  expect(live.body.elements.map(({ scope }) => scope)).toEqual(["*", DOWN]);
  const kpis = await getJson<readonly Element[]>(url, "/api/v1/kpis?scope=*&by=enterprise&from=now-1h&to=now");
  expect([kpis.status, kpis.body.length]).toEqual([200, 1]);

  const setUp = await open("/wall");
  await setUp.locator(".setup-entry").first().waitFor();
  // The tree is open at the branch of the line that is chosen at first.
  expect(await setUp.locator(".setup-entry").count()).toBe(1 + SITES + 2 + LINES_PER_AREA);
  await setUp.getByRole("button", { name: "What is in Site 7", exact: true }).click();
  expect(await setUp.locator(".setup-entry").count()).toBe(1 + SITES + 2 + LINES_PER_AREA + 2);
  await setUp.getByRole("searchbox").fill("machine 7-1-2-3");
  await setUp.getByRole("radio", { name: "Machine 7-1-2-3 Machine" }).check();
  await expect.poll(() => setUp.locator(".setup-address input").inputValue()).toContain(`/wall/${DOWN}?`);
  await setUp.getByRole("searchbox").fill("machine");
  await setUp.getByText(/ more: search for them$/).waitFor();
  expect(await setUp.locator(".setup-entry").count()).toBe(400);
});
