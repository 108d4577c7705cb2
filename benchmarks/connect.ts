/**
 * Processor time of a connector's process, from the socket to events that are on disk and delivered, for each MQTT message,
 * Sparkplug metric, OPC UA change and Modbus register. Peers and senders are processes of their own; delivered events are dropped.
 * Needs what tests/prepare.sh installs.
 * `npm run build && MALLOC_MMAP_THRESHOLD_=131072 node --max-semi-space-size=32 --no-memory-reducer --v8-pool-size=0 --import tsx
 * benchmarks/connect.ts [mqtt|sparkplug|signals|opcua|nodes|modbus|week …]`: built code, with the options of `services/oee/bin/oee.js`.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { homedir, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Connector, parseConnections } from "@oee/connectors";
import { ModbusTCPClient } from "jsmodbus";
import { connectAsync } from "mqtt";
import { AttributeIds, ClientMonitoredItemGroup, OPCUAClient, TimestampsToReturn } from "node-opcua-client";
import { javaOf } from "../tests/connect/java-of.ts";
import { encodePayload } from "../services/connectors/test/sparkplug-encoder.ts";

const MESSAGES = 40_000;
const PAYLOADS = 10_000;
const METRICS = 100;
const CHANGES = 60_000;
const NODES = 500;
const NODES_EVERY_MS = 100;
const NODE_CHANGES = 200_000;
/** Changes that are set at once, a thousand a second in all: with more, asyncua is too busy to publish and drops the oldest. */
const CHANGES_AT_ONCE = 50;
const REGISTERS = 100;
const READS = 6_000;
/** The share of observations at the beginning that is not measured, since code is compiled meanwhile. */
const WARM = 0.25;
const SECONDS = 20;
/** How often it is looked how far the connector is, which takes processor time of its process. */
const POLL_MS = 200;
const MACHINE = "berlin/packing/l1/filler";

const folder = mkdtempSync(join(tmpdir(), "oee-bench-connect-"));
const children: ChildProcess[] = [];

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}

async function started(
  command: string,
  args: readonly string[],
  stream: "stdout" | "stderr",
  ready: RegExp,
): Promise<ChildProcess> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe"] });
  children.push(child);
  await new Promise<void>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${command} ended with ${code}`)));
    child[stream]?.on("data", (chunk: Buffer) => {
      if (ready.test(chunk.toString())) resolve();
    });
  });
  return child;
}

async function broker(): Promise<number> {
  const port = await freePort();
  const file = join(folder, "mosquitto.conf");
  writeFileSync(file, `listener ${port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\n`);
  await started("mosquitto", ["-c", file], "stderr", / running/);
  return port;
}

function python(environment: string, script: string, ...args: readonly string[]): Promise<ChildProcess> {
  const cache = process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache");
  const file = fileURLToPath(new URL(`../tests/connect/${script}`, import.meta.url));
  return started(join(cache, "open-oee", environment, "bin", "python"), [file, ...args], "stdout", /ready/);
}

interface Measured {
  readonly count: number;
  readonly cpuMs: number;
  readonly wallMs: number;
}

function connectorOf(text: string): Connector {
  const result = parseConnections(text, "connections.yaml", null, process.env);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join("\n"));
  return new Connector({
    connections: result.connections,
    receiver: { deliver: () => Promise.resolve([]) },
    folder: mkdtempSync(join(folder, "data-")),
    outboxBytesMax: 1 << 30,
    clock: Date.now,
    log: () => {},
  });
}

async function until(is: () => boolean, state: () => string = () => ""): Promise<void> {
  for (const giveUpAt = Date.now() + 600_000; !is(); ) {
    if (Date.now() > giveUpAt) throw new Error(`in vain: ${state()}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Runs the connector until it has made `count` observations, and measures all but the first quarter of them. */
async function measured(text: string, begin: () => Promise<void>, count: number): Promise<Measured> {
  const connector = connectorOf(text);
  const now = (): { observations: number; waiting: number; connected: boolean } => {
    const { connections, waiting } = connector.status();
    const observations = connections.reduce((sum, one) => sum + one.observations, 0);
    return { observations, waiting: waiting.events, connected: connections.every(({ connected }) => connected) };
  };
  const reached = (is: () => boolean): Promise<void> => until(is, () => JSON.stringify(now()));
  await reached(() => now().connected);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const first = now().observations;
  const observed = (): number => now().observations - first;
  const begun = begin();
  await reached(() => observed() >= count * WARM);
  const already = observed();
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  await reached(() => observed() >= count && now().waiting === 0);
  const { user, system } = process.cpuUsage(cpu);
  const found = { cpuMs: (user + system) / 1000, wallMs: performance.now() - wall, count: observed() - already };
  await begun;
  await connector.close();
  return found;
}

/** Starts a process that sends: its script is the text of a module. */
function sender(script: string): ChildProcess {
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: "inherit",
    cwd: process.cwd(),
  });
  children.push(child);
  return child;
}

function told(what: string, { cpuMs, wallMs, count }: Measured): void {
  const each = ((1000 * cpuMs) / count).toFixed(2);
  const share = ((100 * cpuMs) / wallMs).toFixed(0);
  process.stdout.write(
    `${what}: ${each} µs each, ${count} in ${(wallMs / 1000).toFixed(1)} s, ${share} % of a core; load ${loadavg()[0]?.toFixed(0)}\n`,
  );
}

const mqttText = (port: number, machines: string): string =>
  `connections: { c: { protocol: mqtt, url: 'mqtt://127.0.0.1:${port}', clientId: bench, machines: { ${machines} } } }`;

async function mqtt(): Promise<void> {
  const port = await broker();
  const text = mqttText(port, `${MACHINE}: { signals: { n: { topic: t, value: n, at: t } }, totals: { good: n } }`);
  const script = `import { connectAsync } from "mqtt"; const c = await connectAsync("mqtt://127.0.0.1:${port}");
    const all = []; for (let i = 0; i < ${MESSAGES}; i++) { all.push(c.publishAsync("t", JSON.stringify({ n: i, t: 1e12 + i, padding: "x".repeat(60) }), { qos: 1 })); if (i % 500 === 499) await Promise.all(all.splice(0)); }
    await Promise.all(all); await c.endAsync();`;
  const begin = (): Promise<void> => Promise.resolve(void sender(script));
  told("MQTT message, QoS 1, JSON", await measured(text, begin, MESSAGES));
  told("  the client alone", await mqttAlone(port, "t", begin, MESSAGES));
}

/** Measures the MQTT client alone, which acknowledges messages and does nothing else. */
async function mqttAlone(port: number, topic: string, begin: () => Promise<void>, messages: number): Promise<Measured> {
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`);
  let heard = 0;
  client.on("message", () => heard++);
  await client.subscribeAsync(topic, { qos: 1 });
  await begin();
  await until(() => heard >= messages * WARM);
  const already = heard;
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  await until(() => heard >= messages);
  const { user, system } = process.cpuUsage(cpu);
  const found = { cpuMs: (user + system) / 1000, wallMs: performance.now() - wall, count: heard - already };
  await client.endAsync();
  return found;
}

const sparkplugText = (port: number, metrics: number): string => {
  const signals = Array.from({ length: metrics }, (_, i) => `m${i}: { group: g, node: n, metric: m${i} }`).join(", ");
  const machine = `${MACHINE}: { signals: { ${signals} }, totals: { good: m0 } }`;
  return `connections: { c: { protocol: sparkplug, url: 'mqtt://127.0.0.1:${port}', clientId: bench, hostId: bench, machines: { ${machine} } } }`;
};

function sparkplugPayloads(count: number): readonly string[] {
  const metrics = (n: number): { alias: number; int: number; timestamp: number }[] =>
    Array.from({ length: METRICS }, (_, i) => ({ alias: i + 1, int: n * METRICS + i, timestamp: 1e12 + n }));
  return Array.from({ length: count }, (_, n) =>
    encodePayload({ timestamp: 1e12 + n, seq: (n + 1) % 256, metrics: metrics(n) }).toString("base64"),
  );
}

async function publishAll(port: number, payloads: readonly string[], perSecond: number | null): Promise<void> {
  const birth = encodePayload({
    timestamp: 1e12,
    seq: 0,
    metrics: [
      { name: "bdSeq", datatype: 4, long: 0 },
      ...Array.from({ length: METRICS }, (_, i) => ({ name: `m${i}`, alias: i + 1, datatype: 7, int: 0 })),
    ],
  }).toString("base64");
  const file = join(folder, "payloads.json");
  writeFileSync(file, JSON.stringify({ birth, payloads }));
  sender(`import { readFileSync } from "node:fs"; import { connectAsync } from "mqtt";
    const { birth, payloads } = JSON.parse(readFileSync(${JSON.stringify(file)}, "utf8")); const c = await connectAsync("mqtt://127.0.0.1:${port}");
    const send = (kind, text) => c.publishAsync("spBv1.0/g/" + kind + "/n", Buffer.from(text, "base64"), { qos: 1 });
    await send("NBIRTH", birth); const began = performance.now(); let n = 0;
    for (const one of payloads) { await send("NDATA", one); n++; const due = ${perSecond === null ? "0" : `began + 1000 * n / ${perSecond}`} - performance.now(); if (due > 0) await new Promise((r) => setTimeout(r, due)); }
    await c.endAsync();`);
}

async function sparkplug(): Promise<void> {
  const port = await broker();
  const payloads = sparkplugPayloads(PAYLOADS);
  const found = await measured(
    sparkplugText(port, METRICS),
    () => publishAll(port, payloads, null),
    PAYLOADS * METRICS,
  );
  told(`Sparkplug metric, ${METRICS} a message`, found);
  const alone = await mqttAlone(port, "spBv1.0/g/NDATA/n", () => publishAll(port, payloads, null), PAYLOADS);
  told("  the client alone, a message", alone);
}

/** 10,000 signals that change each second: 100 messages of 100 metrics a second. */
async function tenThousand(): Promise<void> {
  const port = await broker();
  const payloads = sparkplugPayloads(100 * SECONDS);
  const found = await measured(
    sparkplugText(port, METRICS),
    () => publishAll(port, payloads, 100),
    payloads.length * METRICS,
  );
  told("10,000 changes a second (Sparkplug)", found);
}

const WEEK_MACHINES = 100;
const WEEK_PARTS = 8;
/** Each of 10,000 signals changes every ten minutes of a week. */
const WEEK_CHANGES = 1_008;

/** The memory in use after garbage collection, at the beginning and after each eighth of a week of event time, played as fast as it is taken. */
async function week(): Promise<void> {
  const port = await broker();
  const signals = (i: number): string =>
    Array.from({ length: METRICS }, (_, m) => `m${m}: { group: g, node: n${i}, metric: m${m} }`).join(", ");
  const machines = Array.from(
    { length: WEEK_MACHINES },
    (_, i) => `${MACHINE}${i}: { signals: { ${signals(i)} }, state: m0, totals: { good: m1, scrap: m2 }, product: m3 }`,
  );
  const text = `connections: { c: { protocol: sparkplug, url: 'mqtt://127.0.0.1:${port}', clientId: bench, hostId: bench,
    machines: { ${machines.join(", ")} } } }`;
  const connector = connectorOf(text);
  await until(() => connector.status().connections.every(({ connected }) => connected));
  const bytes = [memoryInUse()];
  for (let part = 0; part < WEEK_PARTS; part++) {
    const before = connector.status().connections[0]?.observations ?? 0;
    const changes = WEEK_CHANGES / WEEK_PARTS;
    const sent = spawn(
      process.execPath,
      ["--import", "tsx", "-C", "@oee/source", "--input-type=module", "-e", WEEK_SENDER],
      {
        env: { ...process.env, BROKER: String(port), FROM: String(part * changes), COUNT: String(changes) },
        stdio: "inherit",
      },
    );
    children.push(sent);
    await once(sent, "exit");
    const all = before + WEEK_MACHINES * METRICS * (changes + 1);
    const state = (): string => JSON.stringify([before, all, connector.status().connections[0]?.observations]);
    await until(() => (connector.status().connections[0]?.observations ?? 0) >= all, state);
    await until(() => connector.status().waiting.events === 0);
    bytes.push(memoryInUse());
  }
  const { connections, delivered } = connector.status();
  await connector.close();
  const [found] = connections;
  const megabytes = bytes.map((one) => (one / 1e6).toFixed(2)).join(", ");
  process.stdout.write(
    `a week of 10,000 signals: ${found?.observations} changes, ${delivered} events, ${found?.gapCount} gaps; MB in use ${megabytes}; load ${loadavg()[0]?.toFixed(0)}\n`,
  );
}

/** Sends births of all nodes and then their changes, a message of each node in turn. */
const WEEK_SENDER = `import { connectAsync } from "mqtt";
  import { encodePayload } from ${JSON.stringify(new URL("../services/connectors/test/sparkplug-encoder.ts", import.meta.url).href)};
  const { BROKER, FROM, COUNT } = process.env;
  const c = await connectAsync("mqtt://127.0.0.1:" + BROKER);
  const at = (n) => Date.UTC(2026, 2, 2) + n * 600_000;
  const value = (m, n) => (m === 0 ? n % 7 : m === 3 ? Math.floor(n / 3) % 11 : n);
  const all = (n, extra) => Array.from({ length: ${METRICS} }, (_, m) => ({ alias: m + 1, int: value(m, n), timestamp: at(n), ...extra(m) }));
  const first = Number(FROM), last = first + Number(COUNT);
  for (let n = first; n <= last; n++) {
    const sent = [];
    for (let i = 0; i < ${WEEK_MACHINES}; i++) {
      const metrics = n === first ? [{ name: "bdSeq", datatype: 4, long: first }, ...all(n, (m) => ({ name: "m" + m, datatype: 7 }))] : all(n, () => ({}));
      const payload = encodePayload({ timestamp: at(n), seq: (n - first) % 256, metrics });
      sent.push(c.publishAsync("spBv1.0/g/" + (n === first ? "NBIRTH" : "NDATA") + "/n" + i, payload, { qos: 1 }));
    }
    await Promise.all(sent);
  }
  await c.endAsync();`;

function memoryInUse(): number {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function opcua(): Promise<void> {
  const port = await freePort();
  const server = await python("asyncua-2.1.0", "opcua-server.py", String(port));
  const node = "nsu=http://example.org/press;s=Press.Good";
  const text = `connections: { c: { protocol: opcua, url: 'opc.tcp://127.0.0.1:${port}/', security: none, every: 100ms,
    machines: { ${MACHINE}: { signals: { n: '${node}' }, totals: { good: n } } } } }`;
  const begin = (): Promise<void> => Promise.resolve(setAll(server, 1_000, 1.1 * CHANGES));
  told("OPC UA change", await measured(text, begin, CHANGES));
  await opcuaAlone(port, [node], () => setAll(server, 100_000, 1.1 * CHANGES), CHANGES);
}

/** Has the server set values, a thousand a second. It keeps as many changes of a node as were agreed on, and drops the oldest of more. */
function setAll(server: ChildProcess, value: number, count: number): void {
  server.stdin?.write(`${JSON.stringify({ name: "Good", value, count, together: CHANGES_AT_ONCE, everyMs: 50 })}\n`);
}

/** Of Milo: nodes that change ten times a second, thousands of changes a second in all, each of a machine of its own. */
async function opcuaNodes(): Promise<void> {
  const port = await freePort();
  const server = await started(
    "java",
    [...javaOf("MiloServer"), String(port), String(NODES), String(NODES_EVERY_MS)],
    "stdout",
    /ready/,
  );
  const nodes = Array.from({ length: NODES }, (_, i) => `nsu=http://example.org/press;s=Press.N${i}`);
  const machines = nodes.map((node, i) => `${MACHINE}${i}: { signals: { n: '${node}' }, totals: { good: n } }`);
  const text = `connections: { c: { protocol: opcua, url: 'opc.tcp://127.0.0.1:${port}/', security: none, every: 100ms,
    machines: { ${machines.join(", ")} } } }`;
  const begin = (): Promise<void> => Promise.resolve(void server.stdin?.write("go\n"));
  told(`OPC UA change, ${NODES} nodes and machines`, await measured(text, begin, NODE_CHANGES));
  await opcuaAlone(port, nodes, () => {}, NODE_CHANGES);
}

/** Measures the OPC UA client alone, which drops the changes that it gets. */
async function opcuaAlone(port: number, nodes: readonly string[], begin: () => void, changes: number): Promise<void> {
  const client = OPCUAClient.create({ endpointMustExist: false });
  await client.connect(`opc.tcp://127.0.0.1:${port}/`);
  const session = await client.createSession();
  const namespaces = await session.readNamespaceArray();
  const subscription = await session.createSubscription2({
    requestedPublishingInterval: 100,
    requestedMaxKeepAliveCount: 50,
    requestedLifetimeCount: 500,
    publishingEnabled: true,
  });
  const items = nodes.map((node) => {
    const [uri = "", identifier = ""] = node.slice("nsu=".length).split(";");
    return { nodeId: `ns=${namespaces.indexOf(uri)};${identifier}`, attributeId: AttributeIds.Value };
  });
  let heard = 0;
  const group = ClientMonitoredItemGroup.create(
    subscription,
    items,
    { samplingInterval: 100, queueSize: 1000, discardOldest: true },
    TimestampsToReturn.Both,
  );
  group.on("changed", () => heard++);
  await until(() => heard >= nodes.length);
  begin();
  await until(() => heard >= changes * WARM);
  const already = heard;
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  await until(() => heard >= changes);
  const { user, system } = process.cpuUsage(cpu);
  told("  the client alone", {
    cpuMs: (user + system) / 1000,
    wallMs: performance.now() - wall,
    count: heard - already,
  });
  await client.disconnect();
}

/** Registers that follow one another, that have nine others between them, and that have 299. */
async function modbus(): Promise<void> {
  for (const apart of [1, 10, 300]) await modbusApart(apart);
}

async function modbusApart(apart: number): Promise<void> {
  const port = await freePort();
  const addresses = Array.from({ length: REGISTERS }, (_, i) => apart * i);
  const values = Array.from({ length: REGISTERS * apart }, (_, i) => String(i % 65_536));
  await python("pymodbus-3.16.1", "modbus-device.py", String(port), ...values);
  const own = addresses.map((address, i) => `s${i}: { holding: ${address} }`).join(", ");
  const text = `connections: { c: { protocol: modbus, host: 127.0.0.1, port: ${port}, every: 10ms,
    machines: { ${MACHINE}: { signals: { ${own} }, totals: { good: s0 } } } } }`;
  told(`Modbus register, each ${apart}`, await measured(text, () => Promise.resolve(), READS));
  const socket = createConnection({ host: "127.0.0.1", port });
  // The client accepts reads only once it has seen its socket connect.
  const client = new ModbusTCPClient(socket, 1, 2_000);
  await once(socket, "connect");
  const read = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) await client.readHoldingRegisters(addresses[i % REGISTERS] ?? 0, 1);
  };
  await read(READS * WARM);
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  const count = READS * (1 - WARM);
  await read(count);
  const { user, system } = process.cpuUsage(cpu);
  told("  the library alone", { cpuMs: (user + system) / 1000, wallMs: performance.now() - wall, count });
  socket.destroy();
}

const ALL: Readonly<Record<string, () => Promise<void>>> = {
  mqtt,
  sparkplug,
  signals: tenThousand,
  opcua,
  nodes: opcuaNodes,
  modbus,
  week,
};

async function run(): Promise<void> {
  const named = process.argv.slice(2);
  for (const name of named.length === 0 ? Object.keys(ALL) : named) {
    try {
      await ALL[name]?.();
    } finally {
      for (const child of children.splice(0)) child.kill("SIGKILL");
    }
  }
  rmSync(folder, { recursive: true, force: true });
  process.exit(0);
}

void run();
