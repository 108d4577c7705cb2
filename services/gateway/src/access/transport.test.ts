/** TLS, proxies, headers, clients' certificates, and a gateway that changes nothing: over real connections. */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { connect as connectHttp2 } from "node:http2";
import { request } from "node:https";
import { fileURLToPath } from "node:url";
import type { Store } from "@oee/store";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Certificates, makeCertificates } from "../../../../tests/tls/certificates.ts";
import { FILLER, openTestStore, START, startGateway } from "../../test/gateway-fixture.ts";
import { liveSocket } from "../../test/live-socket.ts";
import { PASSWORD, type SignedGateway, startSigned } from "../../test/signed-in.ts";

const DASHBOARDS = fileURLToPath(new URL("../../../../dashboards/dist", import.meta.url));
const ROLES = { anna: ["supervisor@berlin"], root: ["admin"] };

let store: Store;
let closeStore: () => Promise<void>;
let certificates: Certificates;
let gateway: SignedGateway;
let url: string;

beforeAll(async () => {
  certificates = makeCertificates();
  ({ store, close: closeStore } = await openTestStore());
  const { cert, key, ca } = certificates;
  const tls = { cert: readFileSync(cert), key: readFileSync(key), clientCa: readFileSync(ca), clientCrl: null };
  gateway = await startSigned(store, ROLES, { tls });
  url = gateway.url.replace("http:", "https:");
});
afterAll(async () => {
  await gateway.close();
  await closeStore();
  certificates.remove();
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

/** Sends a request by HTTP/1.1. */
function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string; cert?: Buffer; key?: Buffer } = {},
): Promise<Answer> {
  const { body, ...rest } = options;
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { ca: readFileSync(certificates.ca), agent: false, ...rest }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    sent.on("error", reject).end(body);
  });
}

async function cookieOf(name: string): Promise<string> {
  const headers = { "content-type": "application/json", origin: url };
  const { headers: set } = await ask("/api/v1/session", {
    method: "POST",
    headers,
    body: JSON.stringify({ name, password: PASSWORD }),
  });
  return String([set["set-cookie"]].flat()[0]);
}

describe("TLS", () => {
  test("serves HTTP/1.1 with HSTS and cookies that are Secure and of this host alone", async () => {
    const cookie = await cookieOf("anna");
    expect(cookie).toMatch(/^__Host-oee-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=43200; Secure$/);
    const { status, headers } = await ask("/api/v1/plant", { headers: { cookie: cookie.split(";")[0] ?? "" } });
    expect([status, headers["strict-transport-security"]]).toEqual([200, "max-age=63072000; includeSubDomains"]);
    const plain = (cookie.split(";")[0] ?? "").replace("__Host-", "");
    expect((await ask("/api/v1/plant", { headers: { cookie: plain } })).status).toBe(401);
  });

  test("serves HTTP/2, where `Host` and `Origin` are checked as well", async () => {
    const session = connectHttp2(url, { ca: readFileSync(certificates.ca) });
    const statusOf = (headers: Record<string, string>): Promise<number> =>
      new Promise((resolve, reject) => {
        const stream = session.request(headers);
        stream.on("response", (answer) => resolve(Number(answer[":status"])));
        stream.on("error", reject).resume();
        stream.end(headers[":method"] === "POST" ? "{}" : undefined);
      });
    try {
      const cookie = (await cookieOf("anna")).split(";")[0] ?? "";
      expect(await statusOf({ ":path": "/api/v1/plant", cookie })).toBe(200);
      expect(await statusOf({ ":path": "/api/v1/plant", ":authority": "evil.example", cookie })).toBe(421);
      const post = { ":method": "POST", ":path": "/api/v1/corrections", "content-type": "application/json", cookie };
      expect(await statusOf({ ...post, origin: "https://evil.example" })).toBe(403);
      expect(await statusOf({ ...post, origin: url })).toBe(422);
    } finally {
      session.close();
    }
  });

  test.each(["websocket", "polling"])("serves the live channel by %s", async (transport) => {
    const cookie = (await cookieOf("anna")).split(";")[0] ?? "";
    const ca = readFileSync(certificates.ca, "utf8");
    const socket = liveSocket(url, {
      transports: [transport],
      extraHeaders: { cookie },
      ca,
      reconnection: false,
    });
    await expect.poll(() => socket.connected).toBe(true);
    socket.disconnect();
  });

  test("takes a machine's certificate for the token that names it, and no other", async () => {
    const certificate = readFileSync(certificates.cert);
    const fingerprint = execFileSync("openssl", [
      "x509",
      "-noout",
      "-fingerprint",
      "-sha256",
      "-in",
      certificates.cert,
    ]);
    const sha256 = fingerprint.toString().trim().split("=")[1] ?? "";
    const client = { cert: certificate, key: readFileSync(certificates.key) };
    const post = { method: "POST", headers: { "content-type": "application/json" }, body: "[]" };
    expect((await ask("/api/v1/events", { ...post, ...client })).status).toBe(401);
    const cookie = (await cookieOf("root")).split(";")[0] ?? "";
    const body = JSON.stringify({ name: "line", scopes: ["berlin"], may: ["events:write"], certificate: sha256 });
    const made = await ask("/api/v1/tokens", {
      method: "POST",
      headers: { ...post.headers, cookie, origin: url },
      body,
    });
    expect(made.status).toBe(201);
    expect((await ask("/api/v1/events", { ...post, ...client })).status).toBe(202);
    const stranger = { cert: readFileSync(certificates.strangerCa), key: readFileSync(certificates.strangerKey) };
    expect((await ask("/api/v1/events", { ...post, ...stranger })).status).toBe(401);
  });
});

describe("behind a proxy", () => {
  const sign = (address: string, headers: Record<string, string>): Promise<Response> =>
    fetch(`${address}/api/v1/session`, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify({ name: "anna", password: "wrong" }),
    });
  const said = { "x-forwarded-for": "203.0.113.7", "x-forwarded-proto": "https" };

  test("address and TLS are those of the forwarding headers where the proxy is trusted, and those of the connection where it is not", async () => {
    const behind = await startSigned(store, ROLES, { trustProxy: ["127.0.0.0/8"], log: gateway.log });
    const alone = await startSigned(store, ROLES, { log: gateway.log });
    try {
      const right = { ...said, "content-type": "application/json" };
      const body = JSON.stringify({ name: "anna", password: PASSWORD });
      const inside = await fetch(`${behind.url}/api/v1/session`, { method: "POST", headers: right, body });
      expect(inside.headers.getSetCookie()[0]).toMatch(/^__Host-.*Secure$/);
      await sign(behind.url, said);
      // The client wrote the first address itself; the proxy appends the one that it sees.
      await sign(behind.url, { ...said, "x-forwarded-for": "198.51.100.66, 203.0.113.9" });
      await sign(alone.url, said);
      const [end] = await behind.log.endsOf(behind.topics.audit.name);
      await expect.poll(async () => (await store.auditExtent()).end).toBe(end?.endOffset);
      const rows = await store.auditRows({ kind: "sign-in-failed", limit: 10 });
      expect(rows.map(({ from }) => from)).toEqual(["203.0.113.7", "203.0.113.9", "127.0.0.1"]);
    } finally {
      await alone.app.close();
      await behind.app.close();
    }
  });
});

describe("headers", () => {
  test("of pages and answers keep content of other origins out of pages, and answers out of caches", async () => {
    const open = await startGateway(store, { dashboards: DASHBOARDS });
    try {
      for (const path of ["/wall", "/sign-in", "/review", "/reasons"]) {
        const { headers } = await fetch(`${open.url}${path}`);
        const policy = headers.get("content-security-policy") ?? "";
        expect(policy).toContain("default-src 'none'");
        expect(policy).toContain("frame-ancestors 'self'");
        expect(policy).not.toMatch(/unsafe|\*/);
        expect(headers.get("permissions-policy")).toContain("camera=()");
        expect(headers.get("referrer-policy")).toBe("no-referrer");
        expect(headers.get("x-content-type-options")).toBe("nosniff");
      }
      // However the address is written: headers go by the route.
      for (const path of ["/api/v1/plant", "/%61pi/v1/plant", "/api/%761/plant", "/api/v1/plant?x=1", "/api/v1/none"]) {
        const { headers } = await fetch(`${open.url}${path}`);
        const policy = headers.get("content-security-policy");
        expect([path, headers.get("cache-control"), policy]).toEqual([
          ...[path, "no-store", "default-src 'none'; frame-ancestors 'none'"],
        ]);
      }
    } finally {
      await open.close();
    }
  });

  test("say that an answer of the API is a file, named by its route, and never a page", async () => {
    const open = await startGateway(store, { dashboards: DASHBOARDS });
    const kept = async (path: string, accept = "*/*"): Promise<string> => {
      const { headers } = await fetch(`${open.url}${path}`, { headers: { accept } });
      return headers.get("content-disposition") ?? "none";
    };
    try {
      for (const [path, accept, name] of [
        ["/api/v1/plant", "text/html,*/*", "plant.json"],
        ["/api/v1/stops?from=yesterday%22;x&to=now", "*/*", "stops.json"],
        [`/api/v1/stops?from=${START}&to=${START + 60_000}`, "text/csv", "stops.csv"],
        [`/api/v1/kpis?from=${START}&to=${START + 60_000}`, "application/vnd.apache.arrow.stream", "kpis.arrow"],
        ["/api/v1/pilots/%22x.html%22", "*/*", "pilots.json"],
        ["/api/v1/no-such%22x.html", "*/*", "answer.json"],
        ["/api/v1/metrics", "*/*", "metrics.txt"],
      ] as const) {
        expect([path, await kept(path, accept)]).toEqual([path, `attachment; filename="${name}"`]);
      }
      expect([await kept("/wall"), await kept("/api/docs/")]).toEqual(["none", "none"]);
    } finally {
      await open.close();
    }
  });
});

test("a gateway that is read-only changes nothing: every route that would is refused, and no record is appended", async () => {
  const writer = await startSigned(store, ROLES);
  const appended: string[] = [];
  const log = {
    ...writer.log,
    append: (topic: string) => Promise.reject(new Error(`${topic} is appended to ${appended.push(topic)}`)),
  };
  for (const name of ["followKeyed", "endsOf", "ensureTopics", "readKeyed", "describe", "partitionsOf"] as const) {
    Object.assign(log, { [name]: writer.log[name].bind(writer.log) });
  }
  const users = writer.users;
  const reader = await startGateway(store, { access: { users: () => users }, log, readOnly: true });
  try {
    const cookie = await writer.cookieOf("anna");
    const headers = { cookie, origin: reader.url, "content-type": "application/json" };
    await expect
      .poll(async () => (await fetch(`${reader.url}/api/v1/plant`, { headers: { cookie } })).status)
      .toBe(200);
    const fix = JSON.stringify({ machine: FILLER, from: START, to: START + 1, state: "down" });
    for (const path of ["corrections", "events", "entries", "reviews", "session", "tokens", "displays/pairings"]) {
      const answer = await fetch(`${reader.url}/api/v1/${path}`, { method: "POST", headers, body: fix });
      expect([path, ((await answer.json()) as { code: string }).code]).toEqual([path, "OEE_HTTP_READ_ONLY"]);
    }
    expect(appended).toEqual([]);
  } finally {
    await reader.app.close();
    await writer.close();
  }
});
