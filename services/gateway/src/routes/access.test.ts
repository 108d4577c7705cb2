import type { Store } from "@oee/store";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openTestStore } from "../../test/gateway-fixture.ts";
import { cookieFrom, type SignedGateway, startSigned } from "../../test/signed-in.ts";

const NOW = Date.UTC(2026, 2, 2, 5);
let store: Store;
let closeStore: () => Promise<void>;
let gateway: SignedGateway;
beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
});
afterAll(() => closeStore());
beforeEach(async () => {
  gateway = await startSigned(store, { anna: ["viewer"], root: ["admin"] }, { signIn: { clock: () => NOW } });
});
afterEach(() => gateway.close());

interface Session {
  readonly id: string;
  readonly person: string;
  readonly name: string;
}

const as = async <T>(method: string, path: string, body?: object): Promise<readonly [number, T]> => {
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const answer = await gateway.as("root", `/api/v1${path}`, { method, ...sent });
  return [answer.status, (await answer.json()) as T];
};

test("an administrator sees who is signed in, without what they sign in by, and ends a session", async () => {
  const cookie = await gateway.cookieOf("anna");
  const [, sessions] = await as<readonly Session[]>("GET", "/sessions");
  const own = sessions.find(({ name }) => name === "anna");
  expect(own).toMatchObject({
    ...{ name: "anna", from: "127.0.0.1" },
    ...{ since: "2026-03-02T05:00:00.000Z", until: "2026-03-02T17:00:00.000Z" },
  });
  expect(JSON.stringify(sessions)).not.toContain(cookie.split("=")[1]);
  expect(await as("DELETE", `/sessions/${own?.id}`)).toEqual([200, { ended: 1 }]);
  expect((await gateway.as("anna", "/api/v1/plant")).status).toBe(401);
  expect(await as("DELETE", `/sessions/${own?.id}`)).toMatchObject([404, { code: "OEE_HTTP_UNKNOWN_ENTRY" }]);
});

test("a person's sessions are ended by the identifier that the list has; of nobody who is known none are", async () => {
  await gateway.cookieOf("anna");
  const [, sessions] = await as<readonly Session[]>("GET", "/sessions");
  const { person = "" } = sessions.find(({ name }) => name === "anna") ?? {};
  expect(person).toBe(gateway.users.get("anna")?.id);
  expect(await as("DELETE", `/people/${person}/sessions`)).toEqual([200, { ended: 1 }]);
  expect((await gateway.as("anna", "/api/v1/plant")).status).toBe(401);
  expect(await as("DELETE", `/people/${person}/sessions`)).toEqual([200, { ended: 0 }]);
  expect(await as("DELETE", "/people/anna/sessions")).toMatchObject([404, { code: "OEE_HTTP_UNKNOWN_ENTRY" }]);
});

test("a person who is erased is signed out, also one whose name is not known any more", async () => {
  await gateway.cookieOf("anna");
  const anna = gateway.users.get("anna")?.id ?? "";
  expect(await as("DELETE", `/people/${anna}`)).toEqual([200, { done: true }]);
  expect((await gateway.as("anna", "/api/v1/plant")).status).toBe(401);
  const [, people] = await as<readonly { readonly name: string }[]>("GET", "/people");
  expect(people.map(({ name }) => name)).toEqual(["root"]);
  expect(await as("DELETE", `/people/${anna}`)).toMatchObject([404, { code: "OEE_HTTP_UNKNOWN_ENTRY" }]);
});

test("the cookie of a display lasts as long as its token, and the one by which it paired is gone", async () => {
  const begun = await gateway.as(null, "/api/v1/displays/pairings", { method: "POST" });
  const { code } = (await begun.json()) as { readonly code: string };
  const confirmed = { code, name: "wall", scopes: ["berlin"], expires: "2026-03-02T06:00:00Z" };
  expect(await as("POST", "/displays", confirmed)).toEqual([200, { done: true }]);
  const headers = { cookie: cookieFrom(begun) };
  const paired = await fetch(`${gateway.url}/api/v1/displays/pairings/mine`, { headers });
  expect(paired.headers.getSetCookie()).toEqual([
    expect.stringMatching(/^oee-display=oee_.*; Max-Age=3600$/),
    expect.stringMatching(/^oee-pairing=; .*Max-Age=0$/),
  ]);
  expect(await as("GET", "/tokens")).toMatchObject([
    200,
    [{ name: "wall", scopes: ["berlin"], may: ["wall"], expires: "2026-03-02T06:00:00.000Z" }],
  ]);
});
