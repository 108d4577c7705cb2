/** The table of who may do what: every route has a row, and each is tried with every role, in and out of scope. */
import type { Store } from "@oee/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { FILLER, liveRecord, openTestStore, OVEN, START, storeHistory, HOUR } from "../../test/gateway-fixture.ts";
import { AGREED, GOOD_REQUESTS, REVIEWED } from "../../test/requests.ts";
import { type SignedGateway, startSigned } from "../../test/signed-in.ts";
import { includes, ROLES } from "./roles.ts";
import { ROUTES, type Row, rowOf } from "./table.ts";

/** Names of the other site, which a caller who holds only `berlin/packing` may not read. */
const HIDDEN = /recife|oven|hall/i;

let store: Store;
let closeStore: () => Promise<void>;
let gateway: SignedGateway;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  await storeHistory(store, REVIEWED, START + 8 * HOUR, 1n);
  const inside = ROLES.map((role) => [`${role} inside`, [`${role}@berlin/packing`]] as const);
  const outside = ROLES.map((role) => [`${role} outside`, [`${role}@recife`]] as const);
  const whole = ROLES.map((role) => [`${role} whole`, [`${role}@*`]] as const);
  gateway = await startSigned(store, Object.fromEntries([...inside, ...outside, ...whole]));
  gateway.live.publish(liveRecord(FILLER, gateway.now, { corrections: ["seen"] }), liveRecord(OVEN, gateway.now));
  const agreed = AGREED.map((entry) => ({ key: null, value: Buffer.from(JSON.stringify(entry)) }));
  await gateway.log.append(gateway.topics.entries.name, agreed);
});
afterAll(async () => {
  await gateway.close();
  await closeStore();
});

test("a route without a row keeps the gateway from being built", () => {
  expect(() => rowOf("GET", "/api/v1/unheard-of")).toThrow(/no row for GET \/api\/v1\/unheard-of/);
  expect(() => rowOf("PUT", "/api/v1/plant")).toThrow(/no row for PUT/);
});

/** Documented routes, each with a good request and its row. */
const WALKED = Object.entries(GOOD_REQUESTS).map(([route, [url, init]]) => {
  const [method = "", path = ""] = route.split(" ");
  const address = path.replaceAll(/\{(\w+)\}/g, ":$1");
  const row = ROUTES[`${method.toUpperCase()} ${address}`];
  if (row === undefined) throw new Error(`no row for ${route}`);
  return { route, url, init, row };
});

function allowed({ role: needed }: Row, role: (typeof ROLES)[number]): boolean {
  return needed === null || includes(role, needed);
}

describe.each(WALKED)("$route", ({ url, init, row }) => {
  test("refuses a caller who is not signed in, unless it is open", async () => {
    const { status } = await gateway.as(null, url, init);
    expect(status === 401).toBe(row.role !== null);
  });

  test("for the whole plant lets in the roles that its row includes, and no other", async () => {
    for (const role of ROLES) {
      const response = await gateway.as(`${role} whole`, url, {
        ...signedBody(init),
        signal: AbortSignal.timeout(60_000),
      });
      await response.body?.cancel();
      expect([role, response.status === 403]).toEqual([role, !allowed(row, role)]);
    }
  });

  test("for a part of the plant shows nothing of the rest, whatever the role", async () => {
    for (const role of ROLES) await tryInside(role);
  });

  async function tryInside(role: (typeof ROLES)[number]): Promise<void> {
    const response = await gateway.as(`${role} inside`, url, signedBody(init));
    // An error may name the scope that the request itself named.
    const text = (await response.text()).replace(`no scope \\"${OVEN}\\"`, "no such scope");
    expect(text).not.toMatch(HIDDEN);
    for (const value of response.headers.values()) expect(value).not.toMatch(HIDDEN);
    if (!allowed(row, role) || (row.reach === "plant" && row.role !== null)) expect(response.status).toBe(403);
    else expect([200, 202, 404, 422, 403]).toContain(response.status);
  }

  test("lets an admin of another part change nothing here", async () => {
    if (init?.method !== "POST" || row.reach !== "scopes") return;
    const before = await gateway.log.endsOf(gateway.topics.events.name);
    const response = await gateway.as("admin outside", url, signedBody(init));
    const answer = await response.text();
    expect(/"accepted":0/.test(answer) || response.status >= 400 || url.includes("preview")).toBe(true);
    expect(await gateway.log.endsOf(gateway.topics.events.name)).toEqual(before);
  });
});

/** The body without `by`, as a signed-in person sends it. */
function signedBody(init: RequestInit | undefined): RequestInit {
  if (typeof init?.body !== "string" || !init.body.includes('"by"')) return init ?? {};
  const { by: _, ...rest } = JSON.parse(init.body) as Record<string, unknown>;
  return { ...init, body: JSON.stringify(rest) };
}
