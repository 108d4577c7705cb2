/**
 * OPC UA with a server of Eclipse Milo, which samples values, recovers sessions, and has other limits than asyncua.
 * `OEE_CONNECT_FROZEN_SECONDS` is for how long it stays frozen once that was noticed: above 60 its session has ended.
 */
import { setTimeout as wait } from "node:timers/promises";
import { expect, test } from "vitest";
import { until } from "../live/oee-process.ts";
import { freePort } from "../support/free-port.ts";
import { connectorOf, FILLER } from "./connector.ts";
import { cableTo } from "./network.ts";
import { Collected, miloServer, temporaryFolder } from "./peers.ts";

const FROZEN_MS = 1_000 * Number(process.env["OEE_CONNECT_FROZEN_SECONDS"] ?? 0);
const NODE = "nsu=http://example.org/press;s=Press.";

test("values have the instant of their writing; a server that is frozen, cut off, killed and started again is read on, and totals lose nothing", async () => {
  const port = await freePort();
  let server = await miloServer(port);
  const cable = await cableTo(port);
  const receiver = new Collected();
  const { connector } = connectorOf(
    `connections: { press: { protocol: opcua, url: 'opc.tcp://127.0.0.1:${cable.port}/', security: none, every: 100ms, timeout: 3s,
      machines: { ${FILLER}: { signals: { state: '${NODE}State', good: '${NODE}Good', scrap: '${NODE}Scrap' },
        state: state, totals: { good: good, scrap: scrap } } } } }`,
    { receiver, folder: temporaryFolder() },
  );
  const states = (): unknown[] => receiver.events.flatMap(({ state }) => state ?? []);
  const totals = (): unknown[] =>
    receiver.events.flatMap(({ total }) => (total as { good?: number } | undefined)?.good ?? []);
  await until("the first values", () => (states().length > 0 && totals().length > 0) || undefined);
  expect([states(), totals()]).toEqual([["6"], [100]]);
  // A server may give less than it was asked for.
  const hasty = connectorOf(
    `connections: { hasty: { protocol: opcua, url: 'opc.tcp://127.0.0.1:${port}/', security: none, every: 1ms,
      machines: { ${FILLER}: { signals: { state: '${NODE}State' } } } } }`,
    { receiver: new Collected(), folder: temporaryFolder() },
  );
  await until("the publishing interval that was agreed to", () =>
    hasty.told.find((line) => /hasty.*asked for 1 ms, the server gives 250 ms/.test(line)),
  );
  await hasty.connector.close();
  const at = Date.now();
  server.set("State", 9, { at });
  await until("a change", () => states().at(-1) === "9" || undefined);
  expect(receiver.events.find(({ state }) => state === "9")?.["at"]).toBe(new Date(at).toISOString());
  server.freeze();
  await until("frozen: no data", () => states().at(-1) === "unknown" || undefined);
  await wait(FROZEN_MS);
  server.thaw();
  await until("thawed: the state holds on", () => states().at(-1) === "9" || undefined);
  server.set("Good", 125);
  await until("thawed: a change", () => totals().at(-1) === 125 || undefined);

  cable.pull();
  server.set("Good", 150);
  await until("cut off: no data", () => states().at(-1) === "unknown" || undefined);
  cable.plug();
  await until("the total that was made meanwhile", () => totals().at(-1) === 150 || undefined);

  await server.kill("SIGKILL");
  await until("killed: no data", () => states().at(-1) === "unknown" || undefined);
  server = await miloServer(port);
  server.set("Good", 175);
  server.set("State", 11);
  await until("the new server's values", () => (totals().at(-1) === 175 && states().at(-1) === "11") || undefined);
  server.set("State", 6);
  await until("a change on the new server", () => states().at(-1) === "6" || undefined);
  expect(connector.status().connections[0]?.gapCount).toBeGreaterThan(0);
});

test("a cut of the network that the session outlasts: what the server kept meanwhile comes, each change at its instant, and there is no gap", async () => {
  const port = await freePort();
  const server = await miloServer(port);
  const cable = await cableTo(port);
  const receiver = new Collected();
  const { connector } = connectorOf(
    `connections: { press: { protocol: opcua, url: 'opc.tcp://127.0.0.1:${cable.port}/', security: none, every: 100ms,
      machines: { ${FILLER}: { signals: { state: '${NODE}State' }, state: state } } } }`,
    { receiver, folder: temporaryFolder() },
  );
  const statesAt = (): Record<string, unknown> =>
    Object.fromEntries(receiver.events.map(({ at, state }) => [String(at), state]));
  await until("the first state", () => receiver.events.length > 0 || undefined);
  cable.pull();
  const changes: Record<string, string> = {};
  for (const state of [9, 2, 4, 6, 11]) {
    const at = Date.now();
    server.set("State", state, { at });
    changes[new Date(at).toISOString()] = String(state);
    // The server samples each 100 ms.
    await wait(1_000);
  }
  cable.plug();
  await until("the last one", () => receiver.events.at(-1)?.["state"] === "11" || undefined);
  expect(statesAt()).toMatchObject(changes);
  expect(connector.status().connections[0]?.gaps).toEqual([]);
});

test("the smallest change, a text and a truth are reported: no deadband is asked for, with which Milo refuses texts and truths, and drops small changes", async () => {
  const port = await freePort();
  const server = await miloServer(port);
  const receiver = new Collected();
  const { connector, told } = connectorOf(
    `connections: { press: { protocol: opcua, url: 'opc.tcp://127.0.0.1:${port}/', security: none, every: 100ms,
      machines: { ${FILLER}: { signals: { good: '${NODE}Good', scrap: { node: '${NODE}Scrap', trigger: timestamp },
        text: '${NODE}Text', run: { node: '${NODE}Run', trigger: timestamp } },
        state: [{ when: run, state: running }, { state: idle }], product: text, totals: { good: good, scrap: scrap } } } } }`,
    { receiver, folder: temporaryFolder() },
  );
  const heard = (signal: string): unknown =>
    connector.status().connections[0]?.signals.find((one) => one.signal === signal)?.value;
  const becomes = (signal: string, value: unknown): Promise<true> =>
    until(`${signal} ${String(value)}`, () => heard(signal) === value || undefined);
  await Promise.all([becomes("good", 100), becomes("scrap", 5), becomes("text", "Execute"), becomes("run", true)]);
  for (const step of [1, 2, 3]) {
    server.set("Good", 100 + step);
    server.set("Scrap", 5 + step);
    await Promise.all([becomes("good", 100 + step), becomes("scrap", 5 + step)]);
  }
  server.set("Text", "Held");
  server.set("Run", false);
  await Promise.all([becomes("text", "Held"), becomes("run", false)]);
  expect(told.filter((line) => line.startsWith("a value cannot be used"))).toEqual([]);
});
