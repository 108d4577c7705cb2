import { once } from "node:events";
import { connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { FILLER, openGateway, openTestStore, startGateway } from "../test/gateway-fixture.ts";
import { liveSocket } from "../test/live-socket.ts";

test("closing it ends its connections, and leaves the store and the log to those who opened them", async () => {
  const { store, close } = await openTestStore();
  onTestFinished(close);
  const gateway = await openGateway(store);
  onTestFinished(() => gateway.log.close());
  // The connection of this answer stays open for a next request.
  const { version } = (await (await fetch(`${gateway.url}/api/v1/plant`)).json()) as { readonly version: string };
  const live = liveSocket(gateway.url, { reconnection: false });
  await expect.poll(() => live.connected).toBe(true);
  await gateway.app.close();
  await expect.poll(() => live.connected).toBe(false);
  await expect(fetch(`${gateway.url}/health/live`)).rejects.toThrow("fetch failed");
  await store.ping();
  expect(await gateway.log.endsOf(gateway.topics.events.name)).toHaveLength(2);
  expect(version).toBe(gateway.plant.plant.version);
});

test("a connection that never asks anything, as browsers open them beforehand, does not keep a gateway from ending", async () => {
  const { store, close } = await openTestStore();
  onTestFinished(close);
  const ending = await startGateway(store);
  const socket = connect(Number(new URL(ending.url).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => undefined);
  await once(socket, "connect");
  // It is accepted by then.
  expect((await fetch(`${ending.url}/health/live`)).status).toBe(200);
  await ending.close();
  expect(socket.destroyed || (await once(socket, "close"))).toBeTruthy();
});

test("a request that waits for a correction is answered when the gateway ends, and does not keep it from ending", async () => {
  const { store, close } = await openTestStore();
  onTestFinished(close);
  const ending = await openGateway(store);
  onTestFinished(() => ending.log.close());
  const began = performance.now();
  const heard = once(ending.app.server, "request");
  const waiting = fetch(`${ending.url}/api/v1/corrections/none?machine=${FILLER}&timeout=60s`);
  await heard;
  expect((await fetch(`${ending.url}/health/live`)).status).toBe(200);
  await ending.app.close();
  const answer = await waiting;
  expect([answer.status, await answer.json()]).toMatchObject([202, { inEffect: false }]);
  expect(performance.now() - began).toBeLessThan(60_000);
});

test("a request that comes while the gateway ends is refused by a problem, as every request is", async () => {
  const { store, close } = await openTestStore();
  onTestFinished(close);
  const ending = await openGateway(store);
  onTestFinished(() => ending.log.close());
  const socket = connect(Number(new URL(ending.url).port), "127.0.0.1");
  onTestFinished(() => void socket.destroy());
  let heard = "";
  socket.setEncoding("utf8").on("data", (text: string) => (heard += text));
  const head = "HTTP/1.1\r\nhost: 127.0.0.1\r\n";
  socket.write(`GET /health/live ${head}\r\n`);
  await expect.poll(() => heard).toMatch(/alive/);
  heard = "";
  // A connection with a request that has not come whole is no idle one, which is closed when the end begins.
  socket.write(`GET /api/v1/plant ${head}`);
  expect((await fetch(`${ending.url}/health/live`)).status).toBe(200);
  const ended = ending.app.close();
  const isListening = (): Promise<boolean> =>
    fetch(`${ending.url}/health/live`).then(
      () => true,
      () => false,
    );
  await expect.poll(isListening).toBe(false);
  socket.write("\r\n");
  await expect.poll(() => heard).toContain("}");
  expect(heard).toMatch(/^HTTP\/1\.1 503 /);
  expect(heard).toMatch(/^content-type: application\/problem\+json/im);
  expect(JSON.parse(heard.slice(heard.indexOf("{")))).toMatchObject({ status: 503, code: "OEE_HTTP_BUSY" });
  await ended;
});

test("clients that send half of a request, or do not read their answers, do not keep a gateway from ending", async () => {
  const { store, close } = await openTestStore();
  onTestFinished(close);
  const ending = await openGateway(store, { limits: { lastAnswersMs: 200 } });
  onTestFinished(() => ending.log.close());
  const head = "HTTP/1.1\r\nhost: 127.0.0.1\r\n";
  const type = "content-type: application/x-ndjson\r\ncontent-length: 1000\r\n";
  const asked = [`POST /api/v1/events ${head}${type}\r\n{`, `GET /api/v1/plant ${head}\r\n`.repeat(2_000)];
  for (const text of asked) {
    const socket = connect(Number(new URL(ending.url).port), "127.0.0.1");
    onTestFinished(() => void socket.destroy());
    socket.on("error", () => undefined).pause();
    const heard = once(ending.app.server, "request");
    socket.write(text);
    await heard;
  }
  await ending.app.close();
});
