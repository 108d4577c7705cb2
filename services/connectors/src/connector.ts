/**
 * Runs all connections of a file: sources read, mappings make events of what was read, and the outbox keeps these
 * until they are delivered.
 */
import { join } from "node:path";
import { isInstant } from "@oee/model";
import { Assets, type AssetsStatus } from "./assets.ts";
import type { Connection } from "./connections-file.ts";
import { Delivery, type Receiver, type RefusedDelivery } from "./delivery.ts";
import { isOpenToAll } from "./http/http.ts";
import type { WaitingEvent } from "./outbox.ts";
import { type Mapped, Mapper, type Unusable } from "./mapping/mapper.ts";
import { Outbox, OutboxFull, type OutboxOptions, OutboxUnwritable } from "./outbox.ts";
import { type Recorded, recordingHost } from "./recording.ts";
import type { Observation, Receive, Received, Sender, SignalsByMachine, Source, SourceHost } from "./port.ts";

export interface ConnectorOptions extends Pick<OutboxOptions, "onMemoryDamaged"> {
  readonly connections: readonly Connection[];
  readonly receiver: Receiver;
  /** Where events wait on disk, and protocols keep their files. */
  readonly folder: string;
  /** Where events wait, if elsewhere. */
  readonly outboxFolder?: string;
  readonly outboxBytesMax: number;
  /** Epoch ms. */
  readonly clock: () => number;
  /** Called with what was seen and the events made of it; the peers are then only looked at, and nothing is kept of them. */
  readonly onMapped?: (observations: readonly Observation[], events: readonly string[]) => void;
  /** Takes down what sources say; `all`: texts that may name people too. */
  readonly recording?: { readonly all: boolean; readonly take: (recorded: Recorded) => void };
  readonly log: (level: "info" | "warn", message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** What was heard last of one signal. */
export interface SignalStatus {
  readonly machine: string;
  readonly signal: string;
  readonly value: Observation["value"];
  readonly quality: Observation["quality"];
  /** Epoch ms, by `stamped`'s clock. */
  readonly at: number;
  readonly stamped: Observation["stamped"];
  /** Epoch ms, by ours. */
  readonly arrivedAt: number;
}

/** What is known of one connection. */
export interface ConnectionStatus {
  readonly name: string;
  readonly protocol: string;
  readonly connected: boolean;
  /** The state of each machine, as it was sent last. */
  readonly machines: ReturnType<Mapper["said"]>;
  readonly observations: number;
  /** Values a second, of the last minute. */
  readonly perSecond: number;
  readonly events: number;
  /** All of them; `gaps` are the newest. */
  readonly gapCount: number;
  readonly gaps: readonly { readonly from: number; readonly to: number; readonly why: string }[];
  readonly refused: number;
  readonly lastObservedAt: number | null;
  readonly signals: readonly SignalStatus[];
  /** Signals of the file of which nothing came yet, as `machine signal`. */
  readonly unheard: readonly string[];
  /** Signals that the peer told and no machine of the file has, the first of them. */
  readonly unmapped: readonly string[];
  /** The newest values that could not be used, and events that were refused where they were delivered, with why. */
  readonly refusals: readonly { readonly at: number; readonly what: string; readonly why: string }[];
  /** How far our clock was ahead of the peer's when its newest value arrived, transport included (ms); `null`: it has no stamps. */
  readonly behindMs: number | null;
  /** How long the newest values took from there until they were on disk (ms). */
  readonly writeMs: number | null;
}

/** Signals that no machine has are remembered up to so many: an edge node may have thousands. */
const UNMAPPED_MAX = 100;
/** Of how long a rate is, and how exactly. */
const RATE_MS = 60_000;
const RATE_STEP_MS = 5_000;
/** Gaps that are remembered, the newest. */
const GAPS_MAX = 100;
/** Refused values that are remembered, the newest. */
const REFUSALS_MAX = 20;
/** With these an event is refused for its instant (`invalid` too: one before 2000), as of a controller whose clock is not set yet. */
const REFUSED_FOR_INSTANTS: ReadonlySet<string> = new Set(["future", "past", "invalid"]);
/** The note in the outbox that says which machines were seen, and how often it is written. */
const ASSETS_NOTE = "\nassets";
const KEEP_ASSETS_MS = 60_000;
/** How soon after a write of a connection's observations the next one begins. */
const WRITE_EVERY_MS = 10;
/** How exactly a restart knows when a peer was heard of last. */
const HEARD_EVERY_MS = 5_000;

export class Connector {
  readonly #options: ConnectorOptions;
  readonly #outbox: Outbox;
  readonly #delivery: Delivery;
  #running: readonly Running[];
  #delivered = 0;
  #refused = 0;
  readonly #assets: Assets;
  /** When it was written last which machines were seen (monotonic ms). */
  #assetsKeptAt = Number.NEGATIVE_INFINITY;
  #waitedMs: number | null = null;
  #failing: string | null = null;
  readonly #waiters: (() => void)[] = [];
  #closing: Promise<void> | null = null;

  constructor(options: ConnectorOptions) {
    this.#options = options;
    this.#outbox = new Outbox({
      ...options,
      folder: options.outboxFolder ?? options.folder,
      bytesMax: options.outboxBytesMax,
    });
    this.#assets = new Assets(this.#outbox.note(ASSETS_NOTE));
    this.#delivery = new Delivery({
      outbox: this.#outbox,
      receiver: options.receiver,
      onDelivered: (events, refused) => this.#onDelivered(events, refused),
      onFailing: (why) => this.#onFailing(why),
    });
    this.#running = options.connections.map((connection) => new Running(connection, options, this.#outbox));
  }

  status(): {
    readonly connections: readonly ConnectionStatus[];
    readonly waiting: { readonly events: number; readonly bytes: number };
    readonly delivered: number;
    readonly refused: number;
    readonly failing: string | null;
    /** How long the newest of the events that were delivered last had been on disk (ms); `null`: it is not known. */
    readonly waitedMs: number | null;
    readonly assets: AssetsStatus;
  } {
    return {
      connections: this.#running.map((running) => running.status()),
      waiting: this.#outbox.waiting,
      delivered: this.#delivered,
      refused: this.#refused,
      failing: this.#failing,
      waitedMs: this.#waitedMs,
      assets: this.#assets.status(
        [...new Set(this.#running.flatMap(({ machines }) => machines))],
        this.#options.clock(),
      ),
    };
  }

  /** Takes documents for the connection of a name; `null`: there is none that they can be sent to. */
  async receive(name: string, documents: readonly unknown[], sender: Sender): Promise<Received | null> {
    const receive = this.#running.find((running) => running.name === name)?.receive ?? null;
    return receive === null ? null : receive(documents, sender);
  }

  /** The machines of a connection that documents may be sent to; `null`: there is none of the name. */
  machinesOf(name: string): readonly string[] | null {
    const running = this.#running.find((one) => one.name === name && one.receive !== null);
    return running === undefined ? null : running.machines;
  }

  /** Whether the connection of a name accepts posts from any sender, because it has no token. */
  isOpen(name: string): boolean {
    return this.#running.some((running) => running.name === name && running.isOpen);
  }

  /** Resolves when all that the peers had is delivered. Rejected: one of them has no end. */
  async finished(): Promise<void> {
    await Promise.all(this.#running.map((running) => running.finished()));
    while (this.#outbox.waiting.events > 0) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /**
   * Takes up other connections: those that are as they were go on, changed ones begin anew where they were, and machines that no
   * connection has any more are unknown from now on. What was read and not delivered yet is delivered all the same.
   */
  async replace(connections: readonly Connection[]): Promise<void> {
    const kept = this.#running.filter(({ said }) => connections.some((connection) => saidOf(connection) === said));
    const left = this.#running.filter((running) => !kept.includes(running));
    const machines = new Set(connections.flatMap(({ mappings }) => mappings.map(({ machine }) => machine)));
    for (const running of left) {
      await running.close();
      await running.retire(machines);
    }
    this.#running = connections.map(
      (connection) =>
        kept.find(({ said }) => said === saidOf(connection)) ?? new Running(connection, this.#options, this.#outbox),
    );
  }

  /** Leaves all peers; what was not delivered waits on disk for the next start. May be called twice. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    await Promise.all(this.#running.map((running) => running.close()));
    await this.#delivery.close();
    // What the last delivery refused is noted yet.
    await Promise.all(this.#running.map((running) => running.close()));
    // Where the disk refuses it, a restart knows what was seen a minute ago.
    await this.#keepAssets().catch(() => {});
    await this.#outbox.close();
  }

  #onDelivered(events: readonly WaitingEvent[], refused: readonly RefusedDelivery[]): void {
    this.#delivered += events.length - refused.length;
    this.#assets.delivered(events, refused);
    if (performance.now() - this.#assetsKeptAt > KEEP_ASSETS_MS) void this.#keepAssets().catch(() => {});
    const newest = events.reduce((number, { key }) => Math.max(number, key[1]), -1);
    this.#waitedMs = this.#outbox.sinceWritten(newest);
    this.#refused += refused.length;
    for (const wake of this.#waiters.splice(0)) wake();
    for (const { json, why } of refused) this.#options.log("warn", "an event was refused", { why, event: json });
    for (const one of refused) {
      const { machine } = JSON.parse(one.json) as { readonly machine: string };
      this.#running.find(({ machines }) => machines.includes(machine))?.notTaken(one);
    }
  }

  async #keepAssets(): Promise<void> {
    this.#assetsKeptAt = performance.now();
    await this.#outbox.hold([], new Map([[ASSETS_NOTE, this.#assets.kept]]));
  }

  #onFailing(why: string | null): void {
    if (why === this.#failing) return;
    this.#failing = why;
    if (why === null) this.#options.log("info", "events are delivered", {});
    else this.#options.log("warn", "events wait: they cannot be delivered", { why });
  }
}

function saidOf({ name, said }: Connection): string {
  return `${name} ${said}`;
}

/** Observations that a source handed over; it waits until their events are on disk. */
interface Offer {
  readonly observations: readonly Observation[];
  readonly mark: string | undefined;
  /** Whether its peer waits until they are on disk. */
  readonly waits: boolean;
  /** Monotonic ms. */
  readonly at: number;
  readonly resolve: () => void;
  readonly reject: (why: unknown) => void;
}

interface Heard {
  readonly observation: Observation;
  /** Epoch ms, by our clock. */
  readonly arrivedAt: number;
}

function signalStatus({ observation, arrivedAt }: Heard): SignalStatus {
  const { machine, signal, value, quality, at, stamped } = observation;
  return { machine, signal, value, quality, at, stamped, arrivedAt };
}

/** One connection at work. */
class Running {
  readonly #connection: Connection;
  readonly #options: ConnectorOptions;
  readonly #outbox: Outbox;
  readonly #mapper: Mapper;
  readonly #source: Source;
  readonly #gaps: { from: number; to: number; why: string }[] = [];
  #gapCount = 0;
  readonly #refusals: { at: number; what: string; why: string }[] = [];
  /** Signals, by machine and name, whose newest value cannot be used. */
  readonly #unusable = new Set<string>();
  readonly #unmapped = new Set<string>();
  /** How many values there were, each some seconds of the last minute (monotonic ms). */
  #counts: { readonly at: number; readonly count: number }[] = [{ at: performance.now(), count: 0 }];
  #behindMs: number | null = null;
  #writeMs: number | null = null;
  #connected = false;
  /** Why the peer could not be reached when that was told last; `null`: it was heard since. */
  #unreachable: string | null = null;
  #observations = 0;
  #events = 0;
  #refused = 0;
  #lastObservedAt: number | null = null;
  /** Monotonic ms. */
  #heardNotedAt = Number.NEGATIVE_INFINITY;
  /** The code of why events cannot be kept on disk; `null`: they can. */
  #unkept: string | null = null;
  #turn: Promise<void> = Promise.resolve();
  /** The offers that the next write takes, as long as no other task is queued after it; `null`: no write is queued last. */
  #offers: Offer[] | null = null;
  /** When the last offers were written (monotonic ms). */
  #wroteAt = Number.NEGATIVE_INFINITY;
  #receive: Receive | null = null;
  /** The newest observation, by machine and signal. */
  readonly #signals = new Map<string, Map<string, Heard>>();

  constructor(connection: Connection, options: ConnectorOptions, outbox: Outbox) {
    this.#connection = connection;
    this.#options = options;
    this.#outbox = outbox;
    this.#mapper = new Mapper(connection.mappings);
    for (const { machine } of connection.mappings) {
      const kept = outbox.note(this.#noteOf("machine", machine));
      if (kept !== null) this.#mapper.restore(machine, kept);
    }
    const heard = outbox.note(this.#noteOf("heard"));
    const host: SourceHost = {
      clock: options.clock,
      mark: outbox.note(this.#noteOf("mark")),
      heardBefore: heard === null ? null : this.#past(Number(heard)),
      folder: join(options.folder, connection.protocol.name),
      dry: options.onMapped !== undefined,
      receive: (receive) => (this.#receive = receive),
      notice: (what, why) => this.#tell("info", "told", { what, why }),
      unreachable: (why) => {
        if (why !== this.#unreachable) this.#tell("warn", "the peer cannot be reached", { why });
        this.#unreachable = why;
      },
      back: () => this.#inTurn(() => this.#put(this.#mapper.back())),
      signalsGone: (signals, since, why) => this.#signalsGone(signals, since, why),
      observed: (observations, mark) => this.#observed(observations, mark, true),
      heard: (observations) => this.#observed(observations, undefined, false),
      connected: () => this.#becameConnected(),
      gone: (since, why) => this.#becameGone(since, why),
      gap: (from, to, why) => this.#hadGap(from, to, why),
      refused: (what, why) => this.#refuse(what, why),
      unmapped: (signal) => {
        if (this.#unmapped.size < UNMAPPED_MAX) this.#unmapped.add(signal);
      },
    };
    const { recording } = options;
    const heardBy = recording === undefined ? host : recordingHost(host, connection, recording.all, recording.take);
    this.#source = connection.protocol.open(connection.settings, connection.signals, heardBy);
  }

  get name(): string {
    return this.#connection.name;
  }

  get machines(): readonly string[] {
    return this.#connection.mappings.map(({ machine }) => machine);
  }

  get said(): string {
    return saidOf(this.#connection);
  }

  get isOpen(): boolean {
    return isOpenToAll(this.#connection);
  }

  get receive(): Receive | null {
    return this.#receive;
  }

  status(): ConnectionStatus {
    return {
      name: this.#connection.name,
      protocol: this.#connection.protocol.name,
      connected: this.#connected,
      machines: this.#mapper.said(),
      observations: this.#observations,
      perSecond: this.#perSecond(performance.now()),
      events: this.#events,
      gapCount: this.#gapCount,
      gaps: this.#gaps,
      refused: this.#refused,
      lastObservedAt: this.#lastObservedAt,
      signals: [...this.#signals.values()].flatMap((heard) => [...heard.values()].map(signalStatus)),
      unheard: this.#connection.signals
        .filter(({ machine, signal }) => this.#signals.get(machine)?.has(signal) !== true)
        .map(({ machine, signal }) => `${machine} ${signal}`),
      unmapped: [...this.#unmapped],
      refusals: this.#refusals,
      behindMs: this.#behindMs,
      writeMs: this.#writeMs,
    };
  }

  async finished(): Promise<void> {
    const { finished } = this.#source;
    if (finished === undefined)
      throw new Error(`${this.#connection.name}: ${this.#connection.protocol.name} has no end`);
    await finished;
  }

  async close(): Promise<void> {
    await this.#source.close();
    await this.#turn;
  }

  /** An event of one of its machines was refused where it was delivered. */
  notTaken({ json, code, why }: RefusedDelivery): void {
    this.#refusals.push({ at: this.#options.clock(), what: json, why });
    if (this.#refusals.length > REFUSALS_MAX) this.#refusals.shift();
    // Without room for it on disk a restart takes it for said.
    if (REFUSED_FOR_INSTANTS.has(code)) void this.#inTurn(() => this.#put(this.#mapper.unsaid(json))).catch(() => {});
  }

  /** Makes its machines `unknown` from now on, but for `others`, which another connection has. */
  async retire(others: ReadonlySet<string>): Promise<void> {
    const machines = this.#connection.mappings.map(({ machine }) => machine).filter((machine) => !others.has(machine));
    if (machines.length === 0) return;
    this.#tell("warn", "machines are gone", { machines, why: "no connection has them any more" });
    const since = this.#options.clock();
    await this.#inTurn(() => this.#put(this.#mapper.gone(new Set(machines), since))).catch(() => {});
  }

  /** Runs tasks one after the other: the mapper compares observations with the state after the write before. */
  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    this.#offers = null;
    const result = this.#turn.then(task);
    this.#turn = result.then(
      () => {},
      () => {},
    );
    return result;
  }

  /** Queues an offer. Offers that come while a write to the disk is under way are written together by the next one. */
  #observed(observations: readonly Observation[], mark: string | undefined, waits: boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const usable = observations.filter((observation) => this.#hasInstant(observation));
      const offer: Offer = { observations: usable, mark, waits, at: performance.now(), resolve, reject };
      if (this.#offers !== null) return void this.#offers.push(offer);
      const offers = [offer];
      void this.#inTurn(() => this.#takeOffers(offers));
      this.#offers = offers;
    });
  }

  /** A number beyond all dates, as nanoseconds taken for ms, would have no event written, nor any after it. */
  #hasInstant({ machine, signal, at }: Observation): boolean {
    if (!isInstant(at)) this.#refuse(`${machine} ${signal}`, `expected an instant in ms since 1970, found ${at}`);
    return isInstant(at);
  }

  async #takeOffers(offers: readonly Offer[]): Promise<void> {
    // A single offer is written at once. Of offers in quick succession more share a write, which costs as much as mapping ten messages.
    const early = this.#wroteAt + WRITE_EVERY_MS - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    this.#wroteAt = performance.now();
    if (this.#offers === offers) this.#offers = null;
    if (offers.length > 1 && (await this.#taken(offers)) === null) return;
    // One by one, since the disk may have room for some. After one that is refused the later ones are refused too, to keep their order.
    let refused: { readonly why: unknown } | null = null;
    for (const offer of offers) {
      refused ??= await this.#taken([offer]);
      if (refused !== null) offer.reject(refused.why);
    }
  }

  /** Maps offers and writes their events. The error that kept them from the disk; `null`: they are on disk, and were resolved. */
  async #taken(offers: readonly Offer[]): Promise<{ readonly why: unknown } | null> {
    const observations = offers.flatMap((offer) => offer.observations);
    let made: Mapped;
    try {
      made = this.#mapper.map(observations);
      const mark = offers.findLast((offer) => offer.mark !== undefined)?.mark;
      await this.#put(
        made,
        mark,
        offers.some(({ waits }) => waits),
      );
    } catch (why) {
      return { why };
    }
    this.#refuseOnce(observations, made.unusable);
    this.#note(observations);
    this.#options.onMapped?.(
      observations,
      made.events.map(({ json }) => json),
    );
    this.#observations += observations.length;
    this.#noteCount(performance.now());
    this.#lastObservedAt = observations.at(-1)?.at ?? this.#lastObservedAt;
    this.#writeMs = performance.now() - (offers[0]?.at ?? 0);
    for (const { resolve } of offers) resolve();
    return null;
  }

  #note(observations: readonly Observation[]): void {
    const arrivedAt = this.#options.clock();
    for (const observation of observations) {
      const { machine, signal, at, stamped, age } = observation;
      if (age === "past") continue;
      let heard = this.#signals.get(machine);
      if (heard === undefined) this.#signals.set(machine, (heard = new Map()));
      heard.set(signal, { observation, arrivedAt });
      if (stamped === "source" && age === "live") this.#behindMs = arrivedAt - at;
    }
  }

  #noteCount(now: number): void {
    if (now - (this.#counts.at(-1)?.at ?? -Infinity) < RATE_STEP_MS) return;
    this.#counts = [...this.#counts.filter(({ at }) => now - at <= RATE_MS), { at: now, count: this.#observations }];
  }

  #perSecond(now: number): number {
    // Where nothing came for a minute it is of the time since then.
    const { at, count } = this.#counts.find((one) => now - one.at <= RATE_MS) ??
      this.#counts.at(-1) ?? { at: now, count: 0 };
    return now > at ? (1_000 * (this.#observations - count)) / (now - at) : 0;
  }

  async #put({ events, kept, commit }: Mapped, mark?: string, waits = true): Promise<void> {
    const notes = new Map([...kept].map(([machine, text]) => [this.#noteOf("machine", machine), text]));
    if (mark !== undefined) notes.set(this.#noteOf("mark"), mark);
    try {
      await (waits ? this.#outbox.put(events, notes) : this.#outbox.hold(events, notes));
    } catch (error) {
      this.#tellUnkept(error);
      throw error;
    }
    commit();
    this.#events += events.length;
    // Without any of them nothing was written, and there may be no room still.
    if (this.#unkept === null || events.length + notes.size === 0) return;
    this.#tell("info", "events are kept on disk again", {});
    this.#unkept = null;
  }

  /** Logs once why events cannot be written: sources offer them again and again. */
  #tellUnkept(error: unknown): void {
    const code = error instanceof OutboxFull || error instanceof OutboxUnwritable ? error.code : "unknown";
    if (code !== this.#unkept) this.#tell("warn", "events wait for room on disk", { code, why: String(error) });
    this.#unkept = code;
  }

  /** The name of a note of this connection in the outbox. Parts are divided by line ends, which names of connections and machines lack. */
  #noteOf(...parts: readonly string[]): string {
    return [this.#connection.name, ...parts].join("\n");
  }

  #becameConnected(): void {
    if (!this.#connected) this.#tell("info", "connected", {});
    this.#connected = true;
    this.#unreachable = null;
    const now = performance.now();
    if (now - this.#heardNotedAt < HEARD_EVERY_MS) return;
    this.#heardNotedAt = now;
    // Where the disk refuses the note, a restart takes the one before, and reports a longer gap.
    void this.#outbox.put([], new Map([[this.#noteOf("heard"), String(this.#options.clock())]])).catch(() => {});
  }

  async #becameGone(since: number, why: string): Promise<void> {
    if (this.#connected) this.#tell("warn", "the peer is gone", { why });
    this.#connected = false;
    await this.#inTurn(() => this.#put(this.#mapper.gone(null, this.#past(since))));
  }

  async #signalsGone(signals: SignalsByMachine, since: number, why: string): Promise<void> {
    if (signals.size > 0) this.#tell("warn", "machines are gone", { machines: [...signals.keys()], why });
    await this.#inTurn(() => this.#put(this.#mapper.lost(signals, this.#past(since))));
  }

  /** An instant at which a peer was heard (epoch ms), at most now: our clock may have been set back since. */
  #past(at: number): number {
    return Math.min(at, this.#options.clock());
  }

  #hadGap(since: number, to: number, why: string): void {
    const from = Math.min(since, to);
    this.#gapCount++;
    this.#gaps.push({ from, to, why });
    if (this.#gaps.length > GAPS_MAX) this.#gaps.shift();
    this.#tell("warn", "values may have been lost", { from, to, why });
  }

  /** Values that a mapping cannot use are all counted, and told once until the signal has one that it can: a device that is polled has the same again and again. */
  #refuseOnce(observations: readonly Observation[], unusable: readonly Unusable[]): void {
    const now = new Set(unusable.map(({ what }) => what));
    for (const { machine, signal } of observations) {
      const what = `${machine} ${signal}`;
      if (!now.has(what)) this.#unusable.delete(what);
    }
    for (const { what, why } of unusable) {
      if (this.#unusable.has(what)) this.#refused++;
      else this.#refuse(what, why);
      this.#unusable.add(what);
    }
  }

  #refuse(what: string, why: string): void {
    this.#refused++;
    this.#refusals.push({ at: this.#options.clock(), what, why });
    if (this.#refusals.length > REFUSALS_MAX) this.#refusals.shift();
    this.#tell("warn", "a value cannot be used", { what, why });
  }

  #tell(level: "info" | "warn", message: string, fields: Readonly<Record<string, unknown>>): void {
    this.#options.log(level, message, { connection: this.#connection.name, ...fields });
  }
}
