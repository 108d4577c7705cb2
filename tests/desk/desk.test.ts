/**
 * The desk's rules (docs/desk.md, R-1 to R-8) in Chromium with the real server: figures of the views are compared with the API's and
 * with the CSV; links, corrections, thousands of stops, print, keyboard, accessibility by axe-core, and the size of its scripts.
 */
import { readFileSync } from "node:fs";
import { createServer, request as ask } from "node:http";
import type { AddressInfo } from "node:net";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { formatDeskAddress, VIEWS } from "../../dashboards/src/desk/address.ts";
import { LANGUAGES } from "../../dashboards/src/shared/i18n.ts";
import { csvOf } from "../../dashboards/src/desk/table/csv.ts";
import { DESK_TEXTS } from "../../dashboards/src/desk/texts/texts.ts";
import type { StopRow } from "../../dashboards/src/shared/api/rows.ts";
import { PROGRESS_CODES } from "@oee/protocol";
import { getJson, post, postLines, until } from "../live/oee-process.ts";
import { violations } from "../wall/axe.ts";
import { assetsOf, weighAssets } from "../wall/measure.ts";
import { saidBy, shownBy } from "../support/sign-in.ts";
import { type NewPage, plantInBrowser, sayWho } from "./in-browser.ts";
import { MINUTE_MS, type Morning, stateAt } from "./plant.ts";

const plant = plantInBrowser();
let morning: Morning;
beforeAll(async () => {
  morning = await plant.server.nextMorning();
  await until("the morning in the answers", async () => {
    const { body } = await getJson<readonly StopRow[]>(
      plant.server.url,
      `/api/v1/stops?scope=${morning.filler}&from=now-4h`,
    );
    return body.length === 8 ? true : undefined;
  });
});

async function open(path: string, { locale = "en", width = 1440 } = {}): Promise<NewPage> {
  const opened = await plant.newPage({
    viewport: { width, height: 900 },
    locale,
    timezoneId: "America/New_York",
    acceptDownloads: true,
  });
  const { page } = opened;
  await page.addInitScript(COUNT_QUESTIONS);
  await page.goto(`${plant.server.url}${path}`);
  await settled(page);
  return opened;
}

/** Script that runs before any other of a page: `openQuestions` counts requests by `fetch` whose answers have not been read to the end. */
const COUNT_QUESTIONS = `{
  const ask = fetch;
  globalThis.openQuestions = 0;
  globalThis.fetch = async (...asked) => {
    globalThis.openQuestions++;
    try {
      const answer = await ask(...asked);
      const copy = answer.clone();
      globalThis.openQuestions++;
      const ended = () => globalThis.openQuestions--;
      // An answer whose request is aborted, since its view was left, ends with an error.
      void copy.arrayBuffer().then(ended, ended);
      return answer;
    } finally {
      globalThis.openQuestions--;
    }
  };
}`;

/** Waits until every answer has come and every chart is drawn. */
async function settled(page: Page): Promise<void> {
  await page.locator("h1").waitFor();
  await page.waitForFunction(
    () =>
      document.querySelector('[aria-busy="true"], .asking, [data-ready="false"]') === null &&
      document.querySelector("table, .grid, .desk section p") !== null,
  );
  // Figures of the period before may come later than those they stand beside, and an answer may lead to a further request: wait
  // until no request is open at three idle moments in a row.
  await page.evaluate(async () => {
    // On a busy machine a page that is drawn all the time may never be idle.
    const idle = async (): Promise<unknown> =>
      new Promise((resolve) => requestIdleCallback(resolve, { timeout: 1_000 }));
    for (let calm = 0; calm < 3; await idle()) {
      const { openQuestions } = globalThis as unknown as { openQuestions: number };
      calm = openQuestions === 0 ? calm + 1 : 0;
    }
  });
}

/** Query of two hours in the middle of the morning, in which figures no longer change. */
function pinned(): string {
  const [from, to] = [new Date(morning.ago(170)), new Date(morning.ago(50))];
  return `from=${from.toISOString()}&to=${to.toISOString()}`;
}

interface TableOnPage {
  readonly name: string;
  readonly columns: readonly string[];
  readonly values: readonly (readonly string[])[];
  readonly texts: readonly (readonly string[])[];
}

function tablesOn(page: Page): Promise<readonly TableOnPage[]> {
  return page.locator("table[data-table]").evaluateAll((tables) =>
    tables.map((table) => {
      const rows = [...table.querySelectorAll("tbody tr")].map((row) => [...row.querySelectorAll("td")]);
      return {
        name: table.getAttribute("data-table") ?? "",
        columns: (rows[0] ?? []).map((cell) => cell.getAttribute("data-column") ?? ""),
        values: rows.map((row) => row.map((cell) => cell.getAttribute("data-value") ?? "")),
        texts: rows.map((row) => row.map((cell) => cell.textContent ?? "")),
      };
    }),
  );
}

async function csvIn(page: Page, table: string): Promise<readonly (readonly string[])[]> {
  const downloading = page.waitForEvent("download");
  await page.locator(`[data-table="${table}"]`).getByRole("button", { name: "CSV" }).click();
  const text = readFileSync(await (await downloading).path(), "utf8");
  expect(text.startsWith("\ufeff")).toBe(true);
  return text
    .slice(1)
    .trimEnd()
    .split("\r\n")
    .map((line) => line.split(","));
}

type Field = string | number | boolean | null;
type Json = Readonly<Record<string, Field | Readonly<Record<string, Field>>>>;

/** A field of an answer as the text that a cell has in `data-value`. */
function fieldOf(row: Json, name: string): string {
  const field = row[name] ?? "";
  return typeof field === "object" ? "" : String(field);
}

/** The value of a column in a row of an answer, where it lies in the row itself, in its KPIs or in its components. */
function inAnswer(row: Json, column: string): string {
  for (const part of [row, row["kpis"], row["components"]] as (Json | undefined)[]) {
    if (part !== undefined && column in part) return fieldOf(part, column);
  }
  throw new Error(`the answer has no ${column}`);
}

const RATIOS = ["oee", "availability", "performance", "quality", "coverage", "loading", "teep", "share", "cumulative"];
/** Columns of times in hours, whose head has the unit. */
const HOURS = ["time", "minorTime"];

/** A cell's text, formatted by this test's own code and not by the product's; `null` for columns whose text is not compared. */
function written(column: string, value: string): string | null {
  if (RATIOS.includes(column)) return value === "" ? "–" : `${(Number(value) * 100).toFixed(1)}%`;
  if (HOURS.includes(column)) return value === "" ? "–" : (Number(value) / 3_600_000).toFixed(2);
  if (column === "unplannedStopTime") return `${(Number(value) / 3_600_000).toFixed(2)} h`;
  return null;
}

describe("R-2: figures on the page, in its tables and their CSV are the API's", () => {
  const by = (level: string, more = ""): string => `/kpis?scope=${morning.line}&by=${level}&${pinned()}${more}`;
  test.each([
    ["overview", "parts", () => by("machine"), "scope"],
    ["hours", "hours", () => by("line", "&every=hour"), "from"],
    ["compare", "compare", () => by("machine"), "scope"],
    ["pareto", "pareto", () => `/pareto?scope=${morning.line}&by=reason&machines=kpi&${pinned()}`, "key"],
  ] as const)("%s: the table %s", async (view, name, question, key) => {
    const { page, errors } = await open(`/review/${view}/${morning.line}?${pinned()}&lang=en`);
    const table = (await tablesOn(page)).find((each) => each.name === name);
    const { body: rows } = await getJson<readonly Json[]>(plant.server.url, `/api/v1${question()}`);
    if (table === undefined) return expect.unreachable(`there is no table ${name}`);
    expect(table.values).toHaveLength(rows.length);
    expect(rows.length).toBeGreaterThan(1);
    const keyAt = table.columns.indexOf(key);
    for (const [r, values] of table.values.entries()) {
      const row = rows.find((each) => fieldOf(each, key) === values[keyAt]);
      if (row === undefined) return expect.unreachable(`the API has no ${values[keyAt]}`);
      for (const [c, column] of table.columns.entries()) {
        const value = values[c] ?? "";
        // The page itself computes these columns; other tests check them.
        if (["timeBefore", "difference", "cumulative", "oeeBefore", "oeeChange", "reasons"].includes(column)) continue;
        expect([column, value]).toEqual([column, inAnswer(row, column)]);
        const text = written(column, value);
        if (text !== null) expect([column, table.texts[r]?.[c]]).toEqual([column, text]);
      }
    }
    expect(await csvIn(page, name)).toEqual([table.columns, ...table.values]);
    expect(errors).toEqual([]);
  });

  test("overview: the large figures are the API's; losses: planned time less all losses is good ideal time, and the chart has the table's numbers", async () => {
    const { page } = await open(`/review/overview/${morning.line}?${pinned()}`);
    const { body } = await getJson<readonly Json[]>(plant.server.url, `/api/v1${by("line")}`);
    const [element = {}] = body;
    const figures = await page
      .locator("[data-figure]")
      .evaluateAll((all) =>
        all.map((each) => [
          each.getAttribute("data-figure") ?? "",
          each.getAttribute("data-value") ?? "",
          each.querySelector(".figure-value")?.textContent ?? "",
        ]),
      );
    expect(figures.length).toBeGreaterThan(8);
    for (const [name = "", value = "", text = ""] of figures) {
      expect([name, value]).toEqual([name, inAnswer(element, name)]);
      const expected = written(name, value);
      if (expected !== null) expect([name, text]).toEqual([name, expected]);
    }
    const losses = await open(`/review/losses/${morning.line}?${pinned()}`);
    const answer = await getJson<readonly { readonly losses: Readonly<Record<string, number>> }[]>(
      plant.server.url,
      `/api/v1/losses?scope=${morning.line}&by=line&${pinned()}`,
    );
    const [table] = await tablesOn(losses.page);
    const shown = Object.fromEntries(table?.values.map(([step = "", now = ""]) => [step, Number(now)]) ?? []);
    expect(shown).toEqual(answer.body[0]?.losses);
    const { planned = 0, idealGoodTime = 0, ...lost } = shown;
    expect(planned - Object.values(lost).reduce((sum, each) => sum + each, 0)).toBeCloseTo(idealGoodTime, 6);
    const drawn = await losses.page.locator('[data-chart="losses"] svg text').allTextContents();
    for (const value of Object.values(shown)) expect(drawn).toContain(`${(value / 3_600_000).toFixed(2)} h`);
  });

  test("R-5: a question says how far it is, leaves no figures of another period where it is cancelled, and can be asked again", async () => {
    const [from, to, later] = [120, 50, 20].map((minutes) => new Date(morning.ago(minutes)).toISOString());
    const { page } = await plant.newPage({ viewport: { width: 1440, height: 900 }, locale: "en" });
    await page.addInitScript(COUNT_QUESTIONS);
    const address = (end: string | undefined): string =>
      `${plant.server.url}/review/pareto/${morning.line}?from=${from}&to=${end}&lang=en`;
    await page.goto(address(to));
    await settled(page);
    const table = page.locator('[data-table="pareto"]');
    await table.waitFor();
    const isLater = (url: URL): boolean => url.pathname.endsWith("/pareto") && url.searchParams.get("to") === later;
    await page.route(isLater, () => undefined);
    await page.evaluate((next) => {
      history.pushState(null, "", next);
      dispatchEvent(new PopStateEvent("popstate"));
    }, address(later));
    await page.getByText(/^for \d+ s · 3 of 4 answers are there$/).waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    await table.waitFor({ state: "detached" });
    const told = page.getByRole("alert").filter({ hasText: "Cancelled" });
    expect(await told.count()).toBe(1);
    await page.unroute(isLater);
    await told.getByRole("button", { name: "Try again" }).click();
    await table.waitFor();
    await settled(page);
  });

  test.each([
    ["overview", "parts", "oeeBefore", () => `/kpis?scope=${morning.line}&by=machine`],
    ["losses", "losses", "timeBefore", () => `/losses?scope=${morning.line}&by=line`],
    ["pareto", "pareto", "timeBefore", () => `/pareto?scope=${morning.line}&by=reason&machines=kpi`],
  ] as const)(
    "%s: the table %s waits for the period before, tells where its answer fails, and has it when asked again",
    async (view, name, column, question) => {
      const [start, from, to] = [190, 120, 50].map((minutes) => new Date(morning.ago(minutes)).toISOString());
      const { page } = await plant.newPage({ viewport: { width: 1440, height: 900 }, locale: "en" });
      await page.addInitScript(COUNT_QUESTIONS);
      let fail: () => void = () => undefined;
      const failing = new Promise<void>((resolve) => (fail = resolve));
      const isBefore = (url: URL): boolean => url.searchParams.get("to") === from;
      await page.route(isBefore, async (route) => {
        await failing;
        await route.abort();
      });
      const [path = ""] = question().split("?");
      const ofNow = page.waitForResponse((response) => {
        const url = new URL(response.url());
        return url.pathname.endsWith(path) && url.searchParams.get("to") === to;
      });
      await page.goto(`${plant.server.url}/review/${view}/${morning.line}?from=${from}&to=${to}&lang=en`);
      await (await ofNow).finished();
      await page.evaluate(async () => {
        for (let calm = 0; calm < 3; calm++) {
          await new Promise((resolve) => requestIdleCallback(resolve, { timeout: 1_000 }));
        }
      });
      const table = page.locator(`[data-table="${name}"]`);
      expect(await table.count()).toBe(0);
      fail();
      await table.waitFor();
      const texts = await table.locator(`[data-column="${column}"]`).allTextContents();
      expect(texts.length).toBeGreaterThan(0);
      expect(texts.filter((text) => text !== "–")).toEqual([]);
      const again = page.getByRole("alert").getByRole("button", { name: "Try again" });
      // Two answers are of the period before, and each tells its failure.
      await again.nth(1).waitFor();
      await page.unroute(isBefore);
      await again.nth(1).click();
      await again.first().click();
      await settled(page);
      const { body } = await getJson<readonly Json[]>(
        plant.server.url,
        `/api/v1${question()}&from=${start}&to=${from}`,
      );
      const values = await table
        .locator(`[data-column="${column}"]`)
        .evaluateAll((cells) => cells.map((cell) => cell.getAttribute("data-value") ?? ""));
      const known = values.filter((value) => value !== "");
      expect(known.length).toBeGreaterThan(0);
      const told = JSON.stringify(body);
      for (const value of known) expect(told).toContain(value);
    },
  );

  test("stops: the rows, their number and the CSV are those of GET /stops", async () => {
    const { page } = await open(`/review/stops/${morning.line}?${pinned()}`);
    const { body } = await getJson<readonly StopRow[]>(
      plant.server.url,
      `/api/v1/stops?scope=${morning.line}&${pinned()}`,
    );
    await page.getByText(`${body.length} segments of stops`).waitFor();
    const cells = await page
      .locator('.grid [role="rowgroup"] [role="row"]')
      .evaluateAll((rows) =>
        rows.map((row) =>
          [...row.querySelectorAll("[data-column]")].map((cell) => cell.getAttribute("data-value") ?? ""),
        ),
      );
    const columns = [
      "machine",
      "from",
      "duration",
      "state",
      "reason",
      "minor",
      "shift",
      "product",
      "correctedBy",
    ] as const;
    expect(cells).toEqual(body.map((row) => columns.map((column) => String(row[column] ?? ""))));
    const downloading = page.waitForEvent("download");
    await page.locator(".stops-head").getByRole("button", { name: "CSV" }).click();
    const text = readFileSync(await (await downloading).path(), "utf8");
    const rows = body.map((row) => columns.map((column) => row[column]));
    expect(text).toBe(csvOf(columns, rows, { separator: ",", decimal: ".", byteOrderMark: true }));
  });
});

test("R-2: each figure of the overview is a link to the table and rows that it is made of, in the same period", async () => {
  const { page, errors } = await open(`/review/overview/${morning.line}?lang=en&${pinned()}`);
  const links = page.locator(".figure .figure-value > a");
  expect(await links.count()).toBe(await page.locator(".figure").count());
  const places = await links.evaluateAll((all) => all.map((link) => link.getAttribute("href") ?? ""));
  for (const place of places) expect(place).toContain(`${morning.line}?`);
  expect(
    places.every((place) =>
      pinned()
        .split("&")
        .every((part) => decodeURIComponent(place).includes(part)),
    ),
  ).toBe(true);
  const stops = await page.locator('.figure[data-figure="stopCount"]').getAttribute("data-value");
  await page.locator('.figure[data-figure="stopCount"] a').click();
  await settled(page);
  await page.getByText(`${stops} segments of stops`).waitFor();
  expect(errors).toEqual([]);
});

/** The links of figures below `part`: each with its text on the page and, in a table, its row and column. */
function figureLinks(page: Page, part: string): Promise<readonly { of: string; text: string; href: string }[]> {
  return page.locator(`${part} a.made-of`).evaluateAll((links) =>
    links.map((link) => {
      const own = link.closest("[data-figure]")?.getAttribute("data-figure");
      const row = link.closest("tr")?.querySelector("td")?.getAttribute("data-value") ?? "";
      return { of: own ?? row, text: link.textContent ?? "", href: link.getAttribute("href") ?? "" };
    }),
  );
}

describe("R-2: figures of a quarter lead to their definition and to the rows that they are made of", () => {
  const ACHIEVED = '[data-table="measures"] [data-column="achieved"]';
  const quarter = (more = ""): string => `/review/quarter/${morning.line}?lang=en&period=this-quarter${more}`;
  /** The text of a figure on the page that a link leads to. */
  const figureAt = async (href: string, name: string): Promise<string | null> => {
    const { page, errors } = await open(href);
    const figure = page.locator(`[data-figure="${name}"] .figure-value`);
    const text = await figure.first().textContent();
    expect(errors).toEqual([]);
    return text;
  };

  test("each figure of the summary and each measure has its definition behind one click", async () => {
    const { page, errors } = await open(quarter());
    for (const part of [".figures > .figure", '[data-table="measures"] tbody tr']) {
      const figures = page.locator(part);
      expect(await figures.count()).toBeGreaterThan(4);
      expect(await figures.locator("button.what").count()).toBe(await figures.count());
    }
    await page.locator('.figure[data-figure="unplannedDowntimeShare"] button.what').click();
    await page
      .getByRole("dialog")
      .getByText(/^[A-Z]+-\d.* of the specification$/)
      .waitFor();
    expect(errors).toEqual([]);
  });

  test("each figure of the summary, each measure and each week leads to a view that shows the same figure", async () => {
    const { page } = await open(quarter());
    const answered = await fetch(`${plant.server.url}/api/v1/review?scope=${morning.line}&period=this-quarter`);
    const from = answered.headers.get("oee-from") ?? "";
    for (const [part, figures] of [
      [".figures", ".figure"],
      ['[data-table="measures"]', '[data-column="achieved"]'],
      ['[data-table="weeks"]', '[data-column="oee"]'],
    ] as const) {
      const links = (await figureLinks(page, `${part} ${figures}`)).filter(({ of }) => of !== "saving");
      expect([part, links.length]).toEqual([part, expect.any(Number)]);
      expect(links.length).toBeGreaterThanOrEqual(
        await page.locator(`${part} ${figures}:not([data-figure="saving"])`).count(),
      );
      const measures = part.includes("weeks") ? [] : links;
      for (const { href } of measures) expect(new URL(href, plant.server.url).searchParams.get("from")).toBe(from);
    }
    const shown = [
      ...(await figureLinks(page, ".figures")).map(({ of, ...link }) => ({
        ...{ ...link, name: of === "cost" ? "downtimeCost" : of },
      })),
      ...(await figureLinks(page, ACHIEVED)).map(({ of, ...link }) => ({ ...link, name: of })),
    ].filter(({ name }) => name !== "saving");
    for (const { name, text, href } of shown) expect([name, await figureAt(href, name)]).toEqual([name, text]);
    const weeks = await page.locator('[data-table="weeks"] [data-column="oee"]:not([data-value=""]) a').all();
    const last = weeks[weeks.length - 1];
    const href = (await last?.getAttribute("href")) ?? "";
    expect(await figureAt(href, "oee")).toBe(await last?.textContent());
  });

  test("the period before leads to its own rows; baseline and target lead to the programme", async () => {
    const { page } = await open(quarter());
    const answered = await fetch(`${plant.server.url}/api/v1/review?scope=${morning.line}&period=this-quarter`);
    const [from, to] = ["oee-previous-from", "oee-previous-to"].map((name) => answered.headers.get(name));
    expect(Date.parse(from ?? "")).toBeLessThan(Date.parse(to ?? ""));
    const links = await figureLinks(page, '[data-table="measures"] [data-column="previous"]');
    expect(links.length).toBeGreaterThan(4);
    for (const { href } of links) {
      const { searchParams } = new URL(href, plant.server.url);
      expect([searchParams.get("from"), searchParams.get("to")]).toEqual([from, to]);
    }
    for (const { of, text, href } of links.slice(0, 3)) expect([of, await figureAt(href, of)]).toEqual([of, text]);
    for (const column of ["baseline", "difference", "expected", "goal"]) {
      const those = await figureLinks(page, `[data-table="measures"] [data-column="${column}"]`);
      expect([column, new Set(those.map(({ href }) => href.split("/")[2]))]).toEqual([column, new Set(["programme"])]);
    }
  });

  test("a reason leads to its stops, whose lengths come to its hours; money and scores lead to their rows", async () => {
    const { page } = await open(quarter());
    const reasons = await figureLinks(page, '[data-table="reasons"]');
    expect(reasons.map(({ of }) => of)).toContain("");
    // A stop without a reason goes on meanwhile.
    for (const { of, text, href } of reasons.filter((reason) => reason.of !== "")) {
      const stops = await open(href);
      const lengths = await stops.page
        .locator('.grid [role="row"] [data-column="duration"]')
        .evaluateAll((cells) => cells.map((cell) => Number(cell.getAttribute("data-value"))));
      const hours = lengths.reduce((sum, each) => sum + each, 0) / 3_600_000;
      expect([of, hours.toFixed(2)]).toEqual([of, text]);
    }
    const places = async (table: string): Promise<readonly (readonly [string, string])[]> =>
      (await figureLinks(page, `[data-table="${table}"]`)).map(({ of, href }) => [of, href.split("/")[2] ?? ""]);
    expect(await places("money")).toEqual([
      ["cost", "pareto"],
      ["breakdowns", "stops"],
      ["otherUnplannedStops", "stops"],
      ["saving", "compare"],
      ["perYear", "compare"],
    ]);
    expect(await places("scorecard")).toEqual([
      ["visibility", "trust"],
      ["coverage", "compare"],
      ["reasonShare", "pareto"],
      ["reasonInTime", "stops"],
    ]);
  });
});

test.each(LANGUAGES)("R-7: how far the server is, and why it refuses, is said in %s", async (language) => {
  const texts: Readonly<Record<string, string>> = language === "en" ? DESK_TEXTS.en : await DESK_TEXTS.load[language]();
  const { page } = await plant.newPage({ viewport: { width: 1440, height: 900 }, locale: language });
  const detail = "as the server says it";
  const checks = PROGRESS_CODES.map((code) => ({
    ...{ name: code, ok: true, detail, computing: true },
    progress: { code, count: 7, of: 24 },
  }));
  await page.route("**/health/ready", (route) => route.fulfill({ json: { status: "ready", checks } }));
  await page.route("**/api/v1/kpis?**", (route) =>
    route.fulfill({ status: 503, json: { code: "OEE_HTTP_BUSY", detail, status: 503 } }),
  );
  await page.goto(`${plant.server.url}/review/overview/${morning.line}?lang=${language}`);
  const note = page.locator(".history-note");
  await note.waitFor();
  for (const code of PROGRESS_CODES) {
    const text = (texts[`progress.${code}`] ?? "").replace("{{count}}", "7").replace("{{of}}", "24");
    expect(await note.textContent()).toContain(text);
  }
  expect(await note.locator("[lang]").count()).toBe(0);
  const refused = page.getByRole("alert").filter({ hasText: texts["problem.OEE_HTTP_BUSY"] ?? "" });
  await refused.first().waitFor();
  expect(await refused.first().locator('[lang="en"]').textContent()).toBe(detail);
});

test.each(["de", "fr"])("R-7: the dates of shifts are written as the place writes them, in %s", async (locale) => {
  const { page } = await open("/review/hours/berlin/packing/odd?every=shift&period=7d", { locale });
  const table = (await tablesOn(page)).find(({ columns }) => columns.includes("shiftDate"));
  const place = table?.columns.indexOf("shiftDate") ?? -1;
  expect(table?.values.length).toBeGreaterThan(10);
  for (const [i, values] of table?.values.entries() ?? []) {
    const day = { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" } as const;
    const text = new Date(values[place] ?? "").toLocaleDateString(locale, day);
    expect([values[place], table?.texts[i]?.[place]]).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\d$/), text]);
  }
});

describe("R-2: figures on the page are those of the review's routes", () => {
  test("alerts: rows are those of GET /alerts, and one can be acknowledged", async () => {
    const own = await plant.server.nextMorning();
    await plant.server.send(stateAt(own.labeller, own.ago(30), "down"));
    const path = `/api/v1/alerts?scope=${own.line}&from=now-8h`;
    const body = await until("an alert that is open", async () => {
      const { body: alerts } = await getJson<readonly Json[]>(plant.server.url, path);
      return alerts.some((row) => fieldOf(row, "state") === "open") ? alerts : undefined;
    });
    const { page, errors } = await open(`/review/alerts/${own.line}?period=8h&lang=en`);
    const [table] = await tablesOn(page);
    const cells = (column: string): readonly string[] => {
      const at = table?.columns.indexOf(column) ?? -1;
      return table?.values.map((values) => values[at] ?? "") ?? [];
    };
    expect([...cells("opens")].sort()).toEqual(body.map((row) => fieldOf(row, "opens")).sort());
    expect(new Set(cells("accountable"))).toEqual(new Set(["lead"]));
    await page.locator('[data-table="alerts"] button', { hasText: "of 1" }).first().click();
    const dialog = page.getByRole("dialog");
    await sayWho(dialog, "Anna");
    await dialog.getByLabel("Note").fill("electrician on the way");
    await dialog.getByRole("button", { name: "I have seen it" }).click();
    await until("the acknowledgement in the answers", async () => {
      const now = await getJson<readonly Json[]>(plant.server.url, path);
      return now.body.some((row) => fieldOf(row, "acknowledged") !== "") ? true : undefined;
    });
    await page.locator('[data-table="alerts"] [data-column="state"]', { hasText: "acknowledged" }).waitFor();
    expect(errors).toEqual([]);
  });

  test("ranking and data quality: ranked scopes, unranked scopes and shares of silence are the API's", async () => {
    const { page, errors } = await open(`/review/ranking/*?lang=en&of=this-week`);
    const { body: ranked } = await getJson<{ readonly rows: readonly Json[]; readonly notRanked: readonly Json[] }>(
      plant.server.url,
      "/api/v1/benchmark?class=packing&measure=oee&scope=*&period=this-week",
    );
    const all = await tablesOn(page);
    const scopes = (name: string): readonly string[] => {
      const table = all.find((each) => each.name === name);
      return table?.values.map((values) => values[table.columns.indexOf("scope")] ?? "") ?? [];
    };
    expect(scopes("ranking")).toEqual(ranked.rows.map((row) => fieldOf(row, "scope")));
    expect(scopes("notRanked")).toEqual(ranked.notRanked.map((row) => fieldOf(row, "scope")));
    expect(scopes("ranking").length + scopes("notRanked").length).toBe(8);
    await page.goto(`${plant.server.url}/review/trust/berlin?lang=en`);
    await settled(page);
    const { body: assets } = await getJson<{ readonly declared: readonly Json[] }>(
      plant.server.url,
      "/api/v1/assets?scope=berlin",
    );
    const declared = (await tablesOn(page)).find(({ name }) => name === "declared");
    const told = declared?.values.map((values) => [values[0], values[declared.columns.indexOf("silent")]]);
    expect(told).toEqual(assets.declared.map((row) => [fieldOf(row, "machine"), fieldOf(row, "silent")]));
    expect(errors).toEqual([]);
  });

  test("hours: the difference is good count less target, and the cumulative column is the running sum of differences", async () => {
    const { page } = await open(`/review/hours/${morning.line}?${pinned()}&every=hour`);
    const [table] = await tablesOn(page);
    if (table === undefined) return expect.unreachable("there is no table");
    const at = (name: string): number => table.columns.indexOf(name);
    let sum = 0;
    for (const values of table.values) {
      const target = values[at("targetCount")] ?? "";
      if (target === "") continue;
      const difference = Number(values[at("goodCount")]) - Number(target);
      expect(Number(values[at("difference")])).toBeCloseTo(difference, 6);
      expect(Number(values[at("cumulative")])).toBeCloseTo((sum += difference), 6);
    }
    expect(sum).not.toBe(0);
  });
});

test("RV-3, RV-4, R-6: a review is presented and signed on the page, which shows what differs now, and prints as a document with a cover", async () => {
  const { line } = morning;
  const { page, errors } = await open(`/review/quarter/${line}?lang=en`);
  await page.getByRole("button", { name: "Present" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name of the review").fill("q-first");
  await sayWho(dialog, "Anna");
  await dialog.getByRole("button", { name: "Present" }).click();
  await page.waitForURL(/review=q-first/);
  await settled(page);
  const presented = async (): Promise<{
    readonly digest: string;
    readonly period: string;
    readonly document: { readonly to: string; readonly measures: Readonly<Record<string, Json>> };
    readonly signOffs: readonly Json[];
  }> => (await getJson<Awaited<ReturnType<typeof presented>>>(plant.server.url, "/api/v1/reviews/q-first")).body;
  const { digest, document, period } = await presented();
  // PE-5: what was shown is what was presented, in a year that begins in April too.
  const live = await getJson<{ readonly to: string }>(
    plant.server.url,
    `/api/v1/review?scope=${line}&period=this-quarter`,
  );
  expect([period, document.to]).toEqual([live.headers.get("oee-period"), live.body.to]);
  expect(period).toMatch(/^\d{4}-Q[1-4]$/);
  await page.getByText(`As it was presented (${digest.slice(0, 23)}…)`).waitFor();
  const measures = (await tablesOn(page)).find(({ name }) => name === "measures");
  // The document sorts measures by code points; the page begins with the most important ones.
  expect(measures?.values.slice(0, 4).map(([name]) => name)).toEqual(["oee", "availability", "performance", "quality"]);
  for (const values of measures?.values ?? []) {
    const standing = document.measures[values[0] ?? ""] ?? {};
    for (const [c, column] of measures?.columns.entries() ?? []) {
      if (c > 0) expect([values[0], column, values[c]]).toEqual([values[0], column, fieldOf(standing, column)]);
    }
  }
  const second = await page.context().newPage();
  await second.goto(page.url());
  await sayWho(second.locator("#signOffs"), "Eva");
  await sayWho(page.locator("#signOffs"), "Bo");
  await page.locator("#signOffs").getByLabel("Role").fill("plant manager");
  await page.getByRole("button", { name: "Sign as presented" }).click();
  await page.locator('[data-table="signOffs"] td', { hasText: "plant manager" }).waitFor();
  expect((await presented()).signOffs).toMatchObject([{ by: shownBy("Bo"), role: "plant manager", digest }]);
  // who signs at the same time is told, shown the first signature, and may sign beside it.
  await second.locator("#signOffs").getByLabel("Role").fill("area lead");
  await second.getByRole("button", { name: "Sign as presented" }).click();
  await second.getByRole("alert").getByText("Somebody else was first").waitFor();
  await second.locator('[data-table="signOffs"] td', { hasText: "plant manager" }).waitFor();
  await second.getByRole("button", { name: "Sign as presented" }).click();
  await second.locator('[data-table="signOffs"] td', { hasText: "area lead" }).waitFor();
  expect((await presented()).signOffs.map(({ role }) => role)).toEqual(["plant manager", "area lead"]);
  await second.close();
  await settled(page);
  await page.locator("#differences p, #differences table").first().waitFor();
  // In the PDF Chromium writes an object `/Type /Page` for each page.
  const printed = await page.pdf({ preferCSSPageSize: true, printBackground: true });
  // The PDF is small enough to send by mail, because a hatched area is a repeated tile, not thousands of lines.
  expect(printed.length).toBeLessThan(1_500_000);
  const pdf = printed.toString("latin1");
  expect(pdf.match(/\/Type \/Page\b/g)?.length).toBeGreaterThanOrEqual(4);
  await page.emulateMedia({ media: "print" });
  const lastDay = new Date(Date.parse(document.to) - 86_400_000);
  const last = lastDay.toLocaleDateString("en", { month: "short", day: "numeric", year: "numeric", timeZone: "UTC" });
  const said = [digest, "Contents", "Date, name, signature", "The period is not over: figures are those so far"];
  for (const text of said) {
    expect(await page.getByText(text, { exact: true }).filter({ visible: true }).count(), text).toBeGreaterThan(0);
  }
  expect(await page.locator(".cover dd").first().textContent()).toMatch(new RegExp(` to ${last}\\)$`));
  // hatching is explained, and printed also where the browser leaves out backgrounds.
  expect(await page.getByText(/^Hatched figures rest on too little data/).isVisible()).toBe(true);
  // A heading or figure that belongs to the chart below it is not separated from it by a page break.
  const leads = page.locator(".change-oee, .chapter > h2");
  expect(await leads.evaluateAll((all) => all.map((lead) => getComputedStyle(lead).breakAfter))).toEqual(
    Array.from({ length: await leads.count() }, () => "avoid"),
  );
  const hatched = page.locator('.figure[data-weak="true"]').first();
  expect(await hatched.evaluate((tile) => getComputedStyle(tile).getPropertyValue("print-color-adjust"))).toBe("exact");
  expect(errors).toEqual([]);
});

test("R-1: views of whole periods show the period of the others; a copied link has it pinned by its name", async () => {
  const { line } = morning;
  const { page, errors } = await open(`/review/overview/${line}?period=last-month&lang=en`);
  const linked = page.locator("input.aside");
  for (const [view, path] of [
    ["Data quality", "scorecard"],
    ["Quarter", "review"],
  ] as const) {
    await page.getByRole("link", { name: view, exact: true }).click();
    await settled(page);
    expect(await page.getByRole("combobox", { name: "Period" }).inputValue()).toBe("last-month");
    const { headers } = await getJson(plant.server.url, `/api/v1/${path}?scope=${line}&period=last-month`);
    const name = headers.get("oee-period") ?? "";
    expect(name).toMatch(/^\d{4}-\d{2}$/);
    await expect.poll(async () => linked.inputValue()).toMatch(new RegExp(`[?&]of=${name}(&|$)`));
    expect(new URL(await linked.inputValue()).searchParams.get("period")).toBeNull();
  }
  const sent = await linked.inputValue();
  await page.getByRole("combobox", { name: "Period" }).selectOption("this-week");
  await settled(page);
  await page.getByRole("link", { name: "Losses", exact: true }).click();
  await page.waitForURL(/period=this-week/);
  await page.goto(sent);
  await settled(page);
  expect(await page.getByRole("combobox", { name: "Period" }).inputValue()).toMatch(/^\d{4}-\d{2}$/);
  expect(errors).toEqual([]);
});

test("RV-4: since a review was presented: late events, corrections and changed measures are shown, and its figures can be computed again from raw events", async () => {
  const { line, filler, ago } = await plant.server.nextMorning();
  await until("the morning in the answers", async () => {
    const url = `/api/v1/stops?scope=${filler}&from=now-4h`;
    return (await getJson<readonly StopRow[]>(plant.server.url, url)).body.length === 8 ? true : undefined;
  });
  const id = "q-since";
  const live = `/api/v1/review?scope=${line}&period=this-quarter`;
  const { from, to } = (await getJson<{ readonly from: string; readonly to: string }>(plant.server.url, live)).body;
  const review = { id, ...saidBy("Anna"), scope: line, period: [from, to] };
  // The server refuses a review whose figures are still changing.
  await until("a review that is presented", async () => {
    const { status } = await post<unknown>(plant.server.url, "/api/v1/reviews", JSON.stringify(review));
    return status === 202 ? true : undefined;
  });
  await plant.server.send({ type: "count", machine: filler, at: ago(130), good: 500 });
  const fix = { machine: filler, from: ago(120), to: ago(110), state: "down", reason: "energy", ...saidBy("Cora") };
  expect((await post<unknown>(plant.server.url, "/api/v1/corrections", JSON.stringify(fix))).status).toBe(202);
  interface Told {
    readonly since: { readonly lateEvents: number; readonly corrections: number };
    readonly differences: readonly { readonly figure: string; readonly presented: unknown; readonly now: unknown }[];
  }
  const url = `/api/v1/reviews/${id}/differences`;
  await until("both in the answers", async () => {
    const { since, differences } = (await getJson<Told>(plant.server.url, url)).body;
    const isQuality = differences.some(({ figure }) => figure === "/measures/quality/achieved");
    return since.lateEvents === 1 && since.corrections === 1 && isQuality ? true : undefined;
  });
  const { page, errors } = await open(`/review/quarter/${line}?lang=en&review=${id}`);
  const shown = page.locator("#differences");
  await shown.getByText("Events of that time that came later: 1", { exact: true }).waitFor();
  await shown.getByText(`Corrections of that time since then: 1 (${shownBy("Cora")} 1)`, { exact: true }).waitFor();
  const key = (await tablesOn(page)).find(({ name }) => name === "differences-measures");
  const quality = key?.values.find(([figure]) => figure === "/measures/quality/achieved");
  expect(key?.texts[0]?.[0]).toBe("OEE");
  const { differences } = (await getJson<Told>(plant.server.url, url)).body;
  const told = differences.find(({ figure }) => figure === "/measures/quality/achieved");
  expect(quality?.slice(1, 3)).toEqual([String(told?.presented), String(told?.now)]);
  expect(key?.texts.find(([label]) => label === "Quality")?.[3]).toMatch(/^\+\d/);
  await shown.getByText(/^Show all \d+, one by one$/).click();
  await shown.locator('[data-table="differences"] tbody tr').first().waitFor();
  await shown.getByRole("button", { name: "Compute it again" }).click();
  await shown.getByText("it is the same, to the last digit").waitFor();
  expect(await violations(page)).toEqual([]);
  expect(errors).toEqual([]);
});

test("RV-1, AC, PI: the quarter's measures are those of GET /review; the programme shows actions and pilots with their state", async () => {
  const { line } = morning;
  const head = { rev: 1, ...saidBy("anna") };
  const entries = [
    {
      ...{ ...head, type: "baseline", id: "books", scope: line, from: "2025-01-01", to: "2026-01-01" },
      ...{ source: "shift books", figures: { kpis: { oee: 0.5 } } },
    },
    { ...head, type: "target", id: "oee-60", scope: line, measure: "oee", value: 0.6 },
    {
      ...{ ...head, type: "action", id: "a1", scope: line, title: "=New belt guide", owner: "maintenance" },
      ...{ addresses: "reason:mechanical/conveyor", opened: "2026-03-02", due: "2026-04-01" },
    },
    {
      ...{ ...head, type: "pilot", id: "p1", scopes: [line], controls: [`${line.slice(0, -1)}8`] },
      ...{ start: "2026-05-04", measures: ["oee", "mttr"] },
    },
  ];
  const taken = await post<unknown>(plant.server.url, "/api/v1/entries", JSON.stringify(entries));
  expect([taken.status, taken.body]).toMatchObject([202, { accepted: 4 }]);

  const { page, errors } = await open(`/review/quarter/${line}`);
  const { body: review } = await getJson<{
    readonly measures: Readonly<Record<string, Json>>;
    readonly trend: { readonly week: readonly { readonly from: string; readonly to: string }[] };
  }>(plant.server.url, `/api/v1/review?scope=${line}&period=this-quarter`);
  const tables = await tablesOn(page);
  const measures = tables.find(({ name }) => name === "measures");
  if (measures === undefined) return expect.unreachable("there are no measures");
  expect(measures.values.map(([name]) => name)).toEqual(Object.keys(review.measures));
  for (const values of measures.values) {
    const standing = review.measures[values[0] ?? ""] ?? {};
    for (const [c, column] of measures.columns.entries()) {
      // The quarter is not over, so its achieved values change from minute to minute.
      if (c === 0 || column === "achieved" || column === "difference") continue;
      expect([values[0], column, values[c]]).toEqual([values[0], column, fieldOf(standing, column)]);
    }
  }
  // The newest week has enough data where it began but this morning.
  const { week } = review.trend;
  const { body: weeks } = await getJson<readonly { readonly kpis: { readonly coverage: number | null } }[]>(
    plant.server.url,
    `/api/v1/kpis?scope=${line}&by=line&every=week&from=${week[0]?.from}&to=${week.at(-1)?.to}`,
  );
  const rows = page.locator('[data-table="weeks"] tbody tr');
  expect(await rows.evaluateAll((all) => all.map((row) => row.getAttribute("data-weak")))).toEqual(
    weeks.map(({ kpis: { coverage } }) => (coverage === null || coverage < 0.8 ? "true" : null)),
  );
  const oee = measures.values.findIndex(([name]) => name === "oee");
  const texts = Object.fromEntries(measures.columns.map((column, c) => [column, measures.texts[oee]?.[c]]));
  expect(texts).toMatchObject({ baseline: "50.0%", goal: "60.0%" });
  await page.getByText("Against the baseline books").waitFor();
  await page.getByText("Against the baseline books. The period is not over").waitFor();
  // There are no data of the quarter before, and a baseline from books has no losses: neither comparison is possible.
  expect(await page.getByText("Not known: one of the two periods").count()).toBe(2);
  expect(errors).toEqual([]);

  const programme = await open(`/review/programme/${line}`);
  const [actions, pilot] = await tablesOn(programme.page);
  expect(actions?.texts[0]?.slice(0, 5)).toEqual([
    "=New belt guide",
    "Line 1",
    "maintenance",
    "Conveyor",
    "open, overdue",
  ]);
  expect(pilot?.texts.map(([measure, verdict]) => [measure, verdict])).toEqual([
    ["OEE", "too little data"],
    ["MTTR", "too little data"],
  ]);
  await programme.page.getByRole("heading", { name: "Pilot p1: too little data" }).waitFor();
  const csv = await csvIn(programme.page, "actions");
  expect(csv[1]?.slice(0, 3)).toEqual(["'=New belt guide", line, "maintenance"]);
  expect(programme.errors).toEqual([]);
});

test.each(LANGUAGES)("the page that sets a wall up leads to the desk and to the tablet, in %s", async (language) => {
  const { page, errors } = await plant.newPage({ locale: "en" });
  for (const address of ["/review", "/reasons"]) {
    await page.goto(`${plant.server.url}/wall?lang=${language}`);
    await page.locator(`nav a[href="${address}?lang=${language}"]`).click();
    await page.locator("h1").waitFor();
    expect(new URL(page.url()).pathname.startsWith(address)).toBe(true);
    expect(await page.locator("html").getAttribute("lang")).toBe(language);
  }
  expect(errors).toEqual([]);
});

test("the server's bare address leads to the desk by a link", async () => {
  const { page } = await plant.newPage({ locale: "en" });
  await page.goto(`${plant.server.url}/`);
  await page.getByRole("link", { name: /^The desk/ }).click();
  await page.getByRole("heading", { name: "Acme Overview" }).waitFor();
});

describe("R-1: an address shows the same to everybody", () => {
  test("the link of a loss leads to its stops, the link of a day to that day; another page shows the same for the address; back goes back", async () => {
    const { page } = await open(`/review/losses/${morning.line}?${pinned()}`);
    await page.getByRole("link", { name: "Breakdowns" }).click();
    await page.locator(".grid").waitFor();
    expect(page.url()).toContain(`/review/stops/${morning.line}?`);
    expect(page.url()).toContain("kind=failure");
    // Those of the machine that stands for the line: the loss is made of them alone.
    const { body } = await getJson<readonly { readonly minor: boolean; readonly failure: boolean }[]>(
      plant.server.url,
      `/api/v1/stops?scope=${morning.line}&machines=kpi&${pinned()}`,
    );
    const shown = `${body.filter(({ minor, failure }) => !minor && failure).length} segments of stops`;
    await page.getByText(shown).waitFor();
    // The timelines are of the period, not of its stops.
    const ends = await page.locator(".lane-ends > span").allTextContents();
    const asked = new URLSearchParams(pinned());
    const clock = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "Europe/Berlin" } as const;
    const times = [asked.get("from"), asked.get("to")].map((at) => new Date(at ?? "").toLocaleTimeString("en", clock));
    expect(ends.map((text) => text.slice(-5))).toEqual(times);
    // Another browser context, as that of another person, shows the same for the address.
    const other = await open(new URL(page.url()).pathname + new URL(page.url()).search);
    await other.page.getByText(shown).waitFor();
    await page.goBack();
    await page.locator('[data-table="losses"]').waitFor();
    await page.getByRole("link", { name: "Overview" }).click();
    await page.locator('[data-table="days"] a').last().click();
    await page.waitForFunction(() => new URLSearchParams(location.search).get("from") !== null);
    // The row of the day that is shown is marked among the days.
    const marked = page.locator('[data-table="days"] tr[aria-current]');
    await marked.waitFor();
    expect(await marked.count()).toBe(1);
    expect(await marked.evaluate((row) => row.nextElementSibling)).toBeNull();
  });

  test('this week begins where the server\'s week does; "Period before" leads to an address with fixed instants that ends there', async () => {
    const { page } = await open(`/review/hours/${morning.line}?period=this-week&every=day`);
    const { body } = await getJson<readonly { readonly from: string }[]>(
      plant.server.url,
      `/api/v1/kpis?scope=${morning.line}&by=line&every=week&from=now-15d`,
    );
    const [table] = await tablesOn(page);
    expect(table?.values[0]?.[0]).toBe(body.at(-1)?.from);
    await page.getByRole("button", { name: "Period before" }).click();
    await page.waitForFunction(() => location.search.includes("from="));
    expect(new URL(page.url()).searchParams.get("to")).toBe(body.at(-1)?.from);
  });

  test("an address that is formatted and parsed is the same; a scope that does not exist is named", async () => {
    for (const view of VIEWS) {
      const address = formatDeskAddress({ view, scope: "a b/ü?#", options: { reason: "x/y&z=ä" } });
      const { parseDeskAddress } = await import("../../dashboards/src/desk/address.ts");
      const url = new URL(address, "http://x");
      expect(formatDeskAddress(parseDeskAddress(url.pathname, url.search))).toBe(address);
    }
    const { page } = await plant.newPage({ locale: "en" });
    await page.goto(`${plant.server.url}/review/overview/nowhere`);
    await page.getByRole("alert").getByText("There is no “nowhere” in Acme.").waitFor();
  });
});

test("R-4: a stop of the list is split by time and given two reasons; clearing one restores the machine's own", async () => {
  const tablet = shownBy("tablet");
  const own = await plant.server.nextMorning();
  const [from, to] = [own.ago(120), own.ago(100)];
  const query = `from=${new Date(from).toISOString()}&to=${new Date(to).toISOString()}`;
  const said = async (): Promise<readonly unknown[]> =>
    (await getJson<readonly StopRow[]>(plant.server.url, `/api/v1/stops?scope=${own.filler}&${query}`)).body.map(
      ({ reason, correctedBy }) => [reason, correctedBy],
    );
  const saidSo = async (expected: readonly unknown[]): Promise<void> =>
    void (await until("the reason in the answers", async () =>
      JSON.stringify(await said()) === JSON.stringify(expected) ? true : undefined,
    ));
  await saidSo([[null, null]]);
  const { page, errors } = await open(`/review/stops/${own.filler}?${query}`);
  await page.getByRole("button", { name: "Correct" }).click();
  await page.getByRole("button", { name: "Split by time" }).click();
  await page.getByRole("button", { name: /^Conveyor jam/ }).click();
  await page.getByRole("button", { name: /^Seal leaks/ }).click();
  await saidSo([
    ["mechanical/conveyor/jam", tablet],
    ["mechanical/seal", tablet],
  ]);
  await page.getByText("2 segments of stops").waitFor();
  await page.locator('.grid [data-column="reason"]', { hasText: "Seal leaks" }).waitFor();
  await page.getByRole("button", { name: "Correct" }).last().click();
  await page.getByText(`${tablet} corrected this stop`).waitFor();
  await page.getByRole("button", { name: "Back to the machine’s own word" }).click();
  await saidSo([
    ["mechanical/conveyor/jam", tablet],
    [null, null],
  ]);
  expect(errors).toEqual([]);
});

test("R-5: a list of stops that takes long can be cancelled, and says then that it is not whole", async () => {
  const { page } = await plant.newPage({ locale: "en" });
  // No answer comes.
  await page.route("**/api/v1/stops?*", () => undefined);
  await page.goto(`${plant.server.url}/review/stops/${morning.line}?${pinned()}`);
  await page.getByText("Asking the server").waitFor();
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("alert").waitFor();
  expect(await page.getByText("Nothing in this period").count()).toBe(0);
  expect(await page.getByRole("button", { name: "Cancel" }).count()).toBe(0);
});

test("R-5: a view that is left while its answer still comes is not waited for, and is no error of the page", async () => {
  const { page, errors } = await plant.newPage({ locale: "en" });
  await page.addInitScript(COUNT_QUESTIONS);
  // Stands between page and server; of the list of stops it sends the beginning alone.
  const between = createServer((asked, answer) => {
    if (asked.url?.startsWith("/api/v1/stops?") === true) {
      answer.writeHead(200, { "content-type": "application/json" }).write("[");
      return;
    }
    const onward = ask(`${plant.server.url}${asked.url ?? ""}`, { headers: asked.headers }, (answered) => {
      answer.writeHead(answered.statusCode ?? 502, answered.headers);
      answered.pipe(answer);
    });
    onward.end();
  });
  onTestFinished(() => {
    between.closeAllConnections();
    between.close();
  });
  await new Promise<void>((resolve) => between.listen(0, "127.0.0.1", resolve));
  const { port } = between.address() as AddressInfo;
  const begun = page.waitForResponse((answer) => answer.url().includes("/api/v1/stops?"));
  await page.goto(`http://127.0.0.1:${port}/review/stops/${morning.line}?${pinned()}`);
  await begun;
  await page.getByRole("link", { name: "Losses" }).click();
  await settled(page);
  expect(errors).toEqual([]);
});

test("R-3: a chart whose library does not come says so beside its table, and can be asked for again", async () => {
  const { page, errors } = await plant.newPage({ locale: "en" });
  await page.route("**/assets/echarts-*.js", async (route) => route.abort());
  await page.goto(`${plant.server.url}/review/compare/${morning.line}?${pinned()}`);
  const chart = page.locator('[data-chart="compare"]');
  await chart.getByRole("alert").getByText("The server cannot be reached").waitFor();
  await page.locator('[data-table="compare"] tbody tr').first().waitFor();
  // What the console says is the request that was cut off.
  expect(errors.filter((error) => !error.startsWith("Failed to load resource"))).toEqual([]);
  await page.unroute("**/assets/echarts-*.js");
  await chart.getByRole("button", { name: "Try again" }).click();
  await chart.locator('[data-ready="true"] svg').waitFor();
});

/** How many stops are shown; with `OEE_DESK_LONG=1` a hundred thousand. */
const STOPS = process.env["OEE_DESK_LONG"] === undefined ? 4_000 : 100_000;

test(`R-5: a list of ${STOPS} stops scrolls without gaps, and a search over them answers`, async () => {
  const press = "berlin/packing/odd/press";
  const end = morning.ago(0);
  const from = end - STOPS * 20_000;
  const states = ["running", "idle"];
  for (let half = 0; half < 2; half++) {
    const lines = Array.from({ length: STOPS }, (_, i) => {
      const n = half * STOPS + i;
      return JSON.stringify(stateAt(press, from + n * 10_000, states[n % 2] ?? ""));
    });
    expect((await postLines(plant.server.url, lines)).body.accepted).toBe(STOPS);
  }
  // The last stop ends too: an open one would soon exceed the threshold of a minor stop.
  await plant.server.send(stateAt(press, end, "running"));
  const query = `from=${new Date(from - MINUTE_MS).toISOString()}&to=${new Date(end).toISOString()}`;
  await until(
    "the stops in the answers",
    async () => {
      const { body } = await getJson<readonly { components: { minorStopCount: number } }[]>(
        plant.server.url,
        `/api/v1/kpis?scope=${press}&${query}`,
      );
      return body[0]?.components.minorStopCount === STOPS ? true : undefined;
    },
    500_000,
  );
  const { page, errors } = await open(`/review/stops/${press}?${query}`);
  await page.getByText(`${STOPS} segments of stops`).waitFor();
  const covered = await page.evaluate(async () => {
    const grid = document.querySelector(".grid");
    if (grid === null) return [];
    const frame = async (): Promise<unknown> => new Promise((resolve) => requestAnimationFrame(resolve));
    const gaps: number[] = [];
    for (let step = 0; step <= 40; step++) {
      grid.scrollTop = (grid.scrollHeight - grid.clientHeight) * (step / 40);
      await frame();
      await frame();
      const box = grid.getBoundingClientRect();
      const rows = [...grid.querySelectorAll('[role="rowgroup"] [role="row"]')].map((row) =>
        row.getBoundingClientRect(),
      );
      const inSight = rows.filter(({ top, bottom }) => bottom > box.top && top < box.bottom);
      // The rows, of 40 px each, must fill the visible height below the head.
      gaps.push(box.height - 40 - inSight.reduce((sum, { height }) => sum + height, 0));
    }
    return gaps;
  });
  expect(covered).toHaveLength(41);
  expect(Math.max(...covered)).toBeLessThanOrEqual(0);
  expect(await page.locator('.grid [role="row"]').count()).toBeLessThan(120);
  expect(await page.locator('.grid [role="rowgroup"] [role="row"]').last().getAttribute("aria-rowindex")).toBe(
    String(STOPS + 1),
  );
  const tookMs = await page.evaluate(async () => {
    const search = document.querySelector<HTMLInputElement>('input[type="search"]:not([aria-controls])');
    const started = performance.now();
    if (search !== null) {
      Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set?.call(search, "nothing like it");
      search.dispatchEvent(new Event("input", { bubbles: true }));
    }
    while (document.querySelector(".stops-head p")?.textContent?.startsWith("0 ") !== true)
      await new Promise((resolve) => requestAnimationFrame(resolve));
    return performance.now() - started;
  });
  console.log(`a filter over ${STOPS} stops answered in ${Math.round(tookMs)} ms`);
  expect(errors).toEqual([]);
});

describe("R-7: accessibility", () => {
  test.each(VIEWS)(
    "%s: axe-core finds nothing in either theme; each chart has a label; nothing is wider than the page at 200 %",
    async (view) => {
      for (const [theme, lang] of [
        ["dark", "de"],
        ["light", "zh"],
      ] as const) {
        const { page, errors } = await open(`/review/${view}/${morning.line}?period=8h&theme=${theme}&lang=${lang}`);
        expect(await violations(page), `${view} ${theme}`).toEqual([]);
        for (const figure of await page.locator("[data-chart]").all()) {
          expect(await figure.locator("svg").count()).toBe(1);
          expect((await figure.locator("[data-ready]").getAttribute("aria-label"))?.length).toBeGreaterThan(5);
        }
        // At 200 % zoom the page has half of the width.
        await page.setViewportSize({ width: 720, height: 900 });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(wide, `${view} narrow`).toBeLessThanOrEqual(0);
        expect(errors).toEqual([]);
      }
    },
  );

  test("by keyboard alone: another scope is chosen, the meaning of a figure and the dialog that corrects a stop are opened", async () => {
    const { page } = await open(`/review/overview/${morning.line}?period=8h`);
    const tabTo = async (name: RegExp): Promise<void> => {
      for (let i = 0; i < 60; i++) {
        await page.keyboard.press("Tab");
        const text = await page.evaluate(() => {
          const focused = document.activeElement;
          return focused?.getAttribute("aria-label") ?? focused?.textContent ?? "";
        });
        if (name.test(text)) return;
      }
      expect.fail(`Tab never came to ${name}`);
    };
    await tabTo(/^Where/);
    await page.keyboard.press("Enter");
    // The list that opens has its search ready.
    await page.locator(".scope-picker input:focus").waitFor();
    await page.keyboard.type("labeller");
    await tabTo(/^Labeller/);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Labeller" }).waitFor();
    await settled(page);
    await tabTo(/^What OEE means/);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByText("Good production at ideal speed").waitFor();
    await page.keyboard.press("Escape");
    await page.goto(`${plant.server.url}/review/stops/${morning.filler}?${pinned()}`);
    await page.locator('.grid [role="rowgroup"] [role="row"]').first().waitFor();
    await tabTo(/^Correct$/);
    await page.keyboard.press("Enter");
    await page.getByRole("dialog", { name: "Correct" }).waitFor();
  });
});

test("R-3: a figure of too little data is hatched and says for how much of the time there are data; an unknown value is a dash", async () => {
  const { page } = await open(`/review/overview/berlin/packing?period=24h`);
  expect(await page.locator('[data-figure="oee"]').getAttribute("data-weak")).toBe("true");
  expect(await page.locator('[data-figure="oee"] .figure-weak').textContent()).toMatch(/^data [\d.]+%$/);
  // Line 8 has no events.
  const cell = page.locator('[data-table="parts"] tr', { hasText: "Line 8" }).locator('[data-column="oee"]');
  expect([await cell.textContent(), await cell.getAttribute("data-value"), await cell.getAttribute("title")]).toEqual([
    "–",
    "",
    "not known",
  ]);
});

test("R-7: on a phone nothing is wider than the screen: long words of names, the buttons for new entries; bars keep half of their chart", async () => {
  const { page } = await plant.newPage({ viewport: { width: 390, height: 844 }, locale: "de" });
  const widest = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth);
  await page.goto(`${plant.server.url}/review/programme/berlin`);
  await page.locator(".form-buttons.add button").last().waitFor();
  expect(await widest()).toBe(390);
  await page.locator("h1").evaluate((title) => {
    if (title.firstChild !== null) title.firstChild.textContent = "Kunststoffflaschenreinigungsanlage".repeat(2);
  });
  expect(await widest()).toBe(390);

  await page.goto(`${plant.server.url}/review/compare/berlin`);
  const chart = page.locator('[data-chart="compare"]');
  await chart.locator('[data-ready="true"] svg').waitFor();
  const box = await chart.boundingBox();
  // Marks of the axis: the first is where bars begin.
  const marks = await chart.locator("svg text").evaluateAll((texts) =>
    texts
      .filter(({ textContent }) => /^\d+\s%$/.test(textContent ?? ""))
      .map((text) => {
        const { left, right } = text.getBoundingClientRect();
        return { left, right };
      })
      .toSorted((a, b) => a.left - b.left),
  );
  if (box === null || marks[0] === undefined) throw new Error("expected a chart with an axis");
  expect(marks[0].left - box.x).toBeLessThan(box.width / 2);
  marks.slice(1).forEach(({ left }, i) => expect(left).toBeGreaterThan(marks[i]?.right ?? 0));
});

test("R-7: where the system forces its colours, stops are drawn in theirs, and of the views only that which is shown is underlined", async () => {
  const { page } = await plant.newPage({ locale: "en", forcedColors: "active", colorScheme: "dark" });
  await page.goto(`${plant.server.url}/review/stops/${morning.line}?${pinned()}`);
  await page.locator(".lane-bar").first().waitFor();
  await page.locator(".lane-key").first().waitFor();
  const drawn = await page.evaluate(() => {
    const of = (selector: string): CSSStyleDeclaration => getComputedStyle(document.querySelector(selector) as Element);
    const ground = of(".lane-bars").backgroundColor;
    return [
      of(".lane-bar").backgroundColor !== ground,
      of(".lane-key").backgroundColor !== of(".lanes").backgroundColor,
      of(".shell nav a:not([aria-current])").borderBottomColor === of("body").backgroundColor,
      of(".shell nav a[aria-current]").borderBottomColor !== of("body").backgroundColor,
    ];
  });
  expect(drawn).toEqual([true, true, true, true]);
});

test("R-6: printed pages have no tools and no navigation, and charts of the dark theme have dark text", async () => {
  const { page } = await open(`/review/hours/${morning.line}?${pinned()}`);
  await page.emulateMedia({ media: "print" });
  expect(await page.locator("nav, .csv, .chart button").filter({ visible: true }).count()).toBe(0);
  expect(await page.locator("h1, .desk-span, table, svg").filter({ visible: true }).count()).toBeGreaterThanOrEqual(4);
  const dark = await open(`/review/hours/${morning.line}?${pinned()}&theme=dark`);
  // The browser fires `beforeprint` when it prints: texts of charts must have other colours then.
  const colours = (): Promise<readonly (string | null)[]> =>
    dark.page
      .locator('[data-chart="hours"] svg text')
      .evaluateAll((texts) => texts.map((text) => text.getAttribute("fill")));
  const onScreen = await colours();
  await dark.page.evaluate(() => dispatchEvent(new Event("beforeprint")));
  const onPaper = await colours();
  expect(onPaper.length).toBe(onScreen.length);
  expect(onPaper.filter((colour) => onScreen.includes(colour))).toEqual([]);
  await dark.page.evaluate(() => dispatchEvent(new Event("afterprint")));
  expect(await colours()).toEqual(onScreen);
  const pdf = await page.pdf({ format: "A4" });
  expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
});

test("the desk has less than 450 kB of gzipped scripts without the chart library, which is loaded only by views with charts", async () => {
  const isChart = (module: string): boolean => module.endsWith("chart/echarts.ts");
  const weight = weighAssets(assetsOf("review.html", isChart));
  console.log(weight, weighAssets(assetsOf("review.html")));
  expect(weight.scriptBytes).toBeLessThan(450_000);
  expect(weighAssets(assetsOf("review.html")).scriptBytes).toBeGreaterThan(weight.scriptBytes + 100_000);
  const { page } = await plant.newPage({});
  const scripts: string[] = [];
  page.on("request", (request) => scripts.push(request.url()));
  await page.goto(`${plant.server.url}/review/stops/${morning.line}?${pinned()}`);
  await page.locator(".grid").waitFor();
  expect(scripts.filter((url) => url.includes("echarts"))).toEqual([]);
});
