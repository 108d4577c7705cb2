/**
 * Reads one OPC UA server and goes on after every loss of its connection. A watchdog of our own runs beside the
 * client's: after twice the agreed longest silence the machines are unknown; after a silence of `timeout`, or where a
 * restored session is not the same, connection and subscription are made anew, and what may have been missed is
 * reported as a gap.
 */
import { dirname, join } from "node:path";
import { repeat } from "@oee/pacing";
import type { Observation, Signal, Source, SourceHost } from "../port.ts";
import { HandOver } from "../hand-over.ts";
import type { OpcUaAddress, OpcUaSettings } from "./settings.ts";
import type { ServerSession } from "./session.ts";
import type { Listener, Reading } from "./subscription.ts";
import { hasOverflow, isStamp, isUsable, type ReadValue, valueAt } from "./values.ts";

const RETRY_MS = 1_000;
const WATCH_MS = 500;
/** Status codes by which a server says that it has no subscriptions, or no more of them. */
const NO_SUBSCRIPTIONS = /BadServiceUnsupported|BadTooManySubscriptions|BadNotSupported|BadNotImplemented/;

export class OpcUaSource implements Source {
  readonly #settings: OpcUaSettings;
  readonly #signals: readonly Signal<OpcUaAddress>[];
  readonly #host: SourceHost;
  readonly #handOver: HandOver;
  readonly #ended = new AbortController();
  readonly #running: Promise<void>;
  /** Signals whose newest value could not be used: it is reported again only after a usable one. */
  readonly #unusable = new Set<Signal<OpcUaAddress>>();
  /** The newest observations of signals that decide states. A server reports changes alone, so these are handed over again when it is heard after a silence. */
  readonly #newest = new Map<Signal<OpcUaAddress>, Observation>();
  #heardAt: number | null;
  /** When the server was heard last (monotonic ms). */
  #aliveAt = performance.now();
  #goneTold: Promise<void> = Promise.resolve();
  #isGone = false;

  constructor(settings: OpcUaSettings, signals: readonly Signal<OpcUaAddress>[], host: SourceHost) {
    this.#settings = settings;
    this.#signals = signals;
    this.#host = host;
    this.#handOver = new HandOver(host);
    this.#heardAt = host.heardBefore;
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#running;
    await this.#handOver.close();
  }

  async #run(): Promise<void> {
    let why = "the connector was away";
    const round = async (): Promise<void> => {
      this.#goneTold = this.#gone(why);
      await this.#goneTold;
      this.#newest.clear();
      why = await this.#session(why);
    };
    const onFailure = (error: unknown): void => {
      const message = error instanceof Error ? error.message : String(error);
      if (message !== why) this.#host.notice(this.#settings.url, explained(message, dirname(this.#host.folder)));
      why = message;
    };
    await repeat(round, RETRY_MS, onFailure, this.#ended.signal);
  }

  /** Reads the server by one session, which another's end made necessary. Resolves with why the next one is. */
  async #session(reason: string): Promise<string> {
    const { openSession } = await import("./session.ts");
    const over = new AbortController();
    const ended = new Promise<null>((resolve) => {
      if (this.#ended.signal.aborted) resolve(null);
      this.#ended.signal.addEventListener("abort", () => resolve(null), { signal: over.signal });
    });
    const opening = openSession(this.#settings, join(this.#host.folder, "certificates"));
    const server = await Promise.race([opening, ended]).catch((error: unknown) => {
      over.abort();
      throw error;
    });
    if (server === null) {
      // Closing does not wait for a server that does not answer.
      void opening.then(
        (late) => late.close(),
        () => {},
      );
      return "closed";
    }
    const broken = deferred<string>();
    const listener: Listener = {
      alive: () => this.#alive(),
      changed: (signal, value) => this.#changed(signal, value),
      refused: (what, why) => this.#host.refused(what, why),
      notice: (what, why) => this.#host.notice(what, why),
      broken: broken.resolve,
    };
    let reading: Reading | null = null;
    let watch: NodeJS.Timeout | undefined;
    try {
      const missedSince = this.#heardAt;
      this.#alive();
      if (missedSince !== null) this.#host.gap(missedSince, this.#host.clock(), `the server was read anew: ${reason}`);
      reading = await this.#read(server, listener);
      const { keepAliveMs } = reading;
      watch = setInterval(() => this.#watch(keepAliveMs, broken.resolve), WATCH_MS);
      return (await Promise.race([server.lost, broken.promise, ended])) ?? "closed";
    } finally {
      over.abort();
      clearInterval(watch);
      reading?.close();
      await server.close();
    }
  }

  async #read({ session, namespaces }: ServerSession, listener: Listener): Promise<Reading> {
    const { poll, subscribe } = await import("./subscription.ts");
    if (this.#settings.read === "subscribe") {
      try {
        return await subscribe(session, namespaces, this.#signals, this.#settings, listener);
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error);
        if (!NO_SUBSCRIPTIONS.test(message)) throw error;
        this.#host.notice(this.#settings.url, `it has no subscription for us, so it is read in turn: ${message}`);
      }
    }
    return poll(session, namespaces, this.#signals, this.#settings, listener);
  }

  #alive(): void {
    this.#heardAt = this.#host.clock();
    this.#aliveAt = performance.now();
    this.#host.connected();
    if (!this.#isGone) return;
    this.#isGone = false;
    void this.#goneTold.then(() => this.#handOver.push([...this.#newest.values()]));
  }

  #watch(keepAliveMs: number, broken: (why: string) => void): void {
    const silentMs = performance.now() - this.#aliveAt;
    const why = `the server is silent for ${Math.round(silentMs / 1000)} s`;
    if (silentMs > 2 * keepAliveMs + WATCH_MS && !this.#isGone) this.#goneTold = this.#gone(why);
    if (silentMs > Math.max(this.#settings.timeoutMs, 2 * keepAliveMs)) broken(why);
  }

  async #gone(why: string): Promise<void> {
    if (this.#isGone) return;
    this.#isGone = true;
    await this.#handOver.idle();
    if (this.#heardAt !== null) await this.#host.gone(this.#heardAt, why).catch(() => {});
  }

  #changed(signal: Signal<OpcUaAddress>, value: ReadValue): void {
    const arrivedAt = this.#host.clock();
    const { at: wanted, path } = signal.address;
    const source = wanted === "source" && isStamp(value.sourceTimestamp) ? value.sourceTimestamp : null;
    const server = wanted !== "arrival" && isStamp(value.serverTimestamp) ? value.serverTimestamp : null;
    const at = (source ?? server)?.getTime() ?? arrivedAt;
    const stamped = source !== null ? "source" : server !== null ? "server" : "arrival";
    const status = value.statusCode.value;
    if (hasOverflow(status))
      this.#host.gap(at, at, `the server's queue of ${signal.machine} ${signal.signal} was full`);
    const usable = isUsable(status);
    const found = usable ? valueAt(value, path) : { value: null };
    if ("why" in found) this.#tellUnusable(signal, found.why);
    else if (this.#unusable.size > 0) this.#unusable.delete(signal);
    const read = "why" in found ? null : found.value;
    const quality = read === null ? "bad" : "good";
    const { machine, signal: name, counts } = signal;
    const observation: Observation = { machine, signal: name, value: read, quality, at, stamped, age: "live" };
    if (counts === null) this.#newest.set(signal, observation);
    this.#handOver.push([observation]);
  }

  #tellUnusable(signal: Signal<OpcUaAddress>, why: string): void {
    if (!this.#unusable.has(signal)) this.#host.refused(`${signal.machine} ${signal.signal}`, `found ${why}`);
    this.#unusable.add(signal);
  }
}

/** `data`: where the connector keeps certificates, for `oee start` has another folder than `oee connect`. */
function explained(message: string, data: string): string {
  if (!message.includes("BadCertificateUntrusted")) return message;
  return `the server's certificate is not trusted (BadCertificateUntrusted): oee connect trust --data ${data} lists and accepts it`;
}

function deferred<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((taken) => (resolve = taken));
  return { promise, resolve };
}
