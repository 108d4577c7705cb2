/** Runs before each test file of the suite with sign-in: adds the session of the suite's user to requests to gateways (`sign-in.ts`). */
import http from "node:http";
import { syncBuiltinESMExports } from "node:module";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { credentialsFor } from "./sign-in.ts";

const OWN = ["cookie", "authorization"];

function withCredentialsByFetch(): void {
  const real = globalThis.fetch;
  globalThis.fetch = async (input, init) => {
    const url = input instanceof Request ? input.url : String(input);
    const more = Object.entries(credentialsFor(url));
    if (more.length === 0) return real(input, init);
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
    if (OWN.some((name) => headers.has(name))) return real(input, init);
    for (const [name, value] of more) headers.set(name, value);
    return real(input, { ...init, headers });
  };
}

/** Adds it to requests by `node:http`, by which clients of websockets connect too. */
function withCredentialsByHttp(): void {
  const real = http.request;
  http.request = ((...args: Parameters<typeof real>) => {
    const sent = real(...args);
    const more = credentialsFor(`http://127.0.0.1:${portIn(args[0])}`);
    if (sent.headersSent || OWN.some((name) => sent.hasHeader(name))) return sent;
    for (const [name, value] of Object.entries(more)) sent.setHeader(name, value);
    return sent;
  }) as typeof real;
  syncBuiltinESMExports();
}

function portIn(to: string | URL | http.RequestOptions): string {
  return typeof to === "string" || to instanceof URL ? new URL(to).port : String(to.port ?? "");
}

/** Gives a page the session of the gateway that it opens: a browser keeps cookies by host, whatever the port, so it cannot have those of two. */
function withCredentialsByBrowser(): void {
  const launch = chromium.launch.bind(chromium);
  chromium.launch = async (...args) => {
    const browser = await launch(...args);
    const newContext: Browser["newContext"] = browser.newContext.bind(browser);
    const newPage: Browser["newPage"] = browser.newPage.bind(browser);
    browser.newContext = async (options) => signed(await newContext(options));
    browser.newPage = async (options) => signedPage(await newPage(options));
    return browser;
  };
}

function signed(context: BrowserContext): BrowserContext {
  const newPage: BrowserContext["newPage"] = context.newPage.bind(context);
  context.newPage = async () => signedPage(await newPage());
  return context;
}

function signedPage(page: Page): Page {
  const go: Page["goto"] = page.goto.bind(page);
  page.goto = async (url, options) => {
    const [name = "", value = ""] = (credentialsFor(url)["cookie"] ?? "").split("=");
    // With the root path the cookie is sent to all addresses; of a longer URL Playwright would take the path.
    if (value !== "") await page.context().addCookies([{ name, value, url: new URL("/", url).href }]);
    return go(url, options);
  };
  return page;
}

withCredentialsByFetch();
withCredentialsByHttp();
withCredentialsByBrowser();
