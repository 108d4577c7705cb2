/**
 * The live picture of some scopes, kept apart from every view: newest element of each scope, age and state of the connection.
 * Elements come whole and the newest counts, so that a new snapshot makes up for lost messages; nothing is shown as live before
 * a snapshot. Memory is bounded by the scopes subscribed to. Time is given as monotonic milliseconds. Only `tick` notices silence, so it must be called often.
 */
import type { LiveElement, LiveMessage, SubscribeRequest } from "@oee/protocol";
import { ServerClock } from "./server-clock.ts";

/**
 * Without a message for this long the picture counts as lost (W-3). The server sends one at least every 1.25 s, so a message
 * may be 3.75 s late: a packet that is lost four times in a row (TCP repeats it after 0.2, 0.6, 1.4 and 3 s) is no false alarm.
 */
export const SILENCE_MS = 5_000;
/** A connection that is silent for this long is closed and opened again. */
const RECONNECT_AFTER_MS = 15_000;
const SNAPSHOT_RETRY_MS = 5_000;

export interface TransportHandlers {
  readonly onConnect: () => void;
  readonly onDisconnect: () => void;
  readonly onSnapshot: (message: LiveMessage) => void;
  readonly onUpdate: (message: LiveMessage) => void;
  readonly onHeartbeat: (emittedAt: number) => void;
  /** The server refused the subscription; `detail` says why. */
  readonly onRefused: (detail: string) => void;
}

/** One connection to the server, which is opened again whenever it is lost. */
export interface LiveTransport {
  readonly open: (handlers: TransportHandlers) => void;
  readonly subscribe: (request: SubscribeRequest) => void;
  readonly reconnect: () => void;
  readonly close: () => void;
}

export type LiveStatus =
  | { readonly kind: "connecting"; readonly problem: string | null }
  | { readonly kind: "live" }
  /** `since`: the server's time (epoch ms) at the last message. */
  | { readonly kind: "lost"; readonly since: number; readonly cause: "disconnected" | "silent" };

export interface LiveClientOptions {
  readonly transport: LiveTransport;
  readonly request: SubscribeRequest;
  /** Paths of the machines that `request.machinesOf` stands for. */
  readonly machines: readonly string[];
  readonly monotonicNow: () => number;
  /** The server's build or plant file changed: the page should reload itself (W-6). */
  readonly onVersionChange: () => void;
}

type Listener = () => void;

export class LiveClient {
  readonly #transport: LiveTransport;
  readonly #request: SubscribeRequest;
  readonly #wanted: ReadonlySet<string>;
  readonly #monotonicNow: () => number;
  readonly #onVersionChange: () => void;
  readonly #clock = new ServerClock();
  readonly #elements = new Map<string, LiveElement>();
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #statusListeners = new Set<Listener>();
  #status: LiveStatus = { kind: "connecting", problem: null };
  #connected = false;
  #awaitingSnapshot = true;
  #sequence = 0;
  #revision = 0;
  #version: string | null = null;
  #subscribedAt = 0;
  #lastSignAt: number | null = null;

  constructor(options: LiveClientOptions) {
    this.#transport = options.transport;
    this.#request = options.request;
    this.#wanted = new Set([...options.request.scopes, ...options.machines]);
    this.#monotonicNow = options.monotonicNow;
    this.#onVersionChange = options.onVersionChange;
  }

  start(): void {
    this.#transport.open({
      onConnect: () => {
        this.#connected = true;
        this.#subscribe();
      },
      onDisconnect: () => {
        this.#connected = false;
        this.#awaitingSnapshot = true;
        this.#lose("disconnected");
      },
      onSnapshot: (message) => this.#receiveSnapshot(message),
      onUpdate: (message) => this.#receiveUpdate(message),
      onHeartbeat: (emittedAt) => this.#signOfLife(emittedAt),
      onRefused: (problem) => {
        if (this.#status.kind === "connecting") this.#setStatus({ kind: "connecting", problem });
      },
    });
  }

  stop(): void {
    this.#transport.close();
  }

  /** A number that grows with every message that changed the picture. */
  get revision(): number {
    return this.#revision;
  }

  get status(): LiveStatus {
    return this.#status;
  }

  element(scope: string): LiveElement | undefined {
    return this.#elements.get(scope);
  }

  /** The server's time (epoch ms) for clocks, which goes on while the connection is lost. */
  serverNow(): number | null {
    return this.#clock.read(this.#monotonicNow());
  }

  /** The server's time (epoch ms) up to which the picture is true: durations are counted to here, and stop while it is lost (W-3). */
  knownUntil(): number | null {
    return this.#status.kind === "lost" ? this.#status.since : this.serverNow();
  }

  onElement(scope: string, listener: Listener): () => void {
    let listeners = this.#listeners.get(scope);
    if (listeners === undefined) this.#listeners.set(scope, (listeners = new Set()));
    listeners.add(listener);
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.#listeners.get(scope) === listeners) this.#listeners.delete(scope);
    };
  }

  onStatus(listener: Listener): () => void {
    this.#statusListeners.add(listener);
    return () => this.#statusListeners.delete(listener);
  }

  /** Notices silence, and repeats requests for a snapshot that were not answered. */
  tick(): void {
    const now = this.#monotonicNow();
    if (this.#lastSignAt !== null && now - this.#lastSignAt >= SILENCE_MS) this.#lose("silent");
    if (!this.#connected) return;
    const heardAt = Math.max(this.#lastSignAt ?? 0, this.#subscribedAt);
    if (now - heardAt >= RECONNECT_AFTER_MS) {
      this.#subscribedAt = now;
      this.#transport.reconnect();
    } else if (this.#awaitingSnapshot && now - this.#subscribedAt >= SNAPSHOT_RETRY_MS) {
      this.#subscribe();
    }
  }

  #subscribe(): void {
    this.#awaitingSnapshot = true;
    this.#subscribedAt = this.#monotonicNow();
    this.#transport.subscribe(this.#request);
  }

  #receiveSnapshot(message: LiveMessage): void {
    if (this.#status.kind !== "live") this.#clock.reset();
    this.#observe(message.emittedAt);
    this.#sequence = message.sequence;
    this.#awaitingSnapshot = false;
    if (this.#version !== null && this.#version !== message.version) this.#onVersionChange();
    this.#version = message.version;
    const before = [...this.#elements.keys()];
    this.#elements.clear();
    this.#put(message.elements);
    for (const scope of before) if (!this.#elements.has(scope)) this.#notify(scope);
    // The status comes after the elements, so that no view is drawn as live without its own.
    this.#setStatus({ kind: "live" });
  }

  #receiveUpdate(message: LiveMessage): void {
    this.#signOfLife(message.emittedAt);
    if (this.#awaitingSnapshot || message.sequence <= this.#sequence) return;
    const gap = message.sequence !== this.#sequence + 1;
    this.#sequence = message.sequence;
    if (this.#version !== message.version) {
      this.#version = message.version;
      this.#onVersionChange();
    }
    this.#put(message.elements);
    if (gap) this.#subscribe();
  }

  #put(elements: readonly LiveElement[]): void {
    this.#revision++;
    for (const element of elements) {
      if (!this.#wanted.has(element.scope)) continue;
      this.#elements.set(element.scope, element);
      this.#notify(element.scope);
    }
  }

  #signOfLife(emittedAt: number): void {
    this.#observe(emittedAt);
    if (this.#status.kind === "lost" && !this.#awaitingSnapshot) this.#subscribe();
  }

  #observe(emittedAt: number): void {
    this.#lastSignAt = this.#monotonicNow();
    this.#clock.observe(emittedAt, this.#lastSignAt);
  }

  #lose(cause: "disconnected" | "silent"): void {
    if (this.#lastSignAt === null || this.#status.kind !== "live") return;
    const since = this.#clock.read(this.#lastSignAt);
    if (since !== null) this.#setStatus({ kind: "lost", since, cause });
  }

  #setStatus(status: LiveStatus): void {
    if (this.#status.kind === "live" && status.kind === "live") return;
    this.#status = status;
    for (const listener of this.#statusListeners) listener();
  }

  #notify(scope: string): void {
    const listeners = this.#listeners.get(scope);
    if (listeners !== undefined) for (const listener of listeners) listener();
  }
}
