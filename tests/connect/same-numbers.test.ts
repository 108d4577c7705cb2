/**
 * Hours of a machine are played on the peer's side of each protocol that has instants, with the cable pulled in the middle. Where
 * the protocol loses nothing, KPIs and stops of the events that arrived are those of the history itself, to the last digit. OPC UA by asyncua,
 * Sparkplug and SHDR, which keep nothing over a lost connection, report the gap, and their totals are right. OEE_CONNECT_HOURS says how long
 * the history is (4).
 */
import { renameSync, writeFileSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import pg from "pg";
import { expect, onTestFinished, test } from "vitest";
import { encodePayload, type EncodedMetric } from "../../services/connectors/test/sparkplug-encoder.ts";
import { oeeOutput, until } from "../live/oee-process.ts";
import { freePort } from "../support/free-port.ts";
import { connectorOf, FILLER } from "./connector.ts";
import { Agent } from "./mtconnect-agent.ts";
import { cableTo } from "./network.ts";
import {
  Collected,
  type EdgeLibrary,
  miloServer,
  modbusDevice,
  mosquitto,
  type OpcUaServer,
  opcUaServer,
  postgres,
  type SparkplugEdge,
  sparkplugEdge,
  tahuEncoder,
  temporaryFolder,
} from "./peers.ts";

const HOURS = Number(process.env["OEE_CONNECT_HOURS"] ?? 4);
const SEED = Number(process.env["OEE_CRASH_SEED"] ?? 1);
const HOUR = 3_600_000;
const FROM = Math.floor((Date.now() - (HOURS + 1) * HOUR) / HOUR) * HOUR;
const TO = FROM + HOURS * HOUR;
const PLANT = `enterprise: acme
staleAfter: off
sites: { berlin: { areas: { packing: { lines: { l1: { machines: { filler: { idealCycleSeconds: 1.25, states: packml } } } } } } } }
`;

interface Change {
  readonly at: number;
  /** A state by its number in PackML. */
  readonly state?: number;
  readonly good?: number;
  readonly scrap?: number;
}

/** A random history of PackML states and totals every few seconds to minutes, the same for the same seed. */
function history(): readonly Change[] {
  let random = SEED;
  const next = (below: number): number => {
    random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((random / 2_147_483_648) * below);
  };
  const changes: Change[] = [{ at: FROM, state: 6, good: 1_000, scrap: 10 }];
  let [state, good, scrap] = [6, 1_000, 10];
  for (let at = FROM + 30_000; at < TO; at += 20_000 + next(60_000)) {
    if (next(4) === 0) {
      // Execute, Held, Aborted, Stopped, Idle.
      const other = [6, 11, 9, 2, 4].filter((one) => one !== state)[next(4)] ?? 6;
      changes.push({ at, state: (state = other) });
    } else if (state === 6) changes.push({ at, good: (good += next(50)), scrap: (scrap += next(3)) });
  }
  return [...changes, { at: TO, good: good + 1, scrap: scrap + 1 }];
}

const CHANGES = history();
const HALF = CHANGES.length >> 1;

/** The events that the machine would have sent itself. */
const DIRECT = CHANGES.flatMap(({ at, state, good, scrap }) => [
  ...(state === undefined ? [] : [{ type: "state", machine: FILLER, at, state: String(state) }]),
  ...(good === undefined ? [] : [{ type: "count", machine: FILLER, at, total: { good, scrap } }]),
]);

async function answersOf(
  events: readonly object[],
  from = FROM,
  to = TO,
  plant = PLANT,
): Promise<{ kpis: string; stops: string }> {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "plant.yaml"), plant);
  writeFileSync(join(folder, "events.ndjson"), events.map((event) => `${JSON.stringify(event)}\n`).join(""));
  const iso = (at: number): string => new Date(at).toISOString();
  const files = ["--plant", join(folder, "plant.yaml"), "--events", join(folder, "events.ndjson")];
  const period = ["--from", iso(from), "--to", iso(to), "--at", iso(to + 1)];
  const kpis = await oeeOutput(["replay", ...files, ...period, "--every", "hour", "--format", "json"]);
  return { kpis, stops: await oeeOutput(["replay", ...files, ...period, "--stops", "--format", "json"]) };
}

const mapped = (signals: string): string =>
  `{ ${FILLER}: { signals: { ${signals} }, state: state, totals: { good: good, scrap: scrap } } }`;
const documents = mapped(
  "state: { when: $exists(state), value: state, at: at }, good: { when: $exists(good), value: good, at: at }, scrap: { when: $exists(scrap), value: scrap, at: at }",
);

interface Played {
  /** The connection in YAML, without its machines. */
  readonly settings: string;
  readonly machines: string;
  /** Whether it keeps changes over a lost connection, so that there is no gap. */
  readonly keeps?: boolean;
  /** Plays changes on the peer's side. */
  play(changes: readonly Change[]): Promise<void>;
  pull?(): void;
  plug?(): void;
}

const settled = (receiver: Collected, count: number): Promise<true> =>
  until(`${count} events`, () => receiver.events.length >= count || undefined);

const LOSSLESS: Readonly<Record<string, () => Promise<Played>>> = {
  "MQTT, JSON": async () => {
    const broker = await mosquitto(temporaryFolder(), await freePort());
    const cable = await cableTo(broker.port);
    const sender = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
    onTestFinished(() => sender.endAsync(true));
    return {
      settings: `protocol: mqtt, url: 'mqtt://127.0.0.1:${cable.port}', clientId: oee`,
      machines: mapped(
        "state: { topic: filler, value: state, at: at }, good: { topic: filler, value: good, at: at }, scrap: { topic: filler, value: scrap, at: at }",
      ),
      play: async (changes) => {
        for (const change of changes) await sender.publishAsync("filler", JSON.stringify(change), { qos: 1 });
      },
      ...cable,
    };
  },
  "an MTConnect agent": async () => {
    const port = await freePort();
    const agent = await Agent.listening(port, 7, 10_000);
    const cable = await cableTo(port);
    return {
      settings: `protocol: mtconnect, url: 'http://127.0.0.1:${cable.port}', format: json, every: 20ms, heartbeat: 5s`,
      machines: mapped("state: exec, good: pc, scrap: bad"),
      play: async (changes) => {
        for (const { at, state, good, scrap } of changes) {
          if (state !== undefined) agent.add("exec", String(state), at);
          if (good !== undefined) agent.add("pc", String(good), at);
          if (scrap !== undefined) agent.add("bad", String(scrap), at);
        }
        await Promise.resolve();
      },
      ...cable,
    };
  },
  PostgreSQL: async () => {
    const folder = temporaryFolder();
    const port = await freePort();
    await postgres(folder, port);
    const cable = await cableTo(port);
    const client = new pg.Client({ connectionString: `postgres://oee@127.0.0.1:${port}/postgres` });
    client.on("error", () => {});
    await client.connect();
    onTestFinished(() => client.end());
    await client.query('create table changes (n serial, "at" bigint, state int, good int, scrap int)');
    return {
      settings: `protocol: sql, url: 'postgres://oee@127.0.0.1:${cable.port}/postgres', query: 'select * from changes order by n', every: 100ms, timeout: 2s`,
      machines: documents,
      play: async (changes) => {
        for (const { at, state = null, good = null, scrap = null } of changes)
          await client.query('insert into changes ("at", state, good, scrap) values ($1, $2, $3, $4)', [
            at,
            state,
            good,
            scrap,
          ]);
      },
      ...cable,
    };
  },
  "files of CSV": async () => {
    const folder = temporaryFolder();
    let files = 0;
    return {
      settings: `protocol: files, folder: ${folder}, every: 50ms`,
      machines: documents.replaceAll(", at: at", ", at: $number(at)"),
      play: async (changes) => {
        const rows = changes.map(({ at, state, good, scrap }) => [at, state, good, scrap].join(","));
        writeFileSync(join(folder, ".new"), `at,state,good,scrap\n${rows.join("\n")}\n`);
        renameSync(join(folder, ".new"), join(folder, `${files++}.csv`));
        await Promise.resolve();
      },
    };
  },
};

test.each(Object.keys(LOSSLESS))(
  `P-5: ${HOURS} hours through %s, the cable pulled in the middle: the numbers of the history itself, to the last digit`,
  async (name) => {
    const { settings, machines, play, pull, plug } = (await LOSSLESS[name]?.()) ?? {
      settings: "",
      machines: "",
      play: () => Promise.resolve(),
    };
    await play(CHANGES.slice(0, 1));
    const receiver = new Collected();
    const { connector } = connectorOf(`connections: { peer: { ${settings}, machines: ${machines} } }`, {
      receiver,
      folder: temporaryFolder(),
    });
    await until("the connection", () => connector.status().connections[0]?.connected || undefined);
    // With MQTT the first message is retained before there is a subscription.
    if (name.startsWith("MQTT")) await play(CHANGES.slice(0, 1));
    await settled(receiver, 2);
    await play(CHANGES.slice(1, HALF));
    pull?.();
    await play(CHANGES.slice(HALF, -5));
    plug?.();
    await play(CHANGES.slice(-5));
    const last = JSON.stringify(CHANGES.at(-1)?.good);
    const isLast = (event: Record<string, unknown>): boolean =>
      Date.parse(String(event["at"])) === TO &&
      JSON.stringify((event["total"] as { good?: number } | undefined)?.good) === last;
    await until("the last total", () => receiver.events.some(isLast) || undefined);
    expect(connector.status().connections[0]?.gapCount).toBe(0);
    // The machine is unknown while the cable is out, which is in the present; the history lies before that.
    const arrived = receiver.events.filter(({ at }) => Date.parse(String(at)) <= TO);
    const [found, direct] = [await answersOf(arrived), await answersOf(DIRECT)];
    expect(JSON.parse(found.kpis)).toEqual(JSON.parse(direct.kpis));
    expect(JSON.parse(found.stops)).toEqual(JSON.parse(direct.stops));
    expect((JSON.parse(direct.kpis) as unknown[]).length).toBe(HOURS);
  },
);

async function opcUa(serverAt: (port: number) => Promise<OpcUaServer>): Promise<Played> {
  const port = await freePort();
  const server = await serverAt(port);
  const cable = await cableTo(port);
  const node = (name: string): string => `'nsu=http://example.org/press;s=Press.${name}'`;
  return {
    settings: `protocol: opcua, url: 'opc.tcp://127.0.0.1:${cable.port}/', security: none, every: 50ms, timeout: 3s`,
    machines: mapped(`state: ${node("State")}, good: ${node("Good")}, scrap: ${node("Scrap")}`),
    play: async (changes) => {
      for (const { at, state, good, scrap } of changes) {
        if (state !== undefined) server.set("State", state, { at });
        if (good !== undefined) server.set("Good", good, { at });
        if (scrap !== undefined) server.set("Scrap", scrap, { at });
        // Changes come slower than the publishing interval, so that the server reports each of them.
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
    },
    ...cable,
  };
}

const GAPPED: Readonly<Record<string, () => Promise<Played>>> = {
  "Sparkplug B": async () => {
    const broker = await mosquitto(temporaryFolder(), await freePort());
    const cable = await cableTo(broker.port);
    const edge = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
    onTestFinished(() => edge.endAsync(true));
    let seq = 0;
    let newest: Required<Change> = { at: FROM, state: 6, good: 0, scrap: 0 };
    const send = async (kind: string, at: number, metrics: readonly EncodedMetric[]): Promise<void> => {
      seq = kind === "NBIRTH" ? 0 : (seq + 1) % 256;
      const payload = encodePayload({ timestamp: at, seq, metrics });
      await edge.publishAsync(`spBv1.0/plant/${kind}/edge`, payload, { qos: 0 });
    };
    const birth = (): Promise<void> =>
      send("NBIRTH", newest.at, [
        { name: "bdSeq", datatype: 4, long: 0 },
        { name: "state", alias: 1, datatype: 3, int: newest.state, timestamp: newest.at },
        { name: "good", alias: 2, datatype: 3, int: newest.good, timestamp: newest.at },
        { name: "scrap", alias: 3, datatype: 3, int: newest.scrap, timestamp: newest.at },
      ]);
    await edge.subscribeAsync("spBv1.0/plant/NCMD/edge");
    edge.on("message", () => void birth());
    const metric = (name: string): string => `{ group: plant, node: edge, metric: ${name} }`;
    return {
      settings: `protocol: sparkplug, url: 'mqtt://127.0.0.1:${cable.port}', clientId: oee, hostId: oee`,
      machines: mapped(`state: ${metric("state")}, good: ${metric("good")}, scrap: ${metric("scrap")}`),
      play: async (changes) => {
        for (const change of changes) {
          newest = { ...newest, ...change };
          const { at, state, good, scrap } = change;
          if (at === FROM) continue;
          await send("NDATA", at, [
            ...(state === undefined ? [] : [{ alias: 1, int: state, timestamp: at }]),
            ...(good === undefined ? [] : [{ alias: 2, int: good, timestamp: at }]),
            ...(scrap === undefined ? [] : [{ alias: 3, int: scrap, timestamp: at }]),
          ]);
        }
      },
      ...cable,
    };
  },
  "OPC UA of asyncua": () => opcUa(opcUaServer),
  // Milo keeps what happens meanwhile, but samples: of values that change more often it reports some.
  "OPC UA of Eclipse Milo": async () => ({ ...(await opcUa(miloServer)), keeps: true }),
  "an adapter's SHDR": async () => {
    const sockets = new Set<Socket>();
    let newest: Required<Change> = { at: FROM, state: 6, good: 0, scrap: 0 };
    const lineOf = ({ at, state, good, scrap }: Change): string => {
      const items = Object.entries({ state, good, scrap }).filter(([, value]) => value !== undefined);
      return `${[new Date(at).toISOString(), ...items.flat()].join("|")}\n`;
    };
    // Like an adapter it sends all present values to a new client, and then changes.
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
      socket.write(lineOf(newest));
    });
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    onTestFinished(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
    const cable = await cableTo(port);
    return {
      settings: `protocol: shdr, host: 127.0.0.1, port: ${cable.port}`,
      machines: mapped("state: state, good: good, scrap: scrap"),
      play: (changes) => {
        for (const change of changes) {
          newest = { ...newest, ...change };
          for (const socket of sockets) socket.write(lineOf(change));
        }
        return Promise.resolve();
      },
      ...cable,
    };
  },
};

const goodIn = (kpis: string): number =>
  (JSON.parse(kpis) as readonly { components: { goodCount: number } }[]).reduce(
    (sum, { components }) => sum + components.goodCount,
    0,
  );

test.each(Object.keys(GAPPED))(
  `P-5: ${HOURS} hours through %s, the cable pulled in the middle: a gap is named, and nothing that was made is lost`,
  async (name) => {
    const played = await GAPPED[name]?.();
    if (played === undefined) throw new Error(name);
    const { settings, machines, play, pull, plug, keeps = false } = played;
    await play(CHANGES.slice(0, 1));
    const receiver = new Collected();
    const { connector } = connectorOf(`connections: { peer: { ${settings}, machines: ${machines} } }`, {
      receiver,
      folder: temporaryFolder(),
    });
    await settled(receiver, 2);
    await play(CHANGES.slice(1, HALF));
    const hasTotal = (at: number, good: number | undefined): boolean =>
      receiver.events.some(
        (event) =>
          Date.parse(String(event["at"])) === at && (event["total"] as { good?: number } | undefined)?.good === good,
      );
    const before = CHANGES.slice(0, HALF).findLast(({ good }) => good !== undefined);
    await until("what was before", () => hasTotal(before?.at ?? 0, before?.good) || undefined);
    pull?.();
    await play(CHANGES.slice(HALF, -5));
    await until("the loss", () => connector.status().connections[0]?.connected === false || undefined);
    plug?.();
    await until("the connection", () => connector.status().connections[0]?.connected || undefined);
    if (!keeps) await until("the gap", () => (connector.status().connections[0]?.gapCount ?? 0) > 0 || undefined);
    await play(CHANGES.slice(-5));
    const last = CHANGES.at(-1);
    await until("the last total", () => hasTotal(TO, last?.good) || undefined);
    expect(connector.status().connections[0]?.gapCount === 0).toBe(keeps);
    const arrived = receiver.events.filter(({ at }) => Date.parse(String(at)) <= TO);
    // A server that samples reports only the last of several totals: their quantity counts at its instant, which ends the history.
    const [found, direct] = [await answersOf(arrived, FROM, TO + HOUR), await answersOf(DIRECT, FROM, TO + HOUR)];
    expect(goodIn(found.kpis)).toBe(goodIn(direct.kpis));
  },
);

interface Counter {
  readonly settings: string;
  /** The mapping's signal of the good count. */
  readonly good: string;
  /** Starts the peer once a host listens, since not all libraries of edge nodes answer a request for a birth. */
  start(): Promise<void>;
  set(good: number): void;
  pull(): void;
  plug(): void;
}

/** Peers whose values have no instants, or present ones, so that no history of hours can be played. */
const PRESENT: Readonly<Record<string, () => Promise<Counter>>> = {
  "Modbus of pymodbus": async () => {
    const device = await modbusDevice(await freePort(), [1_000]);
    const cable = await cableTo(device.port);
    const settings = `protocol: modbus, host: 127.0.0.1, port: ${cable.port}, every: 50ms, timeout: 3s`;
    const set = (good: number): void => device.set(0, good);
    return { settings, good: "{ holding: 0 }", start: () => Promise.resolve(), set, ...cable };
  },
  "Sparkplug of pysparkplug": () => sparkplugOf("pysparkplug"),
  "Sparkplug of mqtt-spb-wrapper": () => sparkplugOf("mqtt-spb-wrapper"),
  "Sparkplug of sparkplug-client": () => sparkplugOf("sparkplug-client"),
  "Sparkplug of Eclipse Tahu": async () => {
    const broker = await mosquitto(temporaryFolder(), await freePort());
    const cable = await cableTo(broker.port);
    const edge = await connectAsync(`mqtt://127.0.0.1:${broker.port}`);
    onTestFinished(() => edge.endAsync(true));
    const encode = tahuEncoder();
    let [seq, newest] = [0, 1_000];
    const send = async (kind: "NBIRTH" | "NDATA"): Promise<void> => {
      seq = kind === "NBIRTH" ? 0 : (seq + 1) % 256;
      await edge.publishAsync(`spBv1.0/plant/${kind}/tahu`, await encode(seq, "Execute", newest), { qos: 0 });
    };
    return {
      settings: `protocol: sparkplug, url: 'mqtt://127.0.0.1:${cable.port}', clientId: oee, hostId: oee`,
      good: "{ group: plant, node: tahu, metric: good }",
      start: async () => {
        edge.on("message", () => void send("NBIRTH"));
        await edge.subscribeAsync("spBv1.0/plant/NCMD/tahu");
        await send("NBIRTH");
      },
      set: (good) => {
        newest = good;
        void send("NDATA");
      },
      ...cable,
    };
  },
};

async function sparkplugOf(library: EdgeLibrary): Promise<Counter> {
  const broker = await mosquitto(temporaryFolder(), await freePort());
  const cable = await cableTo(broker.port);
  let edge: SparkplugEdge | null = null;
  return {
    settings: `protocol: sparkplug, url: 'mqtt://127.0.0.1:${cable.port}', clientId: oee, hostId: oee`,
    good: `{ group: plant, node: ${library}, device: filler, metric: [good, DATA/good] }`,
    start: async () => void (edge = await sparkplugEdge(library, broker.port)),
    set: (good) => edge?.set("good", good),
    ...cable,
  };
}

test.each(Object.keys(PRESENT))(
  "P-5: a total through %s, the cable pulled in the middle: the machine is unknown meanwhile, and all that was made is counted",
  async (name) => {
    const peer = await PRESENT[name]?.();
    if (peer === undefined) throw new Error(name);
    const from = Math.floor(Date.now() / HOUR) * HOUR;
    const receiver = new Collected();
    const machines = `{ ${FILLER}: { signals: { good: ${peer.good} }, state: [{ when: good, state: Execute }, { state: Idle }], totals: { good: good } } }`;
    const { connector } = connectorOf(`connections: { peer: { ${peer.settings}, machines: ${machines} } }`, {
      receiver,
      folder: temporaryFolder(),
    });
    const totals = (): readonly (number | undefined)[] =>
      receiver.events.map(({ total }) => (total as { good?: number } | undefined)?.good);
    const heard = (good: number): Promise<true> =>
      until(`the total ${good}`, () => totals().includes(good) || undefined);
    await until("the connection", () => connector.status().connections[0]?.connected || undefined);
    await peer.start();
    await until("the first total", () => totals().some((good) => good !== undefined) || undefined);
    for (const good of [2_000, 2_030, 2_100]) {
      peer.set(good);
      await heard(good);
    }
    peer.pull();
    await until("the loss", () => connector.status().connections[0]?.connected === false || undefined);
    for (const good of [2_150, 2_200, 2_300]) peer.set(good);
    peer.plug();
    await until("the connection again", () => connector.status().connections[0]?.connected || undefined);
    peer.set(2_345);
    await heard(2_345);
    expect(receiver.events.some(({ state }) => state === "unknown")).toBe(true);
    const first = totals().find((good) => good !== undefined) ?? 0;
    const arrived = receiver.events.filter(({ at }) => Date.parse(String(at)) < from + 2 * HOUR);
    expect(goodIn((await answersOf(arrived, from, from + 2 * HOUR)).kpis)).toBe(2_345 - first);
  },
);

test("CN-2: a 16-bit counter of a Modbus device runs over while the cable is out: with `rolloverAt` in the plant file all that was made is counted", async () => {
  const device = await modbusDevice(await freePort(), [65_500]);
  const cable = await cableTo(device.port);
  const from = Math.floor(Date.now() / HOUR) * HOUR;
  const receiver = new Collected();
  const machines = `{ ${FILLER}: { signals: { good: { holding: 0 } }, totals: { good: good } } }`;
  const { connector } = connectorOf(
    `connections: { peer: { protocol: modbus, host: 127.0.0.1, port: ${cable.port}, every: 50ms, timeout: 3s, machines: ${machines} } }`,
    { receiver, folder: temporaryFolder() },
  );
  const heard = (good: number): Promise<true> =>
    until(
      `the total ${good}`,
      () => receiver.events.some(({ total }) => (total as { good?: number } | undefined)?.good === good) || undefined,
    );
  await heard(65_500);
  device.set(0, 65_530);
  await heard(65_530);
  cable.pull();
  await until("the loss", () => connector.status().connections[0]?.connected === false || undefined);
  device.set(0, 20);
  cable.plug();
  await heard(20);
  device.set(0, 30);
  await heard(30);
  const plant = PLANT.replace("states: packml", "rolloverAt: 65536");
  expect(goodIn((await answersOf(receiver.events, from, from + 2 * HOUR, plant)).kpis)).toBe(65_536 - 65_500 + 30);
});
