/** What the browser tests of the wall share: a built dashboard, one browser a file, screens of the four sizes. */
import { existsSync } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { expect } from "vitest";
import type { Scene } from "../../dashboards/test/plant-fixture.ts";
import { NOW } from "../../dashboards/test/plant-fixture.ts";
import {
  DIST,
  type Script,
  type ScriptedGateway,
  startScriptedGateway,
} from "../../dashboards/test/scripted-gateway.ts";

const SIZES = {
  hd: { width: 1280, height: 720 },
  fullHd: { width: 1920, height: 1080 },
  uhd: { width: 3840, height: 2160 },
  portrait: { width: 1080, height: 1920 },
} as const;
export type SizeName = keyof typeof SIZES;
export const SIZE_NAMES: readonly SizeName[] = ["hd", "fullHd", "uhd", "portrait"];

/** Builds the dashboards where that was not done yet; two test files may try at once, so the result is put in place whole. */
export async function ensureBuilt(): Promise<void> {
  if (existsSync(`${DIST}/index.html`)) return;
  const outDir = `${DIST}-${process.pid}`;
  await build({
    configFile: fileURLToPath(new URL("../../dashboards/vite.config.ts", import.meta.url)),
    logLevel: "error",
    build: { outDir },
  });
  await rename(outDir, DIST).catch(async () => rm(outDir, { recursive: true, force: true }));
}

/** A server whose clock goes on from `NOW` as real time does. */
export async function gatewayOf(scene: Scene, more: Partial<Script> = {}): Promise<ScriptedGateway> {
  const startedAt = performance.now();
  return startScriptedGateway({ ...scene, now: () => NOW + Math.round(performance.now() - startedAt), ...more });
}

export interface ScreenOptions {
  readonly size?: SizeName;
  /** The screen's own zone, which must not matter. */
  readonly timezone?: string;
  /** The screen's time stands still, but for what `page.clock` lets it run. */
  readonly clock?: boolean;
  /** Runs before anything else in the page. */
  readonly script?: string;
}

export interface Screen {
  readonly page: Page;
  /** What went wrong inside, uncaught errors and console errors alike. */
  readonly errors: readonly string[];
  readonly close: () => Promise<void>;
}

export async function openScreen(browser: Browser, url: string, options: ScreenOptions = {}): Promise<Screen> {
  const context = await browser.newContext({
    viewport: SIZES[options.size ?? "hd"],
    timezoneId: options.timezone ?? "America/New_York",
    locale: "en",
  });
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(message.text());
  });
  if (options.clock === true) {
    await page.clock.install({ time: 0 });
    // It goes on until it is told to stand, and can only be told a time that is to come.
    await page.clock.pauseAt(3_600_000);
  }
  if (options.script !== undefined) await page.addInitScript(options.script);
  await page.goto(url);
  return { page, errors, close: async () => context.close() };
}

/** The same page on a screen of another size, laid out. */
export async function resize(page: Page, size: SizeName): Promise<void> {
  await page.setViewportSize(SIZES[size]);
  await page.evaluate(
    async () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}

/**
 * Looks at that address at each of the four sizes: one page, which is resized; with `OEE_WALL_LONG=1` a page of its own for
 * each size, as a screen that is switched on has it. Nothing may go wrong inside.
 */
export async function atEachSize(
  browser: Browser,
  url: string,
  look: (page: Page, size: SizeName) => Promise<void>,
): Promise<void> {
  const opened = process.env["OEE_WALL_LONG"] === undefined ? [SIZE_NAMES] : SIZE_NAMES.map((size) => [size]);
  for (const sizes of opened) {
    const { page, errors, close } = await openScreen(browser, url, { size: sizes[0] ?? "hd" });
    await settled(page);
    for (const size of sizes) {
      await resize(page, size);
      await look(page, size);
    }
    expect(errors).toEqual([]);
    await close();
  }
}

/** For `script`: time stands still on the screen; with a server whose clock stands still too, nothing on it counts. */
export const STILL = "{ const still = performance.now(); performance.now = () => still; }";

/** For `script`: the screen's own clock so many hours off; the time that goes by is right all the same. */
export function clockOffBy(hours: number): string {
  return `{
    const real = Date.now;
    Date = class extends Date { constructor(...given) { given.length ? super(...given) : super(Date.now()); } };
    Date.now = () => real() + ${hours} * 3600e3;
  }`;
}

/** Waits for the first picture with its fonts. */
export async function settled(page: Page): Promise<void> {
  await page.locator(".picture[data-status]").waitFor();
  await page.evaluate(async () => {
    await document.fonts.ready;
  });
}

export async function textOf(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).first().textContent()) ?? "";
}
