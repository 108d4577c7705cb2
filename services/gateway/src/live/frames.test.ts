import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Server, type Socket } from "socket.io";
import { io } from "socket.io-client";
import { expect, test } from "vitest";
import { Frames } from "./frames.ts";

test("messages of any length come as they were written, over websockets and by polling, in order with socket.io's own", async () => {
  const http = createServer();
  const server = new Server(http, { perMessageDeflate: false });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const { port } = http.address() as AddressInfo;
  const sockets: Socket[] = [];
  server.of("/live").on("connection", (socket) => sockets.push(socket));
  const got: unknown[][] = [];
  const clients = ["websocket", "polling"].map((transport, i) => {
    const client = io(`http://127.0.0.1:${port}/live`, {
      transports: [transport],
      forceNew: true,
      reconnection: false,
    });
    const messages: unknown[] = (got[i] = []);
    client.on("update", (data) => messages.push(data));
    return client;
  });
  await expect.poll(() => sockets.length).toBe(2);
  const frames = new Frames();
  // A frame's head has one length for each of three ranges.
  const texts = [1, 90, 100, 120, 5_000, 65_000, 66_000, 300_000].map((length) => `ä "b"\n${"c".repeat(length)}`);
  for (const text of texts) {
    const frame = frames.take();
    frame.begin("/live", "update").json(JSON.stringify({ text }));
    frame.send(sockets);
    server.of("/live").emit("update", { text: "between" });
  }
  const all = texts.flatMap((text) => [{ text }, { text: "between" }]);
  await expect.poll(() => got).toEqual([all, all]);
  for (const client of clients) client.disconnect();
  await server.close();
});

/** A client of a websocket that has taken what it was sent when `taken` is called. */
function held(): { readonly socket: Socket; readonly frames: Buffer[]; readonly taken: () => void } {
  const frames: Buffer[] = [];
  const waiting: (() => void)[] = [];
  const write = (_: string, { wsPreEncodedFrame }: { wsPreEncodedFrame: Buffer[] }, sent: () => void): void => {
    frames.push(...wsPreEncodedFrame);
    waiting.push(sent);
  };
  const taken = (): void => {
    for (const sent of waiting.splice(0)) sent();
  };
  return { socket: { conn: { transport: { name: "websocket" }, write } } as unknown as Socket, frames, taken };
}

test("memory of a frame is used again when all clients have taken it, and not before", () => {
  const frames = new Frames();
  const [a, b] = [held(), held()];
  const send = (text: string): Buffer => {
    const frame = frames.take();
    frame.begin("/live", "update").json(JSON.stringify(text));
    frame.send([a.socket, b.socket]);
    return a.frames.at(-1) as Buffer;
  };
  const first = send("first");
  const was = Buffer.from(first);
  a.taken();
  expect(send("second").buffer).not.toBe(first.buffer);
  expect(first).toEqual(was);
  b.taken();
  expect(send("third").buffer).toBe(first.buffer);
});
