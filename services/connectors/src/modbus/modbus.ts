/**
 * Modbus TCP: registers and coils, read block by block. One request at a time and connection, for devices answer the first of
 * several in one segment alone. There is no instant and no quality in the protocol: a value lies in the middle between
 * request and answer.
 */
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { durationMsIn, fieldsOf, numberOf, oneOf, optional, textOf, type Value } from "@oee/model/settings-file";
import { ModbusTCPClient } from "jsmodbus";
import { inTime, repeat, sleepTimer, whyUnreachable } from "@oee/pacing";
import { HandOver } from "../hand-over.ts";
import type { Observation, Protocol, SettingsContext, Signal, Source, SourceHost } from "../port.ts";
import { apartOf, type Block, blocksOf, isOfRegisters } from "./blocks.ts";
import { ENCODINGS, ORDERS, registersOf, valueOf } from "./registers.ts";
import { type ModbusAddress, type ModbusSettings, TABLES } from "./settings.ts";

const PORT_DEFAULT = 502;
/** Numbers that 16 bits hold. */
const WORD = 65_536;
const EVERY_MS = 1_000;
const TIMEOUT_MS = 2_000;
const RECONNECT_MS = 1_000;
/** What is read along takes 32 bytes of an answer, where a request of its own takes a round trip. */
const GAP = 16;
/** The most registers that one request asks for. */
const GAP_MAX = 125;

export const modbus: Protocol<ModbusSettings, ModbusAddress> = {
  name: "modbus",
  keys: ["host", "port", "unit", "every", "timeout", "gap"],
  required: ["host"],
  settingsOf(fields, { problems }) {
    const host = optional(fields["host"], (value) => textOf(value, "a host", problems));
    const whole = (name: string, least: number, most: number, otherwise: number): number =>
      optional(fields[name], (value) =>
        numberOf(
          value,
          (n) => Number.isSafeInteger(n) && n >= least && n <= most,
          `a whole number, ${least} to ${most}`,
          problems,
        ),
      ) ?? otherwise;
    const lasting = (name: string, otherwise: number): number =>
      optional(fields[name], (value) => durationMsIn(value, "a duration such as 1s", problems)) ?? otherwise;
    const settings = {
      port: whole("port", 1, 65_535, PORT_DEFAULT),
      unit: whole("unit", 0, 255, 1),
      everyMs: lasting("every", EVERY_MS),
      timeoutMs: lasting("timeout", TIMEOUT_MS),
      gap: whole("gap", 0, GAP_MAX, GAP),
    };
    return host === null ? null : { host, ...settings };
  },
  addressOf: (value, context) => addressIn(value, context),
  totalHint: ({ encoding }) => {
    const [, bits] = /^int(\d+)$/.exec(encoding) ?? [];
    if (bits === undefined) return null;
    return `falls below 0 after ${2n ** (BigInt(bits) - 1n) - 1n}, for it is read with a sign: write as: uint${bits}`;
  },
  wrapsAt: ({ encoding }) => (encoding === "uint16" || encoding === "int16" ? WORD : null),
  open: (settings, signals, host) => new ModbusSource(settings, signals, host),
};

function addressIn(value: Value, { problems }: SettingsContext): ModbusAddress | null {
  const fields = fieldsOf(value, [...TABLES, "as", "order"], [], problems);
  const tables = TABLES.filter((name) => fields[name] !== undefined);
  const [table] = tables;
  if (table === undefined || tables.length > 1) {
    problems.add(value, tables.length > 1 ? tables.join(" and ") : "no table", `one of ${TABLES.join(", ")}`);
    return null;
  }
  const isAddress = (n: number): boolean => Number.isSafeInteger(n) && n >= 0 && n <= 65_535;
  const address = optional(fields[table], (n) => numberOf(n, isAddress, "an address, 0 to 65535", problems));
  const encoding = optional(fields.as, (word) => oneOf(word, ENCODINGS, problems)) ?? "uint16";
  const order = optional(fields.order, (word) => oneOf(word, ORDERS, problems)) ?? "ABCD";
  return address === null ? null : { table, address, encoding, order };
}

class ModbusSource implements Source {
  readonly #settings: ModbusSettings;
  readonly #signals: readonly Signal<ModbusAddress>[];
  readonly #host: SourceHost;
  readonly #running: Promise<void>;
  readonly #ended = new AbortController();
  readonly #handOver: HandOver;
  #heardAt: number;
  /** Signals that cannot be read, so that each is reported once. */
  readonly #refusals = new Set<string>();

  constructor(settings: ModbusSettings, signals: readonly Signal<ModbusAddress>[], host: SourceHost) {
    this.#settings = settings;
    this.#signals = signals;
    this.#host = host;
    this.#heardAt = host.clock();
    this.#handOver = new HandOver(host);
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#ended.abort();
    // First the queue: while its observations wait for the disk, a loss of the device is not told.
    await this.#handOver.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended;
    const { heardBefore } = this.#host;
    if (heardBefore !== null) await this.#host.gone(heardBefore, "the connector was away").catch(() => {});
    const onFailure = async (error: unknown): Promise<void> => {
      const why = error instanceof Error ? whyUnreachable(error) : JSON.stringify(error);
      await this.#handOver.idle();
      if (signal.aborted) return;
      this.#host.unreachable(`${this.#settings.host}:${this.#settings.port}: ${why}`);
      await this.#host.gone(this.#heardAt, why).catch(() => {});
    };
    await repeat(() => this.#connection(), RECONNECT_MS, onFailure, signal);
  }

  /** Reads over one connection until it is lost, and throws then. */
  async #connection(): Promise<void> {
    const { signal } = this.#ended;
    const { host, port, unit, everyMs, timeoutMs, gap } = this.#settings;
    const socket = createConnection({ host, port });
    const client = new ModbusTCPClient(socket, unit, timeoutMs);
    try {
      await connected(socket, timeoutMs);
      const blocks = [...blocksOf(this.#signals, gap)];
      while (!signal.aborted) {
        this.#host.connected();
        const began = performance.now();
        await this.#round(client, blocks);
        await sleepTimer(Math.max(0, everyMs - (performance.now() - began)), signal);
      }
    } finally {
      socket.destroy();
    }
  }

  /** Reads each signal once, and hands them over together. Throws when the device does not answer. */
  async #round(client: ModbusTCPClient, blocks: Block[]): Promise<void> {
    const observations: Observation[] = [];
    try {
      // A block that the device refuses is split, and stays split for later rounds.
      for (const block of blocks.splice(0)) blocks.push(...(await this.#read(client, block, observations)));
    } finally {
      this.#handOver.push(observations);
    }
  }

  /** The blocks in which its signals are read the next time. */
  async #read(client: ModbusTCPClient, block: Block, observations: Observation[]): Promise<readonly Block[]> {
    const asked = this.#host.clock();
    const answer = await ask(client, block);
    const answered = this.#host.clock();
    const at = Math.floor((asked + answered) / 2);
    if ("exception" in answer && block.signals.length > 1) {
      const apart: Block[] = [];
      for (const part of apartOf(block)) apart.push(...(await this.#read(client, part, observations)));
      return apart;
    }
    if (!("exception" in answer)) this.#heardAt = answered;
    for (const signal of block.signals) {
      const found =
        "exception" in answer
          ? { why: `the device answers with exception ${answer.exception}` }
          : foundIn(answer, block, signal.address);
      const { machine, signal: name } = signal;
      this.#tellOnce(`${machine} ${name}`, "why" in found ? found.why : null);
      const value = "why" in found ? null : found.value;
      const quality = value === null ? "bad" : "good";
      observations.push({ machine, signal: name, value, quality, at, stamped: "arrival", age: "live" });
    }
    return [block];
  }

  /** Reports why a signal's value cannot be used, once until it can again (`why` is `null`). */
  #tellOnce(what: string, why: string | null): void {
    if (why === null) return void this.#refusals.delete(what);
    if (!this.#refusals.has(what)) this.#host.refused(what, why);
    this.#refusals.add(what);
  }
}

type Answer = { readonly bytes: Buffer } | { readonly bits: readonly number[] } | { readonly exception: number };

/** Throws where the device does not answer; an exception is an answer: that is bad quality, and no lost connection. */
async function ask(client: ModbusTCPClient, { table, address, count }: Block): Promise<Answer> {
  try {
    switch (table) {
      case "coil":
        return { bits: (await client.readCoils(address, count)).response.body.valuesAsArray.map(Number) };
      case "discrete":
        return { bits: (await client.readDiscreteInputs(address, count)).response.body.valuesAsArray.map(Number) };
      case "holding":
        return { bytes: (await client.readHoldingRegisters(address, count)).response.body.valuesAsBuffer };
      case "input":
        return { bytes: (await client.readInputRegisters(address, count)).response.body.valuesAsBuffer };
    }
  } catch (error) {
    const exception = exceptionIn(error);
    if (exception === null) throw error instanceof Error ? error : new Error(messageIn(error));
    return { exception };
  }
}

type Found = { readonly value: number | boolean } | { readonly why: string };

function foundIn(
  answer: Exclude<Answer, { readonly exception: number }>,
  block: Block,
  { table, address, encoding, order }: ModbusAddress,
): Found {
  const place = address - block.address;
  if ("bits" in answer) {
    const bit = answer.bits[place];
    return bit === undefined ? { why: "an answer that is too short" } : { value: bit === 1 };
  }
  const end = 2 * (place + registersOf(encoding));
  if (!isOfRegisters(table) || answer.bytes.length < end) return { why: "an answer that is too short" };
  return valueOf(answer.bytes.subarray(2 * place, end), encoding, order);
}

/** The exception that a device answered with; `null`: it was another failure. */
function exceptionIn(error: unknown): number | null {
  if (typeof error !== "object" || error === null || !("err" in error) || error.err !== "ModbusException") return null;
  const { response } = error as { readonly response?: { readonly body?: { readonly code?: number } } };
  return response?.body?.code ?? 0;
}

function messageIn(error: unknown): string {
  return typeof error === "object" && error !== null && "message" in error ? String(error.message) : String(error);
}

async function connected(socket: Socket, timeoutMs: number): Promise<void> {
  await inTime(once(socket, "connect"), timeoutMs, () => {
    throw new Error("no connection in time");
  });
  // Errors after this end the request under way, which reports them.
  socket.on("error", () => {});
}
