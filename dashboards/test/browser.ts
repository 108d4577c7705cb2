/**
 * Debian's Chromium under playwright-core, as all browser tests start it: the shell without windows, in which a page opens in
 * half the time. `CHROMIUM` names another one, such as /usr/bin/chromium.
 */
import { type Browser, chromium } from "playwright-core";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  // One rendering of fonts everywhere, so that pictures compare.
  "--font-render-hinting=none",
  "--force-color-profile=srgb",
];

/** How long pages wait for what does not come, and not for what is slow (ms). */
const PATIENCE_MS = 240_000;

export async function launchBrowser(flags: readonly string[] = []): Promise<Browser> {
  const browser = await chromium.launch({
    executablePath: process.env["CHROMIUM"] ?? "/usr/bin/chromium-headless-shell",
    args: [...FLAGS, ...flags],
  });
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (options) => {
    const context = await newContext(options);
    context.setDefaultTimeout(PATIENCE_MS);
    return context;
  };
  return browser;
}
