/** The HTTP server of a connector: documents that are posted to it, the page of its connections, and its metrics. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { request } from "node:http";
import { expect, onTestFinished, test } from "vitest";
import { connectMetrics } from "../../services/oee/src/connect/metrics.ts";
import { connectServer } from "../../services/oee/src/connect/server.ts";
import { runOee, until } from "../live/oee-process.ts";
import { freePort } from "../support/free-port.ts";
import { connectorOf, FILLER } from "./connector.ts";
import { Collected, mosquitto, temporaryFolder } from "./peers.ts";

const TEXT = `
connections:
  line plc:
    protocol: http
    token: let-me-in
    machines:
      ${FILLER}:
        signals:
          state: { when: "kind = 'state'", value: s, at: t }
          good: { value: good, at: t }
          never: { value: nowhere }
        state: state
        totals: { good: good }
        product: never
`;

async function served(outboxBytesMax: number): Promise<{ url: string; receiver: Collected }> {
  const receiver = new Collected();
  receiver.failing = outboxBytesMax < 1000;
  const { connector } = connectorOf(TEXT, {
    receiver,
    folder: temporaryFolder(),
    outboxBytesMax,
  });
  const server = connectServer(connector, connectMetrics({ connector, filesRefused: () => 0 }), ["connector.plant"]);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { url: `http://127.0.0.1:${address.port}`, receiver };
}

const post = async (
  url: string,
  body: string,
  token = "let-me-in",
  name = "line%20plc",
): Promise<{ status: number; body: unknown }> => {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const answer = await fetch(`${url}/ingest/${name}`, { method: "POST", headers, body });
  return { status: answer.status, body: await answer.json() };
};

const T = Date.UTC(2026, 2, 2, 5);

test("documents are mapped and on disk when they are answered; one that cannot be used is named by its index", async () => {
  const { url, receiver } = await served(1 << 20);
  expect(await post(url, JSON.stringify({ kind: "state", s: "running", t: T }))).toEqual({
    status: 202,
    body: { observations: 1, refused: [] },
  });
  const lines = [
    { good: 7, t: T },
    { good: 8, t: "soon" },
    { kind: "state", s: { deep: 1 }, t: T },
    { good: "12,5", t: T },
    { good: 9, t: T + 1000 },
  ];
  expect(await post(url, lines.map((line) => JSON.stringify(line)).join("\n"))).toEqual({
    status: 202,
    body: {
      observations: 2,
      refused: [
        {
          index: 1,
          why: 'good: expected an instant (RFC 3339, ms since 1970, or a local time of timezone and dates), found "soon"',
        },
        { index: 2, why: 'state: expected a text, a number or a truth, found {"deep":1}' },
        { index: 3, why: 'good: expected a number, found "12,5"' },
      ],
    },
  });
  await until("three events", () => receiver.events.length === 3 || undefined);
  expect(receiver.events).toMatchObject([{ state: "running" }, { total: { good: 7 } }, { total: { good: 9 } }]);
  expect((await post(url, "{")).status).toBe(400);
  expect((await post(url, "{}", "guessed")).status).toBe(401);
  expect((await post(url, "{}", "let-me-in", "other")).status).toBe(404);
  expect((await post(url, `"${"x".repeat(5 * 1024 * 1024)}"`).catch(() => ({ status: 413 }))).status).toBe(413);
  expect((await fetch(`${url}/ingest/line%20plc`)).status).toBe(405);

  const status = (await (await fetch(`${url}/connections`)).json()) as {
    connections: readonly Record<string, unknown>[];
  };
  expect(status.connections).toMatchObject([
    {
      ...{ name: "line plc", connected: true, observations: 3, events: 3, refused: 3, unheard: [`${FILLER} never`] },
      ...{ machines: [{ machine: FILLER, state: "running" }], perSecond: expect.any(Number) as number },
    },
  ]);
  expect(status.connections[0]?.["perSecond"]).toBeGreaterThan(0);
  const page = await (await fetch(url, { headers: { accept: "text/html" } })).text();
  expect(page).toContain("<h2>line plc");
  // The page shows text of senders as text, never as markup.
  await post(url, JSON.stringify({ kind: "state", s: "<script>", t: T + 2000 }));
  expect(await (await fetch(url, { headers: { accept: "text/html" } })).text()).toContain("<td>&lt;script&gt;</td>");
  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain('oee_connect_observations_total{connection="line plc"} 4');
  expect(metrics).toContain("oee_connect_delivery_failing 0");
});

test("without room on disk documents are refused with 503", async () => {
  const { url } = await served(200);
  const send = (second: number): Promise<{ status: number }> =>
    post(url, JSON.stringify({ good: second, t: T + 1000 * second }));
  expect((await send(0)).status).toBe(202);
  expect((await send(1)).status).toBe(503);
});

test("--dry-run prints observations beside the events made of them, and does not touch the session of the running connector", async () => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const folder = temporaryFolder();
  const text = `
connections:
  hall:
    protocol: mqtt
    url: mqtt://127.0.0.1:${port}
    clientId: oee-hall
    machines:
      ${FILLER}: { signals: { s: { topic: filler, value: s, at: t } }, state: s }
`;
  writeFileSync(join(folder, "connections.yaml"), text);
  const receiver = new Collected();
  const running = connectorOf(text, { receiver, folder: temporaryFolder() });
  await until("the subscription", () => running.connector.status().connections[0]?.connected || undefined);
  const dry = runOee([
    "connect",
    "--connections",
    join(folder, "connections.yaml"),
    "--dry-run",
    "--data",
    join(folder, "data"),
  ]);
  onTestFinished(() => void dry.end("SIGKILL"));
  await until("its subscription", () => dry.stderr().includes('"connected"') || undefined);
  const sender = await connectAsync(`mqtt://127.0.0.1:${port}`);
  onTestFinished(() => sender.endAsync(true));
  await sender.publishAsync("filler", JSON.stringify({ s: 6, t: T }), { qos: 1 });
  await until("an event in print", () => dry.stdout().includes("event ") || undefined);
  const at = new Date(T).toISOString();
  expect(dry.stdout()).toContain(
    `read  {"machine":"${FILLER}","signal":"s","value":6,"quality":"good","at":"${at}","stamped":"source"}\n`,
  );
  expect(dry.stdout()).toContain(`event {"type":"state","machine":"${FILLER}","at":"${at}","state":"6",`);
  await until("the event", () => receiver.events.length === 1 || undefined);
  expect(running.told.filter((line) => line.startsWith("the peer is gone"))).toEqual([]);
});

/** Sends a request as a browser does at the instance of another site's page. */
async function statusOf(url: string, path: string, headers: Readonly<Record<string, string>>): Promise<number> {
  const method = path === "/connections" ? "GET" : "POST";
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, headers }, (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    sent.once("error", reject);
    sent.end(method === "POST" ? JSON.stringify({ kind: "state", s: "running", t: T }) : undefined);
  });
}

test("a page under another name (DNS rebinding), or of another origin, can neither read nor send", async () => {
  const { url, receiver } = await served(1 << 20);
  const authorization = "Bearer let-me-in";
  expect(await statusOf(url, "/connections", { host: "attacker.example" })).toBe(403);
  expect(await statusOf(url, "/ingest/line%20plc", { host: "attacker.example", authorization })).toBe(403);
  const origin = "http://attacker.example";
  expect(await statusOf(url, "/ingest/line%20plc", { origin, authorization })).toBe(403);
  expect(receiver.events).toEqual([]);
  expect(await statusOf(url, "/connections", { host: "connector.plant" })).toBe(200);
  expect(await statusOf(url, "/ingest/line%20plc", { host: "connector.plant", authorization })).toBe(202);
});
