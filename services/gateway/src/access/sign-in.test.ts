/** Signing in with a password and sessions: what works, and what is refused. */
import { Writable } from "node:stream";
import type { Store } from "@oee/store";
import { pino } from "pino";
import { io, type ManagerOptions, type SocketOptions } from "socket.io-client";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  FILLER,
  eventAt,
  HOUR,
  liveRecord,
  openTestStore,
  OVEN,
  recordsOf,
  START,
  startGateway,
  MINUTE,
} from "../../test/gateway-fixture.ts";
import { liveSocket } from "../../test/live-socket.ts";
import { digestOfPassword } from "./passwords.ts";
import { cookieFrom, PASSWORD, type SignedGateway, startBeside, startSigned } from "../../test/signed-in.ts";

const ROLES = {
  anna: ["supervisor@berlin/packing"],
  ben: ["operator@berlin/packing"],
  vera: ["viewer@berlin/packing/l1"],
  eva: ["engineer"],
  root: ["admin"],
};

let store: Store;
let closeStore: () => Promise<void>;
let gateway: SignedGateway;
let access: { now: number };

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
});
afterAll(() => closeStore());
beforeEach(async () => {
  access = { now: Date.now() };
  gateway = await startSigned(store, ROLES, { signIn: { clock: () => access.now, sessionMs: 3_600_000 } });
});
afterEach(() => gateway.close());

const signIn = (name: string, password: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${gateway.url}/api/v1/session`, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ name, password }),
  });

const correction = (more: object = {}): RequestInit => ({
  method: "POST",
  body: JSON.stringify({ machine: FILLER, from: START, to: START + MINUTE, reason: "mechanical/jam", ...more }),
});

describe("a session", () => {
  test("begins with the right password, is in a cookie that scripts do not see, and ends with the sign-out", async () => {
    const answer = await signIn("anna", PASSWORD);
    expect(await answer.json()).toMatchObject({ kind: "person", name: "anna", roles: [{ role: "supervisor" }] });
    const [cookie = ""] = answer.headers.getSetCookie();
    expect(cookie).toMatch(/^oee-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=3600$/);
    const as = { headers: { cookie: cookieFrom(answer), origin: gateway.url } };
    expect((await fetch(`${gateway.url}/api/v1/plant`, as)).status).toBe(200);
    const out = await fetch(`${gateway.url}/api/v1/session`, { method: "DELETE", ...as });
    expect(out.headers.getSetCookie()[0]).toMatch(/^oee-session=; .*Max-Age=0/);
    expect((await fetch(`${gateway.url}/api/v1/plant`, as)).status).toBe(401);
  });

  test("ends after its longest life", async () => {
    expect((await gateway.as("anna", "/api/v1/plant")).status).toBe(200);
    access.now += 3_600_000;
    expect((await gateway.as("anna", "/api/v1/plant")).status).toBe(401);
  });

  test("is a new one at each sign-in, and the one that was there ends: nobody can fix it beforehand", async () => {
    const fixed = await gateway.cookieOf("vera");
    const answer = await signIn("anna", PASSWORD, { cookie: fixed, origin: gateway.url });
    expect(cookieFrom(answer)).not.toBe(fixed);
    const { status } = await fetch(`${gateway.url}/api/v1/plant`, { headers: { cookie: fixed } });
    expect(status).toBe(401);
    const made = await signIn("anna", PASSWORD, { cookie: `oee-session=${"A".repeat(43)}`, origin: gateway.url });
    expect(cookieFrom(made)).not.toContain("AAAA");
  });

  test("follows the users file: roles change, and the sessions of a removed user end", async () => {
    expect((await gateway.as("ben", "/api/v1/audit")).status).toBe(403);
    const ben = gateway.users.get("ben");
    if (ben === undefined) throw new Error("ben is there");
    gateway.users.set("ben", { ...ben, grants: [{ role: "supervisor", scope: "berlin" }] });
    expect((await gateway.as("ben", "/api/v1/audit")).status).toBe(200);
    gateway.users.delete("ben");
    expect((await gateway.as("ben", "/api/v1/plant")).status).toBe(401);
  });

  test("ends when its person's password changes", async () => {
    const cookie = await gateway.cookieOf("ben");
    const look = async (): Promise<number> =>
      (await fetch(`${gateway.url}/api/v1/plant`, { headers: { cookie } })).status;
    const ben = gateway.users.get("ben");
    if (ben === undefined) throw new Error("ben is there");
    gateway.users.set("ben", { ...ben, grants: [{ role: "viewer", scope: "*" }] });
    expect(await look()).toBe(200);
    gateway.users.set("ben", { ...ben, password: await digestOfPassword("another long pass phrase", null) });
    expect(await look()).toBe(401);
  });

  test("that an administrator ends is ended on every gateway, with a websocket open at each", async () => {
    const other = await startBeside(gateway, store);
    try {
      const cookie = await gateway.cookieOf("anna");
      const urls = [gateway.url, other.url];
      await expect
        .poll(async () => (await fetch(`${other.url}/api/v1/plant`, { headers: { cookie } })).status)
        .toBe(200);
      const sockets = urls.map((url) => liveSocket(url, { extraHeaders: { cookie }, reconnection: false }));
      await expect.poll(() => sockets.map(({ connected }) => connected)).toEqual([true, true]);
      const anna = gateway.users.get("anna")?.id ?? "";
      const ended = await gateway.as("root", `/api/v1/people/${anna}/sessions`, { method: "DELETE" });
      expect(await ended.json()).toEqual({ ended: 1 });
      await expect.poll(() => sockets.map(({ connected }) => connected)).toEqual([false, false]);
      for (const url of urls) {
        expect((await fetch(`${url}/api/v1/plant`, { headers: { cookie } })).status).toBe(401);
        expect(await refusalOf(url, { extraHeaders: { cookie } })).toBe("sign-in");
      }
    } finally {
      await other.app.close();
    }
  });
});

/** The reason for which the live channel refuses a client. */
async function refusalOf(url: string, options: Partial<ManagerOptions & SocketOptions>): Promise<string> {
  const socket = io(`${url}/live`, { transports: ["websocket"], reconnection: false, forceNew: true, ...options });
  const why = await new Promise<string>((resolve) => {
    socket.on("connect", () => resolve("let in"));
    socket.on("connect_error", ({ message }) => resolve(message));
  });
  socket.disconnect();
  return why;
}

describe("the live channel", () => {
  test("lets a page of another origin in by no transport, although its browser sends the cookie", async () => {
    const cookie = await gateway.cookieOf("anna");
    for (const transport of ["websocket", "polling"]) {
      const asked = (origin: string): Promise<string> =>
        refusalOf(gateway.url, { transports: [transport], extraHeaders: { cookie, origin } });
      expect([transport, await asked(gateway.url)]).toEqual([transport, "let in"]);
      for (const origin of ["https://evil.example", "null", "http://127.0.0.1:1"]) {
        expect([transport, origin, await asked(origin)]).toEqual([
          transport,
          origin,
          `${transport === "polling" ? "xhr poll" : "websocket"} error`,
        ]);
      }
    }
  });

  test("takes no session and no token from the address, or from the first message", async () => {
    const cookie = await gateway.cookieOf("anna");
    const secret = cookie.split("=")[1] ?? "";
    const body = JSON.stringify({ name: "wall", scopes: ["berlin"], may: ["wall"] });
    const made = await gateway.as("root", "/api/v1/tokens", { method: "POST", body });
    const { token } = (await made.json()) as { token: string };
    const asked: readonly Partial<ManagerOptions & SocketOptions>[] = [
      { query: { token } },
      { query: { access_token: token, "oee-session": secret } },
      { auth: { token } },
      { auth: { cookie } },
    ];
    for (const options of asked) expect(await refusalOf(gateway.url, options)).toBe("sign-in");
    expect(await refusalOf(gateway.url, { extraHeaders: { authorization: `Bearer ${token}` } })).toBe("let in");
  });
});

describe("a sign-in fails", () => {
  test("alike for a wrong password and a name that nobody has", async () => {
    const [wrong, unknown] = await Promise.all([signIn("anna", "wrong"), signIn("nobody", "wrong")]);
    const problems = await Promise.all([wrong.json(), unknown.json()]);
    expect(problems[0]).toEqual(problems[1]);
    expect(problems[0]).toMatchObject({ status: 401, code: "OEE_HTTP_SIGN_IN_FAILED" });
  });

  test("and is slowed down by name and address, so that others are not kept out", async () => {
    for (let i = 0; i < 5; i++) expect((await signIn("anna", "wrong")).status).toBe(401);
    const delayed = await signIn("anna", PASSWORD);
    expect([delayed.status, delayed.headers.get("retry-after")]).toEqual([429, "1"]);
    expect(await delayed.json()).toMatchObject({ code: "OEE_HTTP_SIGN_IN_DELAYED" });
    expect((await signIn("ben", PASSWORD)).status).toBe(200);
    access.now += 1_000;
    expect((await signIn("anna", PASSWORD)).status).toBe(200);
  });

  test("for a guesser, who keeps out nobody at another address", async () => {
    const behind = await startSigned(store, ROLES, { trustProxy: ["127.0.0.1"] });
    try {
      const from = (address: string, password: string): Promise<Response> =>
        fetch(`${behind.url}/api/v1/session`, {
          method: "POST",
          headers: { "content-type": "application/json", "x-forwarded-for": address },
          body: JSON.stringify({ name: "anna", password }),
        });
      for (let i = 0; i < 5; i++) expect((await from("203.0.113.7", "wrong")).status).toBe(401);
      expect((await from("203.0.113.7", PASSWORD)).status).toBe(429);
      expect((await from("203.0.113.8", PASSWORD)).status).toBe(200);
    } finally {
      await behind.close();
    }
  });

  test("with a token in an address, an unknown kind of authorization, or a malformed cookie", async () => {
    const cookie = await gateway.cookieOf("root");
    const made = await gateway.as("root", "/api/v1/tokens", {
      method: "POST",
      body: JSON.stringify({ name: "script", scopes: ["berlin"], may: ["read"] }),
    });
    const { token } = (await made.json()) as { token: string };
    expect((await gateway.bearing(token, "/api/v1/live?scope=*")).status).toBe(200);
    expect((await gateway.as(null, `/api/v1/plant?token=${token}`)).status).toBe(401);
    expect((await gateway.as(null, `/api/v1/plant?access_token=${token}`)).status).toBe(401);
    const basic = { authorization: `Basic ${Buffer.from(`root:${PASSWORD}`).toString("base64")}`, cookie };
    expect((await fetch(`${gateway.url}/api/v1/plant`, { headers: basic })).status).toBe(401);
    expect((await fetch(`${gateway.url}/api/v1/plant`, { headers: { cookie: "oee-session=../x" } })).status).toBe(401);
  });
});

describe("a page of somebody else's", () => {
  test("cannot have the browser change anything: the origin is checked, and a request without one is refused", async () => {
    const cookie = await gateway.cookieOf("anna");
    const post = (headers: Record<string, string>): Promise<Response> =>
      fetch(`${gateway.url}/api/v1/corrections`, {
        ...correction(),
        headers: { "content-type": "application/json", cookie, ...headers },
      });
    for (const headers of [{ origin: "https://evil.example" }, { origin: "null" }, {}]) {
      const answer = await post(headers as Record<string, string>);
      expect(await answer.json()).toMatchObject({ status: 403, code: "OEE_HTTP_FOREIGN_ORIGIN" });
    }
    expect((await post({ origin: gateway.url })).status).toBe(202);
    expect((await post({ "oee-request": "script" })).status).toBe(202);
  });
});

describe("roles", () => {
  test("an operator gives reasons, a supervisor states; each in their scopes, and a viewer nothing", async () => {
    expect((await gateway.as("ben", "/api/v1/corrections", correction())).status).toBe(202);
    const state = correction({ reason: undefined, state: "down" });
    const refused = await gateway.as("ben", "/api/v1/corrections", state);
    expect(await refused.json()).toMatchObject({ status: 403, code: "OEE_HTTP_FORBIDDEN" });
    expect((await gateway.as("anna", "/api/v1/corrections", state)).status).toBe(202);
    expect((await gateway.as("vera", "/api/v1/corrections", correction())).status).toBe(403);
    const elsewhere = await gateway.as("anna", "/api/v1/corrections", correction({ machine: OVEN }));
    const nowhere = await gateway.as("anna", "/api/v1/corrections", correction({ machine: "no/such/line/one" }));
    const [a, b] = [await elsewhere.text(), await nowhere.text()];
    expect(a.replace(OVEN, "")).toBe(b.replace("no/such/line/one", ""));
  });

  test("an operator takes reasons back, as the undo of a tablet does, and a state that was given only a supervisor", async () => {
    const said = [
      { type: "correction", machine: FILLER, at: START, from: START, to: START + MINUTE, reason: "mechanical/jam" },
      { type: "correction", machine: FILLER, at: START, from: START + MINUTE, to: START + 2 * MINUTE, state: "down" },
    ];
    await store.insertEvents(recordsOf(said, { offset: 0, receivedAt: START + HOUR }));
    const clearing = (minute: number): RequestInit =>
      correction({ reason: undefined, clear: true, from: START + minute * MINUTE, to: START + (minute + 1) * MINUTE });
    expect((await gateway.as("ben", "/api/v1/corrections", clearing(0))).status).toBe(202);
    const refused = await gateway.as("ben", "/api/v1/corrections", clearing(1));
    expect(await refused.json()).toMatchObject({ status: 403, code: "OEE_HTTP_FORBIDDEN" });
    expect((await gateway.as("anna", "/api/v1/corrections", clearing(1))).status).toBe(202);
    expect((await gateway.as("vera", "/api/v1/corrections", clearing(0))).status).toBe(403);
    // One that is in the log, and not stored yet, counts too; and so does that it was taken back.
    const given = correction({ reason: undefined, state: "down", from: START, to: START + MINUTE });
    expect((await gateway.as("anna", "/api/v1/corrections", given)).status).toBe(202);
    expect((await gateway.as("ben", "/api/v1/corrections", clearing(0))).status).toBe(403);
    expect((await gateway.as("anna", "/api/v1/corrections", clearing(0))).status).toBe(202);
    expect((await gateway.as("ben", "/api/v1/corrections", clearing(0))).status).toBe(202);
  });

  test("`by` is the person who is signed in: a client's own `by` is refused, and so are corrections by POST /events", async () => {
    const refused = await gateway.as("anna", "/api/v1/corrections", correction({ by: "ben" }));
    expect(await refused.json()).toMatchObject({ status: 422, code: "OEE_HTTP_BY_REFUSED" });
    const before = (await gateway.log.endsOf(gateway.topics.events.name)).map(({ endOffset }) => endOffset);
    const event = eventAt(FILLER, 1, { type: "correction", from: START, to: START + MINUTE, state: "down", by: "ben" });
    const sent = await gateway.as("eva", "/api/v1/events", { method: "POST", body: JSON.stringify(event) });
    expect(await sent.json()).toMatchObject({ accepted: 0, refused: 1, refusals: [{ code: "invalid" }] });
    expect((await gateway.log.endsOf(gateway.topics.events.name)).map(({ endOffset }) => endOffset)).toEqual(before);
    const taken = await gateway.as("anna", "/api/v1/entries", {
      method: "POST",
      body: JSON.stringify({
        type: "action",
        id: "a1",
        rev: 1,
        scope: "berlin/packing",
        title: "Guide",
        addresses: "oee",
      }),
    });
    expect([taken.status, await taken.text()]).toEqual([202, expect.any(String)]);
    const entries = (await (await gateway.as("vera", "/api/v1/entries?id=a1")).json()) as unknown[];
    expect(entries).toEqual([]);
    const seen = (await (await gateway.as("ben", "/api/v1/entries?id=a1")).json()) as { by: string }[];
    expect(seen[0]?.by).toBe("anna");
  });

  test("a sign-off is its signer's own: a review with one of somebody else's, or without one that there was, is refused", async () => {
    const signed = { by: "ben", role: "quality", at: "2026-03-02T06:00:00.000Z", digest: "sha256:d" };
    const presented = {
      ...{ type: "review", id: "r1", rev: 1, scope: "berlin/packing", period: "2026-03-01", position: {} },
      ...{ instant: "2026-03-02T05:00:00.000Z", plant: "v", document: "{}", digest: "sha256:d", signOffs: [signed] },
    };
    await gateway.log.append(gateway.topics.entries.name, [
      { key: null, value: Buffer.from(JSON.stringify(presented)) },
    ]);
    const codeOf = async (path: string, more: object): Promise<unknown> => {
      const { type, id, scope, period, digest } = presented;
      const body = JSON.stringify({ type, id, rev: 2, scope, period, digest, ...more });
      const answer = await gateway.as("anna", path, { method: "POST", body });
      return ((await answer.json()) as { readonly code?: unknown }).code;
    };
    const forged = { ...signed, by: gateway.users.get("root")?.id };
    for (const signOffs of [[signed, forged], [forged], [], undefined]) {
      expect(await codeOf("/api/v1/entries", { signOffs })).toBe("OEE_HTTP_BY_REFUSED");
    }
    expect(await codeOf("/api/v1/reviews", { type: undefined, signOffs: [forged] })).toBe("OEE_HTTP_BY_REFUSED");
    expect(await codeOf("/api/v1/entries", { signOffs: [signed], note: "seen" })).toBeUndefined();
    const body = JSON.stringify({ role: "quality", digest: "sha256:d" });
    const own = await gateway.as("anna", "/api/v1/reviews/r1/sign-offs", { method: "POST", body });
    expect(own.status).toBe(202);
    const [review] = (await (await gateway.as("anna", "/api/v1/entries?id=r1")).json()) as {
      readonly signOffs: readonly { readonly by: string }[];
    }[];
    expect(review?.signOffs.map(({ by }) => by)).toEqual(["ben", "anna"]);
  });

  test("with four eyes who presented a review does not sign it off, but somebody else does", async () => {
    const careful = await startBeside(gateway, store, { signIn: { fourEyes: true } });
    const post = (name: string, path: string, body: object): Promise<Response> =>
      careful.as(name, path, { method: "POST", body: JSON.stringify(body) });
    try {
      const review = { id: "r2", scope: "berlin/packing", period: "2026-03-01" };
      const { entries } = (await (await post("anna", "/api/v1/reviews", review)).json()) as {
        readonly entries: readonly { readonly digest: string }[];
      };
      const signOff = { role: "quality", digest: entries[0]?.digest };
      const own = await post("anna", "/api/v1/reviews/r2/sign-offs", signOff);
      expect([own.status, ((await own.json()) as { readonly code: string }).code]).toEqual([403, "OEE_HTTP_FORBIDDEN"]);
      expect((await post("root", "/api/v1/reviews/r2/sign-offs", signOff)).status).toBe(202);
      // After another's sign-off it is still the presenter who presented it.
      expect((await post("anna", "/api/v1/reviews/r2/sign-offs", signOff)).status).toBe(403);
    } finally {
      await careful.close();
    }
  });

  test("a websocket that is open when its person's roles change is closed, on every gateway, and sees the new scopes alone", async () => {
    gateway.live.publish(liveRecord(FILLER, gateway.now), liveRecord(OVEN, gateway.now));
    const plain = await startGateway(store, { access: { users: () => gateway.users }, log: gateway.log });
    plain.live.publish(liveRecord(FILLER, plain.now), liveRecord(OVEN, plain.now));
    const vera = gateway.users.get("vera");
    if (vera === undefined) throw new Error("vera is there");
    const cookie = await gateway.cookieOf("vera");
    const open = async (url: string): Promise<{ readonly connected: () => boolean; readonly seen: () => string }> => {
      let seen = "";
      const socket = liveSocket(url, { extraHeaders: { cookie }, reconnection: false });
      socket.onAny((...message: unknown[]) => (seen += JSON.stringify(message)));
      socket.emit("subscribe", { scopes: ["*"], windows: ["1h"], machinesOf: ["*"] });
      await expect.poll(() => seen).toContain("snapshot");
      return { connected: () => socket.connected, seen: () => seen };
    };
    try {
      const before = await Promise.all([open(gateway.url), open(plain.url)]);
      gateway.users.set("vera", { ...vera, grants: [{ role: "viewer", scope: "recife" }] });
      await expect.poll(() => before.map(({ connected }) => connected())).toEqual([false, false]);
      for (const { seen } of before) expect(seen()).not.toMatch(/recife|oven/);
      for (const url of [gateway.url, plain.url]) {
        const now = await open(url);
        expect(now.seen()).toContain(OVEN);
        expect(now.seen()).not.toContain("berlin");
      }
      gateway.users.delete("vera");
      for (const url of [gateway.url, plain.url])
        expect(await refusalOf(url, { extraHeaders: { cookie } })).toBe("sign-in");
    } finally {
      gateway.users.set("vera", vera);
      await plain.app.close();
    }
  });

  test("the live channel shows a viewer no scope but theirs, and none of the rest within `*`", async () => {
    gateway.live.publish(liveRecord(FILLER, gateway.now), liveRecord(OVEN, gateway.now));
    const cookie = await gateway.cookieOf("vera");
    const socket = liveSocket(gateway.url, { extraHeaders: { cookie }, reconnection: false });
    const messages: string[] = [];
    const refusals: string[] = [];
    socket.on("snapshot", (message: unknown) => messages.push(JSON.stringify(message)));
    socket.on("refused", ({ detail }: { detail: string }) => refusals.push(detail));
    socket.emit("subscribe", { scopes: ["*"], windows: ["1h"], machinesOf: ["*"] });
    await expect.poll(() => messages.length).toBe(1);
    expect(messages[0]).toContain(FILLER);
    expect(messages[0]).not.toMatch(/recife|oven/);
    socket.emit("subscribe", { scopes: [OVEN], windows: [] });
    await expect.poll(() => refusals).toEqual([`the plant has no scope "${OVEN}"`]);
    socket.disconnect();
    expect(await refusalOf(gateway.url, {})).toBe("sign-in");
  });
});

test("the log has who was refused what, and from where, and no password, session or token", async () => {
  let logged = "";
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      logged += chunk.toString();
      done();
    },
  });
  const told = await startSigned(store, ROLES, { logger: pino({ level: "trace" }, sink) });
  try {
    const cookie = await told.cookieOf("vera");
    expect((await told.as("vera", "/api/v1/corrections", correction())).status).toBe(403);
    const body = JSON.stringify({ name: "vera", password: "a wrong pass phrase" });
    const headers = { "content-type": "application/json" };
    expect((await fetch(`${told.url}/api/v1/session`, { method: "POST", headers, body })).status).toBe(401);
    const refusals = logged.split("\n").filter((line) => line.includes('"refused"'));
    const vera = told.users.get("vera")?.id;
    const refused = { level: 40, from: "127.0.0.1", method: "POST" };
    expect(refusals.map((line) => JSON.parse(line) as unknown)).toMatchObject([
      { ...refused, code: "OEE_HTTP_FORBIDDEN", who: vera, route: "/api/v1/corrections" },
      { ...refused, code: "OEE_HTTP_SIGN_IN_FAILED", who: null, route: "/api/v1/session" },
    ]);
    for (const secret of [cookie.split("=")[1] ?? "", PASSWORD, "a wrong pass phrase"])
      expect(logged).not.toContain(secret);
  } finally {
    await told.close();
  }
});

test("readiness gives its details to people who see the whole plant, and to nobody else", async () => {
  const told = async (name: string | null): Promise<boolean> => {
    const { checks } = (await (await gateway.as(name, "/health/ready")).json()) as { checks: { detail: string }[] };
    return checks.some(({ detail }) => detail !== "");
  };
  expect([await told(null), await told("vera"), await told("root")]).toEqual([false, false, true]);
});
