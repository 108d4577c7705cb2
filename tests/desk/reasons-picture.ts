/** Draws docs/reasons.png, the tablet with a stop that needs a reason: `npx tsx -C @oee/source tests/desk/reasons-picture.ts`. */
import { fileURLToPath } from "node:url";
import { launchBrowser } from "../../dashboards/test/browser.ts";
import { ensureBuilt } from "../wall/wall.ts";
import { startPlant } from "./plant.ts";

async function draw(): Promise<void> {
  await ensureBuilt();
  const server = await startPlant();
  const { line, ago } = await server.nextMorning();
  const browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: "en" });
  await page.goto(`${server.url}/reasons/${line}?theme=light`);
  const time = new Date(ago(120)).toLocaleTimeString("en-GB", {
    hour: "2-digit",
    minute: "2-digit",
    timeZone: "Europe/Berlin",
  });
  const learnt = page.waitForResponse((response) => response.url().includes("/pareto"));
  await page.reload();
  await (await learnt).finished();
  await page.locator(".stop", { hasText: time }).click();
  await page.locator(".reason").first().waitFor();
  await page.screenshot({
    path: fileURLToPath(new URL("../../docs/reasons.png", import.meta.url)),
    animations: "disabled",
  });
  await browser.close();
  await server.close();
}

void draw();
