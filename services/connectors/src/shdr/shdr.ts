/**
 * SHDR over TCP: the lines that MTConnect adapters speak. A signal is an item's name. An adapter that answers `* PONG N` is
 * asked for a sign of life every N ms, and is gone after 2 N ms of silence; one that does not is gone when its connection is.
 */
import { createConnection, type Socket } from "node:net";
import { numberOf, optional, textOf } from "@oee/model/settings-file";
import { parseInstant } from "@oee/model";
import type { Observation, Protocol, Signal, Source, SourceHost } from "../port.ts";
import { HandOver } from "../hand-over.ts";
import { ShdrLines } from "./shdr-line.ts";

interface ShdrSettings {
  readonly host: string;
  readonly port: number;
}

const PORT_DEFAULT = 7878;
const RECONNECT_MS = 1_000;
const LINE_BYTES_MAX = 1 << 20;
const UNAVAILABLE = "UNAVAILABLE";
/** Beyond so many observations that are not on disk yet the socket waits. */
const WAITING_MAX = 10_000;

export const shdr: Protocol<ShdrSettings, string> = {
  name: "shdr",
  keys: ["host", "port"],
  required: ["host"],
  settingsOf(fields, { problems }) {
    const host = optional(fields["host"], (value) => textOf(value, "a host", problems));
    const isPort = (port: number): boolean => Number.isSafeInteger(port) && port > 0 && port < 65_536;
    const port = optional(fields["port"], (value) => numberOf(value, isPort, "a port, 1 to 65535", problems));
    return host === null ? null : { host, port: port ?? PORT_DEFAULT };
  },
  addressOf: (value, { problems }) => textOf(value, "the name of an item", problems),
  open: (settings, signals, host) => new ShdrSource(settings, signals, host),
};

class ShdrSource implements Source {
  readonly #settings: ShdrSettings;
  readonly #signals: ReadonlyMap<string, readonly Signal<string>[]>;
  readonly #host: SourceHost;
  #socket: Socket | null = null;
  #reconnect: NodeJS.Timeout | null = null;
  #beat: NodeJS.Timeout | null = null;
  #heardAt: number;
  #closed = false;
  readonly #handOver: HandOver;
  /** That the machines are gone is told before what comes next. */
  #telling: Promise<void> = Promise.resolve();
  /** Since when the adapter was not heard (epoch ms), while it is not; adapters keep nothing for who is away. */
  #missedSince: number | null;

  constructor(settings: ShdrSettings, signals: readonly Signal<string>[], host: SourceHost) {
    this.#settings = settings;
    this.#host = host;
    this.#heardAt = host.clock();
    const byItem = new Map<string, Signal<string>[]>();
    for (const signal of signals) byItem.set(signal.address, [...(byItem.get(signal.address) ?? []), signal]);
    this.#signals = byItem;
    this.#handOver = new HandOver(host);
    this.#missedSince = host.heardBefore;
    if (host.heardBefore !== null)
      this.#telling = host.gone(host.heardBefore, "the connector was away").catch(() => {});
    this.#connect();
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#reconnect !== null) clearTimeout(this.#reconnect);
    if (this.#beat !== null) clearInterval(this.#beat);
    this.#socket?.destroy();
    await this.#telling;
    await this.#handOver.close();
  }

  #connect(): void {
    const socket = createConnection(this.#settings);
    const lines = new ShdrLines();
    let rest = "";
    this.#socket = socket;
    socket.setEncoding("utf8");
    socket.on("connect", () => {
      this.#host.connected();
      if (this.#missedSince !== null)
        this.#host.gap(this.#missedSince, this.#host.clock(), "the adapter was not heard");
      this.#missedSince = null;
      socket.write("* PING\n");
    });
    socket.on("data", (chunk: string) => {
      this.#heardAt = this.#host.clock();
      this.#host.connected();
      const parts = (rest + chunk).split("\n");
      rest = parts.pop() ?? "";
      if (rest.length > LINE_BYTES_MAX) {
        this.#host.refused(rest.slice(0, 80), `a line of more than ${LINE_BYTES_MAX} bytes`);
        rest = "";
      }
      const observations = parts.flatMap((line) => this.#observationsOf(lines, line, socket));
      this.#handOver.push(observations);
      if (this.#handOver.waiting < WAITING_MAX) return;
      socket.pause();
      void this.#handOver.idle().then(() => socket.resume());
    });
    socket.on("error", () => {});
    socket.on("close", () => void this.#gone(socket));
  }

  #observationsOf(lines: ShdrLines, line: string, socket: Socket): readonly Observation[] {
    const pong = /^\* PONG (\d+)/.exec(line)?.[1];
    if (pong !== undefined) this.#keepAlive(socket, Number(pong));
    const read = lines.read(line);
    if (read === null) return [];
    const stamped = read.stamp === "" ? null : parseInstant(read.stamp);
    if (stamped === null && read.stamp !== "")
      this.#host.refused(read.stamp, "no instant such as 2026-03-02T05:00:00Z");
    return read.values.flatMap(([item, value]) =>
      (this.#signals.get(item) ?? []).map(
        ({ machine, signal, counts }): Observation => ({
          machine,
          signal,
          value: value === UNAVAILABLE ? null : counts !== null ? partCount(value) : value,
          quality: value === UNAVAILABLE ? "bad" : "good",
          at: stamped ?? this.#host.clock(),
          stamped: stamped === null ? "arrival" : "source",
          standing: "live",
        }),
      ),
    );
  }

  #keepAlive(socket: Socket, everyMs: number): void {
    if (this.#beat !== null || everyMs <= 0) return;
    this.#beat = setInterval(() => {
      if (this.#host.clock() - this.#heardAt > 2 * everyMs) socket.destroy();
      else socket.write("* PING\n");
    }, everyMs);
  }

  async #gone(socket: Socket): Promise<void> {
    if (socket !== this.#socket || this.#closed) return;
    if (this.#beat !== null) clearInterval(this.#beat);
    this.#beat = null;
    this.#missedSince ??= this.#heardAt;
    await this.#handOver.idle();
    const { host, port } = this.#settings;
    await this.#host.gone(this.#heardAt, `no connection to ${host}:${port}`).catch(() => {});
    if (this.#closed) return;
    this.#reconnect = setTimeout(() => this.#connect(), RECONNECT_MS);
  }
}

/** The number in a part count, which may name what reset it (`0:SHIFT`). */
function partCount(value: string): string {
  return /^([0-9]+(?:\.[0-9]+)?)(?::[A-Z_]+)?$/.exec(value)?.[1] ?? value;
}
