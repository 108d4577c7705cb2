/**
 * Compares screenshots with reference pictures: each kind of scope at each size in both themes, and each state. A person looked at
 * each reference before it was kept. `UPDATE_REFERENCES=1 npx vitest run tests/wall/pictures` draws new ones; look at them then.
 * Text and layout depend on the fonts installed: Barlow comes with the product, all others from Debian's fonts-noto-core.
 */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pixelmatch from "pixelmatch";
import type { Browser } from "playwright-core";
import { PNG } from "pngjs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "../../dashboards/test/browser.ts";
import {
  elementOf,
  type Figures,
  largePlant,
  machineOf,
  type Now,
  NOW,
  LATENCY,
  plantOf,
  remarkablePlant,
  type Scene,
  scope,
  silentPlant,
  smallPlant,
  times,
} from "../../dashboards/test/plant-fixture.ts";
import { ensureBuilt, openScreen, settled, SIZE_NAMES, type SizeName, STILL } from "./wall.ts";
import { startScriptedGateway } from "../../dashboards/test/scripted-gateway.ts";

const REFERENCES = fileURLToPath(new URL("./reference", import.meta.url));
const UPDATE = process.env["UPDATE_REFERENCES"] === "1";
/** Set by `OEE_WALL_LONG=1`: every scope at every size in both themes. */
const LONG = UPDATE || process.env["OEE_WALL_LONG"] !== undefined;
/** Greatest share of differing pixels that passes, for antialiasing of another Chromium. */
const TOLERANCE = 0.004;

const fontsThere = existsSync("/usr/share/fonts/truetype/noto/NotoSans-Regular.ttf");

const MIXED: readonly Now[] = ["blocked", "noReason", "starved", "minor", "running", "noData", "slow"];
const SCOPES: readonly (readonly [string, Scene, string])[] = [
  ["machine", smallPlant(["noReason"]), "berlin/packing/l1/depalletizer"],
  ["line", smallPlant(MIXED), "berlin/packing/l1"],
  ["area", smallPlant(MIXED), "berlin/packing"],
  ["site", largePlant(1, 3, 3, 4), "site-1"],
  ["enterprise", largePlant(2, 2, 5, 4), "*"],
];

/** Rare screens that must look right too: without data, with remarkable figures, with few or many machines. */
const EXTREMES: readonly (readonly [string, Scene, string])[] = [
  ["line-silent", silentPlant(), "berlin/packing/l1"],
  ["line-remarkable", remarkablePlant(), "berlin/packing/l1?lang=fr"],
  ["line-single", smallPlant(["noReason"]), "berlin/packing/l1?lang=de"],
  ["line-pair", smallPlant(["noReason", "running"]), "berlin/packing/l1"],
  ["line-long", smallPlant(times(24)), "berlin/packing/l1?lang=zh"],
  ["area-crowded", smallPlant(times(108)), "berlin/packing"],
  ["enterprise-areas", largePlant(2, 3, 5, 4), "*?tiles=areas"],
];

const STATES: readonly Now[] = ["running", "slow", "minor", "stop", "setup", "maintenance", "break", "noData"];

function oneMachine(now: Now, rated: boolean, figures: Figures): Scene {
  const machine = scope("berlin/packing/l1/filler", "machine", "Filler", { rated, ...(rated ? {} : { targets: {} }) });
  const scopes = [
    scope("*", "enterprise", "Acme"),
    scope("berlin", "site", "Berlin"),
    scope("berlin/packing", "area", "Packing"),
    scope("berlin/packing/l1", "line", "Line 1"),
    machine,
  ];
  const more = rated ? {} : { idealCycleSeconds: null, taktSeconds: null };
  return { plant: plantOf(scopes), elements: [elementOf(machine, { machine: machineOf(now, 3, more) }, figures)] };
}

let browser: Browser;
beforeAll(async () => {
  await ensureBuilt();
  browser = await launchBrowser();
  if (UPDATE) await mkdir(REFERENCES, { recursive: true });
});
afterAll(async () => browser?.close());

interface Shot {
  readonly scene: Scene;
  readonly path: string;
  readonly size: SizeName;
  readonly lost?: boolean;
  /** The whole page is taken, not only the part that is in view. */
  readonly whole?: boolean;
}

/** Takes a screenshot. The clocks of server and screen stand still at one instant, so that no ticking second makes a difference. */
async function shoot(shot: Shot): Promise<Buffer> {
  const gateway = await startScriptedGateway({ ...shot.scene, now: () => NOW, heartbeatMs: 0, latency: () => LATENCY });
  const { page, close } = await openScreen(browser, `${gateway.url}${shot.path}`, {
    size: shot.size,
    script: STILL,
  });
  try {
    if (shot.path.startsWith("/wall?")) {
      await page.getByText("From the floor to the screen").waitFor();
      // The address, its QR code and the preview differ in each run, because of the port.
      await page.addStyleTag({ content: ".setup-address input, .setup-address img, iframe { visibility: hidden; }" });
    } else {
      await settled(page);
    }
    if (shot.lost === true) {
      await gateway.close();
      await page.locator(".banner").waitFor();
    }
    return await page.screenshot({ animations: "disabled", fullPage: shot.whole === true });
  } finally {
    await close();
    if (shot.lost !== true) await gateway.close();
  }
}

/** The share of pixels that differ from the reference; a screenshot that differs too much is kept in the temporary folder, to look at. */
async function difference(name: string, shot: Shot): Promise<number> {
  const taken = await shoot(shot);
  const actual = reduced(taken, REDUCTION[shot.size]);
  const file = join(REFERENCES, `${name}.png`);
  if (UPDATE)
    await writeFile(file, PNG.sync.write(actual, { colorType: 2, deflateLevel: 9, deflateStrategy: 0, filterType: 0 }));
  const { width, height, data } = PNG.sync.read(await readFile(file));
  if (width !== actual.width || height !== actual.height) return 1;
  const marked = new PNG({ width, height });
  const share = pixelmatch(data, actual.data, marked.data, width, height, { threshold: 0.15 }) / (width * height);
  if (share > TOLERANCE) {
    const folder = join(tmpdir(), "oee-wall-pictures");
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, `${name}.png`), taken);
    await writeFile(join(folder, `${name}.difference.png`), PNG.sync.write(marked));
    console.error(`${name} differs in ${(share * 100).toFixed(2)} % of its pixels: see ${folder}`);
  }
  return share;
}

/** The factor by which width and height of a picture are reduced before it is kept or compared: the repository stays small, and a shifted or missing part still shows. */
const REDUCTION: Readonly<Record<SizeName, number>> = { hd: 2, fullHd: 2, uhd: 4, portrait: 2 };
/** Each colour channel (0 to 255) is rounded to a multiple of this. */
const COLOUR_STEP = 8;

function reduced(picture: Buffer, factor: number): PNG {
  const source = PNG.sync.read(picture);
  const target = new PNG({ width: Math.floor(source.width / factor), height: Math.floor(source.height / factor) });
  for (let y = 0; y < target.height; y++) {
    for (let x = 0; x < target.width; x++) {
      const at = (y * target.width + x) * 4;
      for (let channel = 0; channel < 3; channel++) {
        let sum = 0;
        for (let dy = 0; dy < factor; dy++) {
          for (let dx = 0; dx < factor; dx++) {
            sum += source.data[((y * factor + dy) * source.width + x * factor + dx) * 4 + channel] ?? 0;
          }
        }
        target.data[at + channel] = Math.min(255, Math.round(sum / factor / factor / COLOUR_STEP) * COLOUR_STEP);
      }
      target.data[at + 3] = 255;
    }
  }
  return target;
}

/**
 * Themes differ in colours alone, so layout is tested in one of them. The larger sizes of 16 to 9 are those of hd enlarged, for every
 * length is a part of the screen's: one scope shows that, and rules.test.ts measures the others.
 */
function sizesOf(scopeName: string, theme: string): readonly SizeName[] {
  if (LONG || (theme === "dark" && scopeName === "line")) return SIZE_NAMES;
  return theme === "dark" ? ["hd", "portrait"] : ["hd"];
}

describe.skipIf(!fontsThere)("reference pictures (skipped without Noto Sans)", () => {
  for (const theme of ["dark", "light"]) {
    describe.each(SCOPES)(`W-1, W-2: %s, ${theme}`, (name, scene, path) => {
      test.each(sizesOf(name, theme))("at %s", async (size) => {
        expect(
          await difference(`${name}-${size}-${theme}`, { scene, path: `/wall/${path}?theme=${theme}`, size }),
        ).toBeLessThanOrEqual(TOLERANCE);
      });
    });

    test.each(EXTREMES)(`W-1: %s, ${theme}`, async (name, scene, path) => {
      const address = `/wall/${path}${path.includes("?") ? "&" : "?"}theme=${theme}`;
      for (const size of theme === "dark" ? (["hd", "portrait"] as const) : (["hd"] as const)) {
        expect(await difference(`${name}-${size}-${theme}`, { scene, path: address, size })).toBeLessThanOrEqual(
          TOLERANCE,
        );
      }
    });

    test.each(STATES)(`W-2: a machine that is %s, ${theme}`, async (now) => {
      const path = `/wall/berlin/packing/l1/filler?theme=${theme}`;
      expect(
        await difference(`state-${now}-${theme}`, { scene: oneMachine(now, true, {}), path, size: "hd" }),
      ).toBeLessThanOrEqual(TOLERANCE);
    });

    test(`W-3: a screen that lost its server, ${theme}`, async () => {
      expect(
        await difference(`lost-${theme}`, {
          scene: smallPlant(MIXED),
          path: `/wall/berlin/packing/l1?theme=${theme}`,
          size: "hd",
          lost: true,
        }),
      ).toBeLessThanOrEqual(TOLERANCE);
      expect(
        await difference(`lost-portrait-${theme}`, {
          scene: oneMachine("running", true, {}),
          path: `/wall/berlin/packing/l1/filler?theme=${theme}`,
          size: "portrait",
          lost: true,
        }),
      ).toBeLessThanOrEqual(TOLERANCE);
    });

    test(`W-5: an unrated machine without figures, and one with a performance above 100 %, ${theme}`, async () => {
      const path = `/wall/berlin/packing/l1/filler?theme=${theme}`;
      const nothing: Figures = {
        availability: null,
        performance: null,
        quality: null,
        target: null,
        stops: 0,
        produced: 0,
        scrap: 0,
        coverage: 0.4,
      };
      expect(
        await difference(`missing-${theme}`, { scene: oneMachine("noReason", false, nothing), path, size: "hd" }),
      ).toBeLessThanOrEqual(TOLERANCE);
      expect(
        await difference(`over-${theme}`, {
          scene: oneMachine("running", true, { performance: 1.137 }),
          path,
          size: "hd",
        }),
      ).toBeLessThanOrEqual(TOLERANCE);
      expect(
        await difference(`over-portrait-${theme}`, {
          scene: oneMachine("running", true, { performance: 1.137, coverage: 0.7 }),
          path,
          size: "portrait",
        }),
      ).toBeLessThanOrEqual(TOLERANCE);
    });

    test(`the page that sets a screen up, ${theme}`, async () => {
      expect(
        await difference(`setup-${theme}`, {
          scene: smallPlant(MIXED),
          path: `/wall?theme=${theme}`,
          size: "fullHd",
          whole: true,
        }),
      ).toBeLessThanOrEqual(TOLERANCE);
    });
  }
});
