/** Draws docs/wall.png, the picture in the README: `npx tsx -C @oee/source tests/wall/readme-picture.ts`. */
import { fileURLToPath } from "node:url";
import { launchBrowser } from "../../dashboards/test/browser.ts";
import { NOW, smallPlant } from "../../dashboards/test/plant-fixture.ts";
import { startScriptedGateway } from "../../dashboards/test/scripted-gateway.ts";
import { ensureBuilt, openScreen, settled, STILL } from "./wall.ts";

async function draw(): Promise<void> {
  await ensureBuilt();
  const browser = await launchBrowser();
  const scene = smallPlant(["blocked", "noReason", "starved", "running", "running", "minor", "running"]);
  const gateway = await startScriptedGateway({ ...scene, now: () => NOW });
  const { page, close } = await openScreen(browser, `${gateway.url}/wall/berlin/packing/l1`, {
    script: STILL,
  });
  await settled(page);
  await page.screenshot({
    path: fileURLToPath(new URL("../../docs/wall.png", import.meta.url)),
    animations: "disabled",
  });
  await close();
  await gateway.close();
  await browser.close();
}

void draw();
