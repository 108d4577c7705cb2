/**
 * The live channel: clients with the same scopes and windows share a view, whose updates are computed and encoded once. A
 * view sends at most one update in `updateEveryMs`, with only what changed, newest wins. A client that has not taken what
 * it was sent is left out, costs the others nothing, and gets a fresh snapshot when it has: memory per client is bounded by
 * one message. At most once: what is lost is healed by the snapshot that follows.
 */
import type { Scope } from "@oee/model";
import type { LiveElement, LiveMessage, SubscribeRequest } from "@oee/protocol";
import type { Namespace, Socket } from "socket.io";
import type { GatewayMetrics } from "../metrics.ts";
import type { GatewayLimits, PlantInForce } from "../options.ts";
import type { LatencyMeter } from "./latency-meter.ts";
import { liveElement } from "./live-element.ts";
import type { MachinePictures } from "./machine-picture.ts";
import { readSubscription } from "./subscription.ts";

export interface LiveHubParts {
  readonly namespace: Namespace;
  readonly pictures: MachinePictures;
  readonly plant: () => PlantInForce;
  /** Of the build and the plant file. */
  readonly versionOf: (plant: PlantInForce) => string;
  readonly clock: () => number;
  readonly limits: GatewayLimits;
  readonly metrics: GatewayMetrics;
  readonly latency: LatencyMeter;
}

/** Subscriptions of one client in a second; more are refused. */
const SUBSCRIPTIONS_PER_SECOND_MAX = 10;

/** All machines are looked through so often for those of which no worker speaks any more. */
const STALE_LOOKED_FOR_EVERY_MS = 5_000;

class View {
  readonly room: string;
  readonly request: SubscribeRequest;
  readonly windows: ReadonlySet<string>;
  scopes: readonly Scope[] = [];
  /** The scopes that change with a machine. */
  scopesOf: ReadonlyMap<string, readonly Scope[]> = new Map();
  readonly changed = new Set<string>();
  readonly clients = new Set<Socket>();
  /** Clients that have not taken what they were sent. */
  readonly slow = new Set<Socket>();
  sequence = 0;
  updatedAt = -Infinity;
  spokeAt = -Infinity;
  timer: NodeJS.Timeout | null = null;

  constructor(room: string, request: SubscribeRequest) {
    this.room = room;
    this.request = request;
    this.windows = new Set(request.windows);
  }

  show({ plant }: PlantInForce): void {
    this.scopes = this.request.scopes.flatMap((path) => plant.scopes.get(path) ?? []);
    const scopesOf = new Map<string, Scope[]>();
    for (const scope of this.scopes) {
      for (const { id } of new Set(scope.kind === "machine" ? scope.machines : scope.members)) {
        const scopes = scopesOf.get(id);
        if (scopes === undefined) scopesOf.set(id, [scope]);
        else scopes.push(scope);
      }
    }
    this.scopesOf = scopesOf;
    this.changed.clear();
  }
}

export class LiveHub {
  readonly #parts: LiveHubParts;
  readonly #views = new Map<string, View>();
  readonly #viewsOf = new Map<string, Set<View>>();
  readonly #beat: NodeJS.Timeout;
  #plant: PlantInForce;
  #rooms = 0;
  #staleLookedForAt = -Infinity;

  constructor(parts: LiveHubParts) {
    this.#parts = parts;
    this.#plant = parts.plant();
    parts.namespace.on("connection", (socket) => this.#serve(socket));
    this.#beat = setInterval(() => this.#onBeat(), parts.limits.updateEveryMs);
    this.#beat.unref();
  }

  /** Whether any client sees something of a machine. */
  isShown(id: string): boolean {
    return (this.#viewsOf.get(id)?.size ?? 0) > 0;
  }

  /** A machine's record or timeline is new. */
  machineChanged(id: string): void {
    for (const view of this.#viewsOf.get(id) ?? []) {
      view.changed.add(id);
      this.#schedule(view);
    }
  }

  close(): void {
    clearInterval(this.#beat);
    for (const view of this.#views.values()) this.#drop(view);
  }

  #serve(socket: Socket): void {
    let view: View | null = null;
    let secondBegan = 0;
    let subscriptions = 0;
    socket.on("subscribe", (request: unknown, answer: unknown) => {
      const now = performance.now();
      if (now - secondBegan >= 1_000) [secondBegan, subscriptions] = [now, 0];
      const read =
        ++subscriptions > SUBSCRIPTIONS_PER_SECOND_MAX
          ? { refused: `expected at most ${SUBSCRIPTIONS_PER_SECOND_MAX} subscriptions in a second` }
          : readSubscription(request, this.#plant.plant, this.#parts.limits.scopesPerSubscriptionMax);
      if ("refused" in read) {
        const refusal = { code: "OEE_LIVE_REFUSED", detail: read.refused };
        socket.emit("refused", refusal);
        if (typeof answer === "function") answer(refusal);
        return;
      }
      if (view !== null) this.#leave(view, socket);
      view = this.#join(socket, read);
      if (typeof answer === "function") answer({ subscribed: read });
    });
    socket.on("disconnect", () => {
      if (view !== null) this.#leave(view, socket);
      view = null;
    });
  }

  #join(socket: Socket, request: SubscribeRequest): View {
    const key = JSON.stringify([request.scopes, request.windows]);
    let view = this.#views.get(key);
    if (view === undefined) {
      view = new View(`view ${++this.#rooms}`, request);
      view.show(this.#plant);
      this.#views.set(key, view);
      this.#index(view);
    }
    view.clients.add(socket);
    this.#sendSnapshot(view, socket);
    return view;
  }

  #leave(view: View, socket: Socket): void {
    void socket.leave(view.room);
    view.slow.delete(socket);
    view.clients.delete(socket);
    if (view.clients.size > 0) return;
    this.#drop(view);
    for (const [key, other] of this.#views) if (other === view) this.#views.delete(key);
    for (const views of this.#viewsOf.values()) views.delete(view);
  }

  #drop(view: View): void {
    if (view.timer !== null) clearTimeout(view.timer);
    view.timer = null;
  }

  #index(view: View): void {
    for (const id of view.scopesOf.keys()) {
      let views = this.#viewsOf.get(id);
      if (views === undefined) this.#viewsOf.set(id, (views = new Set()));
      views.add(view);
    }
  }

  #schedule(view: View): void {
    if (view.timer !== null) return;
    // Records come in batches: even the first change waits for the rest of its batch.
    const delay = Math.max(0, view.updatedAt + this.#parts.limits.updateEveryMs - performance.now());
    view.timer = setTimeout(() => {
      view.timer = null;
      this.#update(view);
    }, delay);
  }

  #update(view: View): void {
    const { namespace, metrics, latency } = this.#parts;
    const changed = [...view.changed];
    view.changed.clear();
    view.updatedAt = performance.now();
    for (const socket of view.clients) {
      if (view.slow.has(socket) || !isBehind(socket)) continue;
      view.slow.add(socket);
      void socket.leave(view.room);
      metrics.liveSkipped.inc();
    }
    if (view.slow.size === view.clients.size) return;
    const scopes = new Set(changed.flatMap((id) => view.scopesOf.get(id) ?? []));
    if (scopes.size === 0) return;
    const elements = [...scopes].map((scope) => this.#element(scope, view.windows));
    view.sequence++;
    const message = this.#message(view, elements);
    namespace.to(view.room).emit("update", message);
    view.spokeAt = view.updatedAt;
    metrics.liveMessages.inc({ kind: "update" }, view.clients.size - view.slow.size);
    for (const id of changed) latency.emitted(id, message.emittedAt);
  }

  #sendSnapshot(view: View, socket: Socket): void {
    const elements = view.scopes.map((scope) => this.#element(scope, view.windows));
    socket.emit("snapshot", this.#message(view, elements));
    void socket.join(view.room);
    view.slow.delete(socket);
    this.#parts.metrics.liveMessages.inc({ kind: "snapshot" });
  }

  #element(scope: Scope, windows: ReadonlySet<string>): LiveElement {
    return liveElement(this.#plant.model, this.#parts.pictures, scope, windows, this.#parts.clock());
  }

  #message(view: View, elements: readonly LiveElement[]): LiveMessage {
    const { clock, pictures, versionOf } = this.#parts;
    return {
      sequence: view.sequence,
      emittedAt: clock(),
      reflects: pictures.newestEventAt,
      version: versionOf(this.#plant),
      elements,
    };
  }

  #onBeat(): void {
    const { plant, namespace, clock, limits, metrics, pictures } = this.#parts;
    if (plant().plant !== this.#plant.plant) this.#replacePlant(plant());
    if (this.#views.size === 0) return;
    const now = performance.now();
    if (now - this.#staleLookedForAt >= STALE_LOOKED_FOR_EVERY_MS) {
      this.#staleLookedForAt = now;
      for (const id of pictures.newlyStale()) this.machineChanged(id);
    }
    const silent: string[] = [];
    for (const view of this.#views.values()) {
      for (const socket of view.slow) if (!isBehind(socket)) this.#sendSnapshot(view, socket);
      if (now - view.spokeAt < limits.heartbeatEveryMs) continue;
      view.spokeAt = now;
      silent.push(view.room);
      metrics.liveMessages.inc({ kind: "heartbeat" }, view.clients.size - view.slow.size);
    }
    // To all at once: encoded once.
    if (silent.length > 0) namespace.to(silent).emit("heartbeat", { emittedAt: clock() });
  }

  #replacePlant(plant: PlantInForce): void {
    this.#plant = plant;
    this.#parts.pictures.replacePlant(plant.model);
    this.#viewsOf.clear();
    for (const view of this.#views.values()) {
      view.show(plant);
      this.#index(view);
      for (const socket of view.clients) if (!view.slow.has(socket)) this.#sendSnapshot(view, socket);
    }
  }
}

/** Whether something sent to the client has not left this process. */
function isBehind({ conn }: Socket): boolean {
  // Private in its types; engine.io's guide names it as what to look at.
  const { writeBuffer } = conn as unknown as { readonly writeBuffer: readonly unknown[] };
  return writeBuffer.length > 0 || (conn.transport.name === "websocket" && !conn.transport.writable);
}
