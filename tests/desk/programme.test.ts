/** Entries of the programme (targets, actions, pilots, baselines) are made on the desk (RE-1): refusals by field, conflicts, withdrawal. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { demoReview } from "@oee/simulator";
import { type Posting, presentReview } from "../../services/oee/src/live/present-review.ts";
import { getJson, post, until } from "../live/oee-process.ts";
import { saidBy, shownBy } from "../support/sign-in.ts";
import { violations } from "../wall/axe.ts";
import { plantInBrowser, sayWho } from "./in-browser.ts";

const LINE = "berlin/packing/l1";

const plant = plantInBrowser();

async function open(): Promise<Page> {
  const { page } = await plant.newPage({ viewport: { width: 1280, height: 900 }, locale: "en" });
  await page.goto(`${plant.server.url}/review/programme/${LINE}?lang=en`);
  await page.locator('[data-table="targets"]').waitFor();
  return page;
}

type Entry = Readonly<Record<string, unknown>>;

async function entriesOf(type: string, id: string): Promise<readonly Entry[]> {
  return (await getJson<readonly Entry[]>(plant.server.url, `/api/v1/entries?type=${type}&id=${id}&revisions=all`))
    .body;
}

async function trailOf(type: string, id: string, length: number): Promise<readonly Entry[]> {
  return until(`revision ${length} of ${id}`, async () => {
    const trail = await entriesOf(type, id);
    return trail.length === length ? trail : undefined;
  });
}

test("RE-1: a target is entered, changed by two people at once, withdrawn and put in force again; each step is a revision", async () => {
  const page = await open();
  await page.getByRole("button", { name: "New target" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("oee-26");
  await dialog.getByLabel("Measure").selectOption("oee");
  await dialog.getByRole("textbox", { name: "Goal" }).fill("80");
  await sayWho(dialog, "Anna");
  expect(await violations(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Enter", exact: true }).click();
  const row = page.locator('[data-table="targets"] tbody tr');
  await row.locator('[data-column="goal"]', { hasText: "80.0%" }).waitFor();
  const [made] = await trailOf("target", "oee-26", 1);
  expect(made).toMatchObject({ rev: 1, by: shownBy("Anna"), scope: LINE, measure: "oee", value: 0.8 });

  await row.getByRole("button", { name: "Change" }).click();
  await dialog.getByText("Revisions: 1").waitFor();
  await dialog.getByRole("textbox", { name: "Goal" }).fill("82");
  // Meanwhile somebody else enters revision 2 of the same target.
  const other = { type: "target", id: "oee-26", rev: 2, ...saidBy("Ben"), scope: LINE, measure: "oee", value: 0.85 };
  expect((await post<unknown>(plant.server.url, "/api/v1/entries", JSON.stringify(other))).status).toBe(202);
  await dialog.getByRole("button", { name: "Enter", exact: true }).click();
  const conflict = dialog.getByRole("alert");
  await conflict.getByText(`${shownBy("Ben")} entered revision 2 meanwhile`).waitFor();
  await conflict.getByText("Goal: 0.85").waitFor();
  expect(await entriesOf("target", "oee-26")).toHaveLength(2);
  await conflict.getByRole("button", { name: "Keep mine, over theirs" }).click();
  expect(await dialog.getByRole("textbox", { name: "Goal" }).inputValue()).toBe("82");
  await dialog.getByRole("button", { name: "Enter", exact: true }).click();
  await row.locator('[data-column="goal"]', { hasText: "82.0%" }).waitFor();
  expect((await trailOf("target", "oee-26", 3))[2]).toMatchObject({ rev: 3, by: shownBy("Anna"), value: 0.82 });

  await row.getByRole("button", { name: "Change" }).click();
  await dialog.getByRole("button", { name: "Withdraw" }).click();
  const gone = page.locator('[data-table="withdrawn"] tbody tr');
  await gone.waitFor();
  await row.waitFor({ state: "detached" });
  await gone.getByRole("button", { name: "Change" }).click();
  await dialog.getByText("It is withdrawn").waitFor();
  await dialog.getByRole("button", { name: "Put in force again" }).click();
  await row.locator('[data-column="goal"]', { hasText: "82.0%" }).waitFor();
  const [, , , withdrawn, again] = await trailOf("target", "oee-26", 5);
  expect(withdrawn).toMatchObject({ withdrawn: true, value: 0.82 });
  expect(again).toMatchObject({ rev: 5, value: 0.82 });
  expect(again).not.toHaveProperty("withdrawn");
});

test("RE-2: the server's refusal is shown at the field that it names; an action, a pilot and a baseline are entered", async () => {
  const page = await open();
  const dialog = page.getByRole("dialog");
  const enter = dialog.getByRole("button", { name: "Enter", exact: true });
  await page.getByRole("button", { name: "New action" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("a7");
  await dialog.getByLabel("Action", { exact: true }).fill("New belt guide");
  await dialog.getByLabel("Aims at").selectOption("reason:mechanical/conveyor");
  await dialog.getByLabel("Started").fill("2026-03-20");
  await dialog.getByLabel("Done").fill("2026-03-01");
  await dialog.getByLabel("Investment (EUR)").fill("1200.5");
  await sayWho(dialog, "Anna");
  await enter.click();
  const refused = dialog.locator('[data-field="done"]');
  await refused.getByText("done: expected a date not before started").waitFor();
  expect(await refused.locator("input").getAttribute("aria-invalid")).toBe("true");
  expect(await entriesOf("action", "a7")).toEqual([]);
  await dialog.getByLabel("Done").fill("2026-03-24");
  await enter.click();
  await page.locator('[data-table="actions"]', { hasText: "New belt guide" }).waitFor();
  expect((await trailOf("action", "a7", 1))[0]).toMatchObject({
    ...{ title: "New belt guide", addresses: "reason:mechanical/conveyor", started: "2026-03-20", done: "2026-03-24" },
    ...{ investment: 1200.5, currency: "EUR", by: shownBy("Anna") },
  });

  await page.getByRole("button", { name: "New pilot" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("p1");
  await dialog.getByLabel("Compared with 1").selectOption("berlin/packing/l2");
  await dialog.getByLabel("Compared with 2").selectOption("berlin/packing/l3");
  await dialog.getByLabel("Measure 1").selectOption("oee");
  await dialog.getByLabel("Measure 2").selectOption("mttr");
  await dialog.getByLabel("Start").fill("2026-05-04");
  await enter.click();
  await page.getByRole("heading", { name: "Pilot p1" }).waitFor();
  // PI-9: it is entered after it began, which is told with who and when.
  await page.getByText(`after it began: ${shownBy("Anna")}, `).waitFor();
  expect((await trailOf("pilot", "p1", 1))[0]).toMatchObject({
    ...{ scopes: [LINE], controls: ["berlin/packing/l2", "berlin/packing/l3"] },
    ...{ measures: ["oee", "mttr"], start: "2026-05-04" },
  });

  await page.getByRole("button", { name: "New baseline" }).click();
  await dialog.getByLabel("Name", { exact: true }).fill("books");
  await dialog.getByLabel("First day").fill("2025-01-01");
  await dialog.getByLabel("Day after the last").fill("2025-01-01");
  await dialog.getByLabel("OEE (%)").fill("57");
  await enter.click();
  await dialog.locator('[data-field="to"]').getByText("to: expected a date after from").waitFor();
  await dialog.getByLabel("Day after the last").fill("2026-01-01");
  await enter.click();
  // BL-3: a baseline with figures of its own needs a source.
  await dialog.locator('[data-field="source"]').getByText("source: expected").waitFor();
  await dialog.getByLabel("Source").fill("shift books");
  await enter.click();
  await page.locator('[data-table="baselines"] [data-column="oee"]', { hasText: "57.0%" }).waitFor();
  expect((await trailOf("baseline", "books", 1))[0]).toMatchObject({ figures: { kpis: { oee: 0.57 } } });
});

test("PI-2, PI-7: a pilot says which weeks were left out and why, and when a control shows as much without a change", async () => {
  const { page } = await plant.newPage({ viewport: { width: 1280, height: 900 }, locale: "en" });
  const effect = {
    ...{ verdict: "no-clear-change", blocks: [11, 12], detectable: 0.05, money: null, effect: 0.02 },
    ...{ low: -0.01, high: 0.05, noControl: false, placebo: { [`${LINE.slice(0, -1)}2`]: -0.03 } },
  };
  const pilot = {
    ...{ id: "p9", scopes: [LINE], controls: [`${LINE.slice(0, -1)}2`, `${LINE.slice(0, -1)}3`] },
    ...{ verdict: effect.verdict, interim: false, chosenLater: false, currency: "EUR", measures: { oee: effect } },
    leftOut: [{ from: "2026-03-02", to: "2026-03-09", why: "control: low-coverage" }],
  };
  await page.route(/\/entries\?.*type=pilot/, (route) => route.fulfill({ json: [{ id: "p9" }] }));
  await page.route(/\/pilots\/p9/, (route) => route.fulfill({ json: pilot }));
  await page.goto(`${plant.server.url}/review/programme/${LINE}?lang=en`);
  await page.getByText("Weeks that count: 11 before, 12 after").waitFor();
  await page.getByText(/^Weeks left out: .*Mar 2, 2026.*Mar 8, 2026 \(control: .+\)$/).waitFor();
  await page.getByText(/^OEE: each control against the others .*Line 2 −3\.0 pts$/).waitFor();
  await page.getByText(/^OEE: a control shows as much as the effect\./).waitFor();
});

test("R-7: the CSV tools of a table without rows are fully visible, and the browser's own controls have the page's theme", async () => {
  const { page } = await plant.newPage({ viewport: { width: 820, height: 900 }, locale: "en" });
  await page.goto(`${plant.server.url}/review/programme/berlin/packing/l4?lang=en&theme=dark`);
  const table = page.locator(".table", { has: page.locator('[data-table="targets"]') });
  await table.getByText("None is entered").waitFor();
  await table.locator(".csv summary").click();
  await table.getByLabel("Byte order mark (for Excel)").waitFor();
  expect(await table.evaluate(({ scrollHeight, clientHeight }) => scrollHeight - clientHeight)).toBe(0);
  const right = await table.locator(".csv").evaluate((tools) => tools.getBoundingClientRect().right);
  expect(right).toBeLessThanOrEqual(820);
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe("dark");
  await page.goto(`${plant.server.url}/review/programme/berlin/packing/l4?lang=en&theme=light`);
  await table.waitFor();
  expect(await page.evaluate(() => getComputedStyle(document.documentElement).colorScheme)).toBe("normal");
});

test("RV-3: the demo plant's review is presented and signed once, also if a restart presents it again", async () => {
  const review = { ...demoReview(Date.now()), scope: LINE };
  const posting: Posting = async (url, { by, ...body }) => {
    const answer = await post<unknown>(plant.server.url, url, JSON.stringify({ ...body, ...saidBy(String(by)) }));
    return { status: answer.status, text: JSON.stringify(answer.body) };
  };
  await presentReview(review, posting);
  await presentReview(review, posting);
  const { body } = await getJson<Entry>(plant.server.url, `/api/v1/reviews/${review.id}`);
  expect(body).toMatchObject({ rev: 2, signOffs: [{ by: shownBy("Aylin Demir"), role: "plant-manager" }] });
});
