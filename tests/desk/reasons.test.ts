/** The tablet beside the line, at which people enter reasons of stops (R-4, RS-1), in Chromium with the real server. */
import type { Page, Route } from "playwright-core";
import { describe, expect, test } from "vitest";
import type { StopRow } from "../../dashboards/src/shared/api/rows.ts";
import { getJson, until } from "../live/oee-process.ts";
import { violations } from "../wall/axe.ts";
import { saidBy, shownBy } from "../support/sign-in.ts";
import { type NewPage, plantInBrowser } from "./in-browser.ts";
import { MINUTE_MS, type Morning, stateAt } from "./plant.ts";

const LANDSCAPE = { width: 1024, height: 600 };
const PORTRAIT = { width: 600, height: 1024 };

/** Set by `OEE_DESK_LONG=1`: every language at every size. */
const LONG = process.env["OEE_DESK_LONG"] !== undefined;

/** Each test has a line of its own. */
const plant = plantInBrowser(12);

async function tablet(
  line: string,
  { query = "", by = "", viewport = LANDSCAPE }: { query?: string; by?: string; viewport?: typeof LANDSCAPE } = {},
): Promise<NewPage> {
  const { page, context, errors } = await plant.newPage({
    ...{ viewport, locale: "en", timezoneId: "America/New_York", hasTouch: true },
  });
  await context.addInitScript(
    `localStorage.getItem("oee.by") ?? localStorage.setItem("oee.by", ${JSON.stringify(by)})`,
  );
  // Wait for the answer by which the tablet puts the most used reasons first.
  const learnt = page.waitForResponse((response) => response.url().includes("/pareto"));
  await page.goto(`${plant.server.url}/reasons/${line}${query}`);
  await page.locator(".stop").first().waitFor();
  await (await learnt).finished();
  return { page, context, errors };
}

/** The list's entry of the stop that began at that time of day. */
function stop(page: Page, since: string): ReturnType<Page["locator"]> {
  return page.locator(".stop", { hasText: since });
}

/** An instant as the time of day of the site, such as `14:05`. */
function clock(at: number): string {
  return new Date(at).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Berlin" });
}

async function stopsOf(machine: string): Promise<readonly StopRow[]> {
  return (await getJson<readonly StopRow[]>(plant.server.url, `/api/v1/stops?scope=${machine}&from=now-4h`)).body;
}

/** Of the filler's segments that overlap `[from, to)`: begin in minutes after `from`, reason, and who corrected it. */
async function said({ filler }: Morning, from: number, to: number): Promise<readonly unknown[]> {
  return (await stopsOf(filler))
    .filter((row) => Date.parse(row.from) < to && Date.parse(row.to) > from)
    .map((row) => [(Date.parse(row.from) - from) / MINUTE_MS, row.reason, row.correctedBy]);
}

/** Of segments: begin in minutes of the span, reason, and the name of who entered it. */
type Words = readonly (readonly [minute: number, reason: string | null, who: string | null])[];

function shownAs(words: Words): Words {
  return words.map(([minute, reason, who]) => [minute, reason, who === null ? null : shownBy(who)]);
}

/** Keeps back the next request of a page, such as of a correction. `asked` resolves when it is about to be sent, with what lets it go. */
async function held(
  page: Page,
  url = /\/api\/v1\/corrections$/,
): Promise<{ readonly asked: Promise<() => Promise<void>> }> {
  let ask: (go: () => Promise<void>) => void;
  const asked = new Promise<() => Promise<void>>((resolve) => (ask = resolve));
  const hold = (route: Route): void =>
    ask(async () => {
      const answered = page.waitForResponse((response) => response.request() === route.request());
      await route.continue();
      await answered;
    });
  await page.route(url, hold, { times: 1 });
  return { asked };
}

/** Sends a correction as a page that has looked before. */
async function postCorrection(page: Page, correction: object): Promise<void> {
  const status = await page.evaluate(async (body) => {
    const headers = { "content-type": "application/json" };
    return (await fetch("/api/v1/corrections", { method: "POST", headers, body })).status;
  }, JSON.stringify(correction));
  expect(status).toBe(202);
}

/** Waits until the API has these segments. */
async function saidSo(morning: Morning, from: number, to: number, words: Words): Promise<void> {
  const expected = shownAs(words);
  await until("the reason in the answers", async () => {
    const now = await said(morning, from, to);
    return JSON.stringify(now) === JSON.stringify(expected) ? true : undefined;
  }).catch(async () => expect(await said(morning, from, to)).toEqual(expected));
}

test("RS-1, R-4: a reason is entered in two taps, the most used is first; undo takes it back; each is sent once", async () => {
  const morning = await plant.server.nextMorning();
  const [from, to] = [morning.ago(120), morning.ago(100)];
  const { page, errors } = await tablet(morning.line, { by: "Anna" });
  // Listed are the open stop, the longest one, and the one with the vague reason "other"; not minor stops, nor those below `reasonAfter`.
  await until("three stops", async () => ((await page.locator(".stop").count()) === 3 ? true : undefined));
  expect(await page.locator(".stop-length").allTextContents()).toEqual([
    expect.stringContaining("min"),
    "20 min",
    "10 min",
  ]);
  expect(await page.locator(".top-needs").textContent()).toBe("3 stops need a reason");

  const posts: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") posts.push(request.url());
  });
  await stop(page, clock(from)).tap();
  const buttons = page.locator(".reason");
  expect((await buttons.allTextContents())[0]).toBe("Conveyor jamMechanical › Conveyor");
  expect(await buttons.count()).toBeLessThanOrEqual(8);
  const tapped = Date.now();
  await buttons.first().tap();
  await saidSo(morning, from, to, [[0, "mechanical/conveyor/jam", "Anna"]]);
  console.log(`reason in the answers ${Date.now() - tapped} ms after the tap`);
  await page.locator('.entry[data-stage="done"]').waitFor();
  await expect.poll(() => stop(page, clock(from)).count()).toBe(0);
  expect(posts).toHaveLength(1);

  await page.getByRole("button", { name: "Undo" }).tap();
  await saidSo(morning, from, to, [[0, null, null]]);
  await stop(page, clock(from)).waitFor();
  expect(posts).toHaveLength(2);
  expect(errors).toEqual([]);
});

test("ST-5, TL-7: each part of a stop that is split by time gets a reason, with the comment; undo takes both back", async () => {
  const morning = await plant.server.nextMorning();
  const [from, to] = [morning.ago(120), morning.ago(100)];
  const { page, errors } = await tablet(morning.line, { by: "Bo" });
  const bodies: string[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") bodies.push(request.postData() ?? "");
  });
  await stop(page, clock(from)).tap();
  await page.getByLabel("Comment").fill("fuse F7");
  await page.getByRole("button", { name: "Split by time" }).tap();
  await page.getByRole("button", { name: "1 min later" }).tap();
  await page.getByRole("button", { name: "1 min later" }).tap();
  await page.getByRole("button", { name: /^Conveyor jam/ }).tap();
  expect(await page.locator('[aria-current="step"]').textContent()).toBe(
    `Part 2 ${clock(from + 12 * MINUTE_MS)} to ${clock(to)}`,
  );
  await page.getByRole("button", { name: /All reasons/ }).tap();
  await page.getByRole("button", { name: /^Material/ }).tap();
  await page.getByRole("button", { name: "No material" }).tap();
  await saidSo(morning, from, to, [
    [0, "mechanical/conveyor/jam", "Bo"],
    [12, "material/none", "Bo"],
  ]);
  expect(bodies.map((body) => (JSON.parse(body) as { note: string }).note)).toEqual(["fuse F7", "fuse F7"]);
  await page.getByRole("button", { name: "Undo" }).tap();
  await saidSo(morning, from, to, [[0, null, null]]);
  expect(errors).toEqual([]);
});

test("R-4: of two people who enter a reason at once the second is shown what the first entered before it is replaced", async () => {
  const morning = await plant.server.nextMorning();
  const [from, to] = [morning.ago(120), morning.ago(100)];
  const [anna, bo] = [await tablet(morning.line, { by: "Anna" }), await tablet(morning.line, { by: "Bo" })];
  await stop(anna.page, clock(from)).tap();
  await stop(bo.page, clock(from)).tap();
  await anna.page.getByRole("button", { name: /^Seal leaks/ }).tap();
  await anna.page.locator('.entry[data-stage="done"]').waitFor();
  await bo.page.getByRole("button", { name: /^Conveyor jam/ }).tap();
  const alert = bo.page.getByRole("alert");
  await alert.getByText(`${shownBy("Anna")} entered “Seal leaks” for this stop meanwhile`).waitFor();
  await saidSo(morning, from, to, [[0, "mechanical/seal", "Anna"]]);
  await alert.getByRole("button", { name: "Enter mine all the same" }).tap();
  await saidSo(morning, from, to, [[0, "mechanical/conveyor/jam", "Bo"]]);
  // Anna's page, which offered to undo her reason, says that Bo has replaced it.
  await anna.page
    .getByRole("alert")
    .getByText(`${shownBy("Bo")} entered “Conveyor jam” for this stop: that stands in place of yours`)
    .waitFor();
  await anna.page.getByRole("button", { name: "Leave it so" }).tap();
  await anna.page.getByRole("alert").waitFor({ state: "detached" });
  await saidSo(morning, from, to, [[0, "mechanical/conveyor/jam", "Bo"]]);
});

test("R-4: of two people who enter a reason at once each is told whose stands, and may enter theirs again knowingly", async () => {
  const morning = await plant.server.nextMorning();
  const [from, to] = [morning.ago(120), morning.ago(100)];
  const [anna, bo] = [await tablet(morning.line, { by: "Anna" }), await tablet(morning.line, { by: "Bo" })];
  // Both pages have looked at the stop, and found no reason, when the first of the two is sent.
  const looked = { anna: held(anna.page), bo: held(bo.page) };
  await stop(anna.page, clock(from)).tap();
  await anna.page.getByRole("button", { name: /^Seal leaks/ }).tap();
  await stop(bo.page, clock(from)).tap();
  await bo.page.getByRole("button", { name: /^Conveyor jam/ }).tap();
  const [goAnna, goBo] = [await (await looked.anna).asked, await (await looked.bo).asked];
  await goAnna();
  await goBo();
  await saidSo(morning, from, to, [[0, "mechanical/conveyor/jam", "Bo"]]);
  const told = anna.page.getByRole("alert");
  await told
    .getByText(`${shownBy("Bo")} entered “Conveyor jam” for this stop: that stands in place of yours`)
    .waitFor();
  await told.getByText(/^at \d\d:\d\d:\d\d/).waitFor();
  expect(await anna.page.locator('.entry[data-stage="done"]').count()).toBe(0);
  // Bo had not seen what his replaced.
  const done = bo.page.locator('.entry[data-stage="done"]');
  await done.getByText(`${shownBy("Anna")} had entered “Seal leaks” a moment before: yours took its place`).waitFor();

  await told.getByRole("button", { name: "Enter mine all the same" }).tap();
  await saidSo(morning, from, to, [[0, "mechanical/seal", "Anna"]]);
  await anna.page.locator('.entry[data-stage="done"]').waitFor();
  // Bo's page does not go on to say that his stands.
  await bo.page
    .getByRole("alert")
    .getByText(`${shownBy("Anna")} entered “Seal leaks” for this stop: that stands in place of yours`)
    .waitFor();
  await bo.page.getByRole("button", { name: "Leave it so" }).tap();
  await bo.page.getByRole("alert").waitFor({ state: "detached" });
  // Undo gives back what Anna's replaced.
  await anna.page.getByRole("button", { name: "Undo" }).tap();
  await saidSo(morning, from, to, [[0, "mechanical/conveyor/jam", "Anna"]]);
});

test("R-4, ST-5: a split and an undo that others' entries replace at the same moment are told so too", async () => {
  const morning = await plant.server.nextMorning();
  const [from, to] = [morning.ago(120), morning.ago(100)];
  const [anna, bo] = [await tablet(morning.line, { by: "Anna" }), await tablet(morning.line, { by: "Bo" })];
  const looked = { anna: held(anna.page), bo: held(bo.page) };
  await stop(anna.page, clock(from)).tap();
  await anna.page.getByRole("button", { name: "Split by time" }).tap();
  await anna.page.getByRole("button", { name: /^Conveyor jam/ }).tap();
  await anna.page.getByRole("button", { name: /^Seal leaks/ }).tap();
  await stop(bo.page, clock(from)).tap();
  await bo.page.getByRole("button", { name: /^Conveyor jam/ }).tap();
  const goAnna = await (await looked.anna).asked;
  const goBo = await (await looked.bo).asked;
  await goBo();
  await bo.page.locator('.entry[data-stage="done"]').waitFor();
  await goAnna();
  await saidSo(morning, from, to, [
    [0, "mechanical/conveyor/jam", "Anna"],
    [10, "mechanical/seal", "Anna"],
  ]);
  const told = bo.page.getByRole("alert");
  await told.getByText(`${shownBy("Anna")} entered “Seal leaks” for this stop`).waitFor();
  await told.getByRole("button", { name: "Leave it so" }).tap();

  // Anna takes hers back, and before her page hears of the effect Bo gives a reason.
  const effect = held(anna.page, /\/corrections\/.*-undo/);
  await anna.page.getByRole("button", { name: "Undo" }).tap();
  const goOn = await (await effect).asked;
  await postCorrection(bo.page, { machine: morning.filler, from, to, reason: "material/none", ...saidBy("Bo") });
  await goOn();
  await anna.page
    .getByRole("alert")
    .getByText(`${shownBy("Bo")} entered “No material” for this stop: that stands in place of yours`)
    .waitFor();
  // What hers took back gives Bo's first reason back, which hers had replaced.
  await anna.page.getByRole("button", { name: "Enter mine all the same" }).tap();
  await saidSo(morning, from, to, [[0, "mechanical/conveyor/jam", "Anna"]]);
});

test("TL-6: a reason that makes an open stop setup holds until the stop ends, and is undone", async () => {
  const morning = await plant.server.nextMorning();
  const { filler } = morning;
  const from = morning.ago(6);
  const { page } = await tablet(morning.line, { by: "Anna" });
  type Live = { readonly body: { readonly elements: readonly { readonly machine: object }[] } };
  const live = async (): Promise<object | undefined> =>
    (await getJson<Live["body"]>(plant.server.url, `/api/v1/live?scope=${filler}`)).body.elements[0]?.machine;
  const enter = async (): Promise<void> => {
    await page.locator('.stop[data-open="true"]').tap();
    await page.getByRole("button", { name: /All reasons/ }).tap();
    await page.getByRole("button", { name: /^Setup/ }).tap();
    await expect.poll(live).toMatchObject({ category: "setup", reason: "setup", since: from });
    await page.locator('.entry[data-stage="done"]').waitFor();
  };
  await enter();
  // The page looks after it with each answer.
  for (let i = 0; i < 3; i++) await page.waitForResponse((response) => response.url().includes("/reasons/missing"));
  expect(await live()).toMatchObject({ category: "setup", reason: "setup", since: from });
  await page.getByRole("button", { name: "Undo" }).tap();
  await expect.poll(live).toMatchObject({ category: "unplannedStop", reason: null, since: from });
  await page.locator('.stop[data-open="true"]').waitFor();

  await enter();
  const ended = Date.now();
  const cleared = page.waitForRequest((request) => (request.postData() ?? "").includes('"clear":true'));
  await plant.server.send(stateAt(filler, ended, "running"));
  expect(JSON.parse((await cleared).postData() ?? "{}")).toMatchObject({ from: ended });
  await plant.server.send(stateAt(filler, Date.now(), "down"));
  await expect.poll(live).toMatchObject({ category: "unplannedStop", reason: null });
});

test("R-4: without network the tablet keeps an entry, says so, and later sends it once, with the time at which it was made", async () => {
  const morning = await plant.server.nextMorning();
  const [from, to] = [morning.ago(120), morning.ago(100)];
  const { page, context } = await tablet(morning.line);
  await page.locator("[data-kept]").waitFor();
  await context.setOffline(true);
  await stop(page, clock(from)).tap();
  const tapped = Date.now();
  await page.locator(".reason").first().tap();
  await page.getByText("Kept here, not sent yet").waitFor();
  await page.getByRole("alert").getByText("1 entry is kept on this tablet").waitFor();
  // The entry is still there when the page is loaded again without network.
  await page.reload();
  await page.getByRole("alert").getByText("1 entry is kept on this tablet").waitFor();
  const bodies: { readonly at: number; readonly id: string }[] = [];
  page.on("request", (request) => {
    if (request.method() === "POST") bodies.push(JSON.parse(request.postData() ?? "{}") as (typeof bodies)[number]);
  });
  await context.setOffline(false);
  const back = Date.now();
  await page.reload();
  await saidSo(morning, from, to, [[0, "mechanical/conveyor/jam", "tablet"]]);
  await page.locator('.entry[data-stage="done"]').waitFor();
  expect(new Set(bodies.map(({ id }) => id)).size).toBe(1);
  expect(bodies[0]?.at).toBeGreaterThan(tapped - 5_000);
  expect(bodies[0]?.at).toBeLessThan(back + 1_000);
});

test("TL-7: the reason of an open stop holds until the stop ends, and not for the next stop", async () => {
  const morning = await plant.server.nextMorning();
  const { filler } = morning;
  const from = morning.ago(6);
  const { page } = await tablet(morning.line, { by: "Anna" });
  await page.locator('.stop[data-open="true"]').tap();
  await page.getByRole("button", { name: /^Seal leaks/ }).tap();
  await saidSo(morning, from, Date.now(), [[0, "mechanical/seal", "Anna"]]);
  await page.locator('.entry[data-stage="done"]').waitFor();
  // The live answer, from which the wall is drawn, has the reason too.
  const live = (): Promise<{
    readonly body: { readonly elements: { readonly machine: { readonly reason: string } }[] };
  }> => getJson(plant.server.url, `/api/v1/live?scope=${filler}`);
  await expect.poll(async () => (await live()).body.elements[0]?.machine.reason).toBe("mechanical/seal");

  const ended = Date.now();
  const cleared = page.waitForRequest((request) => (request.postData() ?? "").includes('"clear":true'));
  await plant.server.send(stateAt(filler, ended, "running"));
  await cleared;
  await plant.server.send(stateAt(filler, Date.now(), "down"));
  const rows = await until("the next stop", async () => {
    const last = (await stopsOf(filler)).slice(-2);
    return last[1]?.open === true && last[1].reason === null ? last : undefined;
  });
  expect(rows.map(({ reason, open, correctedBy }) => [reason, open, correctedBy])).toEqual([
    ["mechanical/seal", false, shownBy("Anna")],
    [null, true, null],
  ]);
});

test("RS-1: a machine's own `reasonAfter` decides which stops are listed; without a scope the tablet offers the lines, also those with odd names", async () => {
  const morning = await plant.server.nextMorning();
  const { labeller, ago } = morning;
  await plant.server.send(stateAt(labeller, ago(20), "down"), stateAt(labeller, ago(16), "running"));
  const { page } = await tablet(morning.line);
  await page.locator(".stop", { hasText: "Labeller" }).waitFor();
  await page.goto(`${plant.server.url}/reasons`);
  await page.getByRole("heading", { name: "Where does this tablet stand?" }).waitFor();
  await page.getByRole("link", { name: "Odd <b>=1+1</b>" }).click();
  await page.getByText("No stop needs a reason").waitFor();
  await page.goto(`${plant.server.url}/reasons/nowhere`);
  await page.getByRole("alert").getByText("There is no “nowhere” in Acme.").waitFor();
});

describe("R-7: accessibility of the tablet", () => {
  test("in each language axe-core finds nothing, buttons are at least 44 px high, and nothing is wider than the screen", async () => {
    const morning = await plant.server.nextMorning();
    const from = morning.ago(120);
    for (const [i, lang] of ["en", "de", "es", "fr", "pt", "zh"].entries()) {
      const theme = i % 2 === 0 ? "dark" : "light";
      const { page, errors } = await tablet(morning.line, { query: `?lang=${lang}&theme=${theme}` });
      const sizes = [LANDSCAPE, PORTRAIT, { width: 1280, height: 800 }];
      // The short run has the first language at each size, each other language at one size.
      const looked = LONG || i === 0 ? sizes : [sizes[i % sizes.length] ?? LANDSCAPE];
      for (const viewport of looked) {
        await page.setViewportSize(viewport);
        expect(await violations(page), `${lang} list`).toEqual([]);
        await stop(page, clock(from)).tap();
        await page.locator(".picker .side").last().tap();
        expect(await violations(page), `${lang} split`).toEqual([]);
        const small = await page
          .locator("button:visible, input:visible")
          .evaluateAll((all) =>
            all.filter((each) => each.getBoundingClientRect().height < 44).map((each) => each.outerHTML),
          );
        expect(small).toEqual([]);
        const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        expect(wide, `${lang} at ${viewport.width}`).toBeLessThanOrEqual(0);
        await page.keyboard.press("Escape");
      }
      expect(errors).toEqual([]);
    }
  });

  test("on a phone the mark of a stop that goes on is in one piece", async () => {
    const morning = await plant.server.nextMorning();
    const { page } = await tablet(morning.line, { query: "?lang=de" });
    await page.setViewportSize({ width: 360, height: 740 });
    const mark = page.locator(".stop-open").first();
    await mark.waitFor();
    await page.locator(".stop-when", { has: mark }).evaluate((when) => (when.style.width = "7.5rem"));
    expect(await mark.evaluate((each) => each.getClientRects().length)).toBe(1);
  });

  test("by keyboard alone a reason is entered and undone", async () => {
    const morning = await plant.server.nextMorning();
    const [from, to] = [morning.ago(120), morning.ago(100)];
    const { page } = await tablet(morning.line, { by: "Anna" });
    await stop(page, clock(from)).waitFor();
    const tabTo = async (name: RegExp): Promise<void> => {
      for (let i = 0; i < 40; i++) {
        await page.keyboard.press("Tab");
        const text = await page.evaluate(() => document.activeElement?.textContent ?? "");
        if (name.test(text)) return;
      }
      expect.fail(`Tab never came to ${name}`);
    };
    await tabTo(new RegExp(clock(from)));
    await page.keyboard.press("Enter");
    await tabTo(/^Seal leaks/);
    await page.keyboard.press("Enter");
    await saidSo(morning, from, to, [[0, "mechanical/seal", "Anna"]]);
    await page.locator('.entry[data-stage="done"]').waitFor();
    await tabTo(/^Undo/);
    await page.keyboard.press("Enter");
    await saidSo(morning, from, to, [[0, null, null]]);
  });
});
