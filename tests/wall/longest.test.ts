/**
 * W-1, W-8: each panel of each view with the longest duration, name, reason, product and number that it can have, at each size.
 * Measured in a real browser, where a text that is not shortened on purpose must be whole. One theme is enough, because both have the
 * same sizes. It runs in the two languages with the longest words; with `OEE_WALL_LONG=1` in all six, with a machine in every state
 * (3 minutes).
 */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "../../dashboards/test/browser.ts";
import { longestMachine, longestScene } from "../../dashboards/test/longest-scene.ts";
import type { Now } from "../../dashboards/test/plant-fixture.ts";
import { NOW, smallPlant } from "../../dashboards/test/plant-fixture.ts";
import { measure } from "./legibility.ts";
import { ensureBuilt, gatewayOf, openScreen, resize, settled, SIZE_NAMES, STILL, textOf } from "./wall.ts";

const LONG = process.env["OEE_WALL_LONG"] === "1";
const LANGUAGES = LONG ? (["en", "de", "es", "fr", "pt", "zh"] as const) : (["de", "fr"] as const);
const STATES: readonly Now[] = LONG
  ? ["noReason", "stop", "minor", "setup", "maintenance", "offShift", "noData", "slow", "running"]
  : ["noReason", "offShift"];
const MACHINE = "s/a/l1/m1";

let browser: Browser;
beforeAll(async () => {
  await ensureBuilt();
  browser = await launchBrowser();
});
afterAll(async () => browser?.close());

/** Elements whose text may not be shortened: a state, an instant, a duration or a number without its end misleads. */
const WHOLE = [
  ".call-machine .call-word",
  ".call-time",
  ".call-since",
  ".detail-word",
  ".period > div:first-child",
  ".row-time",
  ".tile-time",
  ".clock-time",
  ".clock-date",
  ".paging",
  ".oee-value",
  ".oee-label",
  ".verdict",
  ".figure-word",
  ".figure-value",
  ".factor-label",
  ".factor-value",
  ".row-value",
  ".tile-oee",
  ".tile-number",
  ".count",
  ".dot-count",
  ".axis-mark",
];

/** Texts of `WHOLE` that reach beyond the edge of their own element or of one that clips them. */
async function shortened(page: Page): Promise<readonly string[]> {
  return page.evaluate((selectors) => {
    const found: string[] = [];
    for (const element of document.querySelectorAll<HTMLElement>(selectors.join(", "))) {
      const range = document.createRange();
      range.selectNodeContents(element);
      const ink = range.getBoundingClientRect();
      if (ink.width === 0) continue;
      for (let clip: HTMLElement | null = element; clip !== null; clip = clip.parentElement) {
        if (clip !== element && getComputedStyle(clip).overflow !== "hidden") continue;
        const bounds = clip.getBoundingClientRect();
        if (ink.right > bounds.right + 1 || ink.left < bounds.left - 1) {
          found.push(`.${element.className}: ${element.textContent ?? ""} beyond .${clip.className}`);
          break;
        }
      }
    }
    return found;
  }, WHOLE);
}

/** Numbers of details that are seen in part: a text of a detail with a number is seen whole, or not at all. */
async function numbersInPart(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const detail of document.querySelectorAll(".figure-detail")) {
      const walker = document.createTreeWalker(detail, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
        if (!/\d/.test(node.textContent ?? "")) continue;
        const range = document.createRange();
        range.selectNodeContents(node);
        const ink = range.getBoundingClientRect();
        for (let clip = node.parentElement; clip !== null; clip = clip.parentElement) {
          if (getComputedStyle(clip).overflow !== "hidden") continue;
          const bounds = clip.getBoundingClientRect();
          const unseen = ink.top >= bounds.bottom - 1 || ink.width === 0;
          if (unseen) break;
          if (ink.right > bounds.right + 1 || ink.left < bounds.left - 1) {
            found.push(`${node.textContent ?? ""} beyond .${clip.className}`);
            break;
          }
        }
      }
    }
    return found;
  });
}

/** What is wrong at the four sizes, a line each; an empty text if nothing is. */
async function faults(page: Page): Promise<string> {
  const found: string[] = [];
  for (const size of SIZE_NAMES) {
    await resize(page, size);
    const measured = await measure(page);
    const told = {
      scrolls: measured.scrolls ? ["the page"] : [],
      "too small": measured.tooSmall,
      "cut off": measured.cutOff,
      "one over another": measured.overlapping,
      shortened: [...measured.shortenedFigures, ...(await shortened(page)), ...(await numbersInPart(page))],
    };
    for (const [what, texts] of Object.entries(told)) {
      for (const text of new Set(texts)) found.push(`${size}, ${what}: ${text}`);
    }
    const title = (await page.locator("h1").boundingBox())?.width ?? 0;
    if (title < 0.25 * (page.viewportSize()?.width ?? 0)) found.push(`${size}, title: ${title}px wide`);
    if (measured.mainShare < 0.12) found.push(`${size}, main figure: ${measured.mainShare}`);
  }
  return found.join("\n");
}

describe.each(LANGUAGES)("W-1, W-8: the longest texts and numbers fit, in %s", (language) => {
  test("W-1: a machine that is in each state for months, and for almost a day", async () => {
    const gateway = await gatewayOf(longestScene(1, 2), { now: () => NOW });
    const { page, errors, close } = await openScreen(browser, `${gateway.url}/wall/${MACHINE}?lang=${language}`, {
      script: STILL,
    });
    await settled(page);
    const wrong: string[] = [];
    for (const now of STATES) {
      for (const [long, stops] of [
        [true, 0],
        [false, 123_456],
      ] as const) {
        const element = longestMachine(MACHINE, now, long, stops);
        const drawn = page.waitForFunction(
          ([name, letters]) => {
            const panel = document.querySelector<HTMLElement>(".call");
            return (
              panel?.dataset["sign"] === name &&
              panel.querySelector(".call-time")?.textContent?.includes("23:59:00") === letters
            );
          },
          [SIGN_OF[now], !long] as const,
        );
        gateway.push([element]);
        await drawn;
        const found = await faults(page);
        if (found !== "") wrong.push(`${now}, ${long ? "months" : "almost a day"}:`, found);
      }
    }
    expect(wrong.join("\n")).toBe("");
    expect(errors).toEqual([]);
    await close();
    await gateway.close();
  });

  test.each([
    ["line of one machine", "s/a/l1", 1, 1],
    ["line of three machines", "s/a/l1", 1, 3],
    ["line of eight machines", "s/a/l1", 1, 8],
    ["area of three lines", "s/a", 3, 8],
    ["site of twelve lines", "s", 12, 8],
    ["enterprise of forty lines", "*", 40, 8],
  ] as const)("W-1: %s", async (_, path, lines, machines) => {
    const gateway = await gatewayOf(longestScene(lines, machines), { now: () => NOW });
    const { page, errors, close } = await openScreen(browser, `${gateway.url}/wall/${path}?lang=${language}`, {
      script: STILL,
    });
    await settled(page);
    expect(await faults(page)).toBe("");
    expect(errors).toEqual([]);
    await close();
    await gateway.close();
  });
});

test.each([
  ["de", ["148 Ausschuss", "36 Nacharbeit"], /^in \d+\sMin\.$/],
  ["fr", ["148 rebuts", "36 retouches"], /^dans \d+\smin$/],
])("W-1: in portrait a machine's details of a usual shift are seen whole, in %s", async (language, rejects, until) => {
  const { plant, elements } = smallPlant(["running"]);
  const reworked = elements.map((each) => {
    const { shift } = each.windows;
    if (shift === undefined) return each;
    return { ...each, windows: { shift: { ...shift, components: { ...shift.components, reworkCount: 36 } } } };
  });
  const gateway = await gatewayOf({ plant, elements: reworked }, { now: () => NOW });
  const { page, close } = await openScreen(
    browser,
    `${gateway.url}/wall/berlin/packing/l1/depalletizer?lang=${language}`,
    {
      script: STILL,
      size: "portrait",
    },
  );
  await settled(page);
  expect(await faults(page)).toBe("");
  await resize(page, "portrait");
  for (const [figure, texts] of [
    ["produced", rejects],
    ["rate", [/\d\/h$/]],
    ["next", [until]],
  ] as const) {
    const parts = page.locator(`[data-figure="${figure}"] .figure-detail .whole-part`);
    for (const [i, text] of texts.entries()) {
      const part = parts.nth(i);
      expect(await part.innerText()).toMatch(text);
      const [inside, around] = [await part.boundingBox(), await part.locator("..").boundingBox()];
      if (inside === null || around === null) throw new Error(`expected ${figure} to be drawn`);
      expect(inside.y + inside.height).toBeLessThanOrEqual(around.y + around.height + 1);
      expect(inside.x).toBeGreaterThanOrEqual(around.x - 1);
    }
  }
  await close();
  await gateway.close();
});

const SIGN_OF: Readonly<Record<Now, string>> = {
  running: "running",
  slow: "slow",
  minor: "minorStop",
  stop: "stop",
  noReason: "stopNoReason",
  starved: "stop",
  blocked: "stop",
  setup: "setup",
  maintenance: "plannedStop",
  break: "notPlanned",
  noData: "noData",
  offShift: "notPlanned",
};

test.each([
  ["en", "Down", "Reason missing", "1 day 02:01", "since Mar 1, 08:40"],
  ["de", "Störung", "Grund fehlt", "1 Tg. 02:01", "seit 1. März, 08:40"],
])(
  "W-1: a stop of more than a day shows its state, the missing reason, its duration, and the day and time it began, in %s",
  async (language, word, reason, time, since) => {
    const scene = longestScene(1, 2);
    const gateway = await gatewayOf(scene, { now: () => NOW });
    const stopped = longestMachine(MACHINE, "noReason", true);
    const at = NOW - (26 * 3_600_000 + 95_000);
    gateway.push([
      { ...stopped, machine: stopped.machine === null ? null : { ...stopped.machine, since: at, lastEventAt: at } },
    ]);
    const { page, close } = await openScreen(browser, `${gateway.url}/wall/${MACHINE}?lang=${language}`, {
      script: STILL,
    });
    await settled(page);
    expect(await faults(page)).toBe("");
    expect(await textOf(page, ".call-word")).toBe(word);
    expect(await textOf(page, ".detail-what")).toBe(reason);
    expect(await textOf(page, ".call-time")).toBe(time);
    expect(await textOf(page, ".call-since")).toBe(since);
    await close();
    await gateway.close();
  },
);

test('ST-4: a window with unplanned downtime but no stop that begins in it says "begun before"', async () => {
  const gateway = await gatewayOf(longestScene(1, 2), { now: () => NOW });
  gateway.push([longestMachine(MACHINE, "noReason", true, 0)]);
  const { page, close } = await openScreen(browser, `${gateway.url}/wall/${MACHINE}`, { script: STILL });
  for (const [language, words] of Object.entries({
    en: "begun before",
    de: "vorher begonnen",
    es: "empezada antes",
    fr: "commencé avant",
    pt: "iniciada antes",
    zh: "此前开始",
  })) {
    await page.goto(`${gateway.url}/wall/${MACHINE}?lang=${language}`);
    await settled(page);
    expect(await textOf(page, '[data-figure="stops"] .figure-value')).toBe("0");
    expect(await textOf(page, ".begun-before")).toBe(words);
  }
  gateway.push([longestMachine(MACHINE, "noReason", true, 1)]);
  await page.locator(".begun-before").waitFor({ state: "detached" });
  await close();
  await gateway.close();
});
