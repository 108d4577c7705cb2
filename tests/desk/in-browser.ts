/** Starts one server with the plant of `plant.ts` and one Chromium for all tests of a file; makes pages whose errors are kept. */
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { launchBrowser } from "../../dashboards/test/browser.ts";
import { SIGNS_IN, suitePerson } from "../support/sign-in.ts";
import { ensureBuilt } from "../wall/wall.ts";
import { type PlantServer, startPlant } from "./plant.ts";

export interface NewPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** Messages of uncaught errors and console errors of the page so far. */
  readonly errors: readonly string[];
}

export interface PlantInBrowser {
  /** Usable from the first test or `beforeAll` of the file on, not while the file is loaded. */
  readonly server: PlantServer;
  readonly newPage: (options: BrowserContextOptions) => Promise<NewPage>;
}

/** Fills in who makes an entry; where people sign in, checks that the form has that person's name. */
export async function sayWho(form: Locator, name: string): Promise<void> {
  if (SIGNS_IN) await form.getByText(`Your name: ${suitePerson.name}`).waitFor();
  else await form.getByLabel("Your name").fill(name);
}

/** Call it once in a test file: it registers `beforeAll` and `afterAll`. */
export function plantInBrowser(lines?: number): PlantInBrowser {
  let browser: Browser;
  let server: PlantServer;
  beforeAll(async () => {
    await ensureBuilt();
    browser = await launchBrowser();
    server = await startPlant(lines);
  });
  afterAll(async () => {
    await browser.close();
    await server.close();
  });
  return {
    get server() {
      return server;
    },
    async newPage(options) {
      const context = await browser.newContext(options);
      onTestFinished(async () => context.close());
      const page = await context.newPage();
      const errors: string[] = [];
      page.on("pageerror", (error) => errors.push(error.message));
      page.on("console", (message) => {
        const { url } = message.location();
        // A server that is not ready for a moment says so by 503, and has the answer that the desk asks for beside it.
        if (message.type() === "error" && !url.endsWith("/health/ready")) errors.push(`${message.text()} ${url}`);
      });
      return { page, context, errors };
    },
  };
}
