/**
 * MQTT 3.1.1 and 5, plain topics: a payload is text, a number, or JSON that JSONata picks a value and an instant from. A
 * message at QoS 1 is acknowledged once its events are on disk; the session is kept by the broker while we are away, and
 * where it was not, values may have been lost, which is said.
 */
import { instantIn } from "@oee/model";
import { numberOf, optional, textOf, unexpected } from "@oee/model/settings-file";
import { connect, type IPublishPacket, type MqttClient } from "mqtt";
import type { Observation, Protocol, Signal, Source, SourceHost } from "../port.ts";
import { untilDone } from "../until-done.ts";
import {
  BROKER_CLIENT_KEY,
  BROKER_KEYS,
  BROKER_REQUIRED,
  type BrokerSettings,
  brokerIn,
  clientOptionsOf,
} from "./broker.ts";
import { Incoming } from "./incoming.ts";
import { isValue } from "../picking/picked.ts";
import { EXPRESSION, Picker } from "../picking/picker.ts";
import { whyUnreachable } from "@oee/pacing";
import { FILTER, isFilter, TopicFilters, widest } from "./topic-filters.ts";

interface MqttSettings extends BrokerSettings {
  readonly sessionExpirySeconds: number;
}

interface MqttAddress {
  /** A topic filter. */
  readonly topic: string;
  /** Picks the value out of JSON; `null`: the payload is the value. */
  readonly value: Picker | null;
  /** Picks the instant out of JSON; `null`: the message's arrival is. */
  readonly at: Picker | null;
}

const SESSION_EXPIRY_SECONDS = 24 * 3600;
/** How long a message waits for room on disk before it is tried again. */
const RETRY_MS = 200;
/** By this topic mosquitto reports how many messages it dropped since its start, because a client that was away or slow had too many of them. */
const DROPPED_TOPIC = "$SYS/broker/publish/messages/dropped";
/** How long after we were away or slow what it drops may be of then: it reports each ten seconds, unless it is set to do so less often. */
const DROPS_SHOW_MS = 60_000;

export const mqtt: Protocol<MqttSettings, MqttAddress> = {
  name: "mqtt",
  keys: [...BROKER_KEYS, "sessionExpirySeconds"],
  required: BROKER_REQUIRED,
  clientKey: BROKER_CLIENT_KEY,
  settingsOf(fields, context) {
    const { problems } = context;
    const broker = brokerIn(fields, context);
    const isSeconds = (seconds: number): boolean => Number.isSafeInteger(seconds) && seconds > 0;
    const expiry = optional(fields["sessionExpirySeconds"], (value) =>
      numberOf(value, isSeconds, "whole seconds above 0", problems),
    );
    return broker === null ? null : { ...broker, sessionExpirySeconds: expiry ?? SESSION_EXPIRY_SECONDS };
  },
  addressOf(value, { problems }) {
    const entries = value.kind === "mapping" ? value.entries : null;
    const named = entries?.get("topic")?.value;
    if (entries === null || named === undefined)
      return unexpected(value, "a mapping with topic, and value and at if wished", problems);
    const text = textOf(named, FILTER, problems);
    const topic = text === null || isFilter(text) ? text : unexpected(named, FILTER, problems);
    for (const { key, keyPlace } of entries.values()) {
      if (!["topic", "value", "at"].includes(key))
        problems.add(keyPlace, `the unknown key "${key}"`, "topic, value or at");
    }
    const picker = (name: string): Picker | null =>
      optional(entries.get(name)?.value, (expression) => {
        const source = textOf(expression, "a JSONata expression", problems);
        return source === null ? null : (Picker.of(source) ?? unexpected(expression, EXPRESSION, problems));
      });
    return topic === null ? null : { topic, value: picker("value"), at: picker("at") };
  },
  open: (settings, signals, host) => new MqttSource(settings, signals, host),
};

class MqttSource implements Source {
  readonly #client: MqttClient;
  readonly #signals: readonly Signal<MqttAddress>[];
  readonly #filters = new TopicFilters<Signal<MqttAddress>>();
  readonly #host: SourceHost;
  #kept: Kept;
  /** Since when (epoch ms) the broker may have dropped messages for us, and until when (monotonic ms) it would report that. */
  #droppable: { readonly since: number; readonly until: number } | null = null;
  /** `refused`: the broker ended the connection when it was asked for `DROPPED_TOPIC`, as one may that forbids it. */
  #drops: "asked" | "refused" | null = null;
  #heardAt: number;
  #wasConnected = false;
  #isGone = false;
  readonly #ended = new AbortController();

  constructor(settings: MqttSettings, signals: readonly Signal<MqttAddress>[], host: SourceHost) {
    this.#signals = signals;
    for (const signal of signals) this.#filters.add(signal.address.topic, signal);
    this.#host = host;
    this.#kept = keptIn(host.mark);
    this.#heardAt = host.clock();
    this.#client = connect(settings.url, {
      ...clientOptionsOf(settings, host.dry),
      // On version 5 a session is only kept with an expiry of its own.
      clean: host.dry,
      ...(settings.version === 5 && !host.dry
        ? { properties: { sessionExpiryInterval: settings.sessionExpirySeconds } }
        : {}),
    });
    void new Incoming(this.#client, (packets) => this.#untilObserved(packets));
    this.#client.on("connect", ({ sessionPresent }) => void this.#connected(sessionPresent));
    this.#client.on("close", () => void this.#gone());
    this.#client.on("error", (error) => host.unreachable(`${settings.url}: ${whyUnreachable(error)}`));
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#ended.abort();
    await this.#client.endAsync();
  }

  get #closed(): boolean {
    return this.#ended.signal.aborted;
  }

  async #connected(sessionPresent: boolean): Promise<void> {
    const now = this.#host.clock();
    if (sessionPresent) this.#mayBeDropped();
    else await this.#missed(now);
    try {
      await this.#subscribe(sessionPresent);
    } catch (error) {
      if (!this.#closed) this.#host.refused(this.#topicsSaid, error instanceof Error ? error.message : String(error));
      return;
    }
    void this.#subscribeDropped();
    // The session has what was published meanwhile: what was so before holds on.
    if (sessionPresent && this.#isGone) await this.#host.back().catch(() => {});
    this.#isGone = false;
    this.#wasConnected = true;
    this.#heardAt = now;
    this.#host.connected();
  }

  /** A session that was kept has the topics that the file had then: new ones are added, and those that left it end. */
  async #subscribe(sessionPresent: boolean): Promise<void> {
    const wanted = widest(this.#signals.map(({ address }) => address.topic));
    const had = sessionPresent ? this.#kept.topics : [];
    const left = had.filter((topic) => !wanted.includes(topic));
    const missing = wanted.filter((topic) => !had.includes(topic));
    if (missing.length > 0) {
      const granted = await this.#client.subscribeAsync(missing, { qos: 1 });
      for (const { topic, qos } of granted)
        if (qos > 2) this.#host.refused(topic, "the broker refuses the subscription");
    }
    if (left.length > 0) await this.#client.unsubscribeAsync(left);
    if (JSON.stringify(wanted) !== JSON.stringify(this.#kept.topics)) await this.#keep({ topics: wanted });
  }

  async #keep(changed: Partial<Kept>): Promise<void> {
    this.#kept = { ...this.#kept, ...changed };
    if (!this.#host.dry) await this.#host.observed([], JSON.stringify(this.#kept));
  }

  /** Each time anew, since the broker then sends the present number. Brokers without it are read all the same. */
  async #subscribeDropped(): Promise<void> {
    if (this.#host.dry || this.#drops === "refused") return;
    this.#drops = "asked";
    await this.#client.subscribeAsync(DROPPED_TOPIC, { qos: 0 }).catch(() => {});
    if (this.#drops === "asked") this.#drops = null;
  }

  /** The session was kept while we were away, or we take no messages at present: of too many the broker drops some. */
  #mayBeDropped(): void {
    const now = performance.now();
    const before = this.#droppable;
    const away = this.#wasConnected ? this.#heardAt : (this.#host.heardBefore ?? this.#heardAt);
    const since = before !== null && before.until > now ? before.since : away;
    this.#droppable = { since, until: now + DROPS_SHOW_MS };
  }

  /** `count`: since the start of the broker. */
  async #droppedByBroker(count: number): Promise<void> {
    const { dropped: before } = this.#kept;
    if (!Number.isSafeInteger(count) || count === before) return;
    const more = before === null ? 0 : count < before ? count : count - before;
    const of = this.#droppable;
    if (more > 0 && of !== null && of.until > performance.now()) {
      const why = `the broker dropped ${more} messages of clients that did not take them, maybe ours`;
      this.#host.gap(of.since, this.#host.clock(), `${why} (mosquitto: max_queued_messages)`);
    }
    // Where the disk refuses the number, a restart compares with the one before.
    await this.#keep({ dropped: count }).catch(() => {});
  }

  get #topicsSaid(): string {
    return [...new Set(this.#signals.map(({ address }) => address.topic))].join(", ");
  }

  /** Reports that the broker kept no session while we were away, in this run or before it: values may have been lost. */
  async #missed(now: number): Promise<void> {
    const since = this.#wasConnected ? this.#heardAt : this.#host.heardBefore;
    if (since === null) return;
    this.#host.gap(since, now, "the broker did not keep the session");
    await this.#host.gone(since, "the broker did not keep the session").catch(() => {});
  }

  async #gone(): Promise<void> {
    if (this.#drops === "asked") this.#drops = "refused";
    const since = this.#wasConnected ? this.#heardAt : this.#host.heardBefore;
    if (this.#closed || this.#isGone || since === null) return;
    this.#isGone = true;
    await this.#host.gone(since, "no connection to the broker").catch(() => {});
  }

  /** Tries until the events of the messages are on disk; for ever pending once it is closed, so that none is acknowledged. */
  async #untilObserved(packets: readonly IPublishPacket[]): Promise<void> {
    this.#heardAt = this.#host.clock();
    if (this.#client.connected) this.#host.connected();
    let waiting: (readonly Observation[])[] = [];
    for (const packet of packets) waiting.push(await this.#observationsOf(packet));
    let count = waiting.length;
    const handOver = async (): Promise<void> => {
      while (waiting.length > 0) {
        const observations = waiting.slice(0, count).flat();
        if (observations.length > 0) await this.#host.observed(observations);
        waiting = waiting.slice(count);
      }
      // These were read before the connection was lost, but reached the disk after its loss was told: the machines are unknown after them.
      if (this.#isGone && !this.#closed) await this.#host.gone(this.#heardAt, "no connection to the broker");
    };
    // One by one: the disk may have room for some.
    const isSafe = await untilDone(handOver, this.#ended.signal, RETRY_MS, () => {
      count = Math.max(1, count >> 1);
      this.#mayBeDropped();
    });
    if (!isSafe) await new Promise(() => {});
  }

  async #observationsOf({ topic, payload, retain }: IPublishPacket): Promise<readonly Observation[]> {
    if (topic === DROPPED_TOPIC) await this.#droppedByBroker(Number(payload.toString()));
    const signals = this.#filters.of(topic);
    if (signals.length === 0) return [];
    const text = payload.toString();
    let document: unknown = undefined;
    if (signals.some(({ address: { value, at } }) => value !== null || at !== null)) {
      try {
        document = JSON.parse(text);
      } catch {
        // Of what is no JSON the signals that are the payload itself are read still.
        this.#host.refused(topic, `expected JSON, found ${JSON.stringify(text.slice(0, 80))}`);
      }
    }
    const observations: Observation[] = [];
    for (const signal of signals) {
      const { value, at } = signal.address;
      if ((value !== null || at !== null) && document === undefined) continue;
      try {
        const found =
          value === null ? { value: text } : (value.plainIn(document) ?? (await evaluated(value, document)));
        if (found.value === undefined) continue;
        const instant = at === null ? null : (at.plainIn(document) ?? (await evaluated(at, document)));
        const observation = this.#read(signal, found.value, instant, retain);
        if (typeof observation === "string") this.#host.refused(topic, observation);
        else observations.push(observation);
      } catch (error) {
        this.#host.refused(topic, `${signal.signal}: ${messageOf(error)}`);
      }
    }
    return observations;
  }

  /** Why it is none, where it is none. */
  #read(
    { machine, signal }: Signal<MqttAddress>,
    found: unknown,
    stamp: { readonly value: unknown } | null,
    retained: boolean,
  ): Observation | string {
    if (!isValue(found)) return `${signal}: expected a text, a number or a truth, found ${said(found)}`;
    const instant = stamp === null ? null : instantIn(stamp.value);
    if (stamp !== null && instant === null)
      return `${signal}: expected an instant (RFC 3339, or ms since 1970), found ${said(stamp.value)}`;
    return {
      machine,
      signal,
      value: found,
      quality: found === null ? "bad" : "good",
      at: instant ?? this.#host.clock(),
      stamped: instant === null ? "arrival" : "source",
      age: retained && instant === null ? "undated" : "live",
    };
  }
}

function said(found: unknown): string {
  return (JSON.stringify(found) ?? "none").slice(0, 80);
}

async function evaluated(picker: Picker, document: unknown): Promise<{ readonly value: unknown }> {
  return { value: await picker.valueIn(document) };
}

/** JSONata throws objects that are no errors. */
function messageOf(error: unknown): string {
  const { message } = error as { readonly message?: unknown };
  return typeof message === "string" ? message : JSON.stringify(error);
}

/** The mark. */
interface Kept {
  /** What was subscribed to last. */
  readonly topics: readonly string[];
  /** How many messages the broker had dropped; `null`: it has not reported that. */
  readonly dropped: number | null;
}

function keptIn(mark: string | null): Kept {
  const kept = mark === null ? [] : (JSON.parse(mark) as Kept | readonly string[]);
  // Earlier connectors kept the topics alone.
  return "topics" in kept ? kept : { topics: kept, dropped: null };
}
