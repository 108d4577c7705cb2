/**
 * People are told what was done with their account: by mail, through a real SMTP server, or at the next sign-in where they have no
 * address. At two gateways on one log.
 */
import { compareCodePoints } from "@oee/model";
import type { Store } from "@oee/store";
import { TOTP } from "otpauth";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openTestStore } from "../../test/gateway-fixture.ts";
import { startMailServer, type TestMailServer } from "../../test/mail-server.ts";
import { cookieFrom, PASSWORD, type SignedGateway, startBeside, startSigned } from "../../test/signed-in.ts";
import { Access } from "./access.ts";
import { digestOfPassword } from "./passwords.ts";
import { offerFactor, resetFactor } from "./second-factors.ts";
import { newPersonId, readUsers, type User, writeUsers } from "./users.ts";
import { newUsersSecret, readUsersSecrets } from "./users-secret.ts";

const NEW = "winter tyres in hall nine";
const secrets = readUsersSecrets(newUsersSecret());

let store: Store;
let closeStore: () => Promise<void>;
let smtp: TestMailServer;
let clock: { now: number };
let one: SignedGateway;
let other: SignedGateway;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
});
afterAll(() => closeStore());
beforeEach(async () => {
  clock = { now: Date.now() };
  smtp = await startMailServer();
  const keeper = {
    addresses: () => ({ roles: new Map(), mail: smtp.mail, url: null }),
    tooLateMs: 3_600_000,
    lookEveryMs: null,
  };
  const settings = { secrets, clock: () => clock.now };
  one = await startSigned(
    store,
    { anna: ["viewer@berlin"], ben: ["viewer"], root: ["admin"] },
    { signIn: settings, keeper },
  );
  change("anna", { email: "anna@example.org" });
  other = await startBeside(one, store, { signIn: settings, keeper });
  await known();
});
afterEach(async () => {
  await other.app.close();
  await one.close();
  await smtp.close();
});

/** Changes a person in the users file of both gateways. */
function change(name: string, to: Partial<User>): void {
  one.users.set(name, { ...(one.users.get(name) as User), ...to });
}

/** Waits until the topic has what the users file says of everybody. */
async function known(): Promise<void> {
  await expect.poll(() => accountsOn(one)).toBe(one.users.size);
}

/** How many people the topic `oee.access` has the state of the users file of. */
async function accountsOn({ log, topics }: SignedGateway): Promise<number> {
  const keys = new Set<string>();
  await new Promise<void>((resolve) => {
    const follower = log.followKeyed({
      topic: topics.access.name,
      onBatch: (batch) => {
        for (let i = 0; i < batch.length; i++) keys.add(batch.keyAt(i)?.toString("utf8") ?? "");
      },
      onCaughtUp: () => void follower.close().then(resolve),
    });
  });
  return [...keys].filter((key) => key.startsWith("account/")).length;
}

interface Told {
  readonly id: string;
  readonly about: string;
  readonly from: string | null;
}

function ask(gateway: SignedGateway, method: string, path: string, cookie: string, body?: object): Promise<Response> {
  const type = body === undefined ? {} : { "content-type": "application/json" };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const headers = { cookie, "oee-request": "test", ...type };
  return fetch(`${gateway.url}/api/v1${path}`, { method, headers, ...sent });
}

/** Signs in; the cookie of the session, and what its person is told. */
async function signIn(
  gateway: SignedGateway,
  name: string,
  more: { readonly password?: string; readonly code?: string } = {},
): Promise<{ readonly cookie: string; readonly status: number; readonly told: readonly Told[] }> {
  clock.now += 1;
  const answer = await ask(gateway, "POST", "/session", "", { name, password: PASSWORD, ...more });
  const { notices = [] } = (await answer.json()) as { readonly notices?: readonly Told[] };
  return { cookie: cookieFrom(answer), status: answer.status, told: notices };
}

const subjects = (): readonly (readonly [string, string])[] =>
  smtp.mails.map(({ to, text }) => [to, /^Subject: (.*(?:\r\n .*)*)/m.exec(text)?.[1]?.replaceAll("\r\n", "") ?? ""]);

async function kindsAbout(name: string): Promise<readonly string[]> {
  const id = one.users.get(name)?.id ?? "";
  return (await store.auditRows({ limit: 1_000 })).filter(({ what }) => what === id).map(({ kind }) => kind);
}

test("a password that somebody changed is told by mail, once, without a name or a secret", async () => {
  const { cookie } = await signIn(one, "anna");
  const changed = await ask(one, "POST", "/session/password", cookie, { old: PASSWORD, new: NEW });
  expect(changed.status).toBe(200);
  await expect.poll(subjects).toEqual([["anna@example.org", "[OEE] Your password was changed"]]);
  const text = smtp.mails[0]?.text ?? "";
  expect(text).toMatch(/Where: 127\.0\.0\.1\r\n/);
  for (const secret of [PASSWORD, NEW, "Hello", "anna "]) expect(text).not.toContain(secret);
  await expect.poll(() => kindsAbout("anna")).toEqual(["password-changed", "notice-sent"]);
  // Told by mail, so not at the sign-in; and the mail is not sent again by the other gateway, or by one that takes over.
  await one.app.close();
  expect((await signIn(other, "anna", { password: NEW })).told).toEqual([]);
  await ask(other, "POST", "/session/password", (await signIn(other, "ben")).cookie, { old: PASSWORD, new: NEW });
  change("ben", { email: "ben@example.org" });
  await expect.poll(() => subjects().filter(([to]) => to === "ben@example.org").length).toBe(2);
  expect(subjects().filter(([to]) => to === "anna@example.org")).toHaveLength(1);
});

test("who has no address is told at the next sign-in, not in the session of the change, until they have seen it", async () => {
  const { cookie } = await signIn(one, "ben");
  const changed = await ask(one, "POST", "/session/password", cookie, { old: PASSWORD, new: NEW });
  const goesOn = cookieFrom(changed);
  const session = async (as: string): Promise<readonly Told[]> =>
    ((await (await ask(one, "GET", "/session", as)).json()) as { readonly notices: readonly Told[] }).notices;
  clock.now += 60_000;
  expect(await session(goesOn)).toEqual([]);
  const there = await signIn(other, "ben", { password: NEW });
  expect(there.told).toMatchObject([{ about: "password", from: "127.0.0.1" }]);
  const id = there.told[0]?.id ?? "";
  // The session of the change cannot put it away, nor can somebody else.
  const root = (await signIn(one, "root")).cookie;
  for (const as of [goesOn, root, ""]) {
    expect([403, 404]).toContain((await ask(one, "DELETE", `/session/notices/${id}`, as)).status);
  }
  const again = await signIn(one, "ben", { password: NEW });
  expect(again.told).toEqual(there.told);
  expect((await ask(one, "DELETE", `/session/notices/${id}`, again.cookie)).status).toBe(200);
  expect((await signIn(one, "ben", { password: NEW })).told).toEqual([]);
  await expect.poll(async () => (await signIn(other, "ben", { password: NEW })).told).toEqual([]);
  await expect.poll(() => kindsAbout("ben")).toContain("notice-seen");
  expect(smtp.mails).toEqual([]);
});

test("password, second factor and address that are others in the users file are told, the address to the former one too", async () => {
  change("anna", { password: await digestOfPassword(NEW, null), email: "a.meier@example.org" });
  await expect
    .poll(() => subjects().toSorted((a, b) => compareCodePoints(a.join(" "), b.join(" "))))
    .toEqual([
      ["a.meier@example.org", "[OEE] The address that notices about your account go to was changed"],
      ["a.meier@example.org", "[OEE] Your password was changed"],
      ["anna@example.org", "[OEE] The address that notices about your account go to was changed"],
    ]);
  expect(smtp.mails[0]?.text).toContain("in the users file, by an administrator");
  for (const secondFactor of [offerFactor(one.users.get("ben") as User, secrets).sealed, resetFactor()]) {
    change("ben", { secondFactor });
    await expect.poll(async () => (await signIn(one, "ben")).status).not.toBe(500);
  }
  await expect
    .poll(async () => (await signIn(other, "ben")).told.at(-1))
    .toMatchObject({
      about: "second-factor",
      from: null,
    });
  // A person who is new, and other roles, are no change of an account's sign-in.
  const vera = { ...(one.users.get("root") as User), id: newPersonId(), name: "vera", email: "vera@example.org" };
  one.users.set("vera", vera);
  change("anna", { grants: [{ role: "viewer", scope: "*" }] });
  await known();
  expect(smtp.mails).toHaveLength(3);
});

test("a change of the users file while no gateway ran is told after the next start", async () => {
  await Promise.all([one.app.close(), other.app.close()]);
  change("ben", { password: await digestOfPassword(NEW, null) });
  const later = await startBeside(one, store, { signIn: { secrets, clock: () => clock.now } });
  try {
    await expect
      .poll(async () => (await signIn(later, "ben", { password: NEW })).told)
      .toMatchObject([{ about: "password", from: null }]);
  } finally {
    await later.app.close();
  }
});

test("a right code that was used before is refused, in the audit, and told to its person; of wrong ones the fifth is", async () => {
  const anna = one.users.get("anna") as User;
  const offered = offerFactor(anna, secrets);
  change("anna", { secondFactor: offered.sealed });
  const app = new TOTP({ secret: offered.key });
  await expect.poll(subjects).toEqual([["anna@example.org", "[OEE] Your second factor was set or reset"]]);
  const code = app.generate({ timestamp: clock.now });
  expect((await signIn(one, "anna", { code })).status).toBe(200);
  expect((await signIn(other, "anna", { code })).status).toBe(401);
  await expect
    .poll(() => subjects().slice(1))
    .toEqual([
      ["anna@example.org", expect.stringMatching(/tried a code of your authenticator app that had been used/)],
    ]);
  const failed = async (): Promise<readonly unknown[]> =>
    (await store.auditRows({ who: anna.id, limit: 100 }))
      .filter(({ kind }) => kind === "sign-in-failed")
      .map(({ raw }) => (JSON.parse(raw) as { readonly after: unknown }).after);
  await expect.poll(failed).toEqual([{ code: "used" }]);
  const near = [-1, 0, 1].map((steps) => app.generate({ timestamp: clock.now + steps * 30_000 }));
  const wrong = Array.from({ length: 9 }, (_, i) => String(i + 1).repeat(6)).filter((text) => !near.includes(text));
  for (const text of wrong.slice(0, 4)) expect((await signIn(one, "anna", { code: text })).status).toBe(401);
  await expect
    .poll(() => subjects().slice(2))
    .toEqual([
      ["anna@example.org", "[OEE] Somebody who knows your password tried wrong codes of your authenticator app"],
    ]);
});

test("what the mail server does not take is shown at the sign-in meanwhile, and sent when it does", async () => {
  smtp.refuse("no room");
  const { cookie } = await signIn(one, "anna");
  await ask(one, "POST", "/session/password", cookie, { old: PASSWORD, new: NEW });
  expect((await signIn(one, "anna", { password: NEW })).told).toMatchObject([{ about: "password" }]);
  smtp.refuse(null);
  await expect.poll(subjects).toEqual([["anna@example.org", "[OEE] Your password was changed"]]);
  await expect.poll(async () => (await signIn(one, "anna", { password: NEW })).told).toEqual([]);
});

test("erasing a person removes their address and notices from the log, and a sweep those of who is gone", async () => {
  const root = (await signIn(one, "root")).cookie;
  const ben = one.users.get("ben") as User;
  await ask(one, "POST", "/session/password", (await signIn(one, "ben")).cookie, { old: PASSWORD, new: NEW });
  expect((await ask(one, "DELETE", `/people/${ben.id}`, root)).status).toBe(200);
  expect((await signIn(one, "ben", { password: NEW })).told).toEqual([]);
  const parts = { log: one.log, topic: one.topics.access.name, logger: pino({ level: "silent" }), readOnly: false };
  const access = new Access({ users: () => one.users }, { ...parts, onNameOver: () => Promise.resolve() });
  await access.log.caughtUp;
  const kept = (): readonly string[] =>
    (["account", "notice", "place"] as const).flatMap((kind) => [...access.log.all(kind).keys()]);
  const anna = one.users.get("anna") as User;
  // Where ben has signed in from since then.
  await expect.poll(() => kept().filter((id) => id.startsWith(ben.id)).length).toBe(1);
  expect(JSON.stringify(access.log.all("account").get(anna.id))).toContain("anna@example.org");
  one.users.delete("anna");
  await access.sweep();
  expect(kept().filter((id) => id.startsWith(anna.id))).toEqual([]);
  await access.close();
});

test("an address is one address, and the users file keeps it", () => {
  const anna = one.users.get("anna") as User;
  const written = (email: string): string => writeUsers(new Map([["anna", { ...anna, email }]]), { by: "", on: "" });
  expect(readUsers(written("anna@example.org")).get("anna")?.email).toBe("anna@example.org");
  for (const email of ["anna", "a@b,c@d", "a@b\r\nBcc: c@d", "Anna <a@b>", ""]) {
    expect(() => readUsers(written(email))).toThrow(/expected id, name/);
  }
});
