/**
 * Sign-in at a real Keycloak, with two gateways that share one log, and a browser. Keycloak is started once for the whole file.
 * Tokens that an honest provider never sends are in services/gateway/src/access/provider.test.ts.
 */
import { fileURLToPath } from "node:url";
import { rolesOfGroups } from "@oee/gateway/access/roles";
import type { Store } from "@oee/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "../../dashboards/test/browser.ts";
import {
  FILLER,
  MINUTE,
  openTestStore,
  START,
  startGateway,
  type TestGateway,
} from "../../services/gateway/test/gateway-fixture.ts";
import { CLIENT, type Keycloak, KEYCLOAK_PASSWORD, startKeycloak } from "./keycloak.ts";

const DASHBOARDS = fileURLToPath(new URL("../../dashboards/dist", import.meta.url));
const POLL = { interval: 100 };
const START_MS = 700_000;

let store: Store;
let closeStore: () => Promise<void>;
let keycloak: Keycloak;
let one: TestGateway;
let two: TestGateway;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  const roles = rolesOfGroups({ "packing-operators": "operator@berlin/packing", "oee-admins": ["admin"] });
  // Known when they listen: the provider is asked for when somebody signs in.
  const providerOf = (gateway: () => TestGateway) => ({
    get issuer() {
      return keycloak.issuer;
    },
    get url() {
      return gateway().url;
    },
    clientId: CLIENT,
    clientSecret: null,
    roles,
    groups: "groups",
  });
  const users = new Map<string, never>();
  one = await startGateway(store, {
    dashboards: DASHBOARDS,
    access: { users: () => users, provider: providerOf(() => one) },
  });
  two = await startGateway(store, {
    log: one.log,
    dashboards: DASHBOARDS,
    access: { users: () => users, provider: providerOf(() => two) },
  });
  const people = {
    anna: ["packing-operators"],
    carl: ["packing-operators"],
    boss: ["oee-admins"],
    guest: ["visitors"],
  };
  keycloak = await startKeycloak([one.url, two.url], people);
}, START_MS);
afterAll(async () => {
  await keycloak?.stop();
  await two.app.close();
  await one.close();
  await closeStore();
});

/** The cookies that a browser keeps for one server. */
class Jar {
  readonly #cookies = new Map<string, string>();

  get header(): string {
    return [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
  }

  async get(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers);
    if (this.#cookies.size > 0) headers.set("cookie", this.header);
    const answer = await fetch(url, { redirect: "manual", ...init, headers });
    for (const set of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(set) ?? [];
      if (value === "") this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return answer;
  }
}

interface Visit {
  readonly gateway: Jar;
  readonly provider: Jar;
  /** The address to which the provider leads back. */
  readonly callback: string;
}

/** Signs a person in at the provider's form, up to the redirect back. */
async function visit(gatewayUrl: string, name: string, next = "/reasons"): Promise<Visit> {
  const gateway = new Jar();
  const provider = new Jar();
  const begun = await gateway.get(`${gatewayUrl}/sign-in/provider?next=${encodeURIComponent(next)}`);
  const form = await (await provider.get(begun.headers.get("location") ?? "")).text();
  const action = /action="([^"]+)"/.exec(form)?.[1]?.replaceAll("&amp;", "&") ?? "";
  const body = new URLSearchParams({ username: name, password: KEYCLOAK_PASSWORD, credentialId: "" });
  const answer = await provider.get(action, { method: "POST", body });
  return { gateway, provider, callback: answer.headers.get("location") ?? "" };
}

const sessionOf = async (jar: Jar, url = one.url): Promise<{ name: string | null; roles: unknown }> =>
  (await (await jar.get(`${url}/api/v1/session`)).json()) as { name: string | null; roles: unknown };

describe("a person of the provider", () => {
  test("signs in with the roles of their groups, and gets to the page that they asked for", async () => {
    const { gateway, callback } = await visit(one.url, "anna", "/reasons/berlin?lang=de");
    const answer = await gateway.get(callback);
    expect([answer.status, answer.headers.get("location")]).toEqual([303, "/reasons/berlin?lang=de"]);
    expect(await sessionOf(gateway)).toMatchObject({
      name: "anna",
      roles: [{ role: "operator", scope: "berlin/packing" }],
    });
    // The other gateway knows the session as soon as it has read it.
    await expect.poll(async () => (await sessionOf(gateway, two.url)).name, POLL).toBe("anna");
  });

  test.each(["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/wall\\x"])(
    "is led nowhere else: next=%s",
    async (next) => {
      const { gateway, callback } = await visit(one.url, "anna", next);
      expect((await gateway.get(callback)).headers.get("location")).toBe("/wall");
    },
  );

  test("is refused with a used code, a foreign state, or without having begun a sign-in", async () => {
    const { gateway, callback } = await visit(one.url, "anna");
    const kept = gateway.header;
    await gateway.get(callback);
    const again = (cookie: string, url = callback): Promise<Response> =>
      fetch(url, { redirect: "manual", headers: { cookie } });
    const other = await visit(one.url, "anna");
    const state = new URL(callback).searchParams.get("state") ?? "";
    for (const answer of [
      await again(kept),
      await again(""),
      await again(other.gateway.header),
      await again(other.gateway.header, other.callback.replace(/state=[^&]*/, `state=${state}`)),
      // With another verifier the code is of no use to a thief.
      await again(
        other.gateway.header.replace(/oee-flow=.*/, `oee-flow=${flowOf(other.gateway, { verifier: "x".repeat(43) })}`),
        other.callback,
      ),
    ]) {
      expect([answer.status, answer.headers.get("location")]).toEqual([303, "/sign-in?failed=provider"]);
      expect(answer.headers.getSetCookie().join()).not.toContain("oee-session=");
    }
  });

  test("without a group that has a role is refused", async () => {
    const { gateway, callback } = await visit(one.url, "guest");
    expect((await gateway.get(callback)).headers.get("location")).toBe("/sign-in?failed=no-role");
    expect((await sessionOf(gateway)).name).toBeNull();
  });

  test("signs out at the provider too, which then asks for the password again", async () => {
    const { gateway, provider, callback } = await visit(one.url, "anna");
    await gateway.get(callback);
    const init = { method: "DELETE", headers: { origin: one.url } };
    const { leave } = (await (await gateway.get(`${one.url}/api/v1/session`, init)).json()) as { leave: string };
    const left = await provider.get(leave);
    expect(left.headers.get("location")).toBe(`${one.url}/sign-in`);
    const begun = await gateway.get(`${one.url}/sign-in/provider`);
    const form = await provider.get(begun.headers.get("location") ?? "");
    expect([form.status, await form.text()]).toEqual([200, expect.stringContaining("password")]);
  });

  test("that the provider signs out is signed out on both gateways", async () => {
    // Carl has this session alone: of a person with several, some of whose codes were used twice, Keycloak did not tell of all.
    const { gateway, callback } = await visit(one.url, "carl");
    await gateway.get(callback);
    await expect.poll(async () => (await sessionOf(gateway, two.url)).name, POLL).toBe("carl");
    const { body } = await keycloak.admin("GET", "/users?username=carl");
    const [{ id = "" } = {}] = body as { id?: string }[];
    expect((await keycloak.admin("POST", `/users/${id}/logout`)).status).toBe(204);
    await expect.poll(async () => (await sessionOf(gateway)).name, POLL).toBeNull();
    await expect.poll(async () => (await sessionOf(gateway, two.url)).name, POLL).toBeNull();
  });

  test("signs in with a new key of the provider", async () => {
    const { body } = await keycloak.admin("GET", "/keys");
    const before = JSON.stringify(body);
    const component = {
      name: "newer",
      providerId: "rsa-generated",
      providerType: "org.keycloak.keys.KeyProvider",
      config: { priority: ["1000"], enabled: ["true"], active: ["true"], algorithm: ["RS256"] },
    };
    expect((await keycloak.admin("POST", "/components", component)).status).toBe(201);
    expect(JSON.stringify((await keycloak.admin("GET", "/keys")).body)).not.toBe(before);
    // The keys that a gateway knows are of before: it asks again for one that it does not know, at most once a minute.
    await expect
      .poll(
        async () => {
          const { gateway, callback } = await visit(one.url, "anna");
          await gateway.get(callback);
          return (await sessionOf(gateway)).name;
        },
        { interval: 2_000 },
      )
      .toBe("anna");
  });
});

/** The cookie of a sign-in under way, with some of its fields changed. */
function flowOf(jar: Jar, change: object): string {
  const value = /oee-flow=([^;]*)/.exec(jar.header)?.[1] ?? "";
  const flow = JSON.parse(Buffer.from(value, "base64url").toString("utf8")) as object;
  return Buffer.from(JSON.stringify({ ...flow, ...change })).toString("base64url");
}

test("in a browser: sign in, give a reason, be refused the state, be in the audit, be signed out on both gateways", async () => {
  const browser = await launchBrowser();
  try {
    const context = await browser.newContext();
    const page = await context.newPage();
    const violations: string[] = [];
    page.on("console", (message) => {
      if (/Content Security Policy/.test(message.text()) && message.location().url.startsWith(one.url))
        violations.push(message.text());
    });
    await page.goto(`${one.url}/reasons/berlin/packing/l1?lang=en`);
    await page.click('a[href^="/sign-in/provider"]');
    await page.fill("#username", "anna");
    await page.fill("#password", KEYCLOAK_PASSWORD);
    await page.click("#kc-login");
    await page.waitForURL(`${one.url}/reasons/berlin/packing/l1?lang=en`);
    const correct = (more: object): Promise<number> =>
      page.evaluate(
        async (body) => {
          const headers = { "content-type": "application/json" };
          return (await fetch("/api/v1/corrections", { method: "POST", headers, body: JSON.stringify(body) })).status;
        },
        { machine: FILLER, from: START, to: START + MINUTE, ...more },
      );
    expect(await correct({ reason: "mechanical/jam" })).toBe(202);
    expect(await correct({ state: "down" })).toBe(403);

    // Cookies know no ports: the same session at the other gateway, which reads it by and by, with its websocket open.
    const kept = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
    const atTwo = async (): Promise<number> =>
      (await fetch(`${two.url}/api/v1/plant`, { headers: { cookie: kept } })).status;
    await expect.poll(atTwo, POLL).toBe(200);
    const wall = await context.newPage();
    await wall.goto(`${two.url}/wall/berlin/packing/l1`);
    await expect
      .poll(async () => await two.metrics.getSingleMetricAsString("oee_gateway_live_clients"), POLL)
      .toMatch(/ 1$/m);
    const boss = await visit(one.url, "boss", "/wall");
    await boss.gateway.get(boss.callback);
    const people = (await (await boss.gateway.get(`${one.url}/api/v1/people`)).json()) as {
      id: string;
      name: string;
    }[];
    const anna = people.find(({ name }) => name === "anna")?.id ?? "";
    await expect.poll(() => store.auditRows({ who: anna, kind: "correction", limit: 10 }), POLL).toHaveLength(1);
    const init = { method: "DELETE", headers: { origin: one.url } };
    expect((await boss.gateway.get(`${one.url}/api/v1/people/${anna}/sessions`, init)).status).toBe(200);
    await wall.waitForURL(/\/sign-in\?next=/);
    const cookie = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join("; ");
    for (const { url } of [one, two]) {
      expect((await fetch(`${url}/api/v1/plant`, { headers: { cookie } })).status).toBe(401);
    }
    expect(violations).toEqual([]);
  } finally {
    await browser.close();
  }
});
