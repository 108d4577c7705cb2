/**
 * Attacks by foreign pages on a person who is signed in, in a real Chromium: by pages of another site, of another port of the same
 * host (whose requests carry the cookie, since cookies are not bound to a port), and of a name that resolves to the gateway.
 */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { digestOfPassword } from "@oee/gateway/access/passwords";
import type { User } from "@oee/gateway/access/users";
import { newUsersSecret, readUsersSecrets } from "@oee/gateway/access/users-secret";
import type { Store } from "@oee/store";
import { TOTP } from "otpauth";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { launchBrowser } from "../../dashboards/test/browser.ts";
import { FILLER, MINUTE, openGateway, openTestStore, START } from "../../services/gateway/test/gateway-fixture.ts";
import { PASSWORD, type SignedGateway, startSigned } from "../../services/gateway/test/signed-in.ts";
import { violations } from "../wall/axe.ts";

const DASHBOARDS = fileURLToPath(new URL("../../dashboards/dist", import.meta.url));
const REBOUND = "rebound.example";
const NOTICE = "For employees of the plant alone.\nWhat is changed is recorded: <b>by whom</b>.";

let store: Store;
let closeStore: () => Promise<void>;
let gateway: SignedGateway;
let stranger: Server;
let strangerPort: number;
let browser: Browser;
let context: BrowserContext;
let page: Page;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  gateway = await startSigned(
    store,
    { anna: ["supervisor"], ben: ["viewer"], carl: ["viewer"] },
    { dashboards: DASHBOARDS, signIn: { useNotice: NOTICE } },
  );
  stranger = createServer((_request, response) => {
    response.setHeader("content-type", "text/html");
    response.end("<!doctype html><title>stranger</title><form method=post target=_self><input name=x></form>");
  });
  await new Promise<void>((resolve) => stranger.listen(0, "127.0.0.1", resolve));
  strangerPort = (stranger.address() as AddressInfo).port;
  browser = await launchBrowser([`--host-resolver-rules=MAP ${REBOUND} 127.0.0.1`]);
});
afterAll(async () => {
  await browser?.close();
  stranger?.closeAllConnections();
  stranger?.close();
  await gateway?.close();
  await closeStore();
});
beforeEach(async () => {
  context = await browser.newContext({ locale: "en" });
  page = await context.newPage();
});
afterEach(() => context.close());

/** Signs in by the sign-in page, as a person does. */
async function signIn(next: string, name = "anna"): Promise<void> {
  await page.goto(`${gateway.url}/sign-in?next=${encodeURIComponent(next)}`);
  await page.fill("input[name=name]", name);
  await page.fill("input[name=password]", PASSWORD);
  await page.click("button[type=submit]");
  await page.waitForURL((url) => url.pathname !== "/sign-in");
}

const records = async (): Promise<number> => {
  const ends = await gateway.log.endsOf(gateway.topics.events.name);
  return ends.reduce((sum, { endOffset }) => sum + endOffset, 0);
};

describe("the page to sign in", () => {
  test.each([
    "https://evil.example/",
    "//evil.example/x",
    "/\\evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
  ])("leads nowhere else: next=%s", async (next) => {
    await signIn(next);
    expect(page.url()).toBe(`${gateway.url}/wall`);
  });

  test("leads to the address that was asked for, with its query", async () => {
    await signIn("/reasons/berlin?lang=de");
    expect(page.url()).toBe(`${gateway.url}/reasons/berlin?lang=de`);
  });

  test("says what the operator wants to be known before anybody signs in, as text", async () => {
    await page.goto(`${gateway.url}/sign-in`);
    expect(await page.locator(".use-notice").innerText()).toBe(NOTICE);
    expect(await violations(page)).toEqual([]);
  });

  test("begins a session that scripts do not see", async () => {
    await signIn("/wall");
    expect(await page.evaluate(() => document.cookie)).toBe("");
    expect((await context.cookies()).map(({ name, httpOnly, sameSite }) => [name, httpOnly, sameSite])).toEqual([
      ["oee-session", true, "Lax"],
    ]);
  });
});

describe("a page that was loaded while one was signed in", () => {
  test.each(["/wall", "/review", "/reasons"])("%s leads to the sign-in once the session has ended", async (path) => {
    // Sent for the page alone: what it asks next is nobody's.
    const [name = "", value = ""] = (await gateway.cookieOf("anna")).split("=");
    await context.addCookies([{ name, value, domain: "127.0.0.1", path }]);
    await page.goto(`${gateway.url}${path}/berlin?lang=de`);
    await page.waitForURL((url) => url.pathname === "/sign-in");
    expect(new URL(page.url()).searchParams.get("next")).toBe(`${path}/berlin?lang=de`);
  });
});

describe("the page of who is signed in", () => {
  test("changes the password, or says why it is refused, and lists and ends sessions elsewhere", async () => {
    const body = JSON.stringify({ name: "ben", password: PASSWORD });
    const headers = { "content-type": "application/json" };
    const elsewhere = await fetch(`${gateway.url}/api/v1/session`, { method: "POST", headers, body });
    const cookie = elsewhere.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const isIn = async (): Promise<number> =>
      (await fetch(`${gateway.url}/api/v1/plant`, { headers: { cookie } })).status;
    await signIn("/wall", "ben");
    await page.goto(`${gateway.url}/sign-in?lang=en`);
    expect(await page.textContent("h1")).toBe("Signed in as ben");
    const told = page.locator("p[role=alert]");
    const change = async (old: string, wanted: string, expected: RegExp): Promise<void> => {
      await page.fill("input[name=old]", old);
      await page.fill("input[name=new]", wanted);
      await page.click("button[type=submit]");
      await expect.poll(() => told.textContent()).toMatch(expected);
    };
    const meter = (wanted: string): Promise<readonly unknown[]> =>
      page.fill("input[name=new]", wanted).then(async () => {
        await page.locator("output", { hasText: /./ }).waitFor();
        const value = await page.locator("meter").evaluate((element) => (element as HTMLMeterElement).value);
        return [value, await page.textContent("output")];
      });
    await expect.poll(() => meter("unbelievable")).toEqual([1, "Easy to guess"]);
    await expect.poll(() => meter("winter tyres in hall nine")).toEqual([4, "Very hard to guess"]);
    expect(await violations(page)).toEqual([]);
    await change("something else", "winter tyres in hall nine", /until now is not right/);
    await change(PASSWORD, "unbelievable", /too easy to guess/);
    expect([await isIn(), await page.locator("li").count()]).toEqual([200, 1]);
    await change(PASSWORD, "winter tyres in hall nine", /is changed/);
    await expect.poll(isIn).toBe(401);
    await page.goto(`${gateway.url}/sign-in?lang=en`);
    expect(await page.textContent("h1")).toBe("Signed in as ben");

    const again = JSON.stringify({ name: "ben", password: "winter tyres in hall nine" });
    await fetch(`${gateway.url}/api/v1/session`, { method: "POST", headers, body: again });
    await page.reload();
    await page.click("li button");
    await expect.poll(() => page.locator("li").count()).toBe(0);
  });
});

test("what was typed into a form of the desk outlives the end of the session, and is entered after signing in on another page", async () => {
  await signIn("/review/programme/berlin");
  await page.getByRole("button", { name: "New target" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name", { exact: true }).fill("oee-26");
  await dialog.getByLabel("Measure").selectOption("oee");
  await dialog.getByRole("textbox", { name: "Goal" }).fill("80");
  await context.clearCookies();
  await dialog.getByRole("button", { name: "Enter", exact: true }).click();
  const opened = page.waitForEvent("popup");
  await dialog.getByRole("link", { name: "Nobody is signed in any more" }).click();
  const other = await opened;
  await other.fill("input[name=name]", "anna");
  await other.fill("input[name=password]", PASSWORD);
  await other.click("button[type=submit]");
  await other.waitForURL((url) => url.pathname !== "/sign-in");
  expect(await dialog.getByRole("textbox", { name: "Goal" }).inputValue()).toBe("80");
  await dialog.getByRole("button", { name: "Enter", exact: true }).click();
  await page.locator('[data-table="targets"] tbody [data-column="goal"]', { hasText: "80.0%" }).waitFor();
});

test("who signs in sees what was done with their account until they say that they have seen it", async () => {
  const carl = gateway.users.get("carl") as User;
  // Known to the gateway before it is changed by an administrator.
  await expect.poll(() => signedInAsCarl(PASSWORD)).toEqual([]);
  gateway.users.set("carl", { ...carl, password: await digestOfPassword("summer in hall nine", null) });
  await expect.poll(() => signedInAsCarl("summer in hall nine")).toEqual(["password"]);
  await page.goto(`${gateway.url}/sign-in?next=/wall&lang=en`);
  await page.fill("input[name=name]", "carl");
  await page.fill("input[name=password]", "summer in hall nine");
  await page.click("button[type=submit]");
  const shown = page.locator("ul.notices li");
  await shown.waitFor();
  expect(await shown.textContent()).toMatch(/^Another password was set: .*, by an administratorI have seen it$/);
  expect(await violations(page)).toEqual([]);
  await shown.getByRole("button").click();
  await expect.poll(() => shown.count()).toBe(0);
  await page.getByRole("link", { name: "Go on" }).click();
  await page.waitForURL((url) => url.pathname === "/wall");
  expect(await signedInAsCarl("summer in hall nine")).toEqual([]);
});

/** Signs carl in from elsewhere: what he is told. */
async function signedInAsCarl(password: string): Promise<readonly string[]> {
  const body = JSON.stringify({ name: "carl", password });
  const headers = { "content-type": "application/json" };
  const answer = await fetch(`${gateway.url}/api/v1/session`, { method: "POST", headers, body });
  const { notices = [] } = (await answer.json()) as { readonly notices?: readonly { readonly about: string }[] };
  return notices.map(({ about }) => about);
}

/** Requests of a page to the gateway, with the results that the page sees. */
async function attempts(to: string): Promise<Readonly<Record<string, string>>> {
  const body = JSON.stringify({ machine: FILLER, from: START, to: START + MINUTE, reason: "mechanical/jam" });
  return page.evaluate(
    async ({ url, text }) => {
      const tell = (work: Promise<unknown>): Promise<string> =>
        work.then(
          (value) => String(value),
          () => "blocked",
        );
      const path = `${url}/api/v1/corrections`;
      const plain = { method: "POST", credentials: "include", body: text } as const;
      const json = { "content-type": "application/json" };
      return {
        read: await tell(fetch(`${url}/api/v1/plant`, { credentials: "include" }).then((answer) => answer.text())),
        unseen: await tell(fetch(path, { ...plain, mode: "no-cors" }).then(({ type }) => type)),
        seen: await tell(fetch(path, { ...plain, headers: json }).then(({ status }) => status)),
        beacon: String(navigator.sendBeacon(path, text)),
        socket: await tell(
          new Promise((resolve, reject) => {
            const socket = new WebSocket(`${url.replace("http", "ws")}/socket.io/?EIO=4&transport=websocket`);
            socket.addEventListener("open", () => resolve("open"));
            socket.addEventListener("error", () => reject(new Error("refused")));
          }),
        ),
        picture: await tell(
          new Promise((resolve, reject) => {
            const image = new Image();
            image.addEventListener("load", () => resolve("shown"));
            image.addEventListener("error", () => reject(new Error("refused")));
            image.src = `${url}/api/v1/plant`;
          }),
        ),
      };
    },
    { url: to, text: body },
  );
}

/** With a secret of users, for supervisors a second factor, and a clock that stands still unless it is moved on. */
async function withSecondFactors(
  work: (signed: SignedGateway, clock: { now: number }) => Promise<void>,
): Promise<void> {
  const clock = { now: Date.now() };
  const secrets = readUsersSecrets(newUsersSecret());
  const needed = { secrets, secondFactorFrom: "supervisor", clock: () => clock.now } as const;
  const more = { dashboards: DASHBOARDS, signIn: needed, log: gateway.log };
  const signed = await startSigned(store, { anna: ["supervisor"] }, more);
  try {
    await work(signed, clock);
  } finally {
    await signed.app.close();
  }
}

describe("a second factor", () => {
  test("is asked for by the role, scanned, set, asked for at the next sign-in, and exchanged for another", async () => {
    await withSecondFactors(async ({ url }, clock) => {
      const shown = (app: TOTP): string => app.generate({ timestamp: clock.now });
      const enter = async (): Promise<void> => {
        await page.goto(`${url}/sign-in?next=/wall`);
        await page.fill("input[name=name]", "anna");
        await page.fill("input[name=password]", PASSWORD);
        await page.click("button[type=submit]");
      };
      await enter();
      await page.getByText("Your role needs a second factor").waitFor();
      await page.goto(`${url}/wall`);
      expect(page.url()).toBe(`${url}/sign-in?next=%2Fwall`);
      const showKey = async (): Promise<TOTP> => {
        await page.getByRole("button", { name: "Set a new second factor" }).click();
        const key = (await page.locator(".key").textContent()) ?? "";
        expect(key).toMatch(/^(?:[A-Z2-7]{4} ?){8}$/);
        return new TOTP({ secret: key.replaceAll(" ", "") });
      };
      const first = await showKey();
      const width = page.locator("img.qr").evaluate(async (image: HTMLImageElement) => {
        await image.decode();
        return image.naturalWidth;
      });
      expect(await width).toBeGreaterThan(20);
      expect(await violations(page)).toEqual([]);
      await page.fill("input[name=password]", PASSWORD);
      await page.fill("input[name=code]", "000000");
      await page.getByRole("button", { name: "Set it" }).click();
      await page.getByText("Not set: the password or a code is not right.").waitFor();
      await page.fill("input[name=code]", shown(first));
      await page.getByRole("button", { name: "Set it" }).click();
      await page.getByText("The second factor is set. Everywhere else you are signed out.").waitFor();
      await page.goto(`${url}/wall`);
      expect(page.url()).toBe(`${url}/wall`);

      await page.goto(`${url}/sign-in`);
      await page.getByRole("button", { name: "Sign out", exact: true }).click();
      await page.locator("input[name=name]").waitFor();
      await enter();
      await page.fill("input[name=code]", "000000");
      await page.click("button[type=submit]");
      await page.getByText("The code is not right, or was used already.").waitFor();
      // The code of before was used to set it.
      clock.now += 60_000;
      await page.fill("input[name=code]", shown(first));
      await page.click("button[type=submit]");
      // First it is told what was done: the second factor that was set, and the wrong code.
      const notices = page.locator("ul.notices li");
      await notices.first().waitFor();
      while ((await notices.count()) > 0) {
        const left = (await notices.count()) - 1;
        await notices.first().getByRole("button").click();
        await expect.poll(() => notices.count()).toBe(left);
      }
      await page.getByRole("link", { name: "Go on" }).click();
      await page.waitForURL((to) => to.pathname === "/wall");

      await page.goto(`${url}/sign-in`);
      const next = await showKey();
      await page.locator("form", { hasText: "Set it" }).locator("input[name=password]").fill(PASSWORD);
      clock.now += 60_000;
      await page.fill("input[name=current]", shown(first));
      await page.fill("input[name=code]", shown(next));
      await page.getByRole("button", { name: "Set it" }).click();
      await page.getByText("The second factor is set. Everywhere else you are signed out.").waitFor();
    });
  });
});

describe("a page of a stranger", () => {
  test.each(["localhost", "127.0.0.1"])("at %s reads nothing and changes nothing", async (host) => {
    await signIn("/wall");
    const before = await records();
    await page.goto(`http://${host}:${strangerPort}/`);
    const blocked = { read: "blocked", seen: "blocked", unseen: "blocked", socket: "blocked", picture: "blocked" };
    expect(await attempts(gateway.url)).toEqual({ ...blocked, beacon: "true" });
    // A form, which would leave the page: its answer is a problem, and a file.
    const answered = page.waitForResponse(`${gateway.url}/api/v1/corrections`);
    await page.evaluate((action) => {
      const form = document.forms[0];
      if (form === undefined) return;
      form.action = action;
      form.enctype = "text/plain";
      form.submit();
    }, `${gateway.url}/api/v1/corrections`);
    const answer = await answered;
    expect([answer.status(), answer.headers()["content-disposition"]]).toEqual([
      403,
      'attachment; filename="corrections.json"',
    ]);
    expect(await records()).toBe(before);
  });

  test("cannot show our pages in a frame", async () => {
    await signIn("/wall");
    await page.goto(`http://127.0.0.1:${strangerPort}/`);
    const refused = page.waitForEvent("console", { predicate: (message) => /frame-ancestors/.test(message.text()) });
    await page.evaluate((src) => {
      const frame = document.createElement("iframe");
      frame.src = src;
      document.body.append(frame);
    }, `${gateway.url}/wall`);
    expect((await refused).text()).toContain("frame-ancestors");
  });
});

// Without sign-in, since rebinding endangers a gateway at which everybody who reaches it may do everything.
test("a page of a name that resolves to an open gateway reads nothing and changes nothing", async () => {
  const open = await openGateway(store, { dashboards: DASHBOARDS });
  try {
    const { port } = new URL(open.url);
    const shown = await page.goto(`http://${REBOUND}:${port}/wall`);
    expect([shown?.status(), await page.textContent("body")]).toEqual([
      421,
      expect.stringContaining("OEE_HTTP_UNKNOWN_HOST"),
    ]);
    // The page was loaded from a server of the attacker under the same name and port, as far as the browser knows.
    const tried = await attempts(`http://${REBOUND}:${port}`);
    expect(tried).toMatchObject({
      read: expect.stringContaining("OEE_HTTP_UNKNOWN_HOST") as unknown,
      seen: "421",
      socket: "blocked",
    });
    expect((await open.log.endsOf(open.topics.events.name)).every(({ endOffset }) => endOffset === 0)).toBe(true);
  } finally {
    await open.close();
  }
});
