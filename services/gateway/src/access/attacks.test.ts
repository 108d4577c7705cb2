/** Ways around the table of who may do what that an attacker would try: other kinds of tokens, other gateways, other protocols. */
import type { Store } from "@oee/store";
import { io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  FILLER,
  HOUR,
  liveRecord,
  MINUTE,
  openTestStore,
  OVEN,
  START,
  storeHistory,
} from "../../test/gateway-fixture.ts";
import { liveSocket } from "../../test/live-socket.ts";
import { AGREED, REVIEWED } from "../../test/requests.ts";
import { type SignedGateway, startBeside, startSigned } from "../../test/signed-in.ts";

const STOP_THERE = ["running", "down"].map((state, i) => ({
  ...{ type: "state", machine: OVEN, at: START + i * HOUR, state },
  ...(state === "down" ? { reason: "mechanical/jam" } : {}),
}));

let store: Store;
let closeStore: () => Promise<void>;
let gateway: SignedGateway;
const tokens = new Map<string, string>();

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  await storeHistory(store, [...REVIEWED, ...STOP_THERE], START + 8 * HOUR, 1n);
  gateway = await startSigned(store, {
    ...{ vic: ["viewer@berlin/packing"], olga: ["operator@berlin/packing"], sven: ["supervisor@berlin/packing"] },
    ...{ eng: ["engineer@berlin/packing"], adam: ["admin@berlin/packing"], root: ["admin"] },
  });
  gateway.live.publish(liveRecord(FILLER, gateway.now), liveRecord(OVEN, gateway.now));
  const agreed = AGREED.map((entry) => ({ key: null, value: Buffer.from(JSON.stringify(entry)) }));
  await gateway.log.append(gateway.topics.entries.name, agreed);
  for (const may of ["events:write", "wall", "read"]) {
    const body = JSON.stringify({ name: may.replace(":", " "), scopes: ["berlin/packing"], may: [may] });
    const made = await gateway.as("adam", "/api/v1/tokens", { method: "POST", body });
    tokens.set(may, ((await made.json()) as { readonly token: string }).token);
  }
});
afterAll(async () => {
  await gateway.close();
  await closeStore();
});

const post = (body: object): RequestInit => ({ method: "POST", body: JSON.stringify(body) });
const period = `from=${START}&to=${START + 8 * HOUR}`;

describe("tokens", () => {
  const routes: readonly (readonly [string, string, RequestInit | undefined, readonly string[]])[] = [
    ["stops", `/api/v1/stops?${period}&scope=*&machines=kpi`, undefined, ["read"]],
    ["exports", "/api/v1/exports", post({ table: "actions", scope: "*", format: "csv" }), ["read"]],
    ["an entry", "/api/v1/entries", post({ type: "target", id: "x", rev: 1 }), []],
    ["an acknowledgement", "/api/v1/alerts/long%2Fx/acknowledgements", post({}), []],
    ["a review", "/api/v1/reviews", post({ scope: "berlin/packing", period: "2026-03-01" }), []],
    ["a sign-off", "/api/v1/reviews/r/sign-offs", post({ role: "boss", digest: "x" }), []],
    ["a correction", "/api/v1/corrections", post({ machine: FILLER, from: START, to: START + MINUTE }), []],
    ["the audit", "/api/v1/audit", undefined, []],
    ["tokens", "/api/v1/tokens", undefined, []],
    ["people", "/api/v1/people", undefined, []],
    ["other sessions", "/api/v1/session/others", undefined, []],
    ["a notice", "/api/v1/session/notices/x", { method: "DELETE" }, []],
    ["metrics", "/metrics", undefined, []],
  ];
  test.each(routes)("%s", async (_, path, init, may) => {
    for (const [power, token] of tokens) {
      const { status } = await gateway.bearing(token, path, init);
      expect([power, status < 400]).toEqual([power, may.includes(power)]);
      // In the cookie of a session or of a display a token is no more than in the header.
      for (const name of ["oee-session", "oee-display"]) {
        const headers = { cookie: `${name}=${token}`, "oee-request": "x", "content-type": "application/json" };
        const answer = await fetch(`${gateway.url}${path}`, { ...init, headers });
        expect([power, name, answer.status < 400]).toEqual([
          power,
          name,
          name === "oee-display" && may.includes(power),
        ]);
      }
    }
  });

  test("send events of their scopes, no corrections, and none by another kind of token", async () => {
    const at = gateway.now;
    const events = [FILLER, OVEN].map((machine) => ({ type: "state", machine, at, state: "running" }));
    const fix = { type: "correction", machine: FILLER, at, from: START, to: START + MINUTE, reason: "mechanical/jam" };
    const sent = await gateway.bearing(tokens.get("events:write") ?? "", "/api/v1/events", {
      ...{ method: "POST", body: JSON.stringify([...events, { ...fix, by: "root" }]) },
    });
    expect(await sent.json()).toMatchObject({ accepted: 1, refused: 2 });
    for (const power of ["read", "wall"]) {
      expect((await gateway.bearing(tokens.get(power) ?? "", "/api/v1/events", post(events[0] ?? {}))).status).toBe(
        403,
      );
    }
  });
});

describe("someone of a part of the plant", () => {
  test("finds no stops of other parts by `machines=kpi`, whatever key they go on from", async () => {
    for (const query of ["scope=*", `scope=*&after=${START}@${encodeURIComponent(OVEN)}`]) {
      const answer = await gateway.as("vic", `/api/v1/stops?${period}&machines=kpi&${query}`);
      expect(answer.status).toBe(200);
      expect(await answer.text()).not.toContain("recife");
    }
    for (const path of ["recife", OVEN, "berlin"]) {
      expect((await gateway.as("vic", `/api/v1/stops?${period}&machines=kpi&scope=${path}`)).status).toBe(404);
      expect(
        (await gateway.as("vic", "/api/v1/exports", post({ table: "actions", scope: path, format: "csv" }))).status,
      ).toBe(404);
    }
  });

  test("acknowledges, enters, presents and signs nothing there, also in the name of an entry here", async () => {
    const ticket = encodeURIComponent(`long/${OVEN}@${new Date(START + HOUR).toISOString()}`);
    const acknowledged = await gateway.as("olga", `/api/v1/alerts/${ticket}/acknowledgements`, post({}));
    expect(acknowledged.status).toBe(404);
    for (const [name, path, body] of [
      ["sven", "/api/v1/reviews", { scope: "recife", period: "2026-03-01" }],
      ["sven", "/api/v1/reviews", { scope: "*", period: "2026-03-01" }],
      ["eng", "/api/v1/entries", { type: "structure", id: "s", rev: 1, scope: "berlin/packing" }],
      ["adam", "/api/v1/entries", { type: "closing", id: "c", rev: 1, scope: "recife", until: "2026-03-01" }],
    ] as const) {
      const answer = await gateway.as(name, path, post(body));
      expect([body, [403, 422].includes(answer.status)]).toEqual([body, true]);
      expect(await answer.text()).not.toMatch(/oven|hall/i);
    }
    for (const scopes of [["recife"], ["berlin/packing", "recife"], ["*"], []]) {
      const made = await gateway.as("adam", "/api/v1/tokens", post({ name: "t", scopes, may: ["read"] }));
      expect([scopes, [400, 403].includes(made.status)]).toEqual([scopes, true]);
    }
  });

  test.each(["/connections", "/metrics", "/api/v1/sessions", "/api/v1/people"])("does not see %s", async (path) => {
    for (const name of ["vic", "eng", "adam"])
      expect([name, (await gateway.as(name, path)).status]).not.toEqual([name, 200]);
  });
});

describe("the live channel", () => {
  test("is joined by nobody who is not let in, and whoever joins nothing is disconnected", async () => {
    const stranger = io(gateway.url, { transports: ["websocket"], forceNew: true, reconnection: false });
    const said = await new Promise<string>((resolve) => {
      stranger.on("connect", () => resolve("connected"));
      stranger.on("connect_error", ({ message }) => resolve(message));
    });
    expect(said).toMatch(/expected the namespace/);
    await expect.poll(() => stranger.io.engine.readyState).toBe("closed");
    stranger.close();
  });

  test("shows each kind of caller its own scopes, and no token of machines any", async () => {
    const joined = async (extraHeaders: Readonly<Record<string, string>>): Promise<unknown> => {
      const socket = liveSocket(gateway.url, { extraHeaders, reconnection: false });
      try {
        return await new Promise((resolve) => {
          socket.on("connect_error", ({ message }) => resolve(message));
          socket.on("refused", () => resolve("refused"));
          socket.on("snapshot", () => resolve("shown"));
          socket.on("connect", () => socket.emit("subscribe", { scopes: [OVEN], windows: [] }));
        });
      } finally {
        socket.close();
      }
    };
    for (const power of ["read", "wall"]) {
      expect(await joined({ authorization: `Bearer ${tokens.get(power) ?? ""}` })).toBe("refused");
    }
    expect(await joined({ authorization: `Bearer ${tokens.get("events:write") ?? ""}` })).toBe("forbidden");
    expect(await joined({ cookie: await gateway.cookieOf("vic") })).toBe("refused");
    expect(await joined({ cookie: await gateway.cookieOf("root") })).toBe("shown");
    expect(await joined({})).toBe("sign-in");
  });
});

test("a read-only gateway, which cannot tell the audit, names nobody, also to who signed in at another one", async () => {
  const fix = { machine: FILLER, from: START + HOUR, to: START + HOUR + MINUTE, reason: "mechanical/jam" };
  expect((await gateway.as("olga", "/api/v1/corrections", post(fix))).status).toBe(202);
  const target = { type: "target", id: "t-ro", rev: 1, scope: "berlin/packing", measure: "oee", value: 0.5 };
  expect((await gateway.as("sven", "/api/v1/entries", post(target))).status).toBe(202);
  const other = await startBeside(gateway, store, { readOnly: true });
  try {
    const cookie = await gateway.cookieOf("root");
    const ask = async (to: SignedGateway, path: string, accept = "application/json"): Promise<string> =>
      (await fetch(`${to.url}/api/v1${path}`, { headers: { cookie, accept } })).text();
    await expect.poll(() => ask(gateway, "/entries?id=t-ro")).toContain('"sven"');
    await expect.poll(() => ask(other, "/entries?id=t-ro")).toContain(gateway.users.get("sven")?.id);
    for (const [path, accept] of [
      ["/entries", "application/json"],
      [`/events?machine=${FILLER}&${period}`, "text/csv"],
      ["/sessions", "application/json"],
      ["/closings", "text/csv"],
    ] as const) {
      expect([path, await ask(other, path, accept)]).not.toEqual([path, expect.stringMatching(/\b(?:sven|olga)\b/)]);
    }
  } finally {
    await other.app.close();
  }
});

test("lines of the audit beyond the first thousands hide nothing that came after them", async () => {
  const at = Date.now();
  const from = gateway.now - 1;
  const rows = Array.from({ length: 12_000 }, (_, i) => ({
    ...{ at, who: null, kind: "sign-in-failed", what: "", scope: "*", from: "198.51.100.7", before: null, after: null },
    ...{ at: gateway.now, seen: null, i },
  }));
  for (let i = 0; i < rows.length; i += 4_000) {
    const some = rows.slice(i, i + 4_000);
    const records = some.map((line) => ({ key: line.kind, value: Buffer.from(JSON.stringify(line)) }));
    await gateway.log.append(gateway.topics.audit.name, records);
  }
  const made = await gateway.as("root", "/api/v1/tokens", post({ name: "late", scopes: ["*"], may: ["read"] }));
  const { id } = (await made.json()) as { readonly id: string };
  const csv = async (): Promise<boolean> => {
    const headers = { accept: "text/csv" };
    const answer = await gateway.as("root", `/api/v1/audit?from=${from}&to=${gateway.now + 1}`, { headers });
    return (await answer.text()).includes(`token-created ${id}`);
  };
  await expect.poll(csv).toBe(true);
});
