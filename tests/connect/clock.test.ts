/** The connector's clock is set while it reads peers, as NTP sets a computer's clock that was wrong. */
import { connectAsync } from "mqtt";
import { expect, onTestFinished, test } from "vitest";
import { encodePayload } from "../../services/connectors/test/sparkplug-encoder.ts";
import { until } from "../live/oee-process.ts";
import { freePort } from "../support/free-port.ts";
import { connectorOf, FILLER } from "./connector.ts";
import { Collected, mosquitto, opcUaServer, temporaryFolder } from "./peers.ts";

const HOUR = 3_600_000;

const statesOf = (receiver: Collected): readonly unknown[] =>
  receiver.events.flatMap(({ state }) => (state === undefined ? [] : [state]));

const latest = (receiver: Collected): number => Math.max(...receiver.events.map(({ at }) => Date.parse(String(at))));

test("set back by an hour: a broker that is lost then makes machines unknown at once, and a restart makes none unknown an hour later", async () => {
  const port = await freePort();
  const broker = await mosquitto(temporaryFolder(), port);
  const text = `connections: { hall: { protocol: mqtt, url: 'mqtt://127.0.0.1:${port}', clientId: oee, machines: {
    ${FILLER}: { signals: { s: { topic: s, value: s, at: t } }, state: s } } } }`;
  const receiver = new Collected();
  const folder = temporaryFolder();
  let offset = HOUR;
  const clock = (): number => Date.now() + offset;
  const { connector } = connectorOf(text, { receiver, folder, clock });
  await until("the subscription", () => connector.status().connections[0]?.connected || undefined);
  const sender = await connectAsync(`mqtt://127.0.0.1:${port}`);
  onTestFinished(() => sender.endAsync(true));
  await sender.publishAsync("s", JSON.stringify({ s: "running", t: Date.now() }), { qos: 1 });
  await until("the state", () => statesOf(receiver).length === 1 || undefined);
  offset = 0;
  await broker.kill("SIGKILL");
  await until("unknown", () => statesOf(receiver).at(-1) === "unknown" || undefined);
  expect(latest(receiver)).toBeLessThanOrEqual(Date.now());

  await connector.close();
  await mosquitto(temporaryFolder(), port);
  const second = connectorOf(text, { receiver, folder, clock });
  await until("the gap", () => second.connector.status().connections[0]?.gaps.at(-1));
  const again = await connectAsync(`mqtt://127.0.0.1:${port}`);
  onTestFinished(() => again.endAsync(true));
  await until("the subscription", () => second.connector.status().connections[0]?.connected || undefined);
  await again.publishAsync("s", JSON.stringify({ s: "running", t: Date.now() }), { qos: 1 });
  await until("running again", () => statesOf(receiver).at(-1) === "running" || undefined);
  expect(latest(receiver)).toBeLessThanOrEqual(Date.now());
  for (const { from, to } of second.connector.status().connections[0]?.gaps ?? []) expect(from).toBeLessThanOrEqual(to);
});

test("set back by an hour: an OPC UA server that freezes then is noticed; set forward: no server is taken for silent", async () => {
  const port = await freePort();
  const server = await opcUaServer(port);
  const text = `connections: { plc: { protocol: opcua, url: 'opc.tcp://127.0.0.1:${port}/', security: none, every: 100ms, timeout: 3s,
    machines: { ${FILLER}: { signals: { s: 'nsu=http://example.org/press;s=Press.State' }, state: s } } } }`;
  const receiver = new Collected();
  let offset = 0;
  const { connector, told } = connectorOf(text, {
    receiver,
    folder: temporaryFolder(),
    clock: () => Date.now() + offset,
  });
  await until("the state", () => statesOf(receiver).length === 1 || undefined);
  offset = HOUR;
  server.set("State", 9);
  await until("the next state", () => statesOf(receiver).at(-1) === "9" || undefined);
  expect(statesOf(receiver)).toEqual(["6", "9"]);
  offset = -HOUR;
  server.freeze();
  await until("unknown", () => statesOf(receiver).at(-1) === "unknown" || undefined);
  expect(connector.status().connections[0]?.connected).toBe(false);
  // Noticed by our own watch, long before the client finds that its connection is lost.
  expect(told.filter((line) => line.startsWith("the peer is gone"))).toEqual([expect.stringContaining("silent for")]);
});

test("set forward by an hour: an edge node is not asked for its birth earlier", async () => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const text = `connections: { edge: { protocol: sparkplug, url: 'mqtt://127.0.0.1:${port}', clientId: oee, hostId: oee, machines: {
    ${FILLER}: { signals: { n: { group: g, node: n, metric: n } }, totals: { good: n } } } } }`;
  const edge = await connectAsync(`mqtt://127.0.0.1:${port}`);
  onTestFinished(() => edge.endAsync(true));
  const asked: string[] = [];
  edge.on("message", (topic) => asked.push(topic));
  await edge.subscribeAsync("spBv1.0/g/NCMD/n");
  const receiver = new Collected();
  let offset = 0;
  const { connector } = connectorOf(text, { receiver, folder: temporaryFolder(), clock: () => Date.now() + offset });
  await until("the first question", () => asked.length === 1 || undefined);
  const say = (kind: string, seq: number, n: number): Promise<unknown> =>
    edge.publishAsync(
      `spBv1.0/g/${kind}/n`,
      encodePayload({ timestamp: Date.now(), seq, metrics: [{ name: "n", alias: 1, datatype: 7, int: n }] }),
      { qos: 1 },
    );
  await say("NBIRTH", 0, 1);
  offset = HOUR;
  // This sequence number leaves a gap.
  await say("NDATA", 5, 2);
  await until(
    "the total",
    () => receiver.events.some(({ total }) => JSON.stringify(total) === '{"good":2}') || undefined,
  );
  expect(connector.status().connections[0]?.gaps).toHaveLength(1);
  // When this message arrives, all that were sent before it have arrived.
  await edge.publishAsync("spBv1.0/g/NCMD/n", "the end", { qos: 1 });
  await until("the end", () => asked.length >= 2 || undefined);
  expect(asked).toHaveLength(2);
});

test("a controller's clock that was wrong: what was refused for its instant is said again by the next value, though it is the same", async () => {
  const receiver = new Collected();
  const refusing = {
    async deliver(events: readonly string[]): ReturnType<Collected["deliver"]> {
      const isTooNew = (json: string): boolean => Date.parse((JSON.parse(json) as { at: string }).at) > Date.now();
      await receiver.deliver(events.filter((json) => !isTooNew(json)));
      return events.filter(isTooNew).map((json) => ({ json, code: "future", why: "future: too new" }));
    },
  };
  const text = `connections: { plc: { protocol: http, token: t, machines: { ${FILLER}: { state: s, product: p,
    signals: { s: { value: s, at: t }, p: { value: p, at: t } } } } } }`;
  const folder = temporaryFolder();
  let { connector } = connectorOf(text, { receiver: refusing, folder });
  const say = (s: string, p: string, offset: number): Promise<unknown> =>
    connector.receive("plc", [{ s, p, t: Date.now() + offset }], { token: "t", admitted: true });
  const told = (): readonly unknown[] => receiver.events.map(({ state, product }) => state ?? product);
  await say("running", "cola", -1);
  await until("both", () => told().length === 2 || undefined);
  await say("idle", "tea", HOUR);
  await until("both are refused", () => connector.status().refused === 2 || undefined);
  // It is known over a restart.
  await connector.close();
  ({ connector } = connectorOf(text, { receiver: refusing, folder }));
  await say("idle", "tea", -1);
  await until("both again", () => told().length === 4 || undefined);
  expect(new Set(told())).toEqual(new Set(["cola", "running", "tea", "idle"]));
});
