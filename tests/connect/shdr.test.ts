/** SHDR over TCP: an adapter's lines, from a socket of this test (no adapter is to be had as a package). */
import { createServer, type Server, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../live/oee-process.ts";
import { connectorOf, FILLER } from "./connector.ts";
import { Collected, temporaryFolder } from "./peers.ts";

async function adapter(
  onConnect: (socket: Socket) => void,
): Promise<{ port: number; server: Server; sockets: Socket[] }> {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    onConnect(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { port: address.port, server, sockets };
}

const connectionsTo = (port: number): string => `
connections:
  lathe:
    protocol: shdr
    host: 127.0.0.1
    port: ${port}
    machines:
      ${FILLER}: { signals: { execution: exec, parts: pc, program: prog }, state: execution, totals: { good: parts }, product: program }
`;

test("lines, however the network cuts them, become states, totals and jobs; UNAVAILABLE is unknown", async () => {
  const { port } = await adapter((socket) => {
    const lines =
      "2026-03-02T05:00:00.000Z|exec|ACTIVE|pc|7|prog|O100|tool|T1\n" +
      "2026-03-02T05:00:10.000Z|pc|8\n" +
      "2026-03-02T05:00:20.000Z|exec|UNAVAILABLE\n";
    for (let at = 0; at < lines.length; at += 17) socket.write(lines.slice(at, at + 17));
  });
  const receiver = new Collected();
  const { connector } = connectorOf(connectionsTo(port), { receiver, folder: temporaryFolder() });
  await until("all events", () => receiver.events.length >= 5 || undefined);
  expect(connector.status().connections).toMatchObject([
    { unmapped: ["tool"], machines: [{ machine: FILLER, state: "unknown" }] },
  ]);
  expect(receiver.events).toMatchObject([
    { type: "job", product: "O100", at: "2026-03-02T05:00:00.000Z" },
    { type: "count", total: { good: 7 } },
    { type: "state", state: "ACTIVE" },
    { type: "count", total: { good: 8 }, at: "2026-03-02T05:00:10.000Z" },
    { type: "state", state: "unknown", at: "2026-03-02T05:00:20.000Z" },
  ]);
});

test("stamps in ms are by the adapter's own clock, which each connection begins anew; one without a zone is refused, and arrival counts", async () => {
  let connections = 0;
  const { port } = await adapter((socket) => {
    const began = ++connections === 1 ? 5_000_000 : 7;
    socket.write(
      `${began}|pc|${connections}0\n${began + 250.5}@100|pc|${connections}1\n${began + 90_000}|pc|${connections}2\n`,
    );
    if (connections === 2) socket.write("2026-03-02T05:00:00|pc|23\n9999999999999999999|pc|24\n");
    else socket.end();
  });
  const receiver = new Collected();
  const { told } = connectorOf(connectionsTo(port), { receiver, folder: temporaryFolder() });
  const startedAt = Date.now();
  const countAt = (good: number): number | undefined => {
    const event = receiver.events.find(({ total }) => (total as { good?: number } | undefined)?.good === good);
    return event === undefined ? undefined : Date.parse(String(event["at"]));
  };
  await until("the last count", () => countAt(24));
  for (const connection of [1, 2]) {
    const first = countAt(10 * connection) ?? 0;
    expect(first).toBeGreaterThan(startedAt - 1_000);
    expect((countAt(10 * connection + 1) ?? 0) - first).toBe(250);
    expect((countAt(10 * connection + 2) ?? 0) - first).toBe(90_000);
  }
  expect(told.filter((line) => line.includes("neither an instant"))).toHaveLength(2);
});

test("an adapter that promised heartbeats and falls silent counts as gone, and the connection is made anew", async () => {
  let connections = 0;
  const { port } = await adapter((socket) => {
    connections++;
    if (connections === 1) socket.write("* PONG 100\n2026-03-02T05:00:00.000Z|exec|ACTIVE\n");
    else socket.write("2026-03-02T05:01:00.000Z|exec|ACTIVE\n");
  });
  const receiver = new Collected();
  connectorOf(connectionsTo(port), { receiver, folder: temporaryFolder() });
  await until("three states", () => receiver.events.length >= 3 || undefined);
  expect(receiver.events.map(({ state }) => state)).toEqual(["ACTIVE", "unknown", "ACTIVE"]);
});

test("an adapter that promised nothing and falls silent counts as gone after `timeout`", async () => {
  let connections = 0;
  const { port } = await adapter((socket) => {
    connections++;
    socket.write(`2026-03-02T05:0${connections}:00.000Z|exec|ACTIVE\n`);
    // A machine without power closes no connection.
  });
  const receiver = new Collected();
  connectorOf(connectionsTo(port).replace("host:", "timeout: 500ms\n    host:"), {
    receiver,
    folder: temporaryFolder(),
  });
  await until("three states", () => receiver.events.length >= 3 || undefined);
  expect(receiver.events.slice(0, 3).map(({ state }) => state)).toEqual(["ACTIVE", "unknown", "ACTIVE"]);
});
