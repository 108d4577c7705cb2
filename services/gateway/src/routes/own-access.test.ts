/** People change their own password, and list and end their sessions elsewhere, at two gateways on one log. */
import type { Store } from "@oee/store";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openTestStore, startGateway } from "../../test/gateway-fixture.ts";
import {
  askBy,
  cookieFrom,
  PASSWORD,
  type SignedGateway,
  signedOn,
  startBeside,
  startSigned,
  statusBy,
} from "../../test/signed-in.ts";
import { digestOfPassword } from "../access/passwords.ts";
import { newPersonId, type User } from "../access/users.ts";
import { newUsersSecret, readUsersSecrets } from "../access/users-secret.ts";

const NEW = "winter tyres in hall nine";

let store: Store;
let closeStore: () => Promise<void>;
let one: SignedGateway;
let other: SignedGateway;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  one = await startSigned(store, { anna: ["viewer@berlin"], root: ["admin"] });
  other = await startBeside(one, store);
});
afterAll(async () => {
  await other.app.close();
  await one.close();
  await closeStore();
});

/** Begins a new session and returns its cookie, or the code of the problem. */
async function signIn(gateway: SignedGateway, password: string): Promise<string> {
  const answer = await askBy(gateway, "POST", "/session", "", { name: "anna", password });
  return answer.status === 200 ? cookieFrom(answer) : ((await answer.json()) as { readonly code: string }).code;
}

async function change(cookie: string, old: string, wanted: string): Promise<readonly [number, string]> {
  const answer = await askBy(one, "POST", "/session/password", cookie, { old, new: wanted });
  return [answer.status, answer.status === 200 ? cookieFrom(answer) : await answer.text()];
}

test("a new password needs the old one, and ends every other session on every gateway", async () => {
  const [here, there] = [await signIn(one, PASSWORD), await signIn(other, PASSWORD)];
  await expect.poll(() => statusBy(one, there)).toBe(200);
  expect(await change(here, "not this one at all", NEW)).toEqual([422, expect.stringContaining("old: it is not")]);
  for (const [weak, why] of [
    ["unbelievable", /has leaked elsewhere/],
    ["Qwertyuiop123", /has leaked elsewhere/],
    ["anna-in-hall-9", /the user's name/],
    ["short", /at least 12/],
    [PASSWORD, /another one than before/],
  ] as const) {
    const [status, text] = await change(here, PASSWORD, weak);
    expect([weak, status, text]).toEqual([weak, 422, expect.stringMatching(why)]);
  }
  expect(await statusBy(other, there)).toBe(200);
  const [status, now] = await change(here, PASSWORD, NEW);
  expect([status, now]).toEqual([200, expect.stringMatching(/^oee-session=./)]);
  expect(now).not.toBe(here);
  for (const gateway of [one, other]) {
    await expect.poll(() => statusBy(gateway, now)).toBe(200);
    for (const former of [here, there]) await expect.poll(() => statusBy(gateway, former)).toBe(401);
    expect(await signIn(gateway, PASSWORD)).toBe("OEE_HTTP_SIGN_IN_FAILED");
    expect(await signIn(gateway, NEW)).toMatch(/^oee-session=/);
  }
  // A gateway that is started later knows the new password too.
  const late = await startBeside(one, store);
  await expect.poll(() => signIn(late, NEW)).toMatch(/^oee-session=/);
  await late.app.close();

  const id = one.users.get("anna")?.id ?? "";
  const kinds = async (): Promise<readonly string[]> =>
    (await store.auditRows({ who: id, limit: 100 })).filter(({ what }) => what === id).map(({ kind }) => kind);
  await expect.poll(kinds).toEqual(["password-refused", "password-changed"]);

  // A password that is set in the users file afterwards counts again.
  const anna = one.users.get("anna");
  if (anna === undefined) throw new Error("anna is there");
  one.users.set("anna", { ...anna, password: await digestOfPassword("set by the administrator", null) });
  for (const gateway of [one, other]) {
    expect(await statusBy(gateway, now)).toBe(401);
    expect(await signIn(gateway, NEW)).toBe("OEE_HTTP_SIGN_IN_FAILED");
    expect(await signIn(gateway, "set by the administrator")).toMatch(/^oee-session=/);
  }
  one.users.set("anna", anna);
  expect(await signIn(one, NEW)).toMatch(/^oee-session=/);
});

test("guessing the old password is slowed down, and a person of a provider has no password to change", async () => {
  const root = await one.cookieOf("root");
  const codes: number[] = [];
  // The pause after each guess is twice as long as the one before, so that on a slow machine too one comes before the pause is over.
  for (let i = 0; i < 20 && codes.at(-1) !== 429; i++) codes.push((await change(root, `guess ${i}`, NEW))[0]);
  expect(codes.slice(0, 5)).toEqual([422, 422, 422, 422, 422]);
  expect(codes.at(-1)).toBe(429);
  const own = await one.app.people?.headersOf("Petra", [{ role: "viewer", scope: "*" }]);
  const body = JSON.stringify({ old: PASSWORD, new: NEW });
  const headers = { ...own, "content-type": "application/json" };
  const answer = await one.app.inject({ method: "POST", url: "/api/v1/session/password", headers, payload: body });
  expect([answer.statusCode, answer.body]).toEqual([403, expect.stringContaining("a provider changes its own")]);
});

test("one's other sessions are listed and ended, and nobody else's", async () => {
  const [here, there] = [await signIn(one, NEW), await signIn(other, NEW)];
  const others = async (): Promise<readonly { readonly id: string; readonly from: string }[]> =>
    (await (await askBy(one, "GET", "/session/others", here)).json()) as { id: string; from: string }[];
  await expect.poll(() => statusBy(one, there)).toBe(200);
  const listed = await others();
  expect(listed.every(({ from }) => from === "127.0.0.1")).toBe(true);
  const root = (await (await one.as("root", "/api/v1/sessions")).json()) as { id: string; name: string }[];
  const foreign = root.find(({ name }) => name === "root")?.id ?? "";
  expect((await askBy(one, "DELETE", `/session/others/${foreign}`, here)).status).toBe(404);
  for (const { id } of listed) expect((await askBy(one, "DELETE", `/session/others/${id}`, here)).status).toBe(200);
  expect(await others()).toEqual([]);
  for (const gateway of [one, other]) await expect.poll(() => statusBy(gateway, there)).toBe(401);
  expect([await statusBy(one, here), (await one.as("root", "/api/v1/plant")).status]).toEqual([200, 200]);
});

test("the description of the API is for those who are signed in", async () => {
  for (const path of ["/api/docs/", "/api/docs/json", "/api/docs/static/index.html"]) {
    const answer = await one.as(null, path);
    expect([path, answer.status]).toEqual([path, 401]);
    expect(JSON.stringify([...answer.headers])).not.toContain("0.1");
  }
  expect(await (await one.as("root", "/api/docs/json")).text()).toContain("/api/v1/kpis");
});

test("with a secret of the installation a digest without it is made anew at the sign-in, and open sessions go on", async () => {
  const [former, now] = [newUsersSecret(), newUsersSecret()];
  let secrets = readUsersSecrets(former);
  const log = one.log;
  const users = new Map([["nora", { ...(one.users.get("root") as User), id: newPersonId(), name: "nora" }]]);
  const open = async (more: object): Promise<SignedGateway> => {
    return signedOn(await startGateway(store, { access: { users: () => users, ...more }, log }), users);
  };
  const as = async (gateway: SignedGateway): Promise<string> => {
    const answer = await askBy(gateway, "POST", "/session", "", { name: "nora", password: PASSWORD });
    return answer.status === 200 ? cookieFrom(answer) : String(answer.status);
  };
  const cookies: string[] = [];
  const without = await open({});
  cookies.push(await as(without));
  await without.app.close();
  for (const text of [former, `${now}${former}`, now]) {
    secrets = readUsersSecrets(text);
    const gateway = await open({ secrets });
    cookies.push(await as(gateway));
    for (const cookie of cookies) await expect.poll(() => statusBy(gateway, cookie)).toBe(200);
    await gateway.app.close();
  }
  // The users file still has the digest without a secret; it is not accepted any more.
  const late = await open({});
  await expect.poll(() => as(late)).toBe("401");
  // A new password ends these sessions too.
  const nora = users.get("nora") as User;
  users.set("nora", { ...nora, password: await digestOfPassword("set by the administrator", secrets) });
  expect(await Promise.all(cookies.map((cookie) => statusBy(late, cookie)))).toEqual([401, 401, 401, 401]);
  await late.app.close();
});
