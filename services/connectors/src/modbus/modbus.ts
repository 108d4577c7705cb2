/**
 * Modbus TCP: registers and coils, read in turn. One request at a time and connection, for devices answer the first of
 * several in one segment alone; a number of two or four registers is read in one request, or it could be torn. There is no
 * instant and no quality in the protocol: a value lies in the middle between request and answer.
 */
import { createConnection, type Socket } from "node:net";
import { durationMsIn, fieldsOf, numberOf, oneOf, optional, textOf, type Value } from "@oee/model/settings-file";
import { ModbusTCPClient } from "jsmodbus";
import { sleepTimer } from "@oee/pacing";
import type { Observation, Protocol, SettingsContext, Signal, Source, SourceHost } from "../port.ts";
import { type Encoding, ENCODINGS, type Order, ORDERS, registersOf, valueOf } from "./registers.ts";

interface ModbusSettings {
  readonly host: string;
  readonly port: number;
  readonly unit: number;
  readonly everyMs: number;
  readonly timeoutMs: number;
}

const TABLES = ["holding", "input", "coil", "discrete"] as const;

interface ModbusAddress {
  readonly table: (typeof TABLES)[number];
  /** As in the protocol, from 0. */
  readonly address: number;
  readonly encoding: Encoding;
  readonly order: Order;
}

const PORT_DEFAULT = 502;
const EVERY_MS = 1_000;
const TIMEOUT_MS = 2_000;
const RECONNECT_MS = 1_000;

export const modbus: Protocol<ModbusSettings, ModbusAddress> = {
  name: "modbus",
  keys: ["host", "port", "unit", "every", "timeout"],
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
    };
    return host === null ? null : { host, ...settings };
  },
  addressOf: (value, context) => addressIn(value, context),
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
  #heardAt: number;
  /** Signals that the device refuses, so that each is told once. */
  readonly #told = new Set<string>();

  constructor(settings: ModbusSettings, signals: readonly Signal<ModbusAddress>[], host: SourceHost) {
    this.#settings = settings;
    this.#signals = signals;
    this.#host = host;
    this.#heardAt = host.clock();
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#ended;
    const { heardBefore } = this.#host;
    if (heardBefore !== null) await this.#host.gone(heardBefore, "the connector was away").catch(() => {});
    while (!signal.aborted) {
      const socket = createConnection({ host: this.#settings.host, port: this.#settings.port });
      const client = new ModbusTCPClient(socket, this.#settings.unit, this.#settings.timeoutMs);
      try {
        await connected(socket, this.#settings.timeoutMs);
        while (!signal.aborted) {
          this.#host.connected();
          const began = performance.now();
          await this.#round(client);
          await sleepTimer(Math.max(0, this.#settings.everyMs - (performance.now() - began)), signal);
        }
      } catch (error) {
        if (signal.aborted) break;
        const why = error instanceof Error ? error.message : JSON.stringify(error);
        await this.#host.gone(this.#heardAt, why).catch(() => {});
        await sleepTimer(RECONNECT_MS, signal);
      } finally {
        socket.destroy();
      }
    }
  }

  /** Reads each signal once, and writes them to the disk together. Throws when the device does not answer. */
  async #round(client: ModbusTCPClient): Promise<void> {
    const observations: Observation[] = [];
    try {
      await this.#readAll(client, observations);
    } finally {
      if (observations.length > 0) await this.#host.observed(observations);
    }
  }

  async #readAll(client: ModbusTCPClient, observations: Observation[]): Promise<void> {
    for (const { machine, signal, address } of this.#signals) {
      const asked = this.#host.clock();
      const read = await this.#read(client, address, `${machine} ${signal}`);
      const answered = this.#host.clock();
      if (read !== REFUSED) this.#heardAt = answered;
      const observation: Observation = {
        machine,
        signal,
        value: read === REFUSED ? null : read,
        quality: read === REFUSED ? "bad" : "good",
        at: Math.floor((asked + answered) / 2),
        stamped: "arrival",
        standing: "live",
      };
      observations.push(observation);
    }
  }

  async #read(
    client: ModbusTCPClient,
    address: ModbusAddress,
    what: string,
  ): Promise<number | boolean | typeof REFUSED> {
    try {
      const value = await ask(client, address);
      this.#told.delete(what);
      return value;
    } catch (error) {
      const code = exceptionIn(error);
      if (code === null) throw error instanceof Error ? error : new Error(messageIn(error));
      // The device answers, and has no such value: that is bad quality, and no lost connection.
      if (!this.#told.has(what)) this.#host.refused(what, `the device answers with exception ${code}`);
      this.#told.add(what);
      return REFUSED;
    }
  }
}

const REFUSED: unique symbol = Symbol("refused");

async function ask(
  client: ModbusTCPClient,
  { table, address, encoding, order }: ModbusAddress,
): Promise<number | boolean> {
  switch (table) {
    case "coil":
      return (await client.readCoils(address, 1)).response.body.valuesAsArray[0] === 1;
    case "discrete":
      return (await client.readDiscreteInputs(address, 1)).response.body.valuesAsArray[0] === 1;
    case "holding": {
      const { response } = await client.readHoldingRegisters(address, registersOf(encoding));
      return valueOf(response.body.valuesAsBuffer, encoding, order);
    }
    case "input": {
      const { response } = await client.readInputRegisters(address, registersOf(encoding));
      return valueOf(response.body.valuesAsBuffer, encoding, order);
    }
  }
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
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no connection in time")), timeoutMs);
    socket.once("connect", () => {
      clearTimeout(timer);
      resolve();
    });
    socket.once("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
  });
  // A later error ends the request in hand, which tells it.
  socket.on("error", () => {});
}
