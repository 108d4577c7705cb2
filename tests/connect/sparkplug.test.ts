/** Sparkplug B over a real mosquitto: edge nodes of two libraries, and one of this test, whose bytes follow the specification. */
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { expect, onTestFinished, test } from "vitest";
import {
  compressPayload,
  type EncodedPayload,
  encodePayload,
} from "../../services/connectors/test/sparkplug-encoder.ts";
import { until } from "../live/oee-process.ts";
import { freePort } from "../support/free-port.ts";
import { connectorOf } from "./connector.ts";
import { Collected, type EdgeLibrary, mosquitto, sparkplugEdge, temporaryFolder } from "./peers.ts";

const MACHINE = "berlin/packing/l1/filler";

/** `mapping`: what the machine has, indented by eight. */
const hallAt = (port: number, mapping: string): string => `
connections:
  hall:
    protocol: sparkplug
    url: mqtt://127.0.0.1:${port}
    clientId: oee-host
    hostId: oee
    machines:
      ${MACHINE}:
${mapping}`;

const connectionsTo = (port: number, node: string, mapping = ""): string =>
  hallAt(
    port,
    `        signals:
          state: { group: plant, node: ${node}, device: filler, metric: [state, DATA/state] }
          good: { group: plant, node: ${node}, device: filler, metric: [good, DATA/good] }
          temperature: { group: plant, node: ${node}, device: filler, metric: [temperature, DATA/temperature] }
        state: state
        totals: { good: good }
        product: temperature
        ${mapping}
`,
  );

const changesIn = ({ events }: Collected): unknown[] => events.flatMap(({ state }) => state ?? []);
const goodIn = ({ events }: Collected): unknown[] =>
  events.flatMap(({ total }) => (total as Record<string, unknown> | undefined)?.["good"] ?? []);

const LIBRARIES: readonly EdgeLibrary[] = ["pysparkplug", "mqtt-spb-wrapper", "sparkplug-client"];

test.each(LIBRARIES)("an edge node by %s: born, heard, gone and back", async (library) => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const receiver = new Collected();
  const { connector, told } = connectorOf(connectionsTo(port, library), { receiver, folder: temporaryFolder() });
  await until("the subscription", () => connector.status().connections[0]?.connected || undefined);
  const edge = await sparkplugEdge(library, port);
  await until("the birth", () => goodIn(receiver).includes(100) || undefined);
  await until("a negative number", () => JSON.stringify(receiver.events).includes('"product":"-5"') || undefined);
  edge.set("good", 101);
  edge.set("state", "Held");
  await until("data", () => (goodIn(receiver).includes(101) && changesIn(receiver).includes("Held")) || undefined);
  expect(changesIn(receiver)).toEqual(["Execute", "Held"]);
  await edge.kill("SIGKILL");
  await until("its death", () => changesIn(receiver).at(-1) === "unknown" || undefined);
  const again = await sparkplugEdge(library, port);
  await until("the birth again", () => changesIn(receiver).at(-1) === "Execute" || undefined);
  await again.leave();
  // `stop()` of sparkplug-client publishes no death: the plant file's `staleAfter` is for such nodes.
  if (library !== "sparkplug-client")
    await until("its orderly death", () => changesIn(receiver).at(-1) === "unknown" || undefined);
  expect(told.filter((line) => line.startsWith("a value cannot be used"))).toEqual([]);
});

test.each(LIBRARIES)(
  "an edge node by %s that is killed: what it told itself, without a device, is unknown, each time",
  async (library) => {
    const port = await freePort();
    await mosquitto(temporaryFolder(), port);
    const receiver = new Collected();
    const { connector } = connectorOf(
      hallAt(
        port,
        `        signals: { mode: { group: plant, node: ${library}, metric: [mode, DATA/mode] } }
        state: mode
`,
      ),
      { receiver, folder: temporaryFolder() },
    );
    await until("the subscription", () => connector.status().connections[0]?.connected || undefined);
    for (const time of [1, 2]) {
      const edge = await sparkplugEdge(library, port);
      await until(`birth ${time}`, () => changesIn(receiver).length === 2 * time - 1 || undefined);
      await edge.kill("SIGKILL");
      await until(`death ${time}`, () => changesIn(receiver).length === 2 * time || undefined);
    }
    expect(changesIn(receiver)).toEqual(["Execute", "unknown", "Execute", "unknown"]);
  },
);

const AT = Date.UTC(2026, 2, 2, 5);

/** An edge node `plant/own` with a will, whose every message this test writes. */
class OwnEdge {
  readonly commands: string[] = [];
  readonly #client: MqttClient;

  private constructor(client: MqttClient) {
    this.#client = client;
    client.on("message", (topic) => void this.commands.push(topic));
  }

  static async connected(port: number, bdSeq: number): Promise<OwnEdge> {
    const payload = encodePayload({ timestamp: AT, metrics: [{ name: "bdSeq", datatype: 4, long: bdSeq }] });
    const will: NonNullable<IClientOptions["will"]> = {
      topic: "spBv1.0/plant/NDEATH/own",
      payload,
      qos: 1,
      retain: false,
    };
    const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: `own-${bdSeq}`, will });
    const edge = new OwnEdge(client);
    await client.subscribeAsync("spBv1.0/plant/NCMD/own");
    onTestFinished(() => client.endAsync(true));
    return edge;
  }

  async send(type: string, payload: EncodedPayload | Buffer): Promise<void> {
    const topic = `spBv1.0/plant/${type}/own${type.startsWith("D") ? "/filler" : ""}`;
    await this.#client.publishAsync(topic, Buffer.isBuffer(payload) ? payload : encodePayload(payload), { qos: 1 });
  }

  async bear(bdSeq: number, seq: number, at: number, good: number): Promise<void> {
    await this.send("NBIRTH", { timestamp: at, seq, metrics: [{ name: "bdSeq", datatype: 4, long: bdSeq }] });
    await this.send("DBIRTH", {
      timestamp: at,
      seq: seq + 1,
      metrics: [
        { name: "state", alias: 1, datatype: 12, timestamp: at, string: "Execute" },
        { name: "good", alias: 2, datatype: 7, timestamp: at, int: good },
        { name: "pulses", alias: 3, datatype: 7, timestamp: at, int: 1 },
        { name: "speed", alias: 4, datatype: 7, timestamp: at, int: 60 },
      ],
    });
  }

  /** Breaks the connection, so that the broker publishes the will. */
  break(): void {
    this.#client.stream.destroy();
    this.#client.end(true);
  }
}

test("aliases, gaps, history, null, quality, compression, births that repeat, and deaths of connections that are over", async () => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const receiver = new Collected();
  const pulses = "pulses: { group: plant, node: own, device: filler, metric: pulses }";
  const text = connectionsTo(port, "own", "deltas: { scrap: pulses }").replace(
    "signals:",
    `signals:\n          ${pulses}`,
  );
  const edge = await OwnEdge.connected(port, 0);
  const { connector, told } = connectorOf(text, { receiver, folder: temporaryFolder() });
  await until("the request for a birth", () => edge.commands.length === 1 || undefined);
  await edge.bear(0, 0, AT, 100);
  // A DATA message has no types, and aliases in place of names.
  await edge.send("DDATA", { seq: 2, metrics: [{ alias: 2, timestamp: AT + 1000, int: 101 }] });
  // A metric without an instant has the message's.
  await edge.send("DDATA", { timestamp: AT + 2000, seq: 3, metrics: [{ alias: 1, string: "Held" }] });
  // Numbers 4 and 5 are lost; the value is used.
  await edge.send("DDATA", { seq: 6, metrics: [{ alias: 2, timestamp: AT + 3000, int: 102 }] });
  // A historical value has its own instant and is not the present value.
  await edge.send("DDATA", {
    seq: 7,
    metrics: [{ alias: 1, timestamp: AT + 500, isHistorical: true, string: "Suspended" }],
  });
  await edge.send("DDATA", { seq: 8, metrics: [{ alias: 2, timestamp: AT + 4000, isNull: true }] });
  await edge.send("DDATA", { seq: 9, metrics: [{ alias: 1, timestamp: AT + 5000, isNull: true }] });
  await edge.send(
    "DDATA",
    compressPayload({ seq: 10, metrics: [{ alias: 1, timestamp: AT + 6000, string: "Execute" }] }, "GZIP"),
  );
  await edge.send("DDATA", { seq: 11, metrics: [{ alias: 1, timestamp: AT + 7000, quality: 500, string: "Execute" }] });
  await edge.send("DDATA", { seq: 12, metrics: [{ alias: 3, timestamp: AT + 8000, int: 2 }] });
  // A birth repeats all values: a total stays the same, but a quantity must not count twice.
  await edge.bear(1, 0, AT + 9000, 102);
  await edge.send("DDATA", { seq: 2, metrics: [{ alias: 2, timestamp: AT + 10_000, int: 103 }] });
  await until("the last total", () => goodIn(receiver).includes(103) || undefined);
  const at = (second: number): string => new Date(AT + 1000 * second).toISOString();
  expect(receiver.events.filter(({ type }) => type === "state").map((event) => [event["state"], event["at"]])).toEqual([
    ["Execute", at(0)],
    ["Held", at(2)],
    ["Suspended", at(0.5)],
    ["unknown", at(5)],
    ["Execute", at(6)],
    ["unknown", at(7)],
    ["Execute", at(9)],
  ]);
  expect(goodIn(receiver)).toEqual([100, 101, 102, 102, 103]);
  expect(connector.status().connections[0]?.unmapped).toEqual(["plant/own/filler speed"]);
  expect(receiver.events.filter(({ scrap }) => scrap !== undefined)).toMatchObject([{ scrap: 2, at: at(8) }]);
  expect(connector.status().connections[0]?.gaps).toMatchObject([
    { why: expect.stringContaining("6 came, and 4 was next") },
  ]);
  // A birth is requested at most once a minute.
  expect(edge.commands).toHaveLength(1);

  // The will of an earlier connection comes after the next one's birth.
  const next = await OwnEdge.connected(port, 2);
  await next.bear(2, 0, AT + 11_000, 104);
  await until("the next birth", () => goodIn(receiver).includes(104) || undefined);
  edge.break();
  await next.send("DDATA", { seq: 2, metrics: [{ alias: 2, timestamp: AT + 12_000, int: 105 }] });
  await until("a value after it", () => goodIn(receiver).includes(105) || undefined);
  expect(changesIn(receiver).at(-1)).toBe("Execute");
  const before = Date.now();
  next.break();
  await until("its death", () => changesIn(receiver).at(-1) === "unknown" || undefined);
  // Dated by its arrival, since the payload of a will has the instant of the connection.
  expect(Date.parse(String(receiver.events.at(-1)?.["at"]))).toBeGreaterThanOrEqual(before);
  expect(told.filter((line) => line.startsWith("a value cannot be used"))).toEqual([]);
});

test("a device whose death was lost, and that is not born again with its edge node, is unknown from the node's birth on", async () => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const receiver = new Collected();
  const edge = await OwnEdge.connected(port, 0);
  const { told } = connectorOf(connectionsTo(port, "own"), { receiver, folder: temporaryFolder() });
  await until("the request for a birth", () => edge.commands.length === 1 || undefined);
  await edge.bear(0, 0, AT, 100);
  await until("the birth", () => changesIn(receiver).length === 1 || undefined);
  // Its DDEATH (2) is lost. The node is born again, without the device.
  const before = Date.now();
  await edge.send("NBIRTH", { timestamp: AT, seq: 0, metrics: [{ name: "bdSeq", datatype: 4, long: 0 }] });
  const after = Date.now();
  await until("unknown", () => changesIn(receiver).length === 2 || undefined);
  const { at, state } = receiver.events.findLast(({ type }) => type === "state") ?? {};
  expect(state).toBe("unknown");
  expect(Date.parse(String(at))).toBeGreaterThanOrEqual(before);
  expect(Date.parse(String(at))).toBeLessThanOrEqual(after + 1_000);
  expect(told.find((line) => line.includes("no birth of it followed"))).toContain("plant/own/filler");
  // It is back later, in the state that it has had all the while by its own clock.
  await edge.send("DBIRTH", {
    timestamp: AT,
    seq: 1,
    metrics: [{ name: "state", alias: 1, datatype: 12, timestamp: AT, string: "Execute" }],
  });
  await until("known again", () => changesIn(receiver).at(-1) === "Execute" || undefined);
});

test("a device that dies and is born takes nothing from what its edge node itself said of the machine", async () => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const receiver = new Collected();
  const edge = await OwnEdge.connected(port, 0);
  connectorOf(
    hallAt(
      port,
      `        signals:
          power: { group: plant, node: own, metric: power }
          state: { group: plant, node: own, device: filler, metric: state }
        state:
          - { when: power, is: ["off"], state: stopped }
          - { when: state, is: [Execute], state: execute }
          - { state: idle }
`,
    ),
    { receiver, folder: temporaryFolder() },
  );
  await until("the request for a birth", () => edge.commands.length === 1 || undefined);
  const power = { name: "power", datatype: 12, string: "on" };
  const born = (text: string) => ({ metrics: [{ name: "state", datatype: 12, string: text }] });
  await edge.send("NBIRTH", { seq: 0, metrics: [{ name: "bdSeq", datatype: 4, long: 0 }, power] });
  await edge.send("DBIRTH", { seq: 1, ...born("Execute") });
  await until("the birth", () => changesIn(receiver).at(-1) === "execute" || undefined);
  await edge.send("DDEATH", { seq: 2, metrics: [] });
  await until("the death", () => changesIn(receiver).at(-1) === "unknown" || undefined);
  await edge.send("DBIRTH", { seq: 3, ...born("Held") });
  await until("the birth again", () => changesIn(receiver).at(-1) === "idle" || undefined);
  expect(changesIn(receiver)).toEqual(["execute", "unknown", "idle"]);
});

test("STATE says whether the host is online, with the will's timestamp; another client's message that it is offline is corrected", async () => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const seen: { online: boolean; timestamp: number }[] = [];
  const other = await connectAsync(`mqtt://127.0.0.1:${port}`);
  onTestFinished(() => other.endAsync(true));
  other.on("message", (_topic, payload) => void seen.push(JSON.parse(payload.toString()) as (typeof seen)[number]));
  await other.subscribeAsync("spBv1.0/STATE/oee", { qos: 1 });
  const options = { receiver: new Collected(), folder: temporaryFolder() };
  const { connector } = connectorOf(connectionsTo(port, "own"), options);
  await until("online", () => seen.at(-1)?.online === true || undefined);
  await other.publishAsync("spBv1.0/STATE/oee", '{"online":false,"timestamp":1}', { qos: 1, retain: true });
  await until("online again", () => (seen.length >= 3 && seen.at(-1)?.online === true) || undefined);
  await connector.close();
  await until("offline", () => seen.at(-1)?.online === false || undefined);
  expect(seen.at(-1)?.timestamp).toBe(seen.at(-2)?.timestamp);
  // The next start hears that its host is offline, and that is no loss of the broker.
  const again = connectorOf(connectionsTo(port, "own"), options);
  await until("online once more", () => seen.at(-1)?.online === true || undefined);
  await until("the connection", () => again.connector.status().connections[0]?.connected || undefined);
  expect(again.told.filter((line) => line.startsWith("the peer is gone"))).toEqual([]);
});
