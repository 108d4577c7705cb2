/** axe-core checks every view of the wall in both themes; the page that sets a screen up is used by keyboard alone. */
import type { Browser, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "../../dashboards/test/browser.ts";
import { LATENCY, type Now, smallPlant } from "../../dashboards/test/plant-fixture.ts";
import { violations } from "./axe.ts";
import { ensureBuilt, gatewayOf, openScreen, resize, settled } from "./wall.ts";

const MIXED: readonly Now[] = ["blocked", "noReason", "starved", "minor", "slow", "noData", "running", "setup"];

let browser: Browser;
beforeAll(async () => {
  await ensureBuilt();
  browser = await launchBrowser();
});
afterAll(async () => browser.close());

describe.each(["dark", "light"])("axe-core finds nothing in the %s theme", (theme) => {
  test.each([
    ["machine, stopped", "/wall/berlin/packing/l1/capper"],
    ["machine, no data", "/wall/berlin/packing/l1/packer"],
    ["line", "/wall/berlin/packing/l1"],
    ["area", "/wall/berlin/packing"],
    ["enterprise", "/wall/*"],
    ["an address that cannot be shown", "/wall/nowhere"],
  ])("%s", async (_, path) => {
    const gateway = await gatewayOf(smallPlant(MIXED));
    const { page, close } = await openScreen(browser, `${gateway.url}${path}?theme=${theme}`);
    await page.locator("h1").waitFor();
    for (const size of ["hd", "portrait"] as const) {
      await resize(page, size);
      expect(await violations(page)).toEqual([]);
    }
    await close();
    await gateway.close();
  });

  test("a screen that lost its server", async () => {
    const gateway = await gatewayOf(smallPlant(MIXED));
    const { page, close } = await openScreen(browser, `${gateway.url}/wall/berlin/packing/l1?theme=${theme}`);
    await settled(page);
    await gateway.close();
    await page.getByRole("alert").waitFor();
    // Figures of a lost server are greyed out on purpose, so their contrast may be low; only the banner's must suffice.
    const found = await violations(page);
    expect(
      found.filter((violation) => !violation.startsWith("color-contrast") || violation.includes("banner")),
    ).toEqual([]);
    await close();
  });

  test("the page that sets a screen up", async () => {
    const gateway = await gatewayOf(smallPlant(MIXED), { latency: () => LATENCY });
    const { page, close } = await openScreen(browser, `${gateway.url}/wall?theme=${theme}`);
    await page.getByRole("heading", { name: "Set up a wall screen" }).waitFor();
    await page.getByRole("heading", { name: "From the floor to the screen" }).waitFor();
    expect(await violations(page)).toEqual([]);
    await close();
    await gateway.close();
  });
});

test("W-2: where the system forces its colours the bar of OEE is drawn", async () => {
  const gateway = await gatewayOf(smallPlant(MIXED));
  const { page, close } = await openScreen(browser, `${gateway.url}/wall/berlin/packing/l1`);
  await page.emulateMedia({ forcedColors: "active" });
  await settled(page);
  const colours = await page.evaluate(() =>
    [".target-track", ".target-fill", ".target-mark"].map((selector) => {
      const drawn = document.querySelector(selector);
      return drawn === null ? null : getComputedStyle(drawn).backgroundColor;
    }),
  );
  expect(new Set(colours).size).toBe(3);
  await close();
  await gateway.close();
});

/** How often Tab or an arrow is pressed before an element counts as unreachable: the page has fewer elements that take the focus. */
const STOPS_MAX = 40;

function hasFocus(place: Locator): Promise<boolean> {
  return place.evaluate((element) => element === document.activeElement);
}

/** Presses Tab until `place` has the focus; each element on the way, and `place` itself, must draw an outline when it has it. */
async function tabTo(page: Page, place: Locator): Promise<void> {
  for (let stop = 0; stop < STOPS_MAX; stop++) {
    await page.keyboard.press("Tab");
    const seen = await page.evaluate(() => {
      const focused = document.activeElement;
      const drawn = focused?.matches(".setup-options input") === true ? focused.nextElementSibling : focused;
      return drawn === null || drawn === document.body || getComputedStyle(drawn).outlineStyle !== "none";
    });
    expect(seen, "the focus can be seen").toBe(true);
    if (await hasFocus(place)) return;
  }
  expect.fail(`Tab never came to ${String(place)}`);
}

/** Presses Tab until the focus is in the group of radio buttons that has this choice, then the down arrow until the choice is checked. */
async function chooseByArrows(page: Page, name: string): Promise<void> {
  const choice = page.getByRole("radio", { name });
  const group = await choice.getAttribute("name");
  for (let stop = 0; stop < STOPS_MAX; stop++) {
    const at = await page.evaluate(() => document.activeElement?.getAttribute("name") ?? null);
    if (at === group) break;
    await page.keyboard.press("Tab");
  }
  for (let step = 0; step < STOPS_MAX && !(await hasFocus(choice)); step++) await page.keyboard.press("ArrowDown");
  expect(await choice.isChecked(), name).toBe(true);
}

describe("setting a screen up", () => {
  test("by keyboard alone: scope, window, theme and language are chosen, previewed and copied as an address, which then shows them", async () => {
    const gateway = await gatewayOf(smallPlant(MIXED), { latency: () => LATENCY });
    const { page, errors, close } = await openScreen(browser, `${gateway.url}/wall`, { size: "fullHd" });
    await page.getByRole("searchbox").waitFor();
    await tabTo(page, page.getByRole("searchbox"));
    await page.keyboard.type("glass");
    await chooseByArrows(page, "Line 2 Glass");
    await chooseByArrows(page, "Last 8 hr");
    await chooseByArrows(page, "Light");
    await chooseByArrows(page, "Deutsch");
    const address = `${gateway.url}/wall/berlin/packing/l2?window=8h&theme=light&lang=de`;
    expect(await page.getByLabel("Address").inputValue()).toBe(address);
    await page.frameLocator("iframe").getByRole("heading", { name: "Line 2 Glass" }).waitFor();
    await page.frameLocator("iframe").getByText("Letzte 8 Std.").waitFor();
    await tabTo(page, page.getByRole("button", { name: "Copy" }));
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: "Copied" }).waitFor();
    expect(
      await page
        .getByRole("img", { name: "Scan to open it on the screen" })
        .evaluate((image) => (image as HTMLImageElement).naturalWidth),
    ).toBeGreaterThan(20);
    expect(errors).toEqual([]);
    await tabTo(page, page.getByRole("link", { name: "Open it here" }));
    await page.keyboard.press("Enter");
    await settled(page);
    expect(page.url()).toBe(address);
    await close();
    await gateway.close();
  });

  test("the address of a screen that changes between several scopes names them all", async () => {
    const gateway = await gatewayOf(smallPlant(MIXED));
    const { page, close } = await openScreen(browser, `${gateway.url}/wall`, { size: "fullHd" });
    await page.getByLabel("Change between several").check();
    await page.getByRole("checkbox", { name: "Line 4 Kegs" }).check();
    await page.getByRole("radio", { name: "1 min", exact: true }).check();
    expect(await page.getByLabel("Address").inputValue()).toBe(
      `${gateway.url}/wall/berlin/packing/l1?scopes=berlin/packing/l4&window=shift&theme=dark&rotate=60s`,
    );
    await close();
    await gateway.close();
  });
});
