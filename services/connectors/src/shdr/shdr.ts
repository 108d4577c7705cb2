/**
 * The protocol `shdr`: lines that MTConnect adapters send over TCP. A signal is an item's name. An adapter that
 * answers `* PONG N` is sent a `* PING` every N ms, and is gone after 2 N ms of silence; one that does not is gone
 * when its connection is closed, or after ten minutes of silence (`timeout`), as agents have it: a machine that lost its
 * power closes nothing.
 */
import { createConnection, type Socket } from "node:net";
import { durationMsIn, numberOf, optional, textOf } from "@oee/model/settings-file";
import { parseInstant } from "@oee/model";
import { repeat, whyUnreachable } from "@oee/pacing";
import type { Observation, Protocol, Signal, Source, SourceHost } from "../port.ts";
import { HandOver } from "../hand-over.ts";
import { ShdrLines } from "./shdr-line.ts";

interface ShdrSettings {
  readonly host: string;
  readonly port: number;
  /** How long an adapter may be silent that answers no `* PING`. */
  readonly timeoutMs: number;
}

const PORT_DEFAULT = 7878;
const TIMEOUT_MS = 600_000;
const RECONNECT_MS = 1_000;
const LINE_BYTES_MAX = 1 << 20;
const UNAVAILABLE = "UNAVAILABLE";
/** A stamp in ms by the adapter's own clock, of 30 years at most. */
const RELATIVE = /^\d{1,12}(?:\.\d+)?$/;
/** The socket is paused while more observations than this are not on disk. */
const WAITING_MAX = 10_000;

export const shdr: Protocol<ShdrSettings, string> = {
  name: "shdr",
  keys: ["host", "port", "timeout"],
  required: ["host"],
  settingsOf(fields, { problems }) {
    const host = optional(fields["host"], (value) => textOf(value, "a host", problems));
    const isPort = (port: number): boolean => Number.isSafeInteger(port) && port > 0 && port < 65_536;
    const port = optional(fields["port"], (value) => numberOf(value, isPort, "a port, 1 to 65535", problems));
    const timeoutMs = optional(fields["timeout"], (value) => durationMsIn(value, "a duration such as 10m", problems));
    return host === null ? null : { host, port: port ?? PORT_DEFAULT, timeoutMs: timeoutMs ?? TIMEOUT_MS };
  },
  addressOf: (value, { problems }) => textOf(value, "the name of an item", problems),
  open: (settings, signals, host) => new ShdrSource(settings, signals, host),
};

class ShdrSource implements Source {
  readonly #settings: ShdrSettings;
  readonly #signals: ReadonlyMap<string, readonly Signal<string>[]>;
  readonly #host: SourceHost;
  readonly #ended = new AbortController();
  readonly #running: Promise<void>;
  /** Of the adapter's own clock: when it was 0, by ours (epoch ms); `null`: no line has told its time yet. */
  #adapterBeganAt: number | null = null;
  #beat: NodeJS.Timeout | null = null;
  #heardAt: number;
  /** When the adapter was heard last (monotonic ms). */
  #aliveAt = 0;
  readonly #handOver: HandOver;
  /** Since when the adapter is not heard (epoch ms); `null`: it is heard. Adapters keep nothing for clients that are away, so this is a gap. */
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
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#ended.abort();
    // First the queue: while its observations wait for the disk, the connection does not end.
    await this.#handOver.close();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { heardBefore } = this.#host;
    if (heardBefore !== null) await this.#host.gone(heardBefore, "the connector was away").catch(() => {});
    const round = async (): Promise<void> => {
      await this.#connection();
      await this.#gone();
    };
    await repeat(round, RECONNECT_MS, () => {}, this.#ended.signal);
  }

  /** Resolves when the connection has ended. */
  async #connection(): Promise<void> {
    const { signal } = this.#ended;
    const { host, port, timeoutMs } = this.#settings;
    const socket = createConnection({ host, port });
    const lines = new ShdrLines();
    let rest = "";
    socket.setEncoding("utf8");
    socket.on("connect", () => {
      this.#host.connected();
      if (this.#missedSince !== null)
        this.#host.gap(this.#missedSince, this.#host.clock(), "the adapter was not heard");
      this.#missedSince = null;
      socket.write("* PING\n");
    });
    this.#adapterBeganAt = null;
    socket.on("data", (chunk: string) => {
      this.#heardAt = this.#host.clock();
      this.#aliveAt = performance.now();
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
    socket.on("error", (error) => this.#host.unreachable(`${host}:${port}: ${whyUnreachable(error)}`));
    const destroy = (): void => void socket.destroy();
    // While we are the ones who do not read, nothing is heard either.
    socket.setTimeout(timeoutMs, () => {
      if (!socket.isPaused()) destroy();
    });
    signal.addEventListener("abort", destroy);
    await new Promise((resolve) => socket.on("close", resolve));
    signal.removeEventListener("abort", destroy);
    if (this.#beat !== null) clearInterval(this.#beat);
    this.#beat = null;
  }

  #observationsOf(lines: ShdrLines, line: string, socket: Socket): readonly Observation[] {
    const pong = /^\* PONG (\d+)/.exec(line)?.[1];
    if (pong !== undefined) this.#keepAlive(socket, Number(pong));
    const read = lines.read(line);
    if (read === null) return [];
    const stamped = this.#instantOf(read.stamp);
    if (stamped === null && read.stamp !== "")
      this.#host.refused(read.stamp, "neither an instant such as 2026-03-02T05:00:00Z nor a number of ms");
    return read.values.flatMap(([item, value]) =>
      this.#signalsOf(item).map(
        ({ machine, signal, counts }): Observation => ({
          machine,
          signal,
          value: value === UNAVAILABLE ? null : counts !== null ? partCount(value) : value,
          quality: value === UNAVAILABLE ? "bad" : "good",
          at: stamped ?? this.#host.clock(),
          stamped: stamped === null ? "arrival" : "source",
          age: "live",
        }),
      ),
    );
  }

  #signalsOf(item: string): readonly Signal<string>[] {
    const signals = this.#signals.get(item);
    if (signals === undefined && item !== "") this.#host.unmapped(item);
    return signals ?? [];
  }

  /** Of a stamp (epoch ms): an instant, or ms by a clock of the adapter's own, which began with the first line of the connection. */
  #instantOf(stamp: string): number | null {
    if (!RELATIVE.test(stamp)) return stamp === "" ? null : parseInstant(stamp);
    this.#adapterBeganAt ??= this.#host.clock() - Number(stamp);
    return Math.trunc(this.#adapterBeganAt + Number(stamp));
  }

  #keepAlive(socket: Socket, everyMs: number): void {
    if (this.#beat !== null || everyMs <= 0) return;
    socket.setTimeout(0);
    this.#beat = setInterval(() => {
      if (performance.now() - this.#aliveAt > 2 * everyMs) socket.destroy();
      else socket.write("* PING\n");
    }, everyMs);
  }

  async #gone(): Promise<void> {
    const { signal } = this.#ended;
    if (signal.aborted) return;
    this.#missedSince ??= this.#heardAt;
    await this.#handOver.idle();
    if (signal.aborted) return;
    const { host, port } = this.#settings;
    await this.#host.gone(this.#heardAt, `no connection to ${host}:${port}`).catch(() => {});
  }
}

/** The number in a part count, which may name what reset it (`0:SHIFT`). */
function partCount(value: string): string {
  return /^([0-9]+(?:\.[0-9]+)?)(?::[A-Z_]+)?$/.exec(value)?.[1] ?? value;
}
