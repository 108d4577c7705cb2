/** One server with the plant of `plant.ts` and one Chromium for all tests of a file, and pages of it whose errors are kept. */
import type { Browser, BrowserContext, BrowserContextOptions, Locator, Page } from "playwright-core";
import { afterAll, beforeAll, onTestFinished } from "vitest";
import { launchBrowser } from "../../dashboards/test/browser.ts";
import { SIGNS_IN, suitePerson } from "../support/sign-in.ts";
import { ensureBuilt } from "../wall/wall.ts";
import { type PlantServer, startPlant } from "./plant.ts";

export interface NewPage {
  readonly page: Page;
  readonly context: BrowserContext;
  /** What scripts threw or told as an error so far. */
  readonly errors: readonly string[];
}

export interface PlantInBrowser {
  /** From the first test on. */
  readonly server: PlantServer;
  readonly newPage: (options: BrowserContextOptions) => Promise<NewPage>;
}

/** Says in a form who enters; where people sign in the form says it by itself. */
export async function sayWho(form: Locator, name: string): Promise<void> {
  if (SIGNS_IN) await form.getByText(`Your name: ${suitePerson.name}`).waitFor();
  else await form.getByLabel("Your name").fill(name);
}

/** To be called once in a test file. */
export function plantInBrowser(): PlantInBrowser {
  let browser: Browser;
  let server: PlantServer;
  beforeAll(async () => {
    await ensureBuilt();
    browser = await launchBrowser();
    server = await startPlant();
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
        if (message.type() === "error") errors.push(message.text());
      });
      return { page, context, errors };
    },
  };
}
