/** Wrong passwords of one account are bounded at all gateways together, and strangers lock nobody out of where they usually are. */
import type { Store } from "@oee/store";
import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openTestStore } from "../../test/gateway-fixture.ts";
import { PASSWORD, type SignedGateway, startBeside, startSigned } from "../../test/signed-in.ts";
import { Access } from "./access.ts";

const HOUR_MS = 3_600_000;
const HOME = "192.0.2.7";

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
  const signIn = { clock: () => clock.now };
  one = await startSigned(store, { anna: ["viewer"], ben: ["viewer"] }, { signIn });
  other = await startBeside(one, store, { signIn });
});
afterEach(async () => {
  await other.app.close();
  await one.close();
});

interface Answer {
  readonly code?: string;
  readonly notices?: readonly { readonly about: string }[];
}

/** Signs in from an address. The code of the problem, or "in"; and what the person is told. */
async function tried(
  gateway: SignedGateway,
  from: string,
  password: string,
  name = "anna",
): Promise<readonly [string, readonly string[]]> {
  const payload = { name, password };
  const asked = { method: "POST", url: "/api/v1/session", remoteAddress: from, payload } as const;
  const { code = "in", notices = [] } = (await gateway.app.inject(asked)).json<Answer>();
  return [code, notices.map(({ about }) => about)];
}

/** Tries wrong passwords at both gateways, each from another address. How many were compared. */
async function guessed(count: number, address: (i: number) => string, name = "anna"): Promise<number> {
  let compared = 0;
  for (let i = 0; i < count; i++) {
    const [code] = await tried(i % 2 === 0 ? one : other, address(i), "not the password", name);
    if (code === "OEE_HTTP_SIGN_IN_FAILED") compared++;
    else expect(code).toBe("OEE_HTTP_SIGN_IN_DELAYED");
  }
  return compared;
}

const strange = (i: number): string => `198.51.${i >> 8}.${i & 255}`;

test("from however many addresses strangers try at most 60 passwords of an account an hour, and its person signs in from where they have before", async () => {
  expect((await tried(one, HOME, PASSWORD))[0]).toBe("in");
  expect(await guessed(70, strange)).toBe(60);
  // Even the right password is not compared from an address that is not known; from the known one it is, at each gateway.
  expect((await tried(other, "203.0.113.1", PASSWORD))[0]).toBe("OEE_HTTP_SIGN_IN_DELAYED");
  clock.now += 1;
  for (const gateway of [one, other]) {
    await expect.poll(() => tried(gateway, HOME, PASSWORD)).toEqual(["in", ["guessing"]]);
  }
  // Other accounts, and names that nobody has, are not concerned.
  expect((await tried(one, "203.0.113.1", PASSWORD, "ben"))[0]).toBe("in");
  clock.now += HOUR_MS;
  expect((await tried(other, "203.0.113.1", PASSWORD))[0]).toBe("in");
});

test("many at once at two gateways are no more than one after the other, and an account meets at most 100 in all", async () => {
  expect((await tried(one, HOME, PASSWORD))[0]).toBe("in");
  const known = Array.from({ length: 12 }, (_, i) => `192.0.2.${100 + i}`);
  for (const address of known) expect((await tried(one, address, PASSWORD))[0]).toBe("in");
  const at = [...Array.from({ length: 90 }, (_, i) => strange(i)), ...known.flatMap((from) => Array(5).fill(from))];
  let [compared, left] = [[0, 0], at.map((from, i) => [String(from), i] as const)];
  while (left.length > 0) {
    const now = await Promise.all(left.map(([from, i]) => tried(i % 2 === 0 ? one : other, from, "not the password")));
    const isFailed = (i: number): boolean => now[i]?.[0] === "OEE_HTTP_SIGN_IN_FAILED";
    const strangers = left.filter(([, n], i) => isFailed(i) && n < 90).length;
    const others = left.filter(([, n], i) => isFailed(i) && n >= 90).length;
    compared = [(compared[0] ?? 0) + strangers, (compared[1] ?? 0) + others];
    // Those that found too many waiting were not compared, and are sent again.
    left = left.filter((_, i) => now[i]?.[0] === "OEE_HTTP_BUSY");
  }
  expect(compared).toEqual([60, 40]);
});

test("names that nobody has are slowed down in the same way, and answer alike", async () => {
  expect(await guessed(66, strange, "nobody of that name")).toBe(60);
});

test("who signs in from another network is told, once", async () => {
  const told = async (from: string): Promise<readonly string[]> => {
    clock.now += 1;
    const [code, about] = await tried(one, from, PASSWORD);
    expect(code).toBe("in");
    return about;
  };
  expect([await told(HOME), await told("192.0.2.99"), await told(HOME)]).toEqual([[], [], []]);
  expect(await told("203.0.113.1")).toEqual([]);
  expect(await told(HOME)).toEqual(["new-place"]);
  expect([await told("203.0.113.1"), await told("203.0.113.2")]).toEqual([["new-place"], ["new-place"]]);
});

test("attempts are removed after an hour, addresses after 90 days, and of one person's only the newest 20 are kept", async () => {
  const parts = { log: one.log, topic: one.topics.access.name, logger: pino({ level: "silent" }), readOnly: false };
  const options = { users: () => one.users, clock: () => clock.now };
  const access = new Access(options, { ...parts, onNameOver: () => Promise.resolve() });
  await access.log.caughtUp;
  const { accountAttempts, log } = access;
  for (let i = 0; i < 25; i++) {
    clock.now += 1;
    await accountAttempts.signedIn("person-a", `192.0.2.${i}`);
  }
  expect(log.all("place").size).toBe(20);
  const isKnown = async (address: string): Promise<boolean> =>
    (await accountAttempts.begin("person-a", "a", address)).id.includes("/known/");
  expect([await isKnown("192.0.2.4"), await isKnown("192.0.2.5"), await isKnown("192.0.2.24")]).toEqual([
    ...[false, true, true],
  ]);
  expect(log.all("fail").size).toBe(3);
  clock.now += HOUR_MS;
  await access.sweep();
  expect([log.all("fail").size, log.all("place").size]).toEqual([0, 20]);
  clock.now += 90 * 24 * HOUR_MS;
  await access.sweep();
  expect(log.all("place").size).toBe(0);
  await access.close();
});
