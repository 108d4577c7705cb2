import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { Connections } from "./connections.ts";

const REQUEST = "GET / HTTP/1.1\r\nhost: a\r\n\r\n";

/** Has a server end while a client has sent each of these texts; answers how many were late, once all are disconnected. */
async function lateOf(texts: readonly string[], listener: RequestListener, lastAnswersMs: number): Promise<unknown> {
  // Node.js itself would close what is idle for longer.
  const server = createServer({ keepAliveTimeout: 600_000 }, listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const connections = new Connections(server, false);
  const disconnected: Promise<unknown>[] = [];
  for (const text of texts) {
    const accepted = once(server, "connection");
    const socket = connect((server.address() as AddressInfo).port, "127.0.0.1").on("error", () => undefined);
    onTestFinished(() => void socket.destroy());
    disconnected.push(new Promise((resolve) => socket.once("close", resolve)));
    await accepted;
    socket.write(text);
    if (text === REQUEST) await once(socket, "data");
  }
  const late: number[] = [];
  const closed = once(server, "close").then(() => undefined);
  server.close();
  await connections.end(closed, lastAnswersMs, (count) => late.push(count));
  await Promise.all(disconnected);
  return late;
}

test("connections on which nothing, or less than a request, was asked, and idle ones, are closed at once", async () => {
  const answer: RequestListener = (_request, response) => response.end("answered");
  expect(await lateOf(["", "GET / HTTP/1.1\r\nhost:", REQUEST], answer, 600_000)).toEqual([]);
});

test("a connection with an answer that does not end is cut off after `lastAnswersMs`, and told", async () => {
  expect(await lateOf(["", REQUEST], (_request, response) => response.write("half"), 100)).toEqual([1]);
});
