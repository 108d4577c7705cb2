/** Shared by the browser tests of the wall: builds the dashboards, starts scripted servers, opens screens of the four sizes. */
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

/** Builds the dashboards unless they are built. Two test files may do so at once, so each builds into its own folder and renames it. */
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

/** A scripted server whose clock starts at `NOW` and runs at real speed. */
export async function gatewayOf(scene: Scene, more: Partial<Script> = {}): Promise<ScriptedGateway> {
  const startedAt = performance.now();
  return startScriptedGateway({ ...scene, now: () => NOW + Math.round(performance.now() - startedAt), ...more });
}

export interface ScreenOptions {
  readonly size?: SizeName;
  /** The time zone of the screen's system, on which nothing shown may depend. */
  readonly timezone?: string;
  /** The page's clock and timers stand still, and run only by `page.clock`. */
  readonly clock?: boolean;
  /** Runs before anything else in the page. */
  readonly script?: string;
}

export interface Screen {
  readonly page: Page;
  /** Messages of uncaught errors and console errors in the page. */
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
    // An installed clock runs until it is paused, and can only be paused at a time in its future.
    await page.clock.pauseAt(3_600_000);
  }
  if (options.script !== undefined) await page.addInitScript(options.script);
  await page.goto(url);
  return { page, errors, close: async () => context.close() };
}

/** Gives the page another size and waits until it is laid out. */
export async function resize(page: Page, size: SizeName): Promise<void> {
  await page.setViewportSize(SIZES[size]);
  await page.evaluate(
    async () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
  );
}

/**
 * Calls `look` at each of the four sizes of that address, on one page that is resized; with `OEE_WALL_LONG=1` on a new page for each
 * size, as on a screen that is switched on. The page may report no error.
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

/** For `script`: `performance.now()` stands still in the page. If the server's clock stands still too, no clock or duration ticks. */
export const STILL = "{ const still = performance.now(); performance.now = () => still; }";

/** For `script`: `Date` in the page is so many hours off, while `performance.now()` is right. */
export function clockOffBy(hours: number): string {
  return `{
    const real = Date.now;
    Date = class extends Date { constructor(...given) { given.length ? super(...given) : super(Date.now()); } };
    Date.now = () => real() + ${hours} * 3600e3;
  }`;
}

/** Waits until the page shows its first figures and its fonts are loaded. */
export async function settled(page: Page): Promise<void> {
  await page.locator(".picture[data-status]").waitFor();
  await page.evaluate(async () => {
    await document.fonts.ready;
  });
}

export async function textOf(page: Page, selector: string): Promise<string> {
  return (await page.locator(selector).first().textContent()) ?? "";
}
