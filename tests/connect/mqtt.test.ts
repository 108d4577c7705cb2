/** MQTT topics of a real mosquitto: nothing that the broker keeps is lost, and possible losses are reported. */
import { connectAsync } from "mqtt";
import { expect, onTestFinished, test } from "vitest";
import { until } from "../live/oee-process.ts";
import { parseConnections } from "../../services/connectors/src/index.ts";
import { freePort } from "../support/free-port.ts";
import { connectorOf, FILLER } from "./connector.ts";
import { cableTo } from "./network.ts";
import { Collected, mosquitto, temporaryFolder } from "./peers.ts";

const connectionsTo = (port: number, version = "5"): string => `
connections:
  hall:
    protocol: mqtt
    url: mqtt://127.0.0.1:${port}
    version: '${version}'
    clientId: oee-test
    machines:
      ${FILLER}:
        signals:
          status: { topic: hall/filler/status, value: state, at: ts }
          count: { topic: hall/filler/count }
        state: status
        totals: { good: count }
`;

const AT = Date.UTC(2026, 2, 2, 5);
const status = (state: string, second: number): string => JSON.stringify({ state, ts: AT + 1000 * second });

async function publisher(
  port: number,
): Promise<{ send(topic: string, payload: string, retain?: boolean): Promise<void> }> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { protocolVersion: 5 });
  return {
    send: async (topic, payload, retain = false) => {
      await client.publishAsync(`hall/filler/${topic}`, payload, { qos: 1, retain });
    },
  };
}

const states = ({ events }: Collected): unknown[] =>
  events.flatMap(({ state }) => (state === undefined ? [] : [state]));

test("states have their own instants, totals that of their arrival; a retained total adds to no count", async () => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const sender = await publisher(port);
  await sender.send("count", "10230", true);
  const receiver = new Collected();
  const { connector } = connectorOf(connectionsTo(port), { receiver, folder: temporaryFolder() });
  await until("the subscription", () => connector.status().connections[0]?.connected || undefined);
  await until("the retained total", () => (connector.status().connections[0]?.observations ?? 0) > 0 || undefined);
  await sender.send("status", status("running", 0));
  // Live, though the broker is to retain it as well.
  await sender.send("count", "10231", true);
  await sender.send("status", status("running", 1));
  await sender.send("status", status("down", 2));
  await until("three events", () => receiver.events.length === 3 || undefined);
  expect(receiver.events).toMatchObject([
    { type: "state", machine: FILLER, state: "running", at: "2026-03-02T05:00:00.000Z" },
    { type: "count", total: { good: 10231 } },
    { type: "state", state: "down", at: "2026-03-02T05:00:02.000Z" },
  ]);
});

test.each(["5", "3.1.1"])(
  "version %s: messages that were sent while no connector ran come after its next start, from the broker's session",
  async (version) => {
    const port = await freePort();
    await mosquitto(temporaryFolder(), port);
    const sender = await publisher(port);
    const receiver = new Collected();
    const folder = temporaryFolder();
    const first = connectorOf(connectionsTo(port, version), { receiver, folder });
    await until("the subscription", () => first.connector.status().connections[0]?.connected || undefined);
    await first.connector.close();
    for (let i = 0; i < 20; i++) await sender.send("status", status(i % 2 === 0 ? "running" : "down", i));
    const second = connectorOf(connectionsTo(port, version), { receiver, folder });
    await until("all of them", () => states(receiver).length >= 20 || undefined);
    expect(states(receiver)).toEqual(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? "running" : "down")));
    expect(second.connector.status().connections[0]?.gaps).toEqual([]);
  },
);

test.each([
  [10, "drops the others, which is reported as a gap"],
  [0, "(all) drops none"],
])("a broker that keeps %i messages for a client that is away %s", async (queuedMax) => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port, queuedMax);
  const sender = await publisher(port);
  const other = await connectAsync(`mqtt://127.0.0.1:${port}`);
  onTestFinished(() => other.endAsync(true));
  let dropped: number | null = null;
  other.on("message", (_topic, payload) => (dropped = Number(payload.toString())));
  await other.subscribeAsync("$SYS/broker/publish/messages/dropped");
  await until("how many it has dropped", () => (dropped === 0 ? true : undefined));
  const receiver = new Collected();
  const folder = temporaryFolder();
  const first = connectorOf(connectionsTo(port), { receiver, folder });
  await until("the subscription", () => first.connector.status().connections[0]?.connected || undefined);
  await sender.send("status", status("running", 0));
  await until("the state", () => states(receiver).length === 1 || undefined);
  await first.connector.close();
  for (let i = 1; i <= 1_500; i++) await sender.send("status", status(i % 2 === 0 ? "running" : "down", i));
  const second = connectorOf(connectionsTo(port), { receiver, folder });
  const gaps = (): readonly { why: string }[] => second.connector.status().connections[0]?.gaps ?? [];
  const last = (): true | undefined => states(receiver).length >= 1_501 || undefined;
  if (queuedMax === 0) await until("all of them", last);
  else await until("the gap", () => gaps().length > 0 || undefined);
  // The broker tells each second what it dropped until then: one gap for each time that it told of some.
  const told = (): readonly number[] => gaps().map(({ why }) => Number(/dropped (\d+) messages/.exec(why)?.[1]));
  const sum = (): number => told().reduce((all, each) => all + each, 0);
  await until("all that were kept", () => states(receiver).length + (dropped ?? 0) >= 1_501 || undefined);
  await until("all that were dropped", () => states(receiver).length + sum() >= 1_501 || undefined);
  expect(sum()).toBe(1_501 - states(receiver).length);
  if (queuedMax === 0) expect(gaps()).toEqual([]);
  expect(dropped).toBe(1_501 - states(receiver).length);
});

test("a killed broker that lost the session is reported as a gap, and its machines are unknown meanwhile", async () => {
  const port = await freePort();
  const broker = await mosquitto(temporaryFolder(), port);
  const sender = await publisher(port);
  const receiver = new Collected();
  const { connector } = connectorOf(connectionsTo(port), { receiver, folder: temporaryFolder() });
  await until("the subscription", () => connector.status().connections[0]?.connected || undefined);
  await sender.send("status", status("running", 0));
  await until("the state", () => states(receiver).length === 1 || undefined);
  await broker.kill("SIGKILL");
  await until("no data", () => states(receiver).includes("unknown") || undefined);
  await mosquitto(temporaryFolder(), port);
  await until("a gap", () => connector.status().connections[0]?.gaps.length === 1 || undefined);
  await until("the subscription", () => connector.status().connections[0]?.connected || undefined);
  const again = await publisher(port);
  await again.send("status", status("running", 60));
  await until("the state again", () => states(receiver).length === 3 || undefined);
  expect(states(receiver)).toEqual(["running", "unknown", "running"]);
});

test("a broker that was away and kept the session: a state that did not change goes on", async () => {
  const port = await freePort();
  const folder = temporaryFolder();
  const broker = await mosquitto(folder, port);
  const sender = await publisher(port);
  const receiver = new Collected();
  const { connector } = connectorOf(connectionsTo(port), { receiver, folder: temporaryFolder() });
  await until("the subscription", () => connector.status().connections[0]?.connected || undefined);
  await sender.send("status", status("running", 0));
  await until("the state", () => states(receiver).length === 1 || undefined);
  // Ended in order, the broker writes its sessions to disk.
  await broker.kill("SIGTERM");
  await until("no data", () => states(receiver).length === 2 || undefined);
  await mosquitto(folder, port);
  await until("the state again", () => states(receiver).length === 3 || undefined);
  expect(states(receiver)).toEqual(["running", "unknown", "running"]);
  const [, gone, back] = receiver.events.map(({ at }) => Date.parse(String(at)));
  expect((back ?? 0) - (gone ?? 0)).toBe(1);
  expect(connector.status().connections[0]?.gaps).toEqual([]);
});

test("a message is acknowledged once its events are on disk: none is lost while there is no room", async () => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const sender = await publisher(port);
  const receiver = new Collected();
  receiver.failing = true;
  // Disk space for about two events.
  const { connector, told } = connectorOf(connectionsTo(port), {
    receiver,
    folder: temporaryFolder(),
    outboxBytesMax: 300,
  });
  await until("the subscription", () => connector.status().connections[0]?.connected || undefined);
  const sent: string[] = [];
  for (let i = 0; i < 10; i++) {
    const state = i % 2 === 0 ? "running" : "down";
    sent.push(state);
    await sender.send("status", status(state, i));
  }
  await until("no room", () => told.some((line) => line.startsWith("events wait for room")) || undefined);
  receiver.failing = false;
  await until("all of them", () => states(receiver).filter((state) => state !== "unknown").length >= 10 || undefined);
  const distinct = new Map(receiver.events.map(({ id, at, state }) => [id, { at, state }]));
  const inOrder = [...distinct.values()].filter(({ state }) => state !== "unknown");
  expect(inOrder.map(({ state }) => state)).toEqual(sent);
});

test("pieces whose connection was lost before they were acknowledged are counted once, though the broker sends them again", async () => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const cable = await cableTo(port);
  const sender = await publisher(port);
  const receiver = new Collected();
  receiver.failing = true;
  const text = connectionsTo(cable.port).replace("totals:", "deltas:");
  // Disk space for a few events: the messages behind them wait, and are not acknowledged.
  const { connector, told } = connectorOf(text, { receiver, folder: temporaryFolder(), outboxBytesMax: 600 });
  const isConnected = (): true | undefined => connector.status().connections[0]?.connected || undefined;
  await until("the subscription", isConnected);
  const PIECES = 10;
  for (let i = 0; i < PIECES; i++) await sender.send("count", "1");
  await until("no room", () => told.some((line) => line.startsWith("events wait for room")) || undefined);
  cable.pull();
  await until("the loss", () => (isConnected() === true ? undefined : true));
  cable.plug();
  await until("the connection", isConnected);
  receiver.failing = false;
  await sender.send("status", status("running", 0));
  await until("what came last", () => states(receiver).includes("running") || undefined);
  expect(receiver.events.filter(({ good }) => good !== undefined)).toHaveLength(PIECES);
  await sender.send("count", "1");
  await until("one more", () => receiver.events.filter(({ good }) => good === 1).length === PIECES + 1 || undefined);
});

test("a message that is no JSON where JSON is expected is reported, and the next one is read", async () => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const sender = await publisher(port);
  const receiver = new Collected();
  const { connector, told } = connectorOf(connectionsTo(port), { receiver, folder: temporaryFolder() });
  await until("the subscription", () => connector.status().connections[0]?.connected || undefined);
  await sender.send("status", "running");
  await sender.send("status", status("down", 1));
  await until("the good one", () => receiver.events.length === 1 || undefined);
  expect(states(receiver)).toEqual(["down"]);
  expect(told.filter((line) => line.includes("expected JSON"))).toHaveLength(1);
});

test("an expression that fails on a message refuses that value, and the next message is read", async () => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const sender = await publisher(port);
  const receiver = new Collected();
  const { connector } = connectorOf(connectionsTo(port).replace("count }", "count, value: $number(n) }"), {
    receiver,
    folder: temporaryFolder(),
  });
  await until("the subscription", () => connector.status().connections[0]?.connected || undefined);
  await sender.send("count", '{"n":"many"}');
  await sender.send("count", '{"n":"7"}');
  await until("the total", () => receiver.events.length === 1 || undefined);
  expect(receiver.events).toMatchObject([{ total: { good: 7 } }]);
  const [refusal] = connector.status().connections[0]?.refusals ?? [];
  expect(refusal).toMatchObject({ what: "hall/filler/count" });
  expect(refusal?.why).toContain("count: ");
});

test("topics that were added to the connections file are read although the broker kept the session, and removed topics are not", async () => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const sender = await connectAsync(`mqtt://127.0.0.1:${port}`);
  onTestFinished(() => sender.endAsync(true));
  const textOf = (
    topic: string,
  ): string => `connections: { hall: { protocol: mqtt, url: 'mqtt://127.0.0.1:${port}', clientId: oee,
    machines: { ${FILLER}: { signals: { n: { topic: ${topic}, value: n, at: t } }, totals: { good: n } } } } }`;
  const receiver = new Collected();
  const folder = temporaryFolder();
  const { connector, told } = connectorOf(textOf("old"), { receiver, folder });
  const isConnected = (): true | undefined => connector.status().connections[0]?.connected || undefined;
  await until("the subscription", isConnected);
  const changed = parseConnections(textOf("new"), "connections.yaml", null, process.env);
  if (!changed.ok) throw new Error("no connections");
  await connector.replace(changed.connections);
  await until("the subscription", isConnected);
  const publish = (topic: string, n: number): Promise<unknown> =>
    sender.publishAsync(topic, JSON.stringify({ n, t: Date.now() }), { qos: 1 });
  await publish("old", 1);
  await publish("new", 2);
  await until("the total", () => receiver.events.length === 1 || undefined);
  expect(receiver.events).toMatchObject([{ total: { good: 2 } }]);
  // The broker does not keep messages of the removed topic any more.
  await connector.close();
  await publish("old", 3);
  await publish("new", 4);
  const again = connectorOf(textOf("new"), { receiver, folder });
  await until("what was kept", () => receiver.events.length === 2 || undefined);
  expect(receiver.events.at(-1)).toMatchObject({ total: { good: 4 } });
  expect(told.concat(again.told).filter((line) => line.includes("may have been lost"))).toEqual([]);
});

test("a message that two overlapping filters match comes once, so that its quantity is added once", async () => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const sender = await connectAsync(`mqtt://127.0.0.1:${port}`);
  onTestFinished(() => sender.endAsync(true));
  const receiver = new Collected();
  const { connector } = connectorOf(
    `connections: { hall: { protocol: mqtt, url: 'mqtt://127.0.0.1:${port}', clientId: oee, machines: { ${FILLER}: {
      signals: { state: { topic: hall/#, value: state }, n: { topic: hall/filler, value: n } }, state: state, deltas: { good: n } } } } }`,
    { receiver, folder: temporaryFolder() },
  );
  await until("the subscription", () => connector.status().connections[0]?.connected || undefined);
  await sender.publishAsync("hall/filler", JSON.stringify({ n: 5 }), { qos: 1 });
  await sender.publishAsync("hall/other", JSON.stringify({ state: "down" }), { qos: 1 });
  await until("the state", () => states(receiver).length === 1 || undefined);
  expect(receiver.events.filter(({ type }) => type === "count")).toHaveLength(1);
});

test("the machine is taken from the topic", async () => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const sender = await connectAsync(`mqtt://127.0.0.1:${port}`);
  onTestFinished(() => sender.endAsync(true));
  const receiver = new Collected();
  const machines = ["filler", "labeller", "packer"].map((name) => `berlin/packing/l1/${name}`);
  const { connector } = connectorOf(
    `connections: { hall: { protocol: mqtt, url: 'mqtt://127.0.0.1:${port}', clientId: oee, machines: { 'berlin/packing/l1/{machine}': {
      signals: { state: { topic: 'hall/{machine}/state' } }, state: state } } } }`,
    { receiver, folder: temporaryFolder() },
    new Set(machines),
  );
  await until("the subscription", () => connector.status().connections[0]?.connected || undefined);
  await sender.publishAsync("hall/labeller/state", "running", { qos: 1 });
  await sender.publishAsync("hall/stranger/state", "running", { qos: 1 });
  await sender.publishAsync("hall/packer/state", "down", { qos: 1 });
  await until("two states", () => receiver.events.length === 2 || undefined);
  expect(receiver.events).toMatchObject([
    { machine: machines[1], state: "running" },
    { machine: machines[2], state: "down" },
  ]);
});
