/** A peer that was never there, as with a mistaken address: whoever starts a connector is told by its log, once. */
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { until } from "../live/oee-process.ts";
import { freePort } from "../support/free-port.ts";
import { connectorOf, FILLER } from "./connector.ts";
import { Collected, temporaryFolder } from "./peers.ts";

const NODE = "nsu=http://example.org/press;s=State";

/** By protocol: settings of a connection to a port, and where it has a signal. */
const PEERS: Readonly<Record<string, readonly [(port: number) => string, signal: string]>> = {
  mqtt: [(port) => `url: 'mqtt://127.0.0.1:${port}', clientId: oee`, "{ topic: state }"],
  sparkplug: [
    (port) => `url: 'mqtt://127.0.0.1:${port}', clientId: oee, hostId: oee`,
    "{ group: g, node: n, metric: m }",
  ],
  opcua: [(port) => `url: 'opc.tcp://127.0.0.1:${port}', security: none`, `'${NODE}'`],
  modbus: [(port) => `host: 127.0.0.1, port: ${port}`, "{ holding: 1 }"],
  shdr: [(port) => `host: 127.0.0.1, port: ${port}`, "exec"],
  mtconnect: [(port) => `url: 'http://127.0.0.1:${port}'`, "exec"],
  sql: [(port) => `url: 'postgres://oee@127.0.0.1:${port}/erp', query: select 1 as a, every: 100ms`, "a"],
};

test.each(Object.entries(PEERS))("%s: nobody listens", async (protocol, [settings, signal]) => {
  const port = await freePort();
  const { told } = connectorOf(
    `connections: { hall: { protocol: ${protocol}, ${settings(port)},
      machines: { ${FILLER}: { signals: { state: ${signal} }, state: state } } } }`,
    { receiver: new Collected(), folder: temporaryFolder() },
  );
  const own = (): readonly string[] => told.filter((line) => line.includes(String(port)));
  await until("a line of it", () => own().length > 0 || undefined, 20_000);
  // Further attempts, each second, say nothing new.
  await wait(2_500);
  expect(own()).toHaveLength(1);
  expect(told.filter((line) => line.startsWith("a value cannot be used"))).toEqual([]);
});

test("files: the folder is not there", async () => {
  const folder = join(temporaryFolder(), "exports");
  const { told } = connectorOf(
    `connections: { hall: { protocol: files, folder: ${folder}, every: 100ms,
      machines: { ${FILLER}: { signals: { state: a }, state: state } } } }`,
    { receiver: new Collected(), folder: temporaryFolder() },
  );
  await until("a line of it", () => told.find((line) => line.includes(folder)), 20_000);
  await wait(1_000);
  expect(told.filter((line) => line.includes(folder))).toHaveLength(1);
});
