/** Tokens of machines and displays: what they may do, where, and how they end. */
import type { Store } from "@oee/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventAt, FILLER, openTestStore, OVEN, START, startGateway, HOUR } from "../../test/gateway-fixture.ts";
import { liveSocket } from "../../test/live-socket.ts";
import { type SignedGateway, startSigned } from "../../test/signed-in.ts";

let store: Store;
let closeStore: () => Promise<void>;
let gateway: SignedGateway;
const access = { now: START + 8 * HOUR };

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  const roles = { root: ["admin"], area: ["admin@berlin/packing"], eva: ["engineer"] };
  gateway = await startSigned(store, roles, { signIn: { clock: () => access.now } });
});
afterAll(async () => {
  await gateway.close();
  await closeStore();
});

interface Made {
  readonly id: string;
  readonly token: string;
}

async function make(by: string, more: object): Promise<Made> {
  const body = JSON.stringify({ name: "line 1", scopes: ["berlin/packing/l1"], may: ["events:write"], ...more });
  const answer = await gateway.as(by, "/api/v1/tokens", { method: "POST", body });
  if (answer.status !== 201) throw new Error(await answer.text());
  return (await answer.json()) as Made;
}

const running = (machine: string): object => eventAt(machine, 1, { type: "state", state: "running" });

describe("a token", () => {
  test("sends events of machines in its scope alone, and does nothing else", async () => {
    const { token } = await make("root", {});
    const body = JSON.stringify([running(FILLER), running(OVEN), running("no/such/line/one")]);
    const answer = await gateway.bearing(token, "/api/v1/events", { method: "POST", body });
    const { accepted, refusals } = (await answer.json()) as { accepted: number; refusals: { code: string }[] };
    expect([accepted, refusals.map(({ code }) => code)]).toEqual([1, ["unknown-machine", "unknown-machine"]]);
    for (const path of ["/api/v1/plant", "/api/v1/stops", "/api/v1/tokens", "/metrics"]) {
      expect([path, (await gateway.bearing(token, path)).status]).toEqual([path, 403]);
    }
    const correction = JSON.stringify({ machine: FILLER, from: START, to: START + 1, state: "down" });
    const refused = await gateway.bearing(token, "/api/v1/corrections", { method: "POST", body: correction });
    expect(refused.status).toBe(403);
  });

  test("with the power `read` sees its scopes, and with the scope `*` the metrics too", async () => {
    const { token } = await make("root", { may: ["read"], scopes: ["berlin/packing/l1"] });
    const plant = await (await gateway.bearing(token, "/api/v1/plant")).text();
    expect(plant).toContain(FILLER);
    expect(plant).not.toMatch(/recife|press/);
    expect((await gateway.bearing(token, "/metrics")).status).toBe(403);
    const whole = await make("root", { may: ["read"], scopes: ["*"] });
    expect((await gateway.bearing(whole.token, "/metrics")).status).toBe(200);
    expect((await gateway.bearing(whole.token, "/api/v1/events", { method: "POST", body: "[]" })).status).toBe(403);
  });

  test("is kept as a digest, and listed with its last use", async () => {
    const { id, token } = await make("root", { name: "script" });
    // The secret may hold an underscore itself.
    const secret = token.slice(`oee_${id}_`.length);
    expect(secret).toHaveLength(43);
    await gateway.bearing(token, "/api/v1/events", { method: "POST", body: "[]" });
    const listed = (await (await gateway.as("root", "/api/v1/tokens")).json()) as {
      id: string;
      lastUse: string;
      by: string;
    }[];
    expect(JSON.stringify(listed)).not.toContain(secret);
    expect(listed.find((one) => one.id === id)).toMatchObject({ lastUse: "2026-03-02T13:00:00.000Z", by: "root" });
    const kept = await gateway.log.readKeyed(gateway.topics.access.name);
    expect([...kept.values()].some(({ value }) => value.toString().includes(secret))).toBe(false);
  });

  test("ends when it expires, and at once when it is revoked, also for a display that is connected", async () => {
    const { token } = await make("root", { expires: "2026-03-02T14:00:00Z", may: ["read"] });
    expect((await gateway.bearing(token, "/api/v1/plant")).status).toBe(200);
    access.now += HOUR;
    expect((await gateway.bearing(token, "/api/v1/plant")).status).toBe(401);
    access.now -= HOUR;
    const wall = await make("root", { may: ["wall"] });
    const headers = { authorization: `Bearer ${wall.token}` };
    const socket = liveSocket(gateway.url, { extraHeaders: headers, reconnection: false });
    await expect.poll(() => socket.connected).toBe(true);
    expect((await gateway.as("root", `/api/v1/tokens/${wall.id}`, { method: "DELETE" })).status).toBe(200);
    await expect.poll(() => socket.connected).toBe(false);
    expect((await gateway.bearing(wall.token, "/api/v1/plant")).status).toBe(401);
  });

  test("that a gateway knows from a request before is compared again: with another secret, another digest, or none", async () => {
    const second = await startGateway(store, {
      access: { users: () => gateway.users, clock: () => access.now },
      log: gateway.log,
    });
    const { id, token } = await make("root", { may: ["read"] });
    const statusAt = async ({ url }: { readonly url: string }, sent: string): Promise<number> =>
      (await fetch(`${url}/api/v1/plant`, { headers: { authorization: sent } })).status;
    for (const at of [gateway, second]) {
      await expect.poll(() => statusAt(at, `Bearer ${token}`)).toBe(200);
      for (const sent of [`Bearer ${token}`, `bearer ${token}`]) expect(await statusAt(at, sent)).toBe(200);
      const other = `${token.slice(0, -2)}${token.endsWith("AA") ? "BB" : "AA"}`;
      for (const sent of [`Bearer ${other}`, token, `Bearer ${token} `.repeat(2), `Basic ${token}`]) {
        expect([sent, await statusAt(at, sent)]).toEqual([sent, 401]);
      }
    }
    const { name: topic } = gateway.topics.access;
    const kept = (await gateway.log.readKeyed(topic)).get(`token/${id}`)?.value.toString() ?? "";
    const changed = { ...(JSON.parse(kept) as object), digest: "0".repeat(64) };
    const put = (value: Buffer | null): Promise<unknown> => gateway.log.append(topic, [{ key: `token/${id}`, value }]);
    await put(Buffer.from(JSON.stringify(changed)));
    for (const at of [gateway, second]) await expect.poll(() => statusAt(at, `Bearer ${token}`)).toBe(401);
    await put(Buffer.from(kept));
    for (const at of [gateway, second]) await expect.poll(() => statusAt(at, `Bearer ${token}`)).toBe(200);
    expect((await gateway.as("root", `/api/v1/tokens/${id}`, { method: "DELETE" })).status).toBe(200);
    expect(await statusAt(gateway, `Bearer ${token}`)).toBe(401);
    await expect.poll(() => statusAt(second, `Bearer ${token}`)).toBe(401);
    await second.app.close();
  });

  test("has a certificate that stands for no other token until that one is revoked or has expired", async () => {
    const certificate = "ab".repeat(32);
    const given = { may: ["events:write"], certificate };
    const statusFor = async (by: string, more: object): Promise<number> => {
      const body = JSON.stringify({ name: "x", scopes: ["berlin/packing"], ...given, ...more });
      return (await gateway.as(by, "/api/v1/tokens", { method: "POST", body })).status;
    };
    const { id } = await make("root", { ...given, scopes: ["recife"] });
    // Else whoever comes first decides for which scopes the machine may send, and nobody is told.
    expect(await statusFor("area", {})).toBe(400);
    expect((await gateway.as("root", `/api/v1/tokens/${id}`, { method: "DELETE" })).status).toBe(200);
    expect(await statusFor("area", { expires: "2026-03-02T13:10:00Z" })).toBe(201);
    access.now += 20 * 60_000;
    expect(await statusFor("area", {})).toBe(201);
    access.now -= 20 * 60_000;
  });

  test("is made by an administrator alone, for scopes that they hold", async () => {
    const ask = (by: string, more: object): Promise<Response> => {
      const body = JSON.stringify({ name: "x", scopes: ["berlin/packing"], may: ["read"], ...more });
      return gateway.as(by, "/api/v1/tokens", { method: "POST", body });
    };
    expect((await ask("eva", {})).status).toBe(403);
    expect((await ask("area", {})).status).toBe(201);
    expect((await ask("area", { scopes: ["berlin"] })).status).toBe(403);
    const { id } = await make("root", { scopes: ["recife"] });
    expect(await (await gateway.as("area", "/api/v1/tokens")).text()).not.toContain("recife");
    expect((await gateway.as("area", `/api/v1/tokens/${id}`, { method: "DELETE" })).status).toBe(404);
  });

  test.each([
    [{ may: ["everything"] }, "may"],
    [{ scopes: [] }, "scopes"],
    [{ name: "" }, "name"],
    [{ expires: "2020-01-01T00:00:00Z" }, "expires"],
    [{ certificate: "ab" }, "certificate"],
    [{ rôle: "admin" }, "rôle"],
  ])("is refused with what is wrong: %j", async (more, field) => {
    const body = JSON.stringify({ name: "x", scopes: ["*"], may: ["read"], ...more });
    const answer = await gateway.as("root", "/api/v1/tokens", { method: "POST", body });
    expect(await answer.json()).toMatchObject({
      status: 400,
      detail: expect.stringContaining(`${field}: found`) as unknown,
    });
  });
});

describe("a display", () => {
  test("shows a code, is confirmed by an administrator, and then shows its scopes and no more", async () => {
    const begun = await gateway.as(null, "/api/v1/displays/pairings", { method: "POST" });
    const { code } = (await begun.json()) as { code: string };
    const pairing = begun.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const mine = (cookie: string): Promise<Response> =>
      fetch(`${gateway.url}/api/v1/displays/pairings/mine`, { headers: { cookie } });
    expect(await (await mine(pairing)).json()).toMatchObject({ state: "waiting" });
    const confirm = (by: string, given: object): Promise<Response> =>
      gateway.as(by, "/api/v1/displays", { method: "POST", body: JSON.stringify(given) });
    expect((await confirm("area", { code: "BBBB-BBBB", name: "wall", scopes: ["berlin/packing/l1"] })).status).toBe(
      404,
    );
    expect((await confirm("eva", { code, name: "wall", scopes: ["berlin/packing/l1"] })).status).toBe(403);
    expect(
      (await confirm("area", { code: code.toLowerCase(), name: "wall", scopes: ["berlin/packing/l1"] })).status,
    ).toBe(200);
    expect(await (await mine("oee-pairing=somebody-elses")).json()).toMatchObject({ state: "over" });
    const paired = await mine(pairing);
    expect(await paired.json()).toEqual({ state: "paired", scopes: ["berlin/packing/l1"] });
    expect(await (await mine(pairing)).json()).toMatchObject({ state: "over" });
    const cookie = paired.headers.getSetCookie()[0]?.split(";")[0] ?? "";
    const look = (path: string): Promise<Response> => fetch(`${gateway.url}${path}`, { headers: { cookie } });
    expect(await (await look("/api/v1/live?scope=*")).text()).not.toContain("recife");
    expect((await look("/api/v1/stops")).status).toBe(403);
  });
});
