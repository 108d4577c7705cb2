/** Measures what the wall costs the browser of a screen: `npx tsx -C @oee/source benchmarks/wall.ts`. */
import { launchBrowser } from "../dashboards/test/browser.ts";
import { aDayOfUpdates, scriptedLineOfTwenty, scriptedWork, timeToFirstFigures, weigh } from "../tests/wall/measure.ts";
import { ensureBuilt } from "../tests/wall/wall.ts";

async function run(): Promise<void> {
  await ensureBuilt();
  const browser = await launchBrowser();
  console.table({ "compressed bytes": weigh() });
  const line = await scriptedLineOfTwenty();
  const start = await timeToFirstFigures(browser, line.url);
  console.table({ "to the first figures (ms)": start });
  const work = await scriptedWork(browser, line, 20);
  await line.close();
  console.table({ "20 machines, 4 updates a second (share of a core)": work });
  console.table({ "a day of updates": await aDayOfUpdates(browser, 5) });
  await browser.close();
}

void run();
