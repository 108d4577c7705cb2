import type { Store } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openGateway, openTestStore } from "../../test/gateway-fixture.ts";
import { PASSWORD, type SignedGateway, startSigned } from "../../test/signed-in.ts";

const NOW = Date.UTC(2026, 2, 2, 5);
let store: Store;
let closeStore: () => Promise<void>;
let gateway: SignedGateway;
beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  const signIn = { clock: () => NOW, sessionMs: 3_600_000 };
  gateway = await startSigned(store, { anna: ["supervisor@berlin", "viewer@recife"], root: ["admin"] }, { signIn });
});
afterAll(async () => {
  await gateway.close();
  await closeStore();
});

test("GET /session says who asks: nobody, a person until an instant, or a token; and whether there is a sign-in", async () => {
  const nobody = await (await gateway.as(null, "/api/v1/session")).json();
  expect(nobody).toMatchObject({ signIn: true, passwords: true, provider: false, kind: null, scopes: [], until: null });
  expect(await (await gateway.as("anna", "/api/v1/session")).json()).toMatchObject({
    ...{ kind: "person", name: "anna", by: "anna", scopes: ["berlin", "recife"], password: true },
    ...{ until: "2026-03-02T06:00:00.000Z", secondFactor: null },
  });
  const body = JSON.stringify({ name: "wall", scopes: ["berlin"], may: ["read"] });
  const made = (await (await gateway.as("root", "/api/v1/tokens", { method: "POST", body })).json()) as {
    token: string;
  };
  const token = await (await gateway.bearing(made.token, "/api/v1/session")).json();
  expect(token).toMatchObject({ kind: "token", name: "wall", roles: [], scopes: ["berlin"], password: false });
  const open = await openGateway(store);
  const everybody = await (await fetch(`${open.url}/api/v1/session`)).json();
  await open.close();
  expect(everybody).toMatchObject({ signIn: false, kind: null, scopes: ["*"] });
});

test("a sign-in has a name and a password as texts, in a small body", async () => {
  const post = async (given: object): Promise<readonly unknown[]> => {
    const answer = await gateway.as(null, "/api/v1/session", { method: "POST", body: JSON.stringify(given) });
    return [answer.status, ((await answer.json()) as { readonly detail?: string }).detail];
  };
  expect(await post({ name: "anna" })).toEqual([400, "expected name and password as texts"]);
  expect(await post({ name: "anna", password: 7 })).toEqual([400, "expected name and password as texts"]);
  expect(await post({ name: "anna", password: PASSWORD, code: 123456 })).toEqual([400, "code: expected a text"]);
  expect((await post({ name: "anna", password: "x".repeat(4_096) }))[0]).toBe(413);
});

test("who is not signed in as a person signs nobody out", async () => {
  const out = await gateway.as(null, "/api/v1/session", { method: "DELETE" });
  expect([out.status, await out.json()]).toEqual([200, { signedOut: false, leave: null }]);
  expect((await gateway.as("anna", "/api/v1/plant")).status).toBe(200);
});
