/**
 * How often a connector writes to its disk: all messages that come while a write is under way go into the next write together. With
 * one write a message, a disk that takes 20 ms for a write would let 50 messages a second through.
 */
import { createServer, type Socket } from "node:net";
import { connectAsync } from "mqtt";
import { expect, onTestFinished, test, vi } from "vitest";
import { Outbox } from "../../services/connectors/src/outbox.ts";
import { until } from "../live/oee-process.ts";
import { freePort } from "../support/free-port.ts";
import { connectorOf, FILLER, type Started } from "./connector.ts";
import { Collected, mosquitto, temporaryFolder } from "./peers.ts";

const MESSAGES = 1_000;
const WRITE_MS = 20;
const WRITES_MAX = 100;
const FROM = Date.UTC(2026, 2, 2, 5);

/** Counts the writes so far. No write ends before `said` resolves, so that the speed of the sender does not matter. */
function slowDisk(said: () => Promise<void>): () => number {
  // The real method is called below.
  // oxlint-disable-next-line typescript/unbound-method
  const { put } = Outbox.prototype;
  let writes = 0;
  const slow = vi.spyOn(Outbox.prototype, "put").mockImplementation(async function (this: Outbox, events, notes) {
    writes++;
    await said();
    await new Promise((resolve) => setTimeout(resolve, WRITE_MS));
    await put.call(this, events, notes);
  });
  onTestFinished(() => slow.mockRestore());
  return () => writes;
}

const total = (n: number): string => JSON.stringify({ n, t: FROM + 1000 * n });

interface Sending {
  /** The connection in YAML, without its machines, and the address of its total. */
  readonly settings: string;
  readonly signal: string;
  /** Sends the totals 1, 2, …, each in a message of its own, and calls `said` after the last one. */
  send(connector: Started["connector"], said: () => void): Promise<void>;
}

const SENDING: Readonly<Record<string, () => Promise<Sending>>> = {
  SHDR: async () => {
    let adapter: Socket | null = null;
    const server = createServer((socket: Socket) => {
      socket.setNoDelay(true);
      socket.on("error", () => {});
      adapter = socket;
    });
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const send: Sending["send"] = async (_, said) => {
      const socket = await until("the connection", () => adapter ?? undefined);
      const say = (n: number): void => {
        socket.write(`${new Date(FROM + 1000 * n).toISOString()}|pc|${n}\n`);
        if (n < MESSAGES) setImmediate(() => say(n + 1));
        else said();
      };
      say(1);
    };
    return { settings: `protocol: shdr, host: 127.0.0.1, port: ${port}`, signal: "pc", send };
  },
  HTTP: () =>
    Promise.resolve({
      settings: "protocol: http",
      signal: "{ value: n, at: t }",
      send: async (connector, said) => {
        const answers = Array.from({ length: MESSAGES }, (_, i) =>
          connector.receive("peer", [JSON.parse(total(i + 1))], { token: null, admitted: false }),
        );
        said();
        expect((await Promise.all(answers)).every((answer) => answer?.kind === "taken")).toBe(true);
      },
    }),
  MQTT: async () => {
    const { port } = await mosquitto(temporaryFolder(), await freePort());
    return {
      settings: `protocol: mqtt, url: 'mqtt://127.0.0.1:${port}', clientId: oee`,
      signal: "{ topic: t, value: n, at: t }",
      send: async (_, said) => {
        const sender = await connectAsync(`mqtt://127.0.0.1:${port}`);
        onTestFinished(() => sender.endAsync(true));
        for (let n = 1; n <= MESSAGES; n++) await sender.publishAsync("t", total(n), { qos: 1 });
        said();
      },
    };
  },
};

test.each(Object.keys(SENDING))(
  `${MESSAGES} messages of %s to a disk that takes ${WRITE_MS} ms for a write: many go into one, in order`,
  async (name) => {
    const made = await SENDING[name]?.();
    if (made === undefined) throw new Error(name);
    const { settings, signal, send } = made;
    let isSaid: Promise<void> = Promise.resolve();
    const writes = slowDisk(() => isSaid);
    const receiver = new Collected();
    const machines = `{ ${FILLER}: { signals: { n: ${signal} }, totals: { good: n } } }`;
    const { connector } = connectorOf(`connections: { peer: { ${settings}, machines: ${machines} } }`, {
      receiver,
      folder: temporaryFolder(),
    });
    const goods = (): readonly number[] => receiver.events.map(({ total: sums }) => (sums as { good: number }).good);
    if (name !== "HTTP") await until("the connection", () => connector.status().connections[0]?.connected || undefined);
    let said = (): void => {};
    isSaid = new Promise((resolve) => (said = resolve));
    await send(connector, said);
    await until("the last total", () => goods().at(-1) === MESSAGES || undefined);
    expect(goods()).toEqual(Array.from({ length: MESSAGES }, (_, i) => i + 1));
    console.log(`${writes()} writes`);
    expect(writes()).toBeLessThan(WRITES_MAX);
  },
);
