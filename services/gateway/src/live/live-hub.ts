/**
 * The live channel: clients with the same scopes and windows share a view, whose updates are computed and encoded once; views
 * share the elements that they have in common (`element-texts.ts`). A view sends at most four updates in four times `updateEveryMs`
 * (`update-pace.ts`), with the newest values of what changed. Views are sent one after another and give way to other work, so that with many views each sends less often instead of holding up the process. A client that
 * has not read its last message gets no further ones, which delays no other client, and a fresh snapshot once it has read:
 * memory per client is bounded by one message. A client that reads nothing for `slowClientMs` is disconnected. Delivery is at
 * most once; the snapshot repairs what was lost.
 */
import type { PlantModel } from "@oee/engine";
import { OneAtATime } from "@oee/pacing";
import { type Scope, scopeAt } from "@oee/model";
import type { LiveMessage, SubscribeRequest } from "@oee/protocol";
import { GiveWay, systemScheduler } from "@oee/pacing";
import type { FastifyBaseLogger } from "fastify";
import type { Namespace, Socket } from "socket.io";
import type { GatewayMetrics } from "../metrics.ts";
import type { GatewayLimits, PlantInForce } from "../options.ts";
import type { LatencyMeter } from "./latency-meter.ts";
import { ElementMemory, ElementTexts } from "./element-texts.ts";
import { type Frame, Frames } from "./frames.ts";
import { JsonBytes, jsonPiece } from "../json-bytes.ts";
import { type Attention, briefElement, writeElement } from "./live-element.ts";
import type { MachinePictures } from "./machine-picture.ts";
import { readSubscription } from "./subscription.ts";
import { UpdatePace } from "./update-pace.ts";

export interface LiveHubParts {
  readonly namespace: Namespace;
  readonly pictures: MachinePictures;
  readonly plant: () => PlantInForce;
  /** The scopes of which a client may see the live picture. */
  readonly reachOf: (socket: Socket) => readonly string[];
  /** The plant reduced to some scopes. */
  readonly seenBy: (reach: readonly string[], plant: PlantInForce) => PlantInForce;
  /** The version that messages carry, of the build and the plant file. */
  readonly versionOf: (plant: PlantInForce) => string;
  /** The open alerts of a scope, and the number of its stops that need a reason. */
  readonly attentionOf: (scope: Scope) => Attention;
  readonly clock: () => number;
  readonly limits: GatewayLimits;
  readonly metrics: GatewayMetrics;
  readonly latency: LatencyMeter;
  readonly logger: Pick<FastifyBaseLogger, "error">;
  /** Called with the machines that views show, at the next beat after views came or went. */
  readonly show: (machines: ReadonlySet<string>) => void;
  /** Called with a machine whose changes are about to be sent; a record that comes within the call is sent too. */
  readonly taking: (machine: string) => void;
}

/** Most subscriptions of one client in a second; more are refused. */
const SUBSCRIPTIONS_PER_SECOND_MAX = 10;

/** A client that sends more requests in a second is disconnected. */
const REFUSALS_PER_SECOND_MAX = 100;

const NO_SCOPES: readonly Scope[] = [];
const NO_VIEWS: ReadonlyMap<View, readonly Scope[]> = new Map();

const ELEMENTS = jsonPiece('{"elements":[');
const ELEMENTS_END = jsonPiece("],");
const COMMA = jsonPiece(",");

/** So long (ms) machines are computed until other work has its turn. */
const TAKING_MS = 10;
const SCHEDULER = systemScheduler();

/** All machines are checked this often for live records that are overdue. */
const STALE_LOOKED_FOR_EVERY_MS = 5_000;

/** A snapshot or an update that is being put together. */
class Message {
  readonly frame: Frame;
  isEmpty = true;

  constructor(frame: Frame, namespace: string, event: "snapshot" | "update") {
    this.frame = frame;
    frame.begin(namespace, event).piece(ELEMENTS);
  }

  add(element: Uint8Array): void {
    this.#separate().piece(element);
  }

  addText(element: string): void {
    this.#separate().json(element);
  }

  #separate(): JsonBytes {
    const { json } = this.frame;
    if (!this.isEmpty) json.piece(COMMA);
    this.isEmpty = false;
    return json;
  }
}

class View {
  /** The view's request as text: clients with the same key share the view. */
  readonly key: string;
  readonly request: Required<SubscribeRequest>;
  readonly reach: readonly string[];
  readonly windows: ReadonlySet<string>;
  readonly texts: ElementTexts;
  /** The plant as the view's clients may see it. */
  model: PlantModel;
  scopes: readonly Scope[] = [];
  /** By machine, the scopes of the view whose figures it changes. */
  scopesOf: ReadonlyMap<string, readonly Scope[]> = new Map();
  /** Machines that are shown as briefs; `known` is the brief that every client has, `null`: not all have the same. */
  readonly briefs = new Map<string, { readonly scope: Scope; known: string | null }>();
  /** Machines with a new record or timeline, and those of the briefs whose alerts or missing reasons changed. */
  readonly changed = new Set<string>();
  /** Scopes whose alerts or missing reasons changed. */
  readonly changedScopes = new Set<Scope>();
  readonly clients = new Set<Socket>();
  /** Clients that have not read their last message, and since when (ms of the monotonic clock). */
  readonly slow = new Map<Socket, number>();
  /** Clients that wait for a snapshot. */
  readonly waiting = new Set<Socket>();
  sequence = 0;
  readonly pace: UpdatePace;
  /** How long (ms) the update that is scheduled has to wait. */
  waits = 0;
  spokeAt = -Infinity;
  timer: NodeJS.Timeout | null = null;

  constructor(
    key: string,
    request: Required<SubscribeRequest>,
    reach: readonly string[],
    seen: PlantInForce,
    texts: ElementTexts,
    updateEveryMs: number,
  ) {
    this.pace = new UpdatePace(updateEveryMs);
    this.key = key;
    this.request = request;
    this.reach = reach;
    this.model = seen.model;
    this.windows = new Set(request.windows);
    this.texts = texts;
  }

  show({ plant, model }: PlantInForce): void {
    this.model = model;
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
    this.briefs.clear();
    const whole = new Set(this.request.scopes);
    for (const path of this.request.machinesOf) {
      for (const { id, path: own } of plant.scopes.get(path)?.machines ?? []) {
        const scope = plant.scopes.get(own);
        if (scope !== undefined && !whole.has(own)) this.briefs.set(id, { scope, known: null });
      }
    }
    this.changed.clear();
    this.changedScopes.clear();
  }

  get hasChanged(): boolean {
    return this.changed.size + this.changedScopes.size > 0;
  }

  /** Ids of all machines that the view shows, in figures or as briefs. */
  machines(): ReadonlySet<string> {
    return new Set([...this.scopesOf.keys(), ...this.briefs.keys()]);
  }
}

export class LiveHub {
  readonly #parts: LiveHubParts;
  readonly #views = new Map<string, View>();
  /** By the windows and the scopes that clients see. */
  readonly #texts = new Map<string, ElementTexts>();
  /** By machine, the views that show it, with their scopes whose figures it changes. */
  readonly #viewsOf = new Map<string, Map<View, readonly Scope[]>>();
  /** Views with changes or waiting clients. */
  readonly #due = new Set<View>();
  readonly #sending: OneAtATime;
  readonly #giveWay = new GiveWay();
  readonly #beat: NodeJS.Timeout;
  readonly #memory = new ElementMemory();
  /** The element that is being made. */
  readonly #element = new JsonBytes();
  readonly #frames = new Frames();
  #plant: PlantInForce;
  #staleLookedForAt = -Infinity;
  /** The view whose update is being made: what changes meanwhile is part of it. */
  #taking: View | null = null;
  /** Whether views came or went since `show` was called last. */
  #showsOthers = false;

  constructor(parts: LiveHubParts) {
    this.#parts = parts;
    this.#plant = parts.plant();
    this.#sending = new OneAtATime(
      () => this.#send(),
      (error) => parts.logger.error({ err: error }, "the live channel could not send"),
    );
    parts.namespace.on("connection", (socket) => this.#serve(socket));
    this.#beat = setInterval(() => this.#onBeat(), parts.limits.updateEveryMs);
    this.#beat.unref();
  }

  /** Notes that a machine has a new record or timeline. */
  machineChanged(id: string): void {
    for (const [view, scopes] of this.#viewsOf.get(id) ?? NO_VIEWS) {
      view.changed.add(id);
      for (const scope of scopes) view.texts.forget(scope);
      this.#schedule(view);
    }
  }

  /** Notes that the alerts of scopes, or their numbers of missing reasons, changed, which all scopes above them say too. */
  scopesChanged(paths: Iterable<string>): void {
    // Scopes of a view may be of a plant that is reduced to what its clients see: their paths are the same.
    const saying = new Set<string>();
    for (const path of paths) {
      let scope = scopeAt(this.#plant.plant, path) ?? null;
      for (; scope !== null && !saying.has(scope.path); scope = scope.parent) saying.add(scope.path);
    }
    if (saying.size === 0) return;
    for (const view of this.#views.values()) {
      for (const scope of view.scopes) {
        if (!saying.has(scope.path)) continue;
        view.texts.forget(scope);
        view.changedScopes.add(scope);
      }
      for (const [id, { scope }] of view.briefs) if (saying.has(scope.path)) view.changed.add(id);
      if (view.hasChanged) this.#schedule(view);
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
          : readSubscription(request, this.#seenBy(socket).plant, this.#parts.limits.scopesPerSubscriptionMax);
      if ("refused" in read) {
        // Without this, refusals to a client that sends requests and reads nothing would fill our memory.
        if (subscriptions > REFUSALS_PER_SECOND_MAX || isBehind(socket)) return void socket.disconnect(true);
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

  #join(socket: Socket, request: Required<SubscribeRequest>): View {
    const reach = this.#parts.reachOf(socket);
    const key = JSON.stringify([request.scopes, request.windows, request.machinesOf, reach]);
    let view = this.#views.get(key);
    if (view === undefined) {
      const seen = this.#seenBy(socket);
      view = new View(key, request, reach, seen, this.#textsOf(request, reach), this.#parts.limits.updateEveryMs);
      view.show(seen);
      this.#views.set(key, view);
      this.#index(view);
    }
    view.clients.add(socket);
    this.#wantSnapshot(view, socket);
    return view;
  }

  #seenBy(socket: Socket): PlantInForce {
    return this.#parts.seenBy(this.#parts.reachOf(socket), this.#plant);
  }

  #textsOf({ windows }: Required<SubscribeRequest>, reach: readonly string[]): ElementTexts {
    const key = JSON.stringify([windows, reach]);
    let texts = this.#texts.get(key);
    if (texts === undefined) {
      texts = new ElementTexts(key, this.#parts.limits.updateEveryMs, this.#memory);
      this.#texts.set(key, texts);
    }
    return texts;
  }

  #leave(view: View, socket: Socket): void {
    view.slow.delete(socket);
    view.waiting.delete(socket);
    view.clients.delete(socket);
    if (view.clients.size > 0) return;
    this.#drop(view);
    this.#views.delete(view.key);
    const { texts } = view;
    if (![...this.#views.values()].some((other) => other.texts === texts)) this.#texts.delete(texts.key);
    for (const id of view.machines()) {
      const views = this.#viewsOf.get(id);
      if (views?.delete(view) === true && views.size === 0) this.#viewsOf.delete(id);
    }
    this.#showsOthers = true;
  }

  #drop(view: View): void {
    if (view.timer !== null) clearTimeout(view.timer);
    view.timer = null;
    this.#due.delete(view);
  }

  #index(view: View): void {
    for (const id of view.machines()) {
      let views = this.#viewsOf.get(id);
      if (views === undefined) this.#viewsOf.set(id, (views = new Map()));
      views.set(view, view.scopesOf.get(id) ?? NO_SCOPES);
    }
    this.#showsOthers = true;
  }

  #schedule(view: View): void {
    if (view.timer !== null || view === this.#taking) return;
    // Records come in batches: even the first change waits for the rest of its batch.
    view.waits = view.pace.delayAt(performance.now());
    view.timer = setTimeout(() => {
      view.timer = null;
      this.#due.add(view);
      this.#sending.request();
    }, view.waits);
  }

  async #send(): Promise<void> {
    for (const view of this.#due) {
      this.#due.delete(view);
      await this.#sendSnapshots(view);
      await this.#update(view);
      if (this.#giveWay.due) await this.#giveWay.now();
    }
  }

  async #update(view: View): Promise<void> {
    const { namespace, clock, metrics, latency } = this.#parts;
    if (!view.hasChanged) return;
    await this.#takeChanges(view);
    const changed = [...view.changed];
    const scopes = new Set<Scope>();
    for (const id of changed) for (const scope of view.scopesOf.get(id) ?? NO_SCOPES) scopes.add(scope);
    for (const scope of view.changedScopes) scopes.add(scope);
    view.changed.clear();
    view.changedScopes.clear();
    view.pace.sent(performance.now(), view.waits);
    for (const socket of view.clients) {
      if (view.slow.has(socket) || view.waiting.has(socket) || !isBehind(socket)) continue;
      this.#leaveOut(view, socket);
      metrics.liveSkipped.inc();
    }
    if (view.slow.size + view.waiting.size >= view.clients.size) return;
    const message = new Message(this.#frames.take(), namespace.name, "update");
    await this.#addElements(view, scopes, message);
    await this.#addChangedBriefs(view, changed, message);
    if (message.isEmpty) return this.#frames.giveBack(message.frame);
    view.sequence++;
    const emittedAt = clock();
    this.#end(view, message, emittedAt).send(toldOf(view));
    view.spokeAt = view.pace.last;
    metrics.liveMessages.inc({ kind: "update" }, toldCount(view));
    for (const id of changed) latency.emitted(id, emittedAt);
  }

  /** Has machines that changed brought up to date, of which further events may wait; as a worker computes them, with turns of the event loop and no rests. */
  async #takeChanges(view: View): Promise<void> {
    const began = performance.now();
    let turnedAt = began;
    this.#taking = view;
    try {
      for (const id of view.changed) {
        this.#parts.taking(id);
        if (performance.now() - turnedAt < TAKING_MS) continue;
        await SCHEDULER.turn();
        turnedAt = performance.now();
      }
    } finally {
      this.#taking = null;
    }
    this.#giveWay.leaveOut(performance.now() - began);
  }

  /** Sends a client a snapshot as soon as it has read what it was sent before. */
  #wantSnapshot(view: View, socket: Socket): void {
    if (isBehind(socket)) return this.#leaveOut(view, socket);
    view.slow.delete(socket);
    view.waiting.add(socket);
    this.#due.add(view);
    this.#sending.request();
  }

  #leaveOut(view: View, socket: Socket): void {
    view.slow.set(socket, performance.now());
  }

  /** Sends one snapshot, computed and encoded once, to all clients that wait for it. */
  async #sendSnapshots(view: View): Promise<void> {
    if (view.waiting.size === 0) return;
    const message = new Message(this.#frames.take(), this.#parts.namespace.name, "snapshot");
    await this.#addElements(view, view.scopes, message);
    await this.#addAllBriefs(view, message);
    const sockets = [...view.waiting];
    view.waiting.clear();
    if (sockets.length === 0) return this.#frames.giveBack(message.frame);
    this.#end(view, message, this.#parts.clock()).send(sockets);
    this.#parts.metrics.liveMessages.inc({ kind: "snapshot" }, sockets.length);
  }

  /** Adds the elements of some scopes. */
  async #addElements(view: View, scopes: Iterable<Scope>, message: Message): Promise<void> {
    const { texts } = view;
    for (const scope of scopes) {
      texts.asOf(this.#parts.clock());
      const known = texts.of(scope);
      if (known !== null) message.add(known);
      else {
        texts.begin(scope);
        const making = this.#make(view, scope);
        if (making !== null) await making;
        const made = this.#element.written;
        texts.made(scope, made);
        message.add(made);
      }
      if (this.#giveWay.due) await this.#giveWay.now();
    }
  }

  #make({ windows, model }: View, scope: Scope): Promise<void> | null {
    const { pictures, clock, attentionOf } = this.#parts;
    const out = this.#element.clear();
    return writeElement(out, model, pictures, scope, windows, clock(), this.#giveWay, attentionOf(scope));
  }

  /** Adds the briefs of the changed machines, without those that every client of the view has already. */
  async #addChangedBriefs({ briefs, model }: View, changed: readonly string[], message: Message): Promise<void> {
    for (const id of changed) {
      const brief = briefs.get(id);
      if (brief === undefined) continue;
      const text = this.#brief(model, brief.scope);
      if (text === brief.known) continue;
      brief.known = text;
      message.addText(text);
      if (this.#giveWay.due) await this.#giveWay.now();
    }
  }

  /**
   * Adds the briefs of all machines, for clients that join. Where all clients of the view join, all have these briefs then; else a
   * brief that differs from the one the others have is marked `null`, so that the next update sends it to all.
   */
  async #addAllBriefs({ briefs, clients, waiting, model }: View, message: Message): Promise<void> {
    const alone = waiting.size === clients.size;
    for (const brief of briefs.values()) {
      const text = this.#brief(model, brief.scope);
      if (brief.known !== text) brief.known = alone ? text : null;
      message.addText(text);
      if (this.#giveWay.due) await this.#giveWay.now();
    }
  }

  #brief(model: PlantModel, scope: Scope): string {
    const element = briefElement(model, this.#parts.pictures, scope, this.#parts.clock());
    return JSON.stringify({ ...element, ...this.#parts.attentionOf(scope) });
  }

  /** Ends a message, which may then be sent. */
  #end({ sequence }: View, { frame }: Message, emittedAt: number): Frame {
    const { pictures, versionOf } = this.#parts;
    const rest: Omit<LiveMessage, "elements"> = {
      sequence,
      emittedAt,
      reflects: pictures.newestEventAt,
      version: versionOf(this.#plant),
    };
    frame.json.piece(ELEMENTS_END).json(JSON.stringify(rest).slice(1));
    return frame;
  }

  #onBeat(): void {
    const { plant, namespace, clock, limits, metrics, pictures, show } = this.#parts;
    if (plant().plant !== this.#plant.plant) this.#replacePlant(plant());
    if (this.#showsOthers) {
      this.#showsOthers = false;
      show(new Set(this.#viewsOf.keys()));
    }
    if (this.#views.size === 0) return;
    const now = performance.now();
    if (now - this.#staleLookedForAt >= STALE_LOOKED_FOR_EVERY_MS) {
      this.#staleLookedForAt = now;
      for (const id of pictures.newlyStale()) this.machineChanged(id);
    }
    const silent: Socket[] = [];
    for (const view of this.#views.values()) {
      for (const [socket, since] of view.slow) {
        if (!isBehind(socket)) this.#wantSnapshot(view, socket);
        else if (now - since >= limits.slowClientMs) socket.disconnect(true);
      }
      if (now - view.spokeAt < limits.heartbeatEveryMs) continue;
      view.spokeAt = now;
      silent.push(...toldOf(view));
      metrics.liveMessages.inc({ kind: "heartbeat" }, toldCount(view));
    }
    if (silent.length === 0) return;
    const frame = this.#frames.take();
    frame.begin(namespace.name, "heartbeat").json(JSON.stringify({ emittedAt: clock() }));
    frame.send(silent);
  }

  #replacePlant(plant: PlantInForce): void {
    this.#plant = plant;
    this.#parts.pictures.replacePlant(plant.model);
    this.#viewsOf.clear();
    for (const view of this.#views.values()) {
      view.show(this.#parts.seenBy(view.reach, plant));
      this.#index(view);
      for (const socket of view.clients) if (!view.slow.has(socket)) this.#wantSnapshot(view, socket);
    }
  }
}

/** The clients that get the next update of a view. */
function toldOf({ clients, slow, waiting }: View): Iterable<Socket> {
  return slow.size + waiting.size === 0
    ? clients
    : [...clients].filter((socket) => !slow.has(socket) && !waiting.has(socket));
}

function toldCount({ clients, slow, waiting }: View): number {
  return clients.size - slow.size - waiting.size;
}

/** Whether a message to the client still waits in this process. */
function isBehind({ conn }: Socket): boolean {
  // `writeBuffer` is private in the types, but engine.io's guide names it for this purpose.
  const { writeBuffer } = conn as unknown as { readonly writeBuffer: readonly unknown[] };
  return writeBuffer.length > 0 || (conn.transport.name === "websocket" && !conn.transport.writable);
}
