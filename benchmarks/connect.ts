/**
 * What a connector costs, from the socket to events that are on disk and delivered: processor time of this process a message, a metric, a
 * change and a register. Peers and senders are processes of their own; events go nowhere. Needs what tests/prepare.sh gets.
 * `npx tsx -C @oee/source benchmarks/connect.ts [mqtt|sparkplug|opcua|modbus|signals …]`
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { homedir, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Connector, parseConnections } from "@oee/connectors";
import { ModbusTCPClient } from "jsmodbus";
import { connectAsync } from "mqtt";
import { encodePayload } from "../services/connectors/test/sparkplug-encoder.ts";

const MESSAGES = 20_000;
const PAYLOADS = 500;
const METRICS = 100;
const CHANGES = 4_000;
const REGISTERS = 100;
const SECONDS = 20;
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
  readonly cpuMs: number;
  readonly wallMs: number;
}

/** Runs the connector from when its peer answers until `isDone`. */
async function measured(
  text: string,
  begin: (connector: Connector) => Promise<void>,
  isDone: (observations: number, delivered: number) => boolean,
): Promise<Measured> {
  const result = parseConnections(text, "connections.yaml", null, process.env);
  if (!result.ok) throw new Error(result.problems.map(({ message }) => message).join("\n"));
  const connector = new Connector({
    connections: result.connections,
    receiver: { deliver: () => Promise.resolve([]) },
    folder: mkdtempSync(join(folder, "data-")),
    outboxBytesMax: 1 << 30,
    clock: Date.now,
    log: () => {},
  });
  const now = (): { observations: number; delivered: number; connected: boolean } => {
    const { connections, delivered } = connector.status();
    const observations = connections.reduce((sum, one) => sum + one.observations, 0);
    return { observations, delivered, connected: connections.every(({ connected }) => connected) };
  };
  const until = async (is: () => boolean): Promise<void> => {
    for (const giveUpAt = Date.now() + 120_000; !is(); ) {
      if (Date.now() > giveUpAt) throw new Error(`in vain: ${JSON.stringify(now())}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  await until(() => now().connected);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  const before = now();
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  await begin(connector);
  await until(() => isDone(now().observations - before.observations, now().delivered - before.delivered));
  const { user, system } = process.cpuUsage(cpu);
  const found = { cpuMs: (user + system) / 1000, wallMs: performance.now() - wall };
  await connector.close();
  return found;
}

/** Sends from a process of its own: a module whose default export is given as text. */
function sender(script: string): ChildProcess {
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: "inherit",
    cwd: process.cwd(),
  });
  children.push(child);
  return child;
}

function told(what: string, { cpuMs, wallMs }: Measured, count: number): void {
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
  const begin = async (): Promise<void> => void sender(script);
  told("MQTT message, QoS 1, JSON", await measured(text, begin, (observed) => observed >= MESSAGES), MESSAGES);
  // The client alone, which acknowledges and does nothing.
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`);
  let heard = 0;
  client.on("message", () => heard++);
  await client.subscribeAsync("t", { qos: 1 });
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  sender(script);
  while (heard < MESSAGES) await new Promise((resolve) => setTimeout(resolve, 20));
  const { user, system } = process.cpuUsage(cpu);
  told("  the client alone", { cpuMs: (user + system) / 1000, wallMs: performance.now() - wall }, MESSAGES);
  await client.endAsync();
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
    (observed) => observed >= PAYLOADS * METRICS,
  );
  told(`Sparkplug metric, ${METRICS} a message`, found, PAYLOADS * METRICS);
}

/** 10,000 signals that change each second: 100 messages of 100 metrics a second. */
async function tenThousand(): Promise<void> {
  const port = await broker();
  const payloads = sparkplugPayloads(100 * SECONDS);
  const found = await measured(
    sparkplugText(port, METRICS),
    () => publishAll(port, payloads, 100),
    (observed) => observed >= payloads.length * METRICS,
  );
  told("10,000 changes a second (Sparkplug)", found, payloads.length * METRICS);
}

async function opcua(): Promise<void> {
  const port = await freePort();
  const server = await python("asyncua-2.1.0", "opcua-server.py", String(port));
  const node = "nsu=http://example.org/press;s=Press.Good";
  const text = `connections: { c: { protocol: opcua, url: 'opc.tcp://127.0.0.1:${port}/', security: none, every: 100ms,
    machines: { ${MACHINE}: { signals: { n: '${node}' }, totals: { good: n } } } } }`;
  const begin = async (): Promise<void> => {
    for (let i = 0; i < CHANGES; i++) server.stdin?.write(`{"name":"Good","value":${1000 + i}}\n`);
    await Promise.resolve();
  };
  told("OPC UA change", await measured(text, begin, (observed) => observed >= CHANGES), CHANGES);
}

async function modbus(): Promise<void> {
  const port = await freePort();
  await python(
    "pymodbus-3.16.1",
    "modbus-device.py",
    String(port),
    ...Array.from({ length: REGISTERS }, (_, i) => String(i)),
  );
  const own = Array.from({ length: REGISTERS }, (_, i) => `s${i}: { holding: ${i} }`).join(", ");
  const text = `connections: { c: { protocol: modbus, host: 127.0.0.1, port: ${port}, every: 10ms,
    machines: { ${MACHINE}: { signals: { ${own} }, totals: { good: s0 } } } } }`;
  const READS = 3_000;
  told(
    "Modbus register",
    await measured(
      text,
      () => Promise.resolve(),
      (observed) => observed >= READS,
    ),
    READS,
  );
  const socket = createConnection({ host: "127.0.0.1", port });
  await once(socket, "connect");
  const client = new ModbusTCPClient(socket, 1, 2_000);
  const [cpu, wall] = [process.cpuUsage(), performance.now()];
  for (let i = 0; i < READS; i++) await client.readHoldingRegisters(i % REGISTERS, 1);
  const { user, system } = process.cpuUsage(cpu);
  told("  the library alone", { cpuMs: (user + system) / 1000, wallMs: performance.now() - wall }, READS);
  socket.destroy();
}

const ALL: Readonly<Record<string, () => Promise<void>>> = { mqtt, sparkplug, signals: tenThousand, opcua, modbus };

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
