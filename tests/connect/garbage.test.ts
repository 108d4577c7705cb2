/** Peers that send nonsense: it is refused and reported, and valid data after it are read. */
import { createConnection, createServer, type Socket } from "node:net";
import { connectAsync } from "mqtt";
import { expect, onTestFinished, test } from "vitest";
import { encodePayload } from "../../services/connectors/test/sparkplug-encoder.ts";
import { until } from "../live/oee-process.ts";
import { freePort } from "../support/free-port.ts";
import { connectorOf, FILLER } from "./connector.ts";
import { Agent } from "./mtconnect-agent.ts";
import { Collected, modbusDevice, mosquitto, opcUaServer, temporaryFolder } from "./peers.ts";

/** Pseudo-random bytes, the same for the same seed. */
function randomBytes(seed: number, length: number): Buffer {
  let state = seed;
  return Buffer.from(Array.from({ length }, () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) >> 16));
}

/** A peer that answers each of its first connections with one of `nonsense` and hangs up; later ones are the real peer's. */
async function nonsenseBefore(
  nonsense: readonly Buffer[],
  peer: (socket: Socket) => void,
): Promise<{ port: number; count: () => number }> {
  let count = 0;
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on("error", () => {});
    const said = nonsense[count++];
    if (said === undefined) return peer(socket);
    // Answers only once a request has come, whatever it is: a client that does not listen yet would miss the nonsense.
    const answer = (): void => void socket.end(said);
    socket.once("data", answer);
    setTimeout(answer, 500);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return { port: address.port, count: () => count };
}

function relayTo(port: number): (near: Socket) => void {
  return (near) => {
    const far = createConnection({ host: "127.0.0.1", port });
    far.on("error", () => near.destroy());
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
    near.pipe(far).pipe(near);
  };
}

const http = (type: string, body: string): Buffer =>
  Buffer.from(`HTTP/1.1 200 OK\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);

const ANYTHING = [
  randomBytes(1, 300),
  randomBytes(2, 5_000),
  Buffer.alloc(300),
  Buffer.alloc(300, 255),
  http("text/html", "<html>sign in</html>"),
];

const peers: readonly {
  readonly name: string;
  readonly nonsense: readonly Buffer[];
  /** Starts the real peer; returns how a connection is passed to it. */
  readonly start: () => Promise<(socket: Socket) => void>;
  /** The connection and its machine's mapping, in YAML. */
  readonly settings: (port: number) => string;
  readonly mapping: string;
}[] = [
  {
    name: "modbus",
    // Frames of another transaction, without a length, with a length that never comes, and shorter than their length says.
    nonsense: [
      ...ANYTHING,
      ...["ffff00000003010300", "000100000000", "00010000ffff0103", "0001000000050103040001"].map((hex) =>
        Buffer.from(hex, "hex"),
      ),
    ],
    start: async () => {
      const port = await freePort();
      await modbusDevice(port, [7]);
      return relayTo(port);
    },
    settings: (port) => `protocol: modbus, host: 127.0.0.1, port: ${port}, every: 100ms, timeout: 500ms`,
    mapping: "{ signals: { n: { holding: 0 } }, totals: { good: n } }",
  },
  {
    name: "mqtt",
    // A valid CONNACK, followed by packets that do not exist.
    nonsense: [
      ...ANYTHING,
      Buffer.from("20020000f0ff", "hex"),
      Buffer.concat([Buffer.from("20020000", "hex"), randomBytes(3, 200)]),
    ],
    start: async () => {
      const port = await freePort();
      await mosquitto(temporaryFolder(), port);
      const sender = await connectAsync(`mqtt://127.0.0.1:${port}`);
      onTestFinished(() => sender.endAsync(true));
      await sender.publishAsync("n", JSON.stringify({ n: 7, t: Date.now() }), { retain: true });
      return relayTo(port);
    },
    settings: (port) => `protocol: mqtt, url: 'mqtt://127.0.0.1:${port}', clientId: oee, version: 3.1.1`,
    mapping: "{ signals: { n: { topic: n, value: n, at: t } }, totals: { good: n } }",
  },
  {
    name: "opcua",
    // A message that is longer than any may be, and one with length 0.
    nonsense: [...ANYTHING, Buffer.from("4d534746ffffffff", "hex"), Buffer.from("41434b4600000000", "hex")],
    start: async () => {
      const port = await freePort();
      const server = await opcUaServer(port);
      server.set("Good", 7);
      return relayTo(port);
    },
    settings: (port) =>
      `protocol: opcua, url: 'opc.tcp://127.0.0.1:${port}/', security: none, every: 100ms, timeout: 5s`,
    mapping: "{ signals: { n: 'nsu=http://example.org/press;s=Press.Good' }, totals: { good: n } }",
  },
  {
    name: "mtconnect",
    nonsense: [
      ...ANYTHING,
      http("text/xml", "<MTConnectStreams><Header instanceId='x' nextSequence='-1'/>"),
      http("text/xml", `<MTConnectDevices>${"<a>".repeat(2_000)}`),
      http("text/xml", ""),
      Buffer.from("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"),
    ],
    start: async () => {
      const port = await freePort();
      const agent = await Agent.listening(port, 7);
      agent.add("pc", "7", Date.now());
      return relayTo(port);
    },
    settings: (port) => `protocol: mtconnect, url: 'http://127.0.0.1:${port}', every: 100ms`,
    mapping: "{ signals: { n: pc }, totals: { good: n } }",
  },
  {
    name: "shdr",
    nonsense: [
      ...ANYTHING,
      Buffer.from("|||||\n2026-13-45T99:99:99Z|pd|6\n* PONG x\n* PONG -1\n* PONG 0\n--multiline--\n@|@|\n"),
      Buffer.from(`2026-03-02T05:00:00Z|${"pc|".repeat(100_000)}`),
    ],
    start: () => Promise.resolve((socket: Socket) => void socket.write("2026-03-02T05:00:00Z|pc|7\n")),
    settings: (port) => `protocol: shdr, host: 127.0.0.1, port: ${port}`,
    mapping: "{ signals: { n: pc }, totals: { good: n } }",
  },
];

for (const { name, nonsense, start, settings, mapping } of peers) {
  test(`${name}: a peer that talks nonsense is left, and read once it talks sense`, async () => {
    const { port, count } = await nonsenseBefore(nonsense, await start());
    const receiver = new Collected();
    const text = `connections: { peer: { ${settings(port)}, machines: { ${FILLER}: ${mapping} } } }`;
    connectorOf(text, { receiver, folder: temporaryFolder() });
    await until(
      "the total",
      () => receiver.events.some(({ total }) => JSON.stringify(total) === '{"good":7}') || undefined,
    );
    expect(count()).toBeGreaterThan(nonsense.length);
    // No event was made of nonsense.
    expect(
      new Set(receiver.events.flatMap(({ total }) => (total === undefined ? [] : [JSON.stringify(total)]))),
    ).toEqual(new Set(['{"good":7}']));
  });
}

test("nonsense messages of a broker are refused one by one, and valid ones between them are taken", async () => {
  const port = await freePort();
  await mosquitto(temporaryFolder(), port);
  const sparkplug = `{ protocol: sparkplug, url: 'mqtt://127.0.0.1:${port}', clientId: s, hostId: s, machines: {
    berlin/packing/l1/press: { signals: { n: { group: g, node: n, metric: n } }, totals: { good: n } } } }`;
  const plain = `{ protocol: mqtt, url: 'mqtt://127.0.0.1:${port}', clientId: p, machines: {
    ${FILLER}: { signals: { n: { topic: n, value: n, at: t } }, totals: { good: n } } } }`;
  const receiver = new Collected();
  const { connector } = connectorOf(`connections: { s: ${sparkplug}, p: ${plain} }`, {
    receiver,
    folder: temporaryFolder(),
  });
  await until("both", () => connector.status().connections.every(({ connected }) => connected) || undefined);
  const sender = await connectAsync(`mqtt://127.0.0.1:${port}`);
  onTestFinished(() => sender.endAsync(true));
  const now = Date.now();
  const metric = (n: number, scale = 1): Buffer =>
    encodePayload({
      timestamp: scale * (now + n),
      seq: n % 256,
      metrics: [{ name: "n", alias: 1, datatype: 7, int: n }],
    });
  await sender.publishAsync("spBv1.0/g/NBIRTH/n", metric(0), { qos: 1 });
  const documents = [
    "",
    "{",
    "null",
    "[]",
    '{"n":{},"t":1}',
    '{"n":1}',
    '{"n":"x","t":1}',
    '{"n":1e999,"t":1}',
    `{"n":1,"t":"${"9".repeat(400)}"}`,
    '{"n":1,"t":9000000000000000}',
    "\u0000",
    '{"__proto__":{"n":1,"t":1}}',
  ];
  for (let n = 1; n <= 100; n++) {
    const good = metric(n);
    const broken = n % 3 === 0 ? good.subarray(0, good.length - 3 - (n % 5)) : randomBytes(n, n);
    await sender.publishAsync("spBv1.0/g/NDATA/n", broken, { qos: 1 });
    // Nanoseconds where ms are expected: no date is so far.
    if (n === 50) await sender.publishAsync("spBv1.0/g/NDATA/n", metric(n, 1_000_000), { qos: 1 });
    await sender.publishAsync("spBv1.0/g/NDATA/n", good, { qos: 1 });
    await sender.publishAsync("n", n % 2 === 0 ? randomBytes(n, n) : (documents[n % documents.length] ?? ""), {
      qos: 1,
    });
    await sender.publishAsync("n", JSON.stringify({ n, t: now + n }), { qos: 1 });
  }
  const goodOf = (machine: string): readonly unknown[] =>
    receiver.events.flatMap((event) =>
      event.machine === machine && event["total"] !== undefined ? [(event["total"] as { good: unknown }).good] : [],
    );
  for (const machine of [FILLER, "berlin/packing/l1/press"]) {
    await until(`all of ${machine}`, () => goodOf(machine).includes(100) || undefined);
    const found = goodOf(machine).filter((good) => good !== 0);
    expect(found).toEqual(Array.from({ length: 100 }, (_, i) => i + 1));
  }
  for (const { name, refused } of connector.status().connections) expect(refused, name).toBeGreaterThan(50);
});
