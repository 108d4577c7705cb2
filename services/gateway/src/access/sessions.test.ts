/** Idle sessions (ASVS 3.3): a session whose person asks nothing for the idle time ends; requests that pages make by themselves do not count. */
import type { Store } from "@oee/store";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { openTestStore } from "../../test/gateway-fixture.ts";
import { liveSocket } from "../../test/live-socket.ts";
import { type SignedGateway, startBeside, startSigned } from "../../test/signed-in.ts";

const MINUTE = 60_000;
const IDLE_MS = 30 * MINUTE;
const ASKED = "/api/v1/kpis?scope=*&from=2026-03-02T06:00:00Z&to=2026-03-02T07:00:00Z";

let store: Store;
let closeStore: () => Promise<void>;
let gateway: SignedGateway;
let clock: { now: number };

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
});
afterAll(() => closeStore());
beforeEach(async () => {
  clock = { now: Date.now() };
  gateway = await startSigned(store, { anna: ["viewer"], root: ["admin"] }, { signIn: { clock: () => clock.now } });
});
afterEach(() => gateway.close());

const status = async (path: string, of: SignedGateway = gateway): Promise<number> => (await of.as("anna", path)).status;

test("requests of the person keep a session, up to its longest life, and idling ends it", async () => {
  for (let minutes = 0; minutes < 12 * 60 - 29; minutes += 29) {
    expect([minutes, await status(ASKED)]).toEqual([minutes, 200]);
    clock.now += 29 * MINUTE;
  }
  expect(await status(ASKED)).toBe(200);
  clock.now += IDLE_MS;
  expect(await status(ASKED)).toBe(401);
  expect(await (await gateway.as("root", "/api/v1/sessions")).json()).toMatchObject([{ name: "root" }]);
});

test.each([
  "/api/v1/plant",
  "/api/v1/live?scope=*",
  "/api/v1/reasons/missing",
  "/api/v1/latency",
  "/health/ready",
  "/api/v1/session",
])("a page that asks %s again and again does not keep it", async (path) => {
  await gateway.cookieOf("anna");
  for (let asked = 0; asked < 6; asked++) {
    clock.now += 5 * MINUTE - 1;
    expect((await gateway.as("anna", path)).status).not.toBe(401);
  }
  clock.now += 6;
  expect(await status(ASKED)).toBe(401);
});

test("an open websocket does not keep a session, and ends with it; requests of the person keep both, on every gateway", async () => {
  const other = await startBeside(gateway, store, { signIn: { clock: () => clock.now } });
  try {
    const cookie = await gateway.cookieOf("anna");
    const socket = liveSocket(other.url, { extraHeaders: { cookie }, reconnection: false });
    await expect.poll(() => socket.connected).toBe(true);
    clock.now += 20 * MINUTE;
    expect(await status(ASKED)).toBe(200);
    clock.now += 20 * MINUTE;
    // This gateway learns from the topic that she was active at the other one.
    const elsewhere = (): Promise<number> =>
      fetch(`${other.url}/api/v1/plant`, { headers: { cookie } }).then((answer) => answer.status);
    expect([await elsewhere(), socket.connected]).toEqual([200, true]);
    clock.now += 10 * MINUTE;
    await expect.poll(() => socket.connected).toBe(false);
    expect(await elsewhere()).toBe(401);
  } finally {
    await other.app.close();
  }
});

test("with an idle time of never a session lasts for its longest life", async () => {
  const patient = await startSigned(
    store,
    { anna: ["viewer"] },
    { signIn: { clock: () => clock.now, sessionIdleMs: null } },
  );
  try {
    expect(await status(ASKED, patient)).toBe(200);
    clock.now += 11 * 60 * MINUTE;
    expect(await status(ASKED, patient)).toBe(200);
  } finally {
    await patient.close();
  }
});
