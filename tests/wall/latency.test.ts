/**
 * The table "From the floor to the screen", which shows how long events take, on the page that sets screens up, with a scripted
 * server; live-hub.test.ts tests it with the real one.
 */
import type { LatencyAnswer } from "@oee/protocol";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadTranslate, LANGUAGES } from "../../dashboards/src/shared/i18n.ts";
import { launchBrowser } from "../../dashboards/test/browser.ts";
import { LATENCY, smallPlant } from "../../dashboards/test/plant-fixture.ts";
import { ensureBuilt, gatewayOf, openScreen } from "./wall.ts";

const ASKED_AGAIN_MS = 5_000;

let browser: Browser;
beforeAll(async () => {
  await ensureBuilt();
  browser = await launchBrowser();
});
afterAll(async () => browser.close());

function cells(page: Page, hop: string): Promise<readonly string[]> {
  return page.locator(`.setup-latency tr[data-hop="${hop}"] td`).allTextContents();
}

test.each(LANGUAGES)(
  "in %s the latency table has each hop's name and percentiles, and fits the width of the page",
  async (language) => {
    const t = await loadTranslate(language);
    const gateway = await gatewayOf(smallPlant(["running"]), { latency: () => LATENCY });
    const { page, errors, close } = await openScreen(browser, `${gateway.url}/wall?lang=${language}`);
    await page.getByRole("heading", { name: t("latency.title") }).waitFor();
    const milliseconds = new Intl.NumberFormat(language, { style: "unit", unit: "millisecond", unitDisplay: "short" });
    const seconds = new Intl.NumberFormat(language, { style: "unit", unit: "second", unitDisplay: "short" });
    expect(await cells(page, "log")).toEqual([41, 118, 240].map((ms) => milliseconds.format(ms)));
    expect(await cells(page, "total")).toEqual([
      milliseconds.format(112),
      milliseconds.format(254),
      seconds.format(1.4),
    ]);
    expect((await cells(page, "gateway"))[0]).toBe(milliseconds.format(-2).replace("-", "−"));
    for (const hop of ["log", "compute", "gateway", "emit", "total"] as const) {
      expect(await page.getByRole("rowheader", { name: t(`latency.${hop}`), exact: true }).count()).toBe(1);
    }
    const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(overflow).toBeLessThanOrEqual(0);
    expect(errors).toEqual([]);
    await close();
    await gateway.close();
  },
);

test.each(LANGUAGES)("in %s latencies of hours, as of a history that was sent in, fit a phone", async (language) => {
  const late = { count: 9, quantiles: { "0.5": 2_879_000, "0.95": 86_399_000, "0.99": 172_799_000 } };
  const gateway = await gatewayOf(smallPlant(["running"]), {
    latency: () => ({ hops: { ...LATENCY.hops, log: late, total: late } }),
  });
  const { page, close } = await openScreen(browser, `${gateway.url}/wall?lang=${language}`);
  await page.setViewportSize({ width: 360, height: 740 });
  await page.locator(".setup-latency td").first().waitFor();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
  await close();
  await gateway.close();
});

test("latencies are fetched every 5 s; the table is replaced by words where nothing was measured or the server does not answer", async () => {
  const none = { count: 0, quantiles: { "0.5": null, "0.95": null, "0.99": null } };
  const nothing: LatencyAnswer = { hops: { log: none, compute: none, gateway: none, emit: none, total: none } };
  let latency = nothing;
  const gateway = await gatewayOf(smallPlant(["running"]), { latency: () => latency });
  const { page, close } = await openScreen(browser, `${gateway.url}/wall`, { clock: true });
  await page.getByText("Nothing has been measured in the last five minutes.").waitFor();
  expect(await page.locator(".setup-latency td").count()).toBe(0);
  latency = LATENCY;
  await page.clock.runFor(ASKED_AGAIN_MS);
  await page.locator('.setup-latency tr[data-hop="total"]').waitFor();
  expect(await cells(page, "total")).toEqual(["112 ms", "254 ms", "1.4 sec"]);
  await gateway.close();
  await page.clock.runFor(ASKED_AGAIN_MS);
  await page.getByText(/^The server does not say how long events take/).waitFor();
  expect(await page.locator(".setup-latency td").count(), "old figures would pass for new").toBe(0);
  await close();
});
