/**
 * The wall's rules (docs/wall.md, W-1 to W-8) in a real browser, over a real websocket of a scripted server; the limits of W-7 are
 * tested in budget.test.ts, cost.test.ts and language-level.test.ts.
 */
import type { LiveElement } from "@oee/protocol";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "../../dashboards/test/browser.ts";
import {
  elementOf,
  largePlant,
  machineOf,
  type Now,
  NOW,
  plantOf,
  remarkablePlant,
  type Scene,
  scope,
  silentPlant,
  smallPlant,
  times,
  windowOf,
} from "../../dashboards/test/plant-fixture.ts";
import { freePort } from "../support/free-port.ts";
import { measure } from "./legibility.ts";
import { redrawn, watchRedraws } from "./redraws.ts";
import { atEachSize, clockOffBy, ensureBuilt, gatewayOf, openScreen, settled, STILL, textOf } from "./wall.ts";

let browser: Browser;
beforeAll(async () => {
  await ensureBuilt();
  browser = await launchBrowser();
});
afterAll(async () => browser.close());

const MIXED: readonly Now[] = ["blocked", "noReason", "starved", "minor", "slow", "noData", "running", "setup"];
const FILLER = "berlin/packing/l1/filler";

function elementIn(scene: Scene, path: string): LiveElement {
  const element = scene.elements.find((each) => each.scope === path);
  if (element === undefined) throw new Error(`The scene has no ${path}`);
  return element;
}

/** A name, reason or product with markup, placeholders of translations, several scripts, an emoji and a mark that reverses the direction. */
const HOSTILE = "<img src=x onerror=alert(1)> & {{count}} $t(sign.stop) Füllermaschine №7 灌装机 آلة التعبئة 🏭‮abc";
const HOSTILE_SCENE: Scene = (() => {
  const line = scope("s/a/l", "line", HOSTILE);
  const machine = scope("s/a/l/m", "machine", HOSTILE);
  const scopes = [
    scope("*", "enterprise", HOSTILE),
    scope("s", "site", HOSTILE),
    scope("s/a", "area", HOSTILE),
    line,
    machine,
  ];
  const stop = machineOf("stop", 1, {
    reason: HOSTILE,
    reasonName: HOSTILE,
    product: HOSTILE,
    productName: HOSTILE,
    order: HOSTILE,
  });
  return {
    plant: plantOf(scopes),
    elements: scopes.map((each) =>
      elementOf(each, each.kind === "machine" ? { machine: stop } : {}, { produced: 123_456_789 }),
    ),
  };
})();

/** A line of five machines, each with a long German name. */
function longNames(): Scene {
  const { plant, elements } = smallPlant(["running", "noReason", "minor", "running", "slow"]);
  const named = <T extends { readonly name: string; readonly kind: string }>(each: T): T =>
    each.kind === "machine" ? { ...each, name: LONG_NAME } : each;
  return { plant: { ...plant, scopes: plant.scopes.map(named) }, elements: elements.map(named) };
}
const LONG_NAME = "Leerflascheninspektor";

describe("W-1: a screen is legible from ten metres", () => {
  const views: readonly (readonly [string, Scene, string])[] = [
    ["machine", smallPlant(["noReason"]), "/wall/berlin/packing/l1/depalletizer?lang=de"],
    ["line", smallPlant(MIXED), "/wall/berlin/packing/l1"],
    ["area", smallPlant(MIXED), "/wall/berlin/packing"],
    ["enterprise of 60 lines", largePlant(2, 3, 10, 3), "/wall/*?lang=fr"],
    ["machine with monstrous names", HOSTILE_SCENE, "/wall/s/a/l/m"],
    ["line with monstrous names", HOSTILE_SCENE, "/wall/s/a/l"],
    ["area with monstrous names", HOSTILE_SCENE, "/wall/s/a"],
    ["machine without any figure", silentPlant(), "/wall/berlin/packing/l1/depalletizer?lang=fr"],
    ["line without any figure", silentPlant(), "/wall/berlin/packing/l1?lang=fr"],
    ["area without any figure", silentPlant(), "/wall/berlin/packing?lang=de"],
    ["line whose every figure has a remark", remarkablePlant(), "/wall/berlin/packing/l1?lang=fr"],
    ["machine whose every figure has a remark", remarkablePlant(), "/wall/berlin/packing/l1/filler?lang=fr"],
    ["line of one machine", smallPlant(["noReason"]), "/wall/berlin/packing/l1?lang=de"],
    ["line of one machine with monstrous names", HOSTILE_SCENE, "/wall/s/a/l"],
    ["line of two machines", smallPlant(["noReason", "running"]), "/wall/berlin/packing/l1?lang=fr"],
    ["line of three machines", smallPlant(["blocked", "noReason", "slow"]), "/wall/berlin/packing/l1?lang=de"],
    ["line of three with remarkable figures", remarkablePlant(3), "/wall/berlin/packing/l1?lang=fr"],
    ["line of machines with long names", longNames(), "/wall/berlin/packing/l1?lang=de"],
    ["line of 24 machines", smallPlant(times(24)), "/wall/berlin/packing/l1?lang=de"],
    ["area with a hundred machines in every state", smallPlant(times(108)), "/wall/berlin/packing"],
    ["areas of many machines as tiles", largePlant(2, 3, 5, 4), "/wall/*?tiles=areas"],
  ];
  test.each(views)(
    "W-1: %s: at every size texts are large enough, and nothing scrolls, is cut off or overlaps",
    async (_, scene, path) => {
      const gateway = await gatewayOf(scene);
      await atEachSize(browser, `${gateway.url}${path}`, async (page, size) => {
        const measured = await measure(page);
        expect(measured.scrolls, `${size} scrolls`).toBe(false);
        expect(measured.mainShare, `${size} main figure`).toBeGreaterThanOrEqual(0.12);
        expect(measured.tooSmall, `${size} too small`).toEqual([]);
        expect(measured.cutOff, `${size} cut off`).toEqual([]);
        expect(measured.overlapping, `${size} one over another`).toEqual([]);
        expect(measured.shortenedFigures, `${size} figures without their end`).toEqual([]);
      });
      await gateway.close();
    },
  );

  test("W-1: the screen of a line of one machine shows that machine, its name and the line's target, and is filled to the foot", async () => {
    const gateway = await gatewayOf(smallPlant(["noReason"]));
    await atEachSize(browser, `${gateway.url}/wall/berlin/packing/l1`, async (page, size) => {
      expect(await textOf(page, "h1")).toBe("Line 1 PET");
      expect(await textOf(page, ".call-name")).toBe("Depalletizer");
      expect(await page.locator(".call").getAttribute("data-sign")).toBe("stopNoReason");
      expect(await textOf(page, ".target-words")).toContain("Target 72.0%");
      expect(await page.locator('[data-figure="downtime"], .timeline').count()).toBe(2);
      const { y, height } = (await page.locator(".timeline-block").boundingBox()) ?? { y: 0, height: 0 };
      const foot = page.viewportSize()?.height ?? 0;
      expect(y + height, `the last panel ends at the foot, ${size}`).toBeGreaterThan(0.97 * foot);
    });
    await atEachSize(browser, `${gateway.url}/wall/berlin/packing/l1/depalletizer`, async (page) => {
      expect(await page.locator(".call-name").count(), "a machine's own screen has its name in the header alone").toBe(
        0,
      );
    });
    await gateway.close();
  });

  test.each(["en", "de", "es", "fr", "pt", "zh"])(
    "W-1: how far a line or an area is below its target is shown whole at every size, in %s",
    async (lang) => {
      const scene = smallPlant(["blocked", "noReason", "slow"]);
      const elements = scene.elements.map((element) => ({ ...element, targets: { oee: 0.999 } }));
      const gateway = await gatewayOf({ ...scene, elements });
      for (const path of ["berlin/packing/l1", "berlin/packing"]) {
        await atEachSize(browser, `${gateway.url}/wall/${path}?lang=${lang}`, async (page, size) => {
          const verdict = page.locator(".verdict.below");
          const cut = await verdict.evaluate((shown) => shown.scrollWidth - shown.clientWidth);
          expect(cut, `${await verdict.textContent()}, ${size}`).toBeLessThanOrEqual(0);
        });
      }
      await gateway.close();
    },
  );

  test("W-1: a machine's long name is shown in full in the big panel, and in the rows of a landscape screen", async () => {
    const gateway = await gatewayOf(longNames());
    for (const [size, selectors] of [
      ["hd", [".call-word", ".row-name bdi"]],
      ["portrait", [".call-word"]],
    ] as const) {
      const { page, close } = await openScreen(browser, `${gateway.url}/wall/berlin/packing/l1`, { size });
      await settled(page);
      for (const selector of selectors) {
        const whole = await page
          .locator(selector)
          .evaluateAll((names) => names.map((name) => name.scrollWidth <= name.clientWidth));
        expect(whole.length).toBeGreaterThan(0);
        expect(whole, `${selector} at ${size}`).not.toContain(false);
      }
      await close();
    }
    await gateway.close();
  });

  test("W-1: 60 lines rotate by pages, with the page's number, and each line is on exactly one page", async () => {
    const gateway = await gatewayOf(largePlant(2, 3, 10, 1));
    const { page, close } = await openScreen(browser, `${gateway.url}/wall/*?rotate=10s`, { clock: true });
    await settled(page);
    const seen: string[] = [];
    for (let number = 1; number <= 5; number++) {
      await page.getByText(`Page ${number} of 5`).waitFor();
      seen.push(
        ...(await page
          .locator(".tile")
          .evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute("data-scope") ?? ""))),
      );
      await page.clock.runFor(10_000);
    }
    await page.getByText("Page 1 of 5").waitFor();
    expect(new Set(seen).size).toBe(60);
    expect(seen).toHaveLength(60);
    await close();
    await gateway.close();
  });

  test("W-1: a screen of several scopes shows one after another, each with all its pages", async () => {
    const gateway = await gatewayOf(smallPlant(MIXED));
    const { page, close } = await openScreen(
      browser,
      `${gateway.url}/wall/${FILLER}?rotate=10s&scopes=berlin/packing/l4,*`,
      { clock: true },
    );
    for (const name of ["Filler", "Line 4 Kegs", "Acme Drinks", "Filler"]) {
      await page.getByRole("heading", { name, exact: true }).waitFor();
      expect(await textOf(page, "h1")).toBe(name);
      await page.clock.runFor(10_000);
    }
    await close();
    await gateway.close();
  });
});

describe("W-2: a state is never shown by colour alone", () => {
  const looks: readonly (readonly [Now, string, string, "green" | "yellow" | "red" | "blue" | "grey" | "hatched"])[] = [
    ["running", "running", "Running", "green"],
    ["slow", "slow", "Slow", "yellow"],
    ["minor", "minorStop", "Minor stop", "yellow"],
    ["stop", "stop", "Down", "red"],
    ["noReason", "stopNoReason", "Down", "red"],
    ["setup", "setup", "Setup", "blue"],
    ["maintenance", "plannedStop", "Maintenance", "blue"],
    ["break", "notPlanned", "Break", "grey"],
    ["noData", "noData", "No data", "hatched"],
  ];

  test.each(["dark", "light"])(
    "W-2: in the %s theme each state has its word, a shape of its own and its colour",
    async (theme) => {
      const shapes = new Set<string>();
      const gateway = await gatewayOf(smallPlant(["offShift"]));
      const path = "berlin/packing/l1/depalletizer";
      const { page, close } = await openScreen(browser, `${gateway.url}/wall/${path}?theme=${theme}`);
      await settled(page);
      for (const [now, sign, word, hue] of looks) {
        gateway.push([elementIn(smallPlant([now]), path)]);
        const panel = page.locator(`.call[data-sign="${sign}"]`);
        await panel.waitFor();
        expect(await textOf(page, ".call-word")).toBe(word);
        const style = await panel.evaluate((element) => {
          const { backgroundColor, backgroundImage } = getComputedStyle(element);
          return { backgroundColor, backgroundImage, shape: element.querySelector("svg")?.innerHTML ?? "" };
        });
        shapes.add(style.shape);
        expect(
          style.backgroundImage.startsWith("repeating-linear-gradient") ? "hatched" : hueOf(style.backgroundColor),
        ).toBe(hue);
      }
      await close();
      await gateway.close();
      expect(shapes.size).toBe(looks.length);
    },
  );

  test("W-2: only the mark of a stop without a reason blinks, at most once a second", async () => {
    const gateway = await gatewayOf(smallPlant(MIXED));
    const { page, close } = await openScreen(browser, `${gateway.url}/wall/berlin/packing/l1`);
    await settled(page);
    await page.locator(".row .blink").first().waitFor({ state: "attached" });
    const animated = await page.evaluate(() =>
      document.getAnimations().map((animation) => {
        const target = animation.effect instanceof KeyframeEffect ? animation.effect.target : null;
        const host = target?.closest("[data-sign],.count");
        return {
          sign: host?.getAttribute("data-sign") ?? host?.className,
          durationMs: Number(animation.effect?.getComputedTiming().duration),
        };
      }),
    );
    expect(animated.length).toBeGreaterThan(0);
    for (const { sign, durationMs } of animated) {
      expect(sign).toMatch(/stopNoReason/);
      expect(durationMs).toBeGreaterThanOrEqual(1_000);
    }
    await close();
    await gateway.close();
  });
});

function hueOf(rgb: string): string {
  const [r = 0, g = 0, b = 0] = (rgb.match(/\d+/g) ?? []).map(Number);
  const most = Math.max(r, g, b);
  const spread = most - Math.min(r, g, b);
  if (spread < 20) return "grey";
  if (r > 150 && g > 150 && b < 110) return "yellow";
  if (r === most) return "red";
  return g === most ? "green" : "blue";
}

describe("W-3: no data is never shown as running", () => {
  test("W-3: when the server falls silent a banner says since when, figures are grey and durations stand still; its return brings a new snapshot", async () => {
    const scene = smallPlant(["stop"]);
    const gateway = await gatewayOf(scene, { now: () => NOW });
    const { page, close } = await openScreen(browser, `${gateway.url}/wall/berlin/packing/l1/depalletizer`, {
      clock: true,
    });
    await settled(page);
    expect(await page.locator(".banner").count()).toBe(0);
    gateway.setSilent(true);
    await page.clock.fastForward(6_000);
    await page.getByText(/^Server silent since 10:42:\d\d$/).waitFor();
    expect(await page.locator(".view").evaluate((view) => getComputedStyle(view).filter)).toBe("grayscale(1)");
    const frozen = await textOf(page, ".call-time");
    const clock = await textOf(page, ".clock-time");
    await page.clock.fastForward(120_000);
    await page.waitForFunction((was) => document.querySelector(".clock-time")?.textContent !== was, clock);
    expect(await textOf(page, ".call-time")).toBe(frozen);

    gateway.push([{ ...elementIn(scene, "berlin/packing/l1/depalletizer"), machine: machineOf("running", 1) }]);
    gateway.setSilent(false);
    await page.clock.resume();
    await page.locator('.picture[data-status="live"]').waitFor();
    expect(await textOf(page, ".call-word")).toBe("Running");
    expect(await page.locator(".banner").count()).toBe(0);
    await close();
    await gateway.close();
  });

  test("W-3: a screen says that its server is silent after 5 s ± 250 ms, wherever the clock's second begins", async () => {
    const gateway = await gatewayOf(smallPlant(["running"]), { now: () => NOW + 500, heartbeatMs: 0 });
    const { page, close } = await openScreen(browser, `${gateway.url}/wall/berlin/packing/l1`, { clock: true });
    await settled(page);
    await page.clock.runFor(4_750);
    expect(await page.locator(".picture").getAttribute("data-status")).toBe("live");
    await page.clock.runFor(500);
    expect(await page.locator(".picture").getAttribute("data-status")).toBe("lost");
    expect(await textOf(page, ".banner-title")).toBe("Server silent since 10:42:17");
    await close();
    await gateway.close();
  });

  test("W-3: a lost connection is announced at once by a banner with the role alert", async () => {
    const gateway = await gatewayOf(smallPlant(["running"]));
    const { page, close } = await openScreen(browser, `${gateway.url}/wall/berlin/packing/l1/depalletizer?lang=de`);
    await settled(page);
    await gateway.close();
    await page.getByText(/^Keine Verbindung seit 10:4[2-9]:\d\d$/).waitFor();
    expect(await page.getByRole("alert").count()).toBe(1);
    await close();
  });

  test("W-3: before the first snapshot there is no figure and no state", async () => {
    const gateway = await gatewayOf(smallPlant(["running"]));
    gateway.setSilent(true);
    const { page, close } = await openScreen(browser, `${gateway.url}/wall/berlin/packing/l1/depalletizer`);
    await page.getByText("Connecting to the server").waitFor();
    expect(await page.locator("[data-sign], [data-figure]").count()).toBe(0);
    await close();
    await gateway.close();
  });

  test("W-3: the age of the last event appears by itself when a running machine falls silent", async () => {
    let now = NOW;
    const gateway = await gatewayOf(smallPlant(["running"]), { now: () => now, heartbeatMs: 100 });
    const { page, close } = await openScreen(browser, `${gateway.url}/wall/berlin/packing/l1/depalletizer`);
    await settled(page);
    expect(await page.locator(".age").count()).toBe(0);
    now += 180_000;
    await page.getByText(/^Last event 3 min \d+ sec ago$/).waitFor();
    await close();
    await gateway.close();
  });
});

/** Seconds of a duration such as `0:12:34`, or of a time of day. */
function secondsIn(text: string): number {
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

describe("W-4: clock and durations follow the server's time", () => {
  test("W-4: a screen with a wrong clock and zone shows the site's time and right durations", async () => {
    const scene = smallPlant(["stop"]);
    const gateway = await gatewayOf(scene, { now: () => NOW });
    const openedAt = performance.now();
    const { page, close } = await openScreen(browser, `${gateway.url}/wall/berlin/packing/l1/depalletizer`, {
      timezone: "Pacific/Auckland",
      script: clockOffBy(-97),
    });
    await settled(page);
    // When the clock has just changed: a page that is held up tells older seconds.
    const texts = page.evaluate(
      () =>
        new Promise<string[]>((resolve) => {
          const [clock, timer] = [".clock-time", ".call-time"].map((selector) => document.querySelector(selector));
          if (clock === null || clock === undefined) return resolve([]);
          const read = (): void => resolve([clock, timer].map((shown) => shown?.textContent ?? ""));
          new MutationObserver(read).observe(clock, { childList: true, characterData: true, subtree: true });
        }),
    );
    const [clock = 0, timer = 0] = (await texts).map(secondsIn);
    // Seconds that the shown clock is past the time that the server gave: at most as long as the page is open.
    const wentOn = clock - secondsIn("10:42:17");
    expect([wentOn >= 0, wentOn <= Math.ceil((performance.now() - openedAt) / 1_000)]).toEqual([true, true]);
    const lastedMs = NOW - (elementIn(scene, "berlin/packing/l1/depalletizer").machine?.since ?? 0);
    // Clock and timer show whole seconds.
    expect(Math.abs(timer - wentOn - lastedMs / 1_000)).toBeLessThanOrEqual(1);
    expect(await textOf(page, ".clock-date")).toBe("Mon, Mar 2");
    expect(await textOf(page, ".call-foot")).toContain("since 10:29");
    await close();
    await gateway.close();
  });

  test("W-4: a message between two seconds changes no duration: each changes with the clock", async () => {
    const scene = smallPlant(["stop"]);
    let now = NOW;
    const gateway = await gatewayOf(scene, { now: () => now, heartbeatMs: 0 });
    const element = elementIn(scene, "berlin/packing/l1/depalletizer");
    const say = (order: string): void =>
      gateway.push([{ ...element, machine: { ...machineOf("stop", 1), since: NOW - 60_600, order } }]);
    say("4711");
    const { page, close } = await openScreen(browser, `${gateway.url}/wall/berlin/packing/l1/depalletizer`, {
      clock: true,
    });
    await settled(page);
    expect(await textOf(page, ".call-time")).toBe("0:01:00");
    await page.clock.runFor(500);
    now += 500;
    say("4712");
    await page.getByText("4712").waitFor();
    expect(await textOf(page, ".call-time")).toBe("0:01:00");
    await page.clock.runFor(510);
    expect([await textOf(page, ".clock-time"), await textOf(page, ".call-time")]).toEqual(["10:42:18", "0:01:01"]);
    await close();
    await gateway.close();
  });

  test("W-4: durations and clock tick each second without any message", async () => {
    const gateway = await gatewayOf(smallPlant(["stop"]), { now: () => NOW, heartbeatMs: 0 });
    const { page, close } = await openScreen(browser, `${gateway.url}/wall/berlin/packing/l1/depalletizer`, {
      clock: true,
    });
    await settled(page);
    const secondsOf = async (selector: string): Promise<number> => secondsIn(await textOf(page, selector));
    const [timer, clock] = [await secondsOf(".call-time"), await secondsOf(".clock-time")];
    // The page's ticker fires a little after the full second, hence 10 ms more.
    await page.clock.runFor(3_010);
    expect((await secondsOf(".call-time")) - timer).toBe(3);
    expect((await secondsOf(".clock-time")) - clock).toBe(3);
    await close();
    await gateway.close();
  });
});

/** Opens a machine's screen; returns a function that gives the text of a figure by its name. */
async function figures(
  element: Partial<Parameters<typeof elementOf>[2]>,
  path = FILLER,
  more: Partial<LiveElement> = {},
): Promise<(name: string) => string> {
  const rated = path !== "unrated";
  const machine = scope(FILLER, "machine", "Filler", { rated });
  const scopes = [
    scope("*", "enterprise", "Acme"),
    scope("berlin", "site", "B"),
    scope("berlin/packing", "area", "P"),
    scope("berlin/packing/l1", "line", "L"),
    machine,
  ];
  const live = elementOf(
    machine,
    { machine: machineOf("running", 1, rated ? {} : { idealCycleSeconds: null }), ...more },
    element,
  );
  const gateway = await gatewayOf({ plant: plantOf(scopes), elements: [live] });
  const { page, close } = await openScreen(browser, `${gateway.url}/wall/${FILLER}`);
  await settled(page);
  const texts = new Map<string, string>();
  for (const name of [
    "oee",
    "availability",
    "performance",
    "quality",
    "produced",
    "target",
    "difference",
    "stops",
    "downtime",
    "mttr",
    "rate",
    "next",
  ]) {
    const found = page.locator(name === "oee" ? ".oee-main" : `[data-figure="${name}"]`);
    texts.set(name, (await found.innerText()).replace(/\s+/g, " "));
  }
  await close();
  await gateway.close();
  return (name) => texts.get(name) ?? "";
}

describe("W-5: a figure that does not exist is a dash with its reason", () => {
  test("W-5: each missing figure has a reason of its own, and none is 0 %", async () => {
    const text = await figures(
      { availability: null, performance: null, quality: null, target: null, stops: 0 },
      FILLER,
      {
        machine: machineOf("noReason", 1),
        shift: null,
      },
    );
    expect(text("oee")).toBe("OEE – nothing planned yet");
    expect(text("availability")).toBe("Availability – nothing planned yet");
    expect(text("performance")).toBe("Performance – nothing planned yet");
    expect(text("quality")).toBe("Quality – nothing produced yet");
    expect(text("target")).toBe("Target so far · pcs – no takt set");
    expect(text("difference")).toBe("Difference · pcs – no takt set");
    expect(text("mttr")).toBe("MTTR – no repair yet");
    expect(text("rate")).toBe("Rate now · pcs – not run for 15 min");
    expect(text("next")).toBe("Shift ends – no shift now");
  });

  test("W-5: where nothing is known of any time, sums are dashes and no 0", async () => {
    const nothing = {
      availability: null,
      performance: null,
      quality: null,
      produced: 0,
      scrap: 0,
      stops: 0,
      downtimeMs: 0,
    };
    const text = await figures({ ...nothing, coverage: 0 });
    for (const [name, label] of [
      ["produced", "Produced · pcs"],
      ["difference", "Difference · pcs"],
      ["stops", "Stops"],
      ["downtime", "Unplanned downtime"],
      ["mttr", "MTTR"],
      ["quality", "Quality"],
    ] as const)
      expect(text(name)).toBe(`${label} – no data`);
    expect((await figures(nothing))("produced")).toBe("Produced · pcs 0");
  });

  test("W-5: OEE and performance of an unrated machine say that no ideal cycle is set", async () => {
    const text = await figures({ performance: null }, "unrated");
    expect(text("oee")).toBe("OEE – no ideal cycle set");
    expect(text("performance")).toBe("Performance – no ideal cycle set");
  });

  test("W-5: a performance over 100 % is shown as it is, and marked", async () => {
    const text = await figures({ performance: 1.137 });
    expect(text("performance")).toBe("Performance 113.7% check ideal cycle");
    expect(text("oee")).toContain("99.0");
  });

  test("W-5: OEE of a period with gaps in its data says for how much of the time there are data", async () => {
    const text = await figures({ coverage: 0.62 });
    expect(text("oee")).toContain("data for 62.0% of the time");
  });
});

describe("W-6: a screen runs for months", () => {
  test("W-6: after a restart of the server the screen shows a new snapshot, without loading the page again", async () => {
    const scene = smallPlant(["stop"]);
    const first = await gatewayOf(scene, { port: await freePort() });
    const { page, errors, close } = await openScreen(browser, `${first.url}/wall/berlin/packing/l1/depalletizer`);
    await settled(page);
    await first.close();
    await page.locator(".banner").waitFor();
    const changed = { ...elementIn(scene, "berlin/packing/l1/depalletizer"), machine: machineOf("setup", 1) };
    const others = scene.elements.filter((element) => element.scope !== changed.scope);
    const second = await gatewayOf({ ...scene, elements: [...others, changed] }, { port: first.port });
    await page.locator('.picture[data-status="live"]').waitFor();
    expect(await textOf(page, ".call-word")).toBe("Setup");
    expect(second.pageLoads()).toBe(0);
    expect(errors.filter((error) => !error.includes("ERR_CONNECTION") && !error.includes("WebSocket"))).toEqual([]);
    await close();
    await second.close();
  });

  test("W-6: the page reloads itself once when the server has a new version, after it has seen that the server answers", async () => {
    const scene = smallPlant(["stop"]);
    const gateway = await gatewayOf(scene);
    const { page, close } = await openScreen(
      browser,
      `${gateway.url}/wall/${FILLER.replace("filler", "depalletizer")}`,
    );
    await settled(page);
    expect(gateway.pageLoads()).toBe(1);
    const reloaded = page.waitForEvent("load");
    gateway.setVersion("2");
    gateway.push(scene.elements);
    await reloaded;
    await settled(page);
    gateway.push(scene.elements);
    // The first load, a request of the page to see whether the server answers, and the reload.
    expect(gateway.pageLoads()).toBe(3);
    await close();
    await gateway.close();
  });

  test("W-6: a page whose server does not answer at first says so, and shows figures once it does", async () => {
    const scene = smallPlant(["stop"]);
    const gateway = await gatewayOf(scene);
    const context = await browser.newContext({ locale: "en" });
    const page = await context.newPage();
    let refused = 0;
    await page.route("**/api/v1/plant", async (route) => {
      if (refused++ < 2) await route.abort("connectionrefused");
      else await route.continue();
    });
    await page.goto(`${gateway.url}/wall/${FILLER.replace("filler", "depalletizer")}`);
    await page.getByText("The server does not answer").waitFor();
    await settled(page);
    expect(refused).toBe(3);
    await context.close();
    await gateway.close();
  });

  test("W-6: the picture is moved by up to 4 pixels, to another place each minute, against burn-in; the pointer is hidden", async () => {
    const gateway = await gatewayOf(smallPlant(["stop"]), { heartbeatMs: 100 });
    const { page, close } = await openScreen(browser, `${gateway.url}/wall/berlin/packing`, { clock: true });
    await settled(page);
    expect(await page.evaluate(() => getComputedStyle(document.body).cursor)).toBe("none");
    const places = new Set<string>();
    for (let minute = 0; minute < 9; minute++) {
      const { x, y } = (await page.locator(".picture").boundingBox()) ?? { x: Number.NaN, y: Number.NaN };
      expect(Math.max(Math.abs(x), Math.abs(y))).toBeLessThanOrEqual(4);
      places.add(`${x} ${y}`);
      await page.clock.runFor(60_000);
    }
    expect(places.size).toBe(9);
    expect((await measure(page)).cutOff).toEqual([]);
    await close();
    await gateway.close();
  });
});

test("W-7: only the row of the machine that a message names is drawn again", async () => {
  const scene = smallPlant(MIXED);
  const gateway = await gatewayOf(scene, { now: () => NOW, heartbeatMs: 0 });
  const { page, close } = await openScreen(browser, `${gateway.url}/wall/berlin/packing/l1`, { script: STILL });
  await settled(page);
  await watchRedraws(page);
  const { machine, windows } = elementIn(scene, FILLER);
  const changed = scope(FILLER, "machine", "Filler");
  gateway.push([
    {
      ...elementOf(changed, { machine }, { produced: 123_456 }),
      windows: { ...windows, shift: windowOf({ produced: 123_456 }) },
    },
  ]);
  await page.locator(`.row[data-scope="${FILLER}"]`).getByText("123,456").waitFor();
  const { drawn, rendered } = await redrawn(page);
  expect(drawn).toEqual([FILLER]);
  expect(rendered.filter((place) => place.startsWith("berlin/"))).toEqual([FILLER]);
  await close();
  await gateway.close();
});

describe("CN-5: quantities are shown with their unit", () => {
  const loom = scope("berlin/weaving/l1/loom", "machine", "Loom", { unit: "m", decimals: 1 });
  const line = scope("berlin/weaving/l1", "line", "Line 1", { unit: "m", decimals: 1 });
  const cutter = scope("berlin/weaving/l1/cutter", "machine", "Cutter");
  const area = scope("berlin/weaving", "area", "Weaving", { unit: null });
  const scopes = [scope("*", "enterprise", "Acme"), scope("berlin", "site", "Berlin"), area, line, loom, cutter];
  const scene: Scene = {
    plant: plantOf(scopes),
    elements: scopes.map((each) =>
      elementOf(each, each.kind === "machine" ? { machine: machineOf("running", 1) } : {}),
    ),
  };

  test('CN-5: produced, target, difference and rate have their unit, also pieces, and its decimals; a scope of several units says "mixed units"', async () => {
    const gateway = await gatewayOf(scene, { now: () => NOW });
    const { page, close } = await openScreen(browser, `${gateway.url}/wall/${loom.path}`, { script: STILL });
    await settled(page);
    expect(await textOf(page, '[data-figure="produced"] .figure-label')).toBe("Produced · m");
    expect(await textOf(page, '[data-figure="target"] .figure-label')).toBe("Target so far · m");
    expect(await textOf(page, '[data-figure="difference"] .figure-label')).toBe("Difference · m");
    expect(await textOf(page, '[data-figure="rate"] .figure-label')).toBe("Rate now · m");
    expect(await textOf(page, '[data-figure="produced"] .figure-value')).toMatch(/\.\d$/);
    expect(await textOf(page, '[data-figure="rate"] .figure-value')).toMatch(/\.\d\d?\/h$/);
    await page.goto(`${gateway.url}/wall/${cutter.path}`);
    await settled(page);
    expect(await textOf(page, '[data-figure="produced"] .figure-label')).toBe("Produced · pcs");
    await page.goto(`${gateway.url}/wall/${line.path}`);
    await settled(page);
    expect(await textOf(page, `[data-scope="${loom.path}"] .row-output .row-note`)).toBe("/ 10,420.0 · m");
    expect(await textOf(page, `[data-scope="${cutter.path}"] .row-output .row-note`)).toBe("/ 10,420 · pcs");
    await page.goto(`${gateway.url}/wall/${area.path}`);
    await settled(page);
    expect(await textOf(page, '[data-figure="produced"] .figure-label')).toBe("Produced · mixed units");
    expect(await textOf(page, `[data-scope="${line.path}"] .tile-output .muted`)).toBe("/ 10,420.0 · m");
    await close();
    await gateway.close();
  });
});

test("W-8: names are text, whatever they hold: shown as they are, shortened, never markup", async () => {
  const gateway = await gatewayOf(HOSTILE_SCENE);
  const { page, errors, close } = await openScreen(browser, "about:blank");
  page.on("dialog", () => expect.fail("a name ran as script"));
  for (const path of ["s/a/l/m", "s/a/l", "s/a", "*"]) {
    await page.goto(`${gateway.url}/wall/${path}`);
    await settled(page);
    expect(await textOf(page, "h1")).toBe(HOSTILE);
    expect(await page.locator("img").count()).toBe(0);
    expect(await page.getByText(HOSTILE).count()).toBeGreaterThan(1);
  }
  expect(errors).toEqual([]);
  await close();
  await gateway.close();
});

describe("an address that cannot be shown says why", () => {
  test.each([
    ["/wall/berlin/nowhere", "There is no “berlin/nowhere” in Acme Drinks."],
    ["/wall/berlin?window=7h", "There is no window “7h”. There are: shift, 15m, 1h, 8h, 24h."],
    ["/wall/berlin?theme=pink", "“theme” cannot be “pink”. It can be: dark, light."],
  ])("%s", async (path, words) => {
    const gateway = await gatewayOf(smallPlant(["running"]));
    const { page, close } = await openScreen(browser, gateway.url + path);
    await page.getByText(words).waitFor();
    expect(await page.locator("[data-figure]").count()).toBe(0);
    await close();
    await gateway.close();
  });
});

test("with `sort=worst` the tile with the most urgent state comes first; without it tiles are in the plant's order", async () => {
  const gateway = await gatewayOf(smallPlant(["running"]));
  const order = async (query: string): Promise<readonly (string | null)[]> => {
    const { page, close } = await openScreen(browser, `${gateway.url}/wall/berlin${query}`);
    await settled(page);
    const signs = await page
      .locator(".tile")
      .evaluateAll((tiles) => tiles.map((tile) => tile.getAttribute("data-sign")));
    await close();
    return signs;
  };
  expect(await order("")).toEqual(["running", "minorStop", "noData", "running"]);
  expect(await order("?sort=worst")).toEqual(["noData", "minorStop", "running", "running"]);
  await gateway.close();
});
