/** Second factors: codes of RFC 6238, each of which counts once, tried at two gateways on one log. */
import type { Store } from "@oee/store";
import { TOTP } from "otpauth";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { pino } from "pino";
import { openTestStore } from "../../test/gateway-fixture.ts";
import {
  askBy,
  cookieFrom,
  PASSWORD,
  type SignedGateway,
  startBeside,
  startSigned,
  statusBy,
} from "../../test/signed-in.ts";
import { Access } from "./access.ts";
import { type FactorOffer, offerFactor, resetFactor } from "./second-factors.ts";
import type { User } from "./users.ts";
import { newUsersSecret, readUsersSecrets } from "./users-secret.ts";

const STEP_MS = 30_000;
const secrets = readUsersSecrets(newUsersSecret());

let store: Store;
let closeStore: () => Promise<void>;
let clock: { now: number };
let one: SignedGateway;
let other: SignedGateway;

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
});
afterAll(() => closeStore());
beforeEach(async () => {
  clock = { now: Date.now() };
  const needed = { secrets, secondFactorFrom: "supervisor" as const, clock: () => clock.now };
  one = await startSigned(store, { anna: ["supervisor@berlin"], vera: ["viewer"] }, { signIn: needed });
  other = await startBeside(one, store, { signIn: needed });
});
afterEach(async () => {
  await other.app.close();
  await one.close();
});

/** Signs in. Returns the cookie of the session, or the code of the problem. */
async function signIn(gateway: SignedGateway, name: string, code?: string, password = PASSWORD): Promise<string> {
  const answer = await askBy(gateway, "POST", "/session", "", {
    name,
    password,
    ...(code === undefined ? {} : { code }),
  });
  return answer.status === 200 ? cookieFrom(answer) : codeOf(answer);
}

async function codeOf(answer: Response): Promise<string> {
  return ((await answer.json()) as { readonly code: string }).code;
}

/** The code that an authenticator app shows now, or `steps` codes later. */
function shows({ key }: Pick<FactorOffer, "key">, steps = 0): string {
  return new TOTP({ secret: key }).generate({ timestamp: clock.now + steps * STEP_MS });
}

async function offer(cookie: string): Promise<FactorOffer> {
  const answer = await askBy(one, "GET", "/session/second-factor", cookie);
  expect(answer.status).toBe(200);
  return (await answer.json()) as FactorOffer;
}

/** Sets a second factor. Returns the cookie of the new session, or the detail of the problem. */
async function set(cookie: string, given: object): Promise<string> {
  const answer = await askBy(one, "POST", "/session/second-factor", cookie, { password: PASSWORD, ...given });
  if (answer.status === 200) return cookieFrom(answer);
  return ((await answer.json()) as { readonly detail: string }).detail;
}

/** Sets a second factor for `vera`, whose role does not need one. */
async function enrolled(): Promise<{ readonly offered: FactorOffer; readonly cookie: string }> {
  const before = await signIn(one, "vera");
  const offered = await offer(before);
  const cookie = await set(before, { sealed: offered.sealed, code: shows(offered) });
  expect(cookie).toMatch(/^oee-session=./);
  clock.now += 2 * STEP_MS;
  return { offered, cookie };
}

test("the codes are those of RFC 6238, appendix B", async () => {
  const key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
  const { sealed } = sealedOf(key, one.users.get("vera") as User);
  one.users.set("vera", { ...(one.users.get("vera") as User), secondFactor: sealed });
  for (const [seconds, code] of [
    [59, "94287082"],
    [1_111_111_109, "07081804"],
    [1_111_111_111, "14050471"],
    [1_234_567_890, "89005924"],
    [2_000_000_000, "69279037"],
  ] as const) {
    clock.now = seconds * 1_000;
    expect([seconds, await signIn(one, "vera", code.slice(2))]).toEqual([
      seconds,
      expect.stringMatching(/^oee-session=./),
    ]);
  }
});

function sealedOf(key: string, user: User): { readonly sealed: string } {
  const [id = ""] = offerFactor(user, secrets).sealed.split(".");
  return { sealed: `${id}.${secrets.seal(key, `second factor ${id} of ${user.id}`)}` };
}

test("a person with a second factor signs in with a code too; each code counts once, at all gateways together, within its time", async () => {
  const { offered } = await enrolled();
  expect(offered.address).toMatch(/^otpauth:\/\/totp\/Open%20OEE:vera\?issuer=Open%20OEE&secret=[A-Z2-7]{32}&/);
  expect(await signIn(one, "vera")).toBe("OEE_HTTP_SECOND_FACTOR");
  expect(await signIn(one, "vera", shows(offered), "not the password")).toBe("OEE_HTTP_SIGN_IN_FAILED");
  const code = shows(offered);
  expect(await signIn(one, "vera", code)).toMatch(/^oee-session=./);
  expect(await signIn(one, "vera", code)).toBe("OEE_HTTP_SIGN_IN_FAILED");
  expect(await signIn(other, "vera", code)).toBe("OEE_HTTP_SIGN_IN_FAILED");
  // The code of a clock that is half a minute ahead is accepted, the code before the last one is not.
  expect(await signIn(other, "vera", shows(offered, 1))).toMatch(/^oee-session=./);
  expect(await signIn(one, "vera", shows(offered, -2))).toBe("OEE_HTTP_SIGN_IN_FAILED");
  clock.now += 10 * STEP_MS;
  const same = shows(offered);
  const tried = await Promise.all(Array.from({ length: 6 }, (_, i) => signIn(i % 2 === 0 ? one : other, "vera", same)));
  expect(tried.filter((answer) => answer.startsWith("oee-session="))).toHaveLength(1);
});

/** The sign-in of a third gateway, which knows what is in the log. */
async function knownByLog(): Promise<Access> {
  const access = new Access(
    { users: () => one.users, secrets, clock: () => clock.now },
    {
      log: one.log,
      topic: one.topics.access.name,
      logger: pino({ level: "silent" }),
      readOnly: false,
      onNameOver: () => Promise.resolve(),
    },
  );
  await access.log.caughtUp;
  return access;
}

test("used codes are removed when their time is long over, and not before", async () => {
  const { offered } = await enrolled();
  const code = shows(offered);
  expect(await signIn(one, "vera", code)).toMatch(/^oee-session=./);
  const access = await knownByLog();
  await access.sweep();
  expect(access.log.all("code").size).toBe(2);
  expect(await signIn(one, "vera", code)).toBe("OEE_HTTP_SIGN_IN_FAILED");
  clock.now += 20 * STEP_MS;
  await access.sweep();
  expect(access.log.all("code").size).toBe(0);
  expect(access.log.all("factor").size).toBe(1);
  expect(await signIn(one, "vera", shows(offered))).toMatch(/^oee-session=./);
  one.users.delete("vera");
  await access.sweep();
  expect(access.log.all("factor").size).toBe(0);
  await access.close();
});

test("guessing codes is slowed down for the person, from whichever address, and even the right code is refused then", async () => {
  const { offered } = await enrolled();
  const wrong = (i: number): string => String((Number(shows(offered)) + 7 * (i + 1)) % 1_000_000).padStart(6, "0");
  /** Tries to sign in from another address each time. */
  const tried = async (i: number, code?: string): Promise<string> => {
    const payload = { name: "vera", password: PASSWORD, ...(code === undefined ? {} : { code }) };
    const asked = { method: "POST", url: "/api/v1/session", remoteAddress: `10.0.0.${i}`, payload } as const;
    return (await one.app.inject(asked)).json<{ readonly code: string }>().code;
  };
  const answers: string[] = [];
  for (let i = 0; i < 8; i++) {
    // The right password without a code does not clear the failed attempts.
    expect(await tried(i)).toBe("OEE_HTTP_SECOND_FACTOR");
    answers.push(await tried(i, wrong(i)));
  }
  expect(answers.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => "OEE_HTTP_SIGN_IN_FAILED"));
  expect(answers.slice(5)).toEqual(Array.from({ length: 3 }, () => "OEE_HTTP_SIGN_IN_DELAYED"));
  expect(await tried(9, shows(offered))).toBe("OEE_HTTP_SIGN_IN_DELAYED");
  clock.now += 20 * 60_000;
  expect(await signIn(one, "vera", shows(offered))).toMatch(/^oee-session=./);
  const failed = async (): Promise<number> =>
    (await store.auditRows({ who: one.users.get("vera")?.id ?? "", limit: 100 })).filter(
      ({ kind }) => kind === "sign-in-failed",
    ).length;
  await expect.poll(failed).toBe(5);
});

/** Six digits that are not the code of now, nor one near it. */
function wrongCode(offered: FactorOffer, i: number): string {
  const near = [-1, 0, 1].map((steps) => shows(offered, steps));
  const codes = Array.from({ length: i + 4 }, (_, n) => String((n + 1) * 7_919).padStart(6, "0"));
  return codes.filter((code) => !near.includes(code))[i] ?? "";
}

test("wrong codes are counted at all gateways together, one after the other and at once, and a right one ends the count at all", async () => {
  const { offered } = await enrolled();
  const answers: string[] = [];
  for (let i = 0; i < 6; i++) answers.push(await signIn(i % 2 === 0 ? one : other, "vera", wrongCode(offered, i)));
  expect(answers).toEqual([
    ...Array.from({ length: 5 }, () => "OEE_HTTP_SIGN_IN_FAILED"),
    ...["OEE_HTTP_SIGN_IN_DELAYED"],
  ]);
  for (const gateway of [one, other]) {
    await expect.poll(() => signIn(gateway, "vera", shows(offered))).toBe("OEE_HTTP_SIGN_IN_DELAYED");
  }
  // A gateway that starts later knows the count too.
  const later = await knownByLog();
  expect(later.codeAttempts.waitMs(one.users.get("vera")?.id ?? "")).toBeGreaterThan(0);
  clock.now += 20 * 60_000;
  expect(await signIn(other, "vera", shows(offered))).toMatch(/^oee-session=./);
  await expect.poll(() => later.log.all("try").size).toBe(0);
  await later.close();
  clock.now += 10 * STEP_MS;
  const atOnce = await Promise.all(
    Array.from({ length: 30 }, (_, i) => signIn(i % 2 === 0 ? one : other, "vera", wrongCode(offered, i))),
  );
  expect(atOnce.filter((answer) => answer === "OEE_HTTP_SIGN_IN_FAILED")).toHaveLength(5);
  expect(new Set(atOnce)).toEqual(new Set(["OEE_HTTP_SIGN_IN_FAILED", "OEE_HTTP_SIGN_IN_DELAYED"]));
});

test("tries are forgotten an hour after the last of them, and of a guesser who goes on the longest wait stays", async () => {
  const access = await knownByLog();
  const { codeAttempts } = access;
  const tried = async (): Promise<number> => {
    const waitMs = codeAttempts.waitMs("person-a");
    clock.now += waitMs;
    expect(await codeAttempts.begin("person-a")).toBe(0);
    return waitMs;
  };
  for (let i = 0; i < 80; i++) await tried();
  expect(await tried()).toBe(15 * 60_000);
  await access.sweep();
  expect(access.log.all("try").size).toBe(64);
  expect(await tried()).toBe(15 * 60_000);
  clock.now += 60 * 60_000;
  expect(codeAttempts.waitMs("person-a")).toBe(0);
  await access.sweep();
  expect(access.log.all("try").size).toBe(0);
  await access.close();
});

test("the right password without a code is no failed attempt, and does not clear failed ones", async () => {
  await enrolled();
  for (let i = 0; i < 8; i++) expect(await signIn(one, "vera")).toBe("OEE_HTTP_SECOND_FACTOR");
  for (let i = 0; i < 5; i++) {
    expect(await signIn(one, "vera", "", "not the password")).toBe("OEE_HTTP_SIGN_IN_FAILED");
    if (i < 4) expect(await signIn(one, "vera")).toBe("OEE_HTTP_SECOND_FACTOR");
  }
  expect(await signIn(one, "vera", "", "not the password")).toBe("OEE_HTTP_SIGN_IN_DELAYED");
});

test("a person whose role needs a second factor sets it before anything else, with the password, and is then let in", async () => {
  const cookie = await signIn(one, "anna");
  expect(await (await askBy(one, "GET", "/session", cookie)).json()).toMatchObject({
    secondFactor: "needed",
    roles: [],
  });
  expect([await statusBy(one, cookie), (await askBy(one, "GET", "/session/others", cookie)).status]).toEqual([
    403, 403,
  ]);
  const page = await fetch(`${one.url}/api/docs/`, { headers: { cookie, accept: "text/html" }, redirect: "manual" });
  expect([page.status, page.headers.get("location")]).toEqual([303, "/sign-in?next=%2Fapi%2Fdocs%2F"]);
  const vera = await offer(await signIn(one, "vera"));
  const offered = await offer(cookie);
  for (const [given, why] of [
    [{ sealed: offered.sealed, code: shows(offered), password: "not the password" }, /^password:/],
    [{ sealed: offered.sealed, code: "000000" }, /^code:/],
    [{ sealed: `${offered.sealed.slice(0, -2)}AA`, code: shows(offered) }, /^code:/],
    [{ sealed: vera.sealed, code: shows(vera) }, /^code:/],
  ] as const) {
    expect(await set(cookie, given)).toMatch(why);
  }
  const now = await set(cookie, { sealed: offered.sealed, code: shows(offered) });
  expect(now).toMatch(/^oee-session=./);
  expect(await (await askBy(one, "GET", "/session", now)).json()).toMatchObject({ secondFactor: "set" });
  for (const gateway of [one, other]) {
    await expect.poll(() => statusBy(gateway, now)).toBe(200);
    expect(await statusBy(gateway, cookie)).toBe(401);
  }
  const id = one.users.get("anna")?.id ?? "";
  const kinds = async (): Promise<readonly string[]> =>
    (await store.auditRows({ who: id, limit: 100 })).filter(({ what }) => what === id).map(({ kind }) => kind);
  await expect.poll(kinds).toEqual([...Array.from({ length: 4 }, () => "second-factor-refused"), "second-factor-set"]);
});

test("another factor is set with a code of the one before, and sessions of that one end", async () => {
  const { offered, cookie } = await enrolled();
  const next = await offer(cookie);
  expect(await set(cookie, { sealed: next.sealed, code: shows(next) })).toMatch(/^current:/);
  expect(await set(cookie, { sealed: next.sealed, code: shows(next), current: shows(next) })).toMatch(/^current:/);
  const now = await set(cookie, { sealed: next.sealed, code: shows(next), current: shows(offered) });
  expect(now).toMatch(/^oee-session=./);
  clock.now += 2 * STEP_MS;
  expect([await statusBy(one, now), await statusBy(one, cookie)]).toEqual([200, 401]);
  expect(await signIn(one, "vera", shows(offered))).toBe("OEE_HTTP_SIGN_IN_FAILED");
  expect(await signIn(one, "vera", shows(next))).toMatch(/^oee-session=./);
});

test("the users file has the last word: a reset or a key in it replaces the person's own factor, and ends its sessions", async () => {
  const { offered, cookie } = await enrolled();
  const vera = one.users.get("vera") as User;
  one.users.set("vera", { ...vera, secondFactor: resetFactor() });
  for (const gateway of [one, other]) expect(await statusBy(gateway, cookie)).toBe(401);
  const without = await signIn(other, "vera");
  expect(without).toMatch(/^oee-session=./);
  const own = offerFactor(vera, secrets);
  one.users.set("vera", { ...vera, secondFactor: own.sealed });
  for (const gateway of [one, other]) expect(await statusBy(gateway, without)).toBe(401);
  expect(await signIn(one, "vera", shows(offered))).toBe("OEE_HTTP_SIGN_IN_FAILED");
  expect(await signIn(one, "vera", shows(own))).toMatch(/^oee-session=./);
});

test("the log has a factor's key sealed alone, and without the secret nobody signs in with it", async () => {
  const { offered } = await enrolled();
  const access = await knownByLog();
  const record = JSON.stringify([...access.log.all("factor")]);
  await access.close();
  expect(record).toContain(offered.sealed);
  expect(record).not.toContain(offered.key);
  for (const more of [{}, { secrets: readUsersSecrets(newUsersSecret()) }]) {
    const without = await startBeside(one, store, { signIn: { clock: () => clock.now, ...more } });
    expect([await signIn(without, "vera"), await signIn(without, "vera", shows(offered))]).toEqual([
      ...["OEE_HTTP_SIGN_IN_FAILED", "OEE_HTTP_SIGN_IN_FAILED"],
    ]);
    await without.app.close();
  }
});

test("without a session, and to a person of a provider, the routes of second factors are forbidden", async () => {
  for (const [method, body] of [
    ["GET", undefined],
    ["POST", { password: "x", sealed: "y", code: "z" }],
  ] as const) {
    expect(await codeOf(await askBy(one, method, "/session/second-factor", "", body))).toBe("OEE_HTTP_FORBIDDEN");
  }
  const own = await one.app.people?.headersOf("Petra", [{ role: "viewer", scope: "*" }]);
  const answer = await one.app.inject({ method: "GET", url: "/api/v1/session/second-factor", headers: { ...own } });
  expect([answer.statusCode, answer.body]).toEqual([403, expect.stringContaining("a provider has factors of its own")]);
});
