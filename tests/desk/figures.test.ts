/**
 * every figure that a view of the desk shows is, to the last digit, a value of an API answer that the page received, and is in
 * the CSV of its table. Columns that the desk computes of others are listed in `MADE`.
 */
import { readFileSync } from "node:fs";
import type { Page, Response } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { VIEWS } from "../../dashboards/src/desk/address.ts";
import { getJson, post, until } from "../live/oee-process.ts";
import { saidBy } from "../support/sign-in.ts";
import { plantInBrowser } from "./in-browser.ts";
import type { ActionAnswer } from "@oee/protocol";
import { MINUTE_MS, type Morning, stateAt } from "./plant.ts";

const plant = plantInBrowser();
/** A line with weeks of stops before and after an action that halves their length; its filler has a cost per hour. */
const PRICED = "berlin/packing/l8";
const DAY_MS = 24 * 60 * MINUTE_MS;

function dateIn(days: number): string {
  return new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);
}

/** A stop a day for sixteen weeks: of about an hour, in the last eight weeks of about half an hour. */
function weeksOf(machine: string): readonly object[] {
  const began = Date.parse(dateIn(-16 * 7));
  return Array.from({ length: 16 * 7 }, (_, day) => {
    const at = began + day * DAY_MS + 10 * 60 * MINUTE_MS;
    const minutes = (day < 8 * 7 ? 60 : 30) + ((day * 7) % 11);
    return [
      stateAt(machine, at, "down"),
      stateAt(machine, at + minutes * MINUTE_MS, "running"),
      { type: "count", machine, at: at + 2 * 60 * MINUTE_MS, good: 20_000 },
    ];
  }).flat();
}
let morning: Morning;
beforeAll(async () => {
  morning = await plant.server.nextMorning();
  await plant.server.send(stateAt(morning.labeller, morning.ago(30), "down"));
  const { line } = morning;
  const head = { rev: 1, ...saidBy("anna") };
  const entries: object[] = [
    {
      ...{ ...head, type: "baseline", id: "books", scope: line, from: "2025-01-01", to: "2026-01-01" },
      ...{ source: "shift books", figures: { kpis: { oee: 0.5 } } },
    },
    { ...head, type: "target", id: "oee-60", scope: line, measure: "oee", value: 0.6 },
    { ...head, type: "action", id: "a1", scope: line, title: "Belt guide", addresses: "loss:minorStops" },
    { ...head, type: "pilot", id: "p1", scopes: [line], start: "2026-05-04", measures: ["oee"] },
  ];
  await plant.server.send(...weeksOf(`${PRICED}/filler`));
  const priced = { ...head, investment: 20_000, runningCostPerYear: 500.5, currency: "EUR" };
  const share = "unplannedDowntimeShare";
  entries.push(
    {
      ...{ ...priced, type: "action", id: "a2", scope: PRICED, title: "New seals", addresses: share },
      ...{ started: dateIn(-8 * 7), done: dateIn(-8 * 7), weeks: 6, owner: "lead" },
    },
    {
      ...{ ...priced, type: "pilot", id: "p2", scopes: [PRICED], start: dateIn(-8 * 7), warmUp: 0 },
      ...{ before: 6, after: 6, measures: [share, "oee"] },
    },
  );
  expect((await post<unknown>(plant.server.url, "/api/v1/entries", JSON.stringify(entries))).status).toBe(202);
  await until("what the action is worth", async () => {
    const { body } = await getJson<ActionAnswer>(plant.server.url, "/api/v1/actions/a2");
    return body.effect?.money?.ends[0].roi1 == null ? undefined : true;
  });
  await until("the morning in the answers", async () => {
    const { body } = await getJson<readonly unknown[]>(plant.server.url, `/api/v1/stops?scope=${line}&from=now-4h`);
    return body.length >= 9 ? true : undefined;
  });
});

/** Columns, or tables with columns, that the desk computes of figures of answers; each computation has a test beside its code. */
const MADE: ReadonlySet<string> = new Set([
  // Goals of the scorecard (SC-1), words for rows of money and of structure, and how many steps of an alert are due.
  ...["scorecard goal", "money what", "alerts steps", "structure-plant what"],
  ...["difference", "cumulative", "reasons", "oeeChange", "points", "pointsBefore", "timeBefore", "oeeBefore"],
]);

function isMade(table: string, column: string): boolean {
  return MADE.has(column) || MADE.has(`${table} ${column}`);
}

/** All values of all answers as texts, and the names of their fields, by which some rows are named. */
class Told {
  readonly #all = new Set<string>([""]);

  take(value: unknown): void {
    if (typeof value === "object" && value !== null) {
      this.#all.add(JSON.stringify(value));
      for (const [key, each] of Object.entries(value)) {
        this.#all.add(key);
        this.take(each);
      }
    } else this.#all.add(String(value));
  }

  says(text: string): boolean {
    return this.#all.has(text);
  }
}

interface Shown {
  readonly table: string;
  readonly column: string;
  readonly value: string;
}

function shownOn(page: Page): Promise<readonly Shown[]> {
  return page.locator("[data-column], [data-figure]").evaluateAll((all) =>
    all
      .filter((each) => each.closest("dialog") === null)
      .map((each) => ({
        table: each.closest("[data-table]")?.getAttribute("data-table") ?? "",
        column: each.getAttribute("data-column") ?? each.getAttribute("data-figure") ?? "",
        value: each.getAttribute("data-value") ?? "",
      })),
  );
}

/** The rows of each table as its CSV must have them, without columns of buttons and drawings. */
function rowsOn(page: Page): Promise<Readonly<Record<string, readonly (readonly string[])[]>>> {
  return page.locator("table[data-table]").evaluateAll((tables) =>
    Object.fromEntries(
      tables.map((table) => {
        const drawn = (cell: Element): boolean =>
          ["edit", "interval", "steps"].includes(cell.getAttribute("data-column") ?? "");
        const rows = [...table.querySelectorAll("tbody tr")].map((row) =>
          [...row.querySelectorAll("td")]
            .filter((cell) => !drawn(cell))
            .map((cell) => cell.getAttribute("data-value") ?? ""),
        );
        return [table.getAttribute("data-table") ?? "", rows];
      }),
    ),
  );
}

/** Parses CSV as of RFC 4180, with commas. */
function csvRows(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/g)) {
    rows[rows.length - 1]?.push(quoted === undefined ? (plain ?? "") : quoted.replaceAll('""', '"'));
    if (end === "\r\n") rows.push([]);
  }
  return rows.filter((row) => row.length > 1 || row[0] !== "");
}

function scopeOf(view: (typeof VIEWS)[number]): string {
  if (view === "events") return morning.filler;
  // The area holds the line whose action has a worth in money.
  if (view === "programme") return "berlin/packing";
  return view === "ranking" || view === "trust" ? "*" : morning.line;
}

test.each(VIEWS)("R-2: %s: each figure is a value of an answer, and is in the CSV", async (view) => {
  const { page } = await plant.newPage({
    viewport: { width: 1440, height: 900 },
    locale: "en",
    acceptDownloads: true,
  });
  const told = new Told();
  const coming: Promise<void>[] = [];
  page.on("response", (response: Response) => {
    if (!response.url().includes("/api/v1/") || !response.ok()) return;
    coming.push(
      response.json().then(
        (body: unknown) => told.take(body),
        () => undefined,
      ),
    );
  });
  const scope = scopeOf(view);
  const [from, to] = [new Date(morning.ago(170)), new Date(morning.ago(view === "alerts" ? 0 : 20))];
  const query = `from=${from.toISOString()}&to=${to.toISOString()}&of=this-week&lang=en`;
  await page.goto(`${plant.server.url}/review/${view}/${scope}?${query}`);
  await page.locator("h1").waitFor();
  await page.waitForFunction(
    () =>
      document.querySelector('[aria-busy="true"], .asking, [data-ready="false"]') === null &&
      document.querySelector("table, .grid") !== null,
  );
  await page.waitForLoadState("networkidle");
  await Promise.all(coming);
  const shown = await shownOn(page);
  expect(shown.length).toBeGreaterThan(3);
  if (view === "programme") expectWorths(shown);
  const strangers = shown.filter(({ table, column, value }) => !isMade(table, column) && !told.says(value));
  expect(strangers).toEqual([]);
  for (const [name, rows] of Object.entries(await rowsOn(page))) {
    const downloading = page.waitForEvent("download");
    await page.locator(`[data-table="${name}"]`).getByRole("button", { name: "CSV" }).click();
    const text = readFileSync(await (await downloading).path(), "utf8").slice(1);
    const [, ...kept] = csvRows(text);
    expect([name, kept]).toEqual([name, rows]);
  }
});

/** CS-2 to CS-4: the tables of what the action and the pilot are worth have each figure with both ends of its interval. */
function expectWorths(shown: readonly Shown[]): void {
  for (const table of ["actions-worth", "pilot-p2-worth"]) {
    const own = shown.filter((one) => one.table === table);
    const whats = own.filter(({ column }) => column === "what").map(({ value }) => value);
    expect([table, whats]).toEqual([table, ["saving", "perYear", "roi1", "roi3", "paybackMonths"]]);
    const figures = own.filter(({ column }) => ["value", "low", "high"].includes(column));
    expect(figures.filter(({ value }) => value === "")).toEqual([]);
    expect(figures).toHaveLength(15);
  }
}
