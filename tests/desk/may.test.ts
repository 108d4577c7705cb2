/** The desk where people sign in: buttons of entries that a role may not make are disabled and say which role they need; all others work. */
import { fileURLToPath } from "node:url";
import type { Store } from "@oee/store";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { launchBrowser } from "../../dashboards/test/browser.ts";
import {
  FILLER,
  HOUR,
  openTestStore,
  someEvents,
  START,
  storeHistory,
} from "../../services/gateway/test/gateway-fixture.ts";
import { type SignedGateway, startSigned } from "../../services/gateway/test/signed-in.ts";
import { violations } from "../wall/axe.ts";

const DASHBOARDS = fileURLToPath(new URL("../../dashboards/dist", import.meta.url));
const DAY = "from=2026-03-02T05:00:00Z&to=2026-03-02T13:00:00Z&lang=en";

let store: Store;
let closeStore: () => Promise<void>;
let gateway: SignedGateway;
let browser: Browser;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  await storeHistory(store, someEvents(), START + 8 * HOUR, 1n);
  const people = { vera: ["viewer"], otto: ["operator"], anna: ["supervisor@berlin"], boss: ["admin"] };
  gateway = await startSigned(store, people, { dashboards: DASHBOARDS });
  gateway.now = START + 8 * HOUR;
  const line = "berlin/packing/l2";
  const lines = (l2: object): object => ({
    "berlin/packing/l1": { rated: ["filler"], constraint: "filler" },
    [line]: l2,
  });
  const entries = [
    { type: "action", id: "a", scope: "berlin", title: "Guide", addresses: "oee", opened: "2026-03-01", owner: "Zoe" },
    { type: "closing", id: "feb", scope: "berlin", until: "2026-03-01", note: "agreed" },
    { type: "structure", id: "plant", from: "2026-01-01T00:00:00Z", lines: lines({ rated: ["press", "cutter"] }) },
    {
      ...{ type: "structure", id: "plant", rev: 2, from: "2026-02-01T00:00:00Z" },
      lines: lines({ rated: ["press", "saw"], ids: { saw: `${line}/cutter` } }),
    },
  ];
  const body = JSON.stringify(entries.map((entry) => ({ rev: 1, ...entry })));
  const response = await gateway.as("boss", "/api/v1/entries", { method: "POST", body });
  expect([response.status, await response.text()]).toEqual([202, expect.any(String)]);
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await gateway?.close();
  await closeStore();
});

async function pageOf(name: string, path: string): Promise<Page> {
  const page = await opened(name, path);
  await page.waitForLoadState("networkidle");
  return page;
}

async function opened(name: string, path: string): Promise<Page> {
  const context = await browser.newContext({ locale: "en", viewport: { width: 1280, height: 900 } });
  onTestFinished(() => context.close());
  const [cookie = "", value = ""] = (await gateway.cookieOf(name)).split("=");
  await context.addCookies([{ name: cookie, value, url: gateway.url }]);
  const page = await context.newPage();
  await page.goto(`${gateway.url}${path}`);
  await page.locator("h1").waitFor();
  return page;
}

/** Waits for a button with such a label; returns for each label "may", or the description of a button that is disabled. */
async function buttonsOf(page: Page, labels: RegExp): Promise<Readonly<Record<string, string>>> {
  await page.getByRole("button", { name: labels }).first().waitFor();
  const found = await page.getByRole("button", { name: labels }).evaluateAll((all) =>
    all.map((button) => {
      const why = document.getElementById(button.getAttribute("aria-describedby") ?? "")?.textContent ?? "";
      return [button.textContent.trim(), (button as HTMLButtonElement).disabled ? why : "may"] as const;
    }),
  );
  return Object.fromEntries(found);
}

const NEW = /^New /;
const of = (role: string, scope: string): string => `This needs the role of ${role} for ${scope}.`;

test.each([
  ["vera", "berlin", of("supervisor", "berlin")],
  ["otto", "berlin", of("supervisor", "berlin")],
  ["anna", "berlin", "may"],
  ["boss", "*", "may"],
])("programme: new entries and changes of %s at %s: %s", async (name, scope, expected) => {
  const page = await pageOf(name, `/review/programme/${scope}?lang=en`);
  const buttons = await buttonsOf(page, NEW);
  expect(Object.keys(buttons)).toHaveLength(4);
  expect(new Set(Object.values(buttons))).toEqual(new Set([expected]));
  // Everybody can open an entry; its buttons are enabled only for those who may change it.
  await page.locator('[data-table="actions"]').getByRole("button", { name: "Change" }).click();
  expect(Object.values(await buttonsOf(page, /^(?:Enter|Withdraw)/))[0]).toBe(expected);
  await page.keyboard.press("Escape");
  expect(await violations(page)).toEqual([]);
});

test.each([
  ["vera", [of("operator", "Filler"), of("supervisor", "Filler")]],
  ["otto", [of("supervisor", "Filler")]],
  ["anna", []],
])("stops: what the dialog says that %s may not do with reasons and their history: %j", async (name, expected) => {
  const page = await pageOf(name, `/review/stops/${FILLER}?${DAY}`);
  await page.getByRole("button", { name: "Correct", exact: true }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.locator(".row-history summary").click();
  await page.waitForLoadState("networkidle");
  const notes = await dialog.getByRole("note").allTextContents();
  expect(notes).toEqual(expected);
  expect((await dialog.getByRole("button", { name: "Mechanical" }).count()) > 0).toBe(name !== "vera");
  expect(await dialog.getByRole("alert").count()).toBe(0);
});

test.each([
  ["vera", of("supervisor", "berlin")],
  ["anna", "may"],
])("quarter: presenting by %s: %s", async (name, expected) => {
  const page = await pageOf(name, "/review/quarter/berlin?of=2026-Q1&lang=en");
  expect(Object.values(await buttonsOf(page, /^Present/))).toEqual([expected]);
});

test("a CSV that names people is handed out only after it was entered into the audit; other CSVs are not entered", async () => {
  const who = gateway.users.get("vera")?.id ?? "";
  const told = async (): Promise<readonly unknown[]> =>
    (await store.auditRows({ who, kind: "personal-data-exported", limit: 100 })).map(({ scope, raw }) => {
      const { after } = JSON.parse(raw) as { readonly after: object };
      return { scope, after };
    });
  const page = await pageOf("vera", "/review/programme/berlin?lang=en");
  const csvOf = async (table: string): Promise<string> => {
    const download = page.waitForEvent("download");
    await page.locator(`[data-table="${table}"]`).getByRole("button", { name: "CSV" }).click();
    return (await download).suggestedFilename();
  };
  expect(await csvOf("targets")).toBe("targets-berlin.csv");
  expect(await csvOf("actions")).toBe("actions-berlin.csv");
  const lines = [{ scope: "berlin", after: { table: "actions", format: "csv" } }];
  await expect.poll(told).toEqual(lines);
  // Without network the audit cannot be reached, so there must be no file.
  await page.context().setOffline(true);
  await page.locator('[data-table="actions"]').getByRole("button", { name: "CSV" }).click();
  await page
    .getByRole("alert")
    .getByText(/^The audit was not told, and there is no file: [^{]+$/)
    .waitFor();
  expect(await told()).toEqual(lines);
});

test("DI-3: the desk shows closed time with the number of events that came after, and the changes of the plant's structure", async () => {
  const page = await pageOf("boss", "/review/trust/*?lang=en");
  const closings = page.locator('[data-table="closings"] tbody tr');
  await page.locator('[data-table="structure-plant"]').waitFor();
  await closings.first().waitFor();
  expect(await closings.locator("td").allTextContents()).toEqual(
    expect.arrayContaining(["feb", "berlin", "2026-03-01", "agreed", "0"]),
  );
  const rows = await page
    .locator('[data-table="structure-plant"] tbody tr')
    .evaluateAll((all) => all.map((row) => [...row.querySelectorAll("td")].map((cell) => cell.textContent)));
  expect(rows.map((row) => row[3])).toEqual(
    expect.arrayContaining(["with saw", "without cutter", "saw is kept as berlin/packing/l2/cutter"]),
  );
  expect(await violations(page)).toEqual([]);
});

test("tablet: what a person entered without network is not sent as the next person's, and is when they are back", async () => {
  const page = await opened("otto", "/reasons/berlin?lang=en");
  const context = page.context();
  await page.locator("[data-kept]").waitFor();
  await page.locator(".stop").first().waitFor();
  await context.setOffline(true);
  await page.getByText("No connection to the server").waitFor();
  await page.locator(".stop").first().click();
  await page.locator(".reason").first().click();
  await page.getByText("Kept here, not sent yet").waitFor();
  const sent: string[] = [];
  page.on("request", (request) => request.method() === "POST" && sent.push(request.url()));
  const signIn = async (name: string): Promise<void> => {
    const [cookie = "", value = ""] = (await gateway.cookieOf(name)).split("=");
    await context.addCookies([{ name: cookie, value, url: gateway.url }]);
    await context.setOffline(false);
  };
  await signIn("anna");
  // On the page that was open before, and on the next person's own.
  await page.getByText(/^Waits until otto signs in here/).waitFor();
  await page.reload();
  await page.getByText(/^Waits until otto signs in here/).waitFor();
  expect(await violations(page)).toEqual([]);
  expect(sent).toEqual([]);
  await signIn("otto");
  await page.reload();
  await page.locator('.entry[data-stage="taken"]').waitFor();
  expect(sent.map((url) => new URL(url).pathname)).toEqual(["/api/v1/corrections"]);
});
