/**
 * A Sparkplug host application: announces itself by STATE, requests births of edge nodes, and reads their messages. It
 * begins with a clean session, as the specification requires: what was sent while it was away is lost, and a birth
 * carries the present values.
 */
import { connect, type IPublishPacket, type MqttClient } from "mqtt";
import { clientOptionsOf } from "../mqtt/broker.ts";
import { Incoming } from "../mqtt/incoming.ts";
import type { Observation, Signal, SignalsByMachine, Source, SourceHost } from "../port.ts";
import { untilDone } from "../until-done.ts";
import { BD_SEQ, Edge, MESSAGE_TYPES, type MessageType, type NamedMetric } from "./edge.ts";
import { valueOf } from "./metric-value.ts";
import { decodePayload, type Payload } from "./payload.ts";
import type { SparkplugAddress, SparkplugSettings } from "./settings.ts";
import { commandTopic, NAMESPACE, Rebirths, rebirthCommand } from "./rebirth.ts";
import { whyUnreachable } from "@oee/pacing";

type OwnSignal = Signal<SparkplugAddress>;

const LOOK_EVERY_MS = 1_000;
/** How long after the birth of an edge node those of its devices may come, which follow it. */
const DEVICES_BORN_WITHIN_MS = 10_000;
const RETRY_MS = 200;
const GOOD_QUALITY = 192;

/** An edge node whose metrics are wanted. */
interface Followed {
  readonly name: string;
  readonly group: string;
  readonly node: string;
  readonly edge: Edge;
  /** Of each device by metric name. */
  readonly signals: ReadonlyMap<string, ReadonlyMap<string, readonly OwnSignal[]>>;
  readonly rebirths: Rebirths;
  /** Epoch ms. */
  heardAt: number | null;
  /** When the edge node was born whose devices may still be born (epoch and monotonic ms); `null`: none is waited for. */
  bornAt: { readonly at: number; readonly monotonic: number } | null;
}

/** What all metrics of a message share. */
interface Come {
  /** Edge node and device. */
  readonly who: string;
  /** Epoch ms. */
  readonly stamp: number | null;
  readonly isBirth: boolean;
  /** Epoch ms. */
  readonly arrivedAt: number;
}

const NO_VALUE = { value: null } as const;

export class SparkplugSource implements Source {
  readonly #settings: SparkplugSettings;
  readonly #host: SourceHost;
  readonly #client: MqttClient;
  readonly #followed: ReadonlyMap<string, Followed>;
  /** Problems that were reported and last, so that each is reported once. */
  readonly #refusals = new Set<string>();
  readonly #looking: NodeJS.Timeout;
  #heardAt: number | null;
  #bornAt: number;
  #isGone = false;
  readonly #ended = new AbortController();

  constructor(settings: SparkplugSettings, signals: readonly OwnSignal[], host: SourceHost) {
    this.#settings = settings;
    this.#host = host;
    this.#heardAt = host.heardBefore;
    this.#bornAt = host.clock();
    this.#followed = followedIn(signals);
    const will = { topic: this.#stateTopic, payload: this.#state(false), qos: 1, retain: true } as const;
    this.#client = connect(settings.url, {
      ...clientOptionsOf(settings, host.dry),
      clean: true,
      ...(host.dry ? {} : { will }),
    });
    // The will has the timestamp of the birth that it ends.
    this.#client.on("reconnect", () => {
      this.#bornAt = host.clock();
      if (this.#client.options.will !== undefined) this.#client.options.will.payload = this.#state(false);
    });
    void new Incoming(this.#client, (packets) => this.#untilTaken(packets));
    this.#client.on("connect", () => void this.#connected());
    this.#client.on("close", () => void this.#gone("no connection to the broker"));
    this.#looking = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#client.on("error", (error) => host.unreachable(`${settings.url}: ${whyUnreachable(error)}`));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#ended.abort();
    clearInterval(this.#looking);
    if (this.#client.connected && !this.#host.dry) {
      const bye = this.#client.publishAsync(this.#stateTopic, this.#state(false), { qos: 1, retain: true });
      await bye.catch(() => {});
    }
    await this.#client.endAsync(!this.#client.connected);
  }

  get #closed(): boolean {
    return this.#ended.signal.aborted;
  }

  get #stateTopic(): string {
    return `${NAMESPACE}/STATE/${this.#settings.hostId}`;
  }

  #state(online: boolean): Buffer {
    return Buffer.from(JSON.stringify({ online, timestamp: this.#bornAt }));
  }

  async #connected(): Promise<void> {
    const now = this.#host.clock();
    const missedSince = this.#heardAt;
    try {
      if (missedSince !== null) this.#host.gap(missedSince, now, "edge nodes were not heard");
      await this.#gone("the connector was away");
      for (const followed of this.#followed.values()) {
        followed.edge.forget();
        followed.bornAt = null;
      }
      // Before the first message: an edge node may answer our STATE before the broker has acknowledged it.
      this.#isGone = false;
      const topics = [...this.#followed.values()].flatMap(({ group, node }) => [
        `${NAMESPACE}/${group}/+/${node}`,
        `${NAMESPACE}/${group}/+/${node}/+`,
      ]);
      const granted = await this.#client.subscribeAsync([...topics, this.#stateTopic], { qos: 1 });
      for (const { topic, qos } of granted) {
        if (qos > 2) this.#host.refused(topic, "the broker refuses the subscription");
      }
      await this.#sayOnline();
      this.#heardAt = now;
      this.#host.connected();
      for (const followed of this.#followed.values()) {
        followed.rebirths.anew();
        this.#wantRebirth(followed, "the host has come");
      }
    } catch (error) {
      if (!this.#closed) this.#host.notice(this.#settings.url, error instanceof Error ? error.message : String(error));
    }
  }

  async #sayOnline(): Promise<void> {
    if (this.#host.dry) return;
    await this.#client.publishAsync(this.#stateTopic, this.#state(true), { qos: 1, retain: true });
  }

  async #gone(why: string): Promise<void> {
    if (this.#closed || this.#isGone) return;
    this.#isGone = true;
    if (this.#heardAt !== null) await this.#host.gone(this.#heardAt, why).catch(() => {});
  }

  /** Reads messages in their order; resolves when their events are on disk. */
  async #untilTaken(packets: readonly IPublishPacket[]): Promise<void> {
    const arrivedAt = this.#host.clock();
    this.#heardAt = arrivedAt;
    if (this.#client.connected) this.#host.connected();
    let observations: Observation[] = [];
    for (const packet of packets) {
      const read = this.#read(packet, arrivedAt);
      if (read === null) continue;
      observations.push(...read.observations);
      if (read.died === null) continue;
      // Observations from before a death are handed over before it.
      const before = observations;
      observations = [];
      const { died } = read;
      await this.#untilDone(() => this.#handOver(read.followed, died, before, arrivedAt));
    }
    await this.#untilDone(async () => {
      if (observations.length > 0) await this.#host.observed(observations);
      // The loss of the connection was told while these waited for the disk: they came before it, so the machines are unknown after them.
      if (this.#isGone && !this.#closed) await this.#host.gone(arrivedAt, "no connection to the broker");
    });
  }

  /** Never resolves once the source is closed, so that the messages are not acknowledged. */
  async #untilDone(task: () => Promise<void>): Promise<void> {
    if (!(await untilDone(task, this.#ended.signal, RETRY_MS))) await new Promise(() => {});
  }

  /** The observations of a message, and who died by it; `null`: it is of no edge node that a connection names. */
  #read(
    { topic, payload }: IPublishPacket,
    arrivedAt: number,
  ): { followed: Followed; died: string | null; observations: readonly Observation[] } | null {
    const bytes = typeof payload === "string" ? Buffer.from(payload) : payload;
    if (topic === this.#stateTopic) {
      this.#stateHeard(bytes);
      return null;
    }
    const message = this.#messageOf(topic, bytes);
    if (message === null) return null;
    const { followed, type, device, decoded } = message;
    const taken = followed.edge.take(type, device, decoded);
    for (const why of decoded.broken) this.#host.refused(topic, why);
    if (taken.gap !== null) this.#host.gap(followed.heardAt ?? arrivedAt, arrivedAt, `${followed.name}: ${taken.gap}`);
    followed.heardAt = arrivedAt;
    if (type === "NBIRTH") {
      followed.rebirths.born();
      followed.bornAt = { at: arrivedAt, monotonic: performance.now() };
    }
    if (taken.died === "") followed.bornAt = null;
    if (taken.wants !== null) this.#wantRebirth(followed, taken.wants);
    const isBirth = type === "NBIRTH" || type === "DBIRTH";
    const observations: Observation[] = [];
    const signals = followed.signals.get(device);
    const who = device === "" ? followed.name : `${followed.name}/${device}`;
    const come: Come = { who, stamp: decoded.timestamp, isBirth, arrivedAt };
    for (const named of taken.metrics) {
      const wanted = signals?.get(named.name);
      if (wanted !== undefined) this.#observe(wanted, named, come, observations);
      else if (isBirth && named.name !== BD_SEQ) this.#host.unmapped(`${come.who} ${named.name}`);
    }
    return { followed, died: taken.died, observations };
  }

  async #handOver(
    { signals, name }: Followed,
    died: string,
    observations: readonly Observation[],
    arrivedAt: number,
  ): Promise<void> {
    if (observations.length > 0) await this.#host.observed(observations);
    // Of a death the payload's timestamp is that of the connection's begin. The machines are unknown from when we heard of it.
    const own = died === "" ? [...signals.values()] : [signals.get(died) ?? new Map<string, readonly OwnSignal[]>()];
    const gone = byMachine(own.flatMap((named) => [...named.values()].flat()));
    const who = died === "" ? name : `${name}/${died}`;
    if (gone.size > 0) await this.#host.signalsGone(gone, arrivedAt, `${who} died`);
  }

  /** Asks for births, and takes devices for dead whose births did not follow that of their edge node. */
  #look(): void {
    if (!this.#client.connected) return;
    for (const followed of this.#followed.values()) {
      // An edge node that was not there may have come, and its birth be lost.
      if (!followed.edge.isAlive) followed.rebirths.want("no birth came");
      this.#askRebirth(followed);
      const { bornAt } = followed;
      if (bornAt === null || performance.now() - bornAt.monotonic < DEVICES_BORN_WITHIN_MS) continue;
      followed.bornAt = null;
      for (const device of followed.signals.keys()) {
        if (!followed.edge.isHeard(device)) void this.#untilDone(() => this.#unborn(followed, device, bornAt.at));
      }
    }
  }

  /** A birth of an edge node ends what was said of its devices: one that is not born after it (its death may have been lost) is not known from then on. `since`: epoch ms. */
  async #unborn({ signals, name, edge }: Followed, device: string, since: number): Promise<void> {
    if (edge.isHeard(device)) return;
    const gone = byMachine([...(signals.get(device)?.values() ?? [])].flat());
    const why = `${name}/${device}: no birth of it followed that of its edge node`;
    await this.#host.signalsGone(gone, since, why);
  }

  #messageOf(
    topic: string,
    bytes: Uint8Array,
  ): { followed: Followed; type: MessageType; device: string; decoded: Payload } | null {
    const [, group = "", kind = "", node = "", device = ""] = topic.split("/");
    const followed = this.#followed.get(`${group}/${node}`);
    const type = MESSAGE_TYPES.find((known) => known === kind);
    if (followed === undefined || type === undefined) return null;
    try {
      return { followed, type, device, decoded: decodePayload(bytes) };
    } catch (error) {
      this.#host.refused(
        topic,
        `a payload that cannot be read: ${error instanceof Error ? error.message : String(error)}`,
      );
      return null;
    }
  }

  #observe(
    wanted: readonly OwnSignal[],
    { name, datatype, metric }: NamedMetric,
    come: Come,
    observations: Observation[],
  ): void {
    const stamp = metric.timestamp ?? come.stamp;
    const isBad =
      metric.isNull || metric.value === null || (metric.quality !== null && metric.quality !== GOOD_QUALITY);
    for (const { machine, signal, address, counts } of wanted) {
      // A birth repeats the present values: an increment would be added twice.
      if (come.isBirth && counts === "delta") continue;
      const found = isBad || metric.value === null ? NO_VALUE : valueOf(datatype, metric.value, address.part);
      this.#tellOnce(come.who, name, "why" in found ? found.why : null);
      const value = "why" in found ? null : found.value;
      observations.push({
        machine,
        signal,
        value,
        quality: value === null ? "bad" : "good",
        at: stamp ?? come.arrivedAt,
        stamped: stamp === null ? "arrival" : "source",
        age: metric.isHistorical ? "past" : "live",
      });
    }
  }

  /** Reports why a metric cannot be used, once until it can again (`why` is `null`). */
  #tellOnce(who: string, name: string, why: string | null): void {
    if (why === null && this.#refusals.size === 0) return;
    const what = `${who} ${name}`;
    if (why === null) return void this.#refusals.delete(what);
    if (!this.#refusals.has(what)) this.#host.refused(what, `found ${why}`);
    this.#refusals.add(what);
  }

  /** Answers a STATE that says we are offline (the will of an earlier connection, or a mistake of another) by one that says online: edge nodes obey it. */
  #stateHeard(bytes: Uint8Array): void {
    const text = Buffer.from(bytes).toString("utf8");
    if (!this.#closed && /"online"\s*:\s*false/.test(text)) void this.#sayOnline().catch(() => {});
  }

  #wantRebirth(followed: Followed, why: string): void {
    followed.rebirths.want(why);
    this.#askRebirth(followed);
  }

  #askRebirth({ group, node, name, rebirths }: Followed): void {
    const why = rebirths.due(performance.now());
    if (why === null) return;
    this.#host.notice(name, `asked for a birth: ${why}`);
    this.#client.publish(commandTopic(group, node), rebirthCommand(this.#host.clock()), { qos: 0 });
  }
}

/** Names of signals by their machine. */
function byMachine(signals: readonly OwnSignal[]): SignalsByMachine {
  const names = new Map<string, Set<string>>();
  for (const { machine, signal } of signals) names.set(machine, (names.get(machine) ?? new Set()).add(signal));
  return names;
}

function followedIn(signals: readonly OwnSignal[]): ReadonlyMap<string, Followed> {
  const byEdge = new Map<string, OwnSignal[]>();
  for (const signal of signals) {
    const name = `${signal.address.group}/${signal.address.node}`;
    byEdge.set(name, [...(byEdge.get(name) ?? []), signal]);
  }
  return new Map(
    [...byEdge].map(([name, own]) => {
      const byMetric = new Map<string, Map<string, OwnSignal[]>>();
      for (const signal of own) {
        const { device, names } = signal.address;
        const ofDevice = byMetric.get(device) ?? new Map<string, OwnSignal[]>();
        byMetric.set(device, ofDevice);
        for (const metric of names) ofDevice.set(metric, [...(ofDevice.get(metric) ?? []), signal]);
      }
      const [group = "", node = ""] = name.split("/");
      const edge = new Edge();
      const rebirths = new Rebirths();
      return [name, { name, group, node, edge, signals: byMetric, rebirths, heardAt: null, bornAt: null }];
    }),
  );
}
