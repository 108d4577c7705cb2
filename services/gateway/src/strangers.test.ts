/** Hostile requests over real sockets: other names and origins, slow and broken requests, too many bytes. */
import { request as httpRequest } from "node:http";
import { connect, type Socket } from "node:net";
import { once } from "node:events";
import { type Store } from "@oee/store";
import { io } from "socket.io-client";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { eventAt, FILLER, openTestStore, startGateway, type TestGateway } from "../test/gateway-fixture.ts";
import { Strangers } from "./strangers.ts";
import { credentialLinesFor } from "../../../tests/support/sign-in.ts";

const MIB = 1024 * 1024;

let store: Store;
let closeStore: () => Promise<void>;
let gateway: TestGateway;
const sockets: Socket[] = [];

beforeAll(async () => {
  ({ store, close: closeStore } = await openTestStore());
  gateway = await startGateway(store, { allowedHosts: ["oee.example.org"] });
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await gateway.close();
  await closeStore();
});

interface Answer {
  readonly status: number;
  readonly code: unknown;
  readonly headers: Readonly<Record<string, unknown>>;
}

/** Sends a request with headers that `fetch` does not let a program set. */
async function ask(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>> = {},
  body?: string | Buffer,
): Promise<Answer> {
  const request = httpRequest(gateway.url + path, { method, headers, agent: false });
  request.end(body);
  const [response] = (await once(request, "response")) as [import("node:http").IncomingMessage];
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString();
  const isProblem = response.headers["content-type"]?.startsWith("application/problem+json") === true;
  const code: unknown = isProblem ? (JSON.parse(text) as { code: unknown }).code : null;
  return { status: response.statusCode ?? 0, code, headers: response.headers };
}

/** Sends bytes and nothing more; returns what came until the gateway ended the connection. */
async function raw(bytes: string | Buffer, url: string = gateway.url): Promise<string> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  sockets.push(socket);
  let text = "";
  socket.on("data", (piece: Buffer) => (text += piece.toString("latin1")));
  socket.on("error", () => undefined);
  socket.write(bytes);
  await once(socket, "close");
  return text;
}

describe("names and origins", () => {
  test("known hosts are IP addresses, localhost and the allowed names", () => {
    const strangers = new Strangers(["OEE.example.org"]);
    const known = [
      "127.0.0.1:8080",
      "10.0.0.7",
      "[::1]:8080",
      "localhost:1",
      "wall.localhost",
      "oee.example.org:8080",
      "",
    ];
    for (const host of known) expect([host, strangers.knowsHost({ host })]).toEqual([host, true]);
    const others = [
      "evil.example:8080",
      "oee.example.org.evil.example",
      "127.0.0.1.evil.example",
      "localhost.evil.example",
      "a b",
    ];
    for (const host of others) expect([host, strangers.knowsHost({ host })]).toEqual([host, false]);
    expect(new Strangers(["*"]).knowsHost({ host: "evil.example" })).toBe(true);
  });

  test("a page under another name that resolves to this gateway can neither read nor send", async () => {
    const host = "rebind.evil.example:8080";
    for (const path of ["/api/v1/plant", "/api/docs", "/metrics", "/health/ready", "/nowhere"]) {
      expect(await ask("GET", path, { host })).toMatchObject({ status: 421, code: "OEE_HTTP_UNKNOWN_HOST" });
    }
    const headers = { host, origin: `http://${host}`, "content-type": "application/json" };
    const body = JSON.stringify(eventAt(FILLER, 0, { type: "state", state: "down" }));
    expect(await ask("POST", "/api/v1/events", headers, body)).toMatchObject({ status: 421 });
    for (const transport of ["polling", "websocket"]) {
      const path = `/socket.io/?EIO=4&transport=${transport}`;
      const upgrade = {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
      };
      const { status } = await ask("GET", path, transport === "polling" ? { host } : { host, ...upgrade });
      expect([transport, status]).toEqual([transport, transport === "polling" ? 403 : 400]);
    }
  });

  test("requests under an allowed name are answered, for the documentation and the live channel too", async () => {
    const host = "oee.example.org:8080";
    expect(await ask("GET", "/api/docs", { host })).toMatchObject({ status: 200 });
    expect(await ask("GET", "/api/docs/json", { host })).toMatchObject({ status: 200 });
    expect(await ask("GET", "/api/v1/plant", { host })).toMatchObject({ status: 200 });
    // The headers of a request through a proxy that ends TLS.
    const extraHeaders = { host, origin: "https://oee.example.org" };
    const socket = io(`${gateway.url}/live`, {
      transports: ["websocket"],
      reconnection: false,
      forceNew: true,
      extraHeaders,
    });
    await new Promise((resolve, reject) => socket.on("connect", () => resolve(null)).on("connect_error", reject));
    socket.disconnect();
  });

  test("pages of another origin can neither send nor embed anything", async () => {
    const post = { "content-type": "application/json", origin: "https://evil.example" };
    for (const origin of ["https://evil.example", "null", "http://127.0.0.1:1", "nonsense"]) {
      const answer = await ask("POST", "/api/v1/events", { ...post, origin }, "[]");
      expect(answer).toMatchObject({ status: 403, code: "OEE_HTTP_FOREIGN_ORIGIN" });
    }
    expect(await ask("POST", "/api/v1/events", { ...post, origin: gateway.url }, "[]")).toMatchObject({ status: 202 });
    const image = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" };
    expect(await ask("GET", "/api/v1/kpis", image)).toMatchObject({ status: 403, code: "OEE_HTTP_FOREIGN_ORIGIN" });
    const link = { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate" };
    expect(await ask("GET", "/api/v1/plant", link)).toMatchObject({ status: 200 });
  });
});

describe("methods", () => {
  test("the answer to a method that an address lacks names the methods that it has", async () => {
    for (const method of ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"]) {
      const answer = await ask(method, "/api/v1/kpis?scope=*", { "content-type": "text/plain" });
      expect([method, answer.status, answer.code, answer.headers["allow"]]).toEqual([
        method,
        405,
        "OEE_HTTP_METHOD_NOT_ALLOWED",
        "GET, HEAD",
      ]);
    }
    expect(await ask("PUT", "/api/v1/events")).toMatchObject({ status: 405, headers: { allow: "GET, HEAD, POST" } });
    expect(await ask("POST", "/api/v1/corrections/x")).toMatchObject({ status: 405, headers: { allow: "GET, HEAD" } });
    expect(await ask("PUT", "/api/v1/nothing")).toMatchObject({ status: 404, code: "OEE_HTTP_NOT_FOUND" });
  });
});

describe("broken requests", () => {
  test("requests that Node's parser refuses are answered with a problem and its code", async () => {
    const long = `GET / HTTP/1.1\r\nhost: localhost\r\nx: ${"x".repeat(20_000)}\r\n\r\n`;
    expect(await raw(long)).toMatch(/^HTTP\/1\.1 431 [^]*"code":"OEE_HTTP_HEADERS_TOO_LARGE"/);
    expect(await raw("nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 [^]*"code":"OEE_HTTP_MALFORMED_REQUEST"/);
    expect(await raw("GET / HTTP/1.1\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
  });

  test("a request that does not become complete is ended", async () => {
    const hurried = await startGateway(store, { limits: { requestTimeoutMs: 400 } });
    onTestFinished(() => hurried.close());
    const head = `POST /api/v1/events HTTP/1.1\r\nhost: localhost\r\n${credentialLinesFor(hurried.url)}content-type: application/json\r\n`;
    const slow = [
      head,
      `${head}content-length: 100\r\n\r\n[`,
      `${head}transfer-encoding: chunked\r\n\r\n1\r\n[\r\n`,
      "",
    ];
    const answers = await Promise.all(slow.map((bytes) => raw(bytes, hurried.url)));
    for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 408 [^]*"code":"OEE_HTTP_REQUEST_TIMEOUT"/);
  });

  test("an unknown `Expect` is ignored", async () => {
    expect(await ask("GET", "/health/live", { expect: "a miracle" })).toMatchObject({ status: 200 });
  });

  test("bytes that are not UTF-8 are refused in addresses and in every field of a body", async () => {
    for (const path of [
      "/api/v1/kpis?scope=%ff",
      "/api/v1/stops?after=1%40%c3%28",
      "/api/v1/corrections/%ed%a0%80?machine=x",
    ]) {
      expect([path, (await ask("GET", path)).status]).toEqual([path, 400]);
    }
    expect(
      await raw(
        Buffer.from("GET /api/v1/kpis?scope=\xff HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n", "latin1"),
      ),
    ).toMatch(/^HTTP\/1\.1 400 [^]*"code":"OEE_HTTP_/);
    const event: Readonly<Record<string, unknown>> = eventAt(FILLER, 0, {
      type: "state",
      state: "down",
      reason: "x",
      id: "x",
      note: "x",
      x: 1,
    });
    const type = { "content-type": "application/json" };
    for (const field of Object.keys(event)) {
      const text = JSON.stringify(event);
      for (const [from, to] of [
        [`"${field}":`, `"${field}\xff":`],
        [`"${field}":"`, `"${field}":"\xff`],
      ] as const) {
        if (!text.includes(from)) continue;
        const body = Buffer.from(text.replace(from, to), "latin1");
        const one = await ask("POST", "/api/v1/events", type, body);
        expect([field, to, one.status, one.code]).toEqual([field, to, 400, "OEE_HTTP_INVALID_BODY"]);
        const many = Buffer.concat([Buffer.from("["), body, Buffer.from("]")]);
        expect([field, to, (await ask("POST", "/api/v1/events", type, many)).status]).toEqual([field, to, 400]);
      }
    }
    const correction = { machine: FILLER, from: "x", to: "x", reason: "x", by: "x", note: "x", id: "x", more: "x" };
    for (const field of Object.keys(correction)) {
      for (const [from, to] of [
        [`"${field}":`, `"${field}\xff":`],
        [`"${field}":"`, `"${field}":"\xff`],
      ] as const) {
        const body = Buffer.from(JSON.stringify(correction).replace(from, to), "latin1");
        const answer = await ask("POST", "/api/v1/corrections", type, body);
        expect([field, to, answer.status, answer.code]).toEqual([field, to, 400, "OEE_HTTP_INVALID_BODY"]);
      }
    }
  });
});

test("many slow large bodies do not keep a small one out, and hold no more bytes than the budget", async () => {
  const roomy = await startGateway(store, { limits: { bodiesBytesMax: 8 * MIB } });
  try {
    const head = `POST /api/v1/events HTTP/1.1\r\nhost: localhost\r\n${credentialLinesFor(roomy.url)}connection: close\r\ncontent-type: application/x-ndjson\r\ncontent-length: ${4 * MIB}\r\n\r\n`;
    const large = Buffer.concat([Buffer.from(head), Buffer.alloc(3 * MIB, 0x20)]);
    let busy = 0;
    for (let i = 0; i < 6; i++) void raw(large, roomy.url).then((text) => (busy += Number(/OEE_HTTP_BUSY/.test(text))));
    // Two of the six bodies fit into the budget.
    await expect.poll(() => busy).toBe(4);
    const small = JSON.stringify(eventAt(FILLER, 0, { type: "state", state: "down" }));
    const post = { method: "POST", headers: { "content-type": "application/json" }, body: small };
    expect((await fetch(`${roomy.url}/api/v1/events`, post)).status).toBe(202);
    // A body that was answered, or whose client is gone, makes room.
    for (const socket of sockets.splice(0)) socket.destroy();
    const whole = { method: "POST", headers: { "content-type": "application/x-ndjson" }, body: " ".repeat(7 * MIB) };
    await expect.poll(async () => (await fetch(`${roomy.url}/api/v1/events`, whole)).status).toBe(202);
    expect((await fetch(`${roomy.url}/api/v1/events`, whole)).status).toBe(202);
  } finally {
    await roomy.close();
  }
});
