/** Draws docs/desk.png, the desk with two simulated weeks of the demo plant: `npx tsx -C @oee/source tests/desk/desk-picture.ts [view …]`. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { launchBrowser } from "../../dashboards/test/browser.ts";
import { getJson, newFolder, oeeOutput, postLines, serve, until } from "../live/oee-process.ts";
import { ensureBuilt } from "../wall/wall.ts";

const DAY_MS = 86_400_000;
const LINE = "koeln/filling/pet";
const PATIENCE_MS = 300_000;
const LINES_AT_A_TIME = 50_000;
const DEMO = fileURLToPath(new URL("../../services/simulator/plants/demo.yaml", import.meta.url));

async function draw(): Promise<void> {
  await ensureBuilt();
  const folder = newFolder();
  const events = folder.path("events.ndjson");
  const from = new Date(Date.now() - 14 * DAY_MS).toISOString();
  const span = ["--from", from, "--to", new Date().toISOString(), "--count-every", "300s"];
  await oeeOutput(["simulate", "--plant", DEMO, ...span, "--output", events]);
  const server = await serve(["start", "--plant", DEMO, "--data", folder.path("data"), "--log-level", "warn"]);
  const lines = readFileSync(events, "utf8")
    .trimEnd()
    .split("\n")
    .filter((line) => line.includes(LINE));
  for (let at = 0; at < lines.length; at += LINES_AT_A_TIME) {
    await postLines(server.url, lines.slice(at, at + LINES_AT_A_TIME));
  }
  await until(
    "all of it in the answers",
    async () => {
      const { body } = await getJson<readonly { readonly kpis: { readonly coverage: number | null } }[]>(
        server.url,
        `/api/v1/kpis?scope=${LINE}&by=line&from=now-13d&to=now-1h`,
      );
      return (body[0]?.kpis.coverage ?? 0) > 0.95 ? true : undefined;
    },
    PATIENCE_MS,
  );
  const browser = await launchBrowser();
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: "en" });
  const [, , ...views] = process.argv;
  for (const view of views.length === 0 ? ["overview"] : views) {
    await page.goto(`${server.url}/review/${view}/${LINE}?period=yesterday&theme=light&lang=en`);
    await page.locator('[data-ready="true"], .grid').first().waitFor();
    await page.waitForFunction(() => document.querySelector('[aria-busy="true"]') === null);
    const name = views.length === 0 ? "desk" : `desk-${view}`;
    const path = fileURLToPath(new URL(`../../docs/${name}.png`, import.meta.url));
    await page.screenshot({ path, animations: "disabled", fullPage: views.length > 0 });
  }
  await browser.close();
  await server.end("SIGTERM");
  folder.remove();
}

void draw();
