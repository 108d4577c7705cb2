/**
 * The event log on Apache Kafka (2.3 or newer), through kafkajs. An append resolves when all in-sync replicas have it
 * (`acks: -1`); topics are created only by `ensureTopics`. `docs/event-log.md` lists the faults of kafkajs and what this
 * adapter does about each.
 */
import kafkajs, { type Admin, type Kafka, type KafkaConfig } from "kafkajs";
import { retry, retryForEver, sleepTimer } from "@oee/pacing";
import { checkAppend } from "./append-check.ts";
import { AppendQueue } from "./append-queue.ts";
import { LogError, messageOf } from "./error.ts";
import { collectKeyed, FollowerHandle, type PartitionRange, TopicFollower } from "./follow.ts";
import { bridgeLogger } from "./kafka/client-logger.ts";
import type { Compression } from "./kafka/compression.ts";
import { Fetcher } from "./kafka/fetcher.ts";
import { type Cluster, knowEachTopic, prepareClient, topicProblem } from "./kafka/internals.ts";
import { KafkaConsumer } from "./kafka/kafka-consumer.ts";
import {
  appendError,
  connectionError,
  isWithoutLeader,
  topicError,
  typeOf,
  unknownTopic,
} from "./kafka/kafka-errors.ts";
import { ensureKafkaTopics, growKafkaTopic } from "./kafka/kafka-topics.ts";
import { kafkaEnds } from "./kafka/partition-ends.ts";
import { KafkaProducer } from "./kafka/producer.ts";
import { Sockets } from "./kafka/sockets.ts";
import { kafkaTopicIds } from "./kafka/topic-id.ts";
import {
  type AppendRecord,
  type ConsumeOptions,
  type EventLog,
  type Follower,
  type FollowOptions,
  type GroupConsumer,
  type KeyedRecord,
  type Logger,
  type LogStatus,
  type PartitionEnd,
  silentLogger,
  type TopicSpec,
} from "./port.ts";
import { statusOf } from "./status.ts";

export interface KafkaLogOptions {
  /** Brokers, TLS (`ssl`), SASL (`sasl`) and whatever else kafkajs's client takes; `logCreator` is the bridge's. */
  readonly client: Omit<KafkaConfig, "logCreator" | "logLevel">;
  readonly logger?: Logger;
  /** The codec of appends; every codec is read. Default `none`. */
  readonly compression?: Compression;
  /** Replicas of topics that `ensureTopics` creates. Default the broker's. */
  readonly replicationFactor?: number;
  /** How long an append is tried before it is refused with `OEE_LOG_APPEND_FAILED`. Default 30 s. */
  readonly appendTimeoutMs?: number;
  /** How long a broker waits for records, and hence the longest that a hand-over or closing waits. Default 200. */
  readonly maxWaitTimeMs?: number;
  /** A member that is silent for longer is out of its group. Default 10 s. */
  readonly sessionTimeoutMs?: number;
  readonly rebalanceTimeoutMs?: number;
  readonly heartbeatIntervalMs?: number;
  /** It has no producer, makes no topics and joins no group: whatever would change something is refused with `OEE_LOG_READ_ONLY`. */
  readonly readOnly?: boolean;
}

/** The records of a partition go into one batch, which a topic takes up to 1 MiB by default, whichever they are. */
const APPEND_LIMITS = { waitingBytesMax: 64 * 1024 * 1024, writeRecordsMax: 10_000, writeBytesMax: 900_000 };
/** kafkajs's patience with one request; what matters is tried again beyond it. */
const RETRY = { initialRetryTime: 50, maxRetryTime: 1_000, factor: 0.2, multiplier: 2, retries: 5 };
const RECORD_BYTES_MAX = 1024 * 1024;

/** What the log on Kafka can besides: add partitions to a topic, and tell a topic from one of its name that was deleted. */
export interface KafkaEventLog extends EventLog {
  /** The id that Kafka gave a topic when it was made; `null`: its brokers have no ids (before 2.8), or no such topic. */
  topicId(topic: string): Promise<string | null>;
  /** Has the offsets of the topic with an id begin at `firstOffset` (`renewals.ts`). Before anything reads it. */
  countFrom(topic: string, id: string, firstOffset: number): void;
  /** Gives a topic as many partitions, where it has less. Machines stay dealt over as many as before. */
  grow(topic: string, partitions: number): Promise<void>;
  /**
   * The process is about to end: once the brokers have said nothing for `silentMs` from now on, though something waits for them, that
   * fails, and nothing is asked any more: a process ends in order while they are frozen, away, or not to be reached.
   */
  endSoon(silentMs: number): void;
}

export function openKafkaLog(options: KafkaLogOptions): KafkaEventLog {
  return new KafkaLog(options);
}

/** A partition that is being made, or moves, has its next leader within a second or two. */
const LEADER_ATTEMPTS_MAX = 6;
const LEADER_AGAIN = { firstDelayMs: 50, delayMsMax: 800 };
const SILENCE_LOOKED_FOR_EVERY_MS = 100;
/** A client that reads asks all the time, and has an answer within a second: brokers that say nothing for so long are frozen or cut off. */
const SILENT_MS = 10_000;
const KNOWN_ATTEMPTS_MAX = 30;
const KNOWN_AGAIN = { firstDelayMs: 50, delayMsMax: 1_000 };

/** The brokers answer, and have no such topic or do not show it to this user. */
function isOfTopic(error: unknown): boolean {
  return isUnknownTopic(error) || typeOf(error) === "TOPIC_AUTHORIZATION_FAILED";
}

function isUnknownTopic(error: unknown): boolean {
  return error instanceof LogError && error.code === "OEE_LOG_UNKNOWN_TOPIC";
}

class KafkaLog implements KafkaEventLog {
  readonly stampsRecords: boolean = false;
  readonly #options: KafkaLogOptions;
  readonly #logger: Logger;
  readonly #kafka: Kafka;
  readonly #fetcher: Fetcher;
  readonly #specs = new Map<string, TopicSpec>();
  readonly #queues = new Map<string, AppendQueue>();
  readonly #partitionCounts = new Map<string, Promise<number>>();
  readonly #counted = new Map<string, { readonly id: string; readonly firstOffset: number }>();
  readonly #consumers = new Set<KafkaConsumer>();
  readonly #followers = new Set<Follower>();
  /** Those that cannot begin though the brokers answer. */
  readonly #notFollowed = new Map<Follower, LogStatus["unread"][number]>();
  readonly #stopping = new AbortController();
  readonly #sockets = new Sockets();
  #listening: NodeJS.Timeout | null = null;
  /** `null`: the log is read alone. */
  readonly #producer: KafkaProducer | null;
  #client: Promise<{ cluster: Cluster; disconnect(): Promise<void> }> | null = null;
  #connected = false;
  #lastError: { code: string; message: string } | null = null;
  #pastRebalances = 0;
  #closing: Promise<void> | null = null;

  constructor(options: KafkaLogOptions) {
    prepareClient();
    const { client, logger = silentLogger, maxWaitTimeMs = 200 } = options;
    this.#options = options;
    this.#logger = logger;
    this.#kafka = new kafkajs.Kafka({
      clientId: "oee",
      socketFactory: this.#sockets.open,
      ...client,
      retry: { ...RETRY, ...client.retry },
      logLevel: kafkajs.logLevel.INFO,
      logCreator: bridgeLogger(logger),
    });
    const cluster = async (): Promise<Cluster> => (await this.#connect()).cluster;
    const { firstOffsetOf } = this;
    this.#fetcher = new Fetcher({ cluster, logger, maxWaitTimeMs, firstOffsetOf, onHealth: this.#onHealth });
    this.#producer =
      options.readOnly === true
        ? null
        : new KafkaProducer({
            cluster,
            logger,
            compression: options.compression ?? "none",
            now: Date.now,
            appendTimeoutMs: options.appendTimeoutMs ?? 30_000,
            signal: this.#stopping.signal,
          });
  }

  async ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    if (this.#producer === null) {
      for (const { name } of specs) await this.#partitions(name);
      return;
    }
    const { replicationFactor } = this.#options;
    await this.#administer("ensuring topics", (admin) =>
      ensureKafkaTopics(admin, specs, replicationFactor, this.#logger),
    );
    await this.#untilKnown(specs.map(({ name }) => name));
    for (const spec of specs) this.#specs.set(spec.name, spec);
  }

  /**
   * Waits until topics that were just made are known to the brokers that are asked, some of which answer at first that there
   * is no such topic; gives up after a bounded number of tries. A partition without a leader is logged and not waited for.
   */
  async #untilKnown(topics: readonly string[]): Promise<void> {
    const look = async (): Promise<void> => {
      for (const topic of topics)
        await this.endsOf(topic).catch((error: unknown) => this.#passLeaderless(topic, error));
    };
    const onFailure = async (error: unknown, _: number, attempts: number): Promise<void> => {
      if (!isUnknownTopic(error) || attempts >= KNOWN_ATTEMPTS_MAX) throw error;
      const { cluster } = await this.#connect();
      await cluster.refreshMetadata().catch(() => undefined);
    };
    await retryForEver(look, onFailure, sleepTimer, KNOWN_AGAIN);
  }

  #passLeaderless(topic: string, error: unknown): void {
    if (isUnknownTopic(error) || !isWithoutLeader(error)) throw error;
    this.#logger.warn("a partition has no leader", { topic, error: messageOf(error) });
  }

  async grow(topic: string, partitions: number): Promise<void> {
    this.#expectProducer();
    await this.#administer(`adding partitions to ${topic}`, (admin) => growKafkaTopic(admin, topic, partitions));
    const onFailure = (error: unknown, _: number, attempts: number): void => {
      if (attempts >= KNOWN_ATTEMPTS_MAX) throw error;
    };
    await retryForEver(() => this.#lookForGrown(topic, partitions), onFailure, sleepTimer, KNOWN_AGAIN);
    // looked up anew, or an append to one of them would be refused
    this.#partitionCounts.delete(topic);
  }

  /** Brokers answer for a moment that a topic has the partitions of before. */
  async #lookForGrown(topic: string, partitions: number): Promise<void> {
    await (await this.#connect()).cluster.refreshMetadata();
    const found = await this.partitionsOf(topic);
    if (found >= partitions) return;
    const what = `brokers know ${found} partitions of ${topic}, expected ${partitions} that were just made`;
    throw new LogError("OEE_LOG_UNAVAILABLE", what);
  }

  async #administer(doing: string, work: (admin: Admin) => Promise<void>): Promise<void> {
    this.#checkOpen();
    const admin = this.#kafka.admin();
    try {
      await admin.connect();
      await work(admin);
    } catch (error) {
      throw connectionError(doing, error);
    } finally {
      await admin.disconnect();
    }
  }

  async partitionsOf(topic: string): Promise<number> {
    return (await this.#partitions(topic)).length;
  }

  async endsOf(topic: string): Promise<readonly PartitionEnd[]> {
    this.#checkOpen();
    // names the topic to the client, which refreshes what it knows of topics that were named
    await this.#partitions(topic);
    const first = this.firstOffsetOf(topic);
    const look = async (): Promise<readonly PartitionEnd[]> => {
      const ends = await kafkaEnds((await this.#connect()).cluster, topic);
      return ends.map((of) => ({ ...of, readableEnd: first + of.readableEnd, endOffset: first + of.endOffset }));
    };
    const onFailure = (error: unknown, _: number, attempts: number): void => {
      if (!isWithoutLeader(error) || attempts >= LEADER_ATTEMPTS_MAX) throw error;
    };
    try {
      return await retryForEver(look, onFailure, sleepTimer, LEADER_AGAIN);
    } catch (error) {
      throw topicError(topic, error);
    }
  }

  async topicId(topic: string): Promise<string | null> {
    const [id = null, other] = await this.#topicIds(topic);
    if (other === undefined) return id;
    throw new LogError(
      "OEE_LOG_UNAVAILABLE",
      `looking up topic ${topic}: brokers do not agree on it, it was just made`,
    );
  }

  countFrom(topic: string, id: string, firstOffset: number): void {
    this.#counted.set(topic, { id, firstOffset });
  }

  readonly firstOffsetOf = (topic: string): number => this.#counted.get(topic)?.firstOffset ?? 0;

  async replaced(topic: string): Promise<string | null> {
    const counted = this.#counted.get(topic);
    if (counted === undefined) return null;
    for (const id of await this.#topicIds(topic)) {
      if (id === counted.id) continue;
      const what = `topic ${topic} was deleted and made anew: its id is ${id}, expected ${counted.id}`;
      return `${what}; start all workers and gateways again: it is then read from its start, beside what is stored`;
    }
    return null;
  }

  async #topicIds(topic: string): Promise<ReadonlySet<string>> {
    this.#checkOpen();
    try {
      const { cluster } = await this.#connect();
      await cluster.addMultipleTargetTopics([topic]);
      return await kafkaTopicIds(cluster, topic);
    } catch (error) {
      throw topicError(topic, error);
    }
  }

  async append(topic: string, records: readonly AppendRecord[]): Promise<void> {
    this.#checkOpen();
    this.#expectProducer();
    const partitions = await this.#partitionCount(topic);
    const { cleanup, recordBytesMax } = this.#specs.get(topic) ?? {
      cleanup: "delete",
      recordBytesMax: RECORD_BYTES_MAX,
    };
    checkAppend(records, { name: topic, partitions, cleanup, recordBytesMax });
    await this.#queueOf(topic).append(records);
  }

  consume(options: ConsumeOptions): GroupConsumer {
    this.#checkOpen();
    this.#expectProducer();
    const { maxWaitTimeMs = 200, sessionTimeoutMs = 10_000, rebalanceTimeoutMs = 60_000 } = this.#options;
    const consumer = new KafkaConsumer(options, {
      kafka: this.#kafka,
      cluster: async () => (await this.#connect()).cluster,
      fetcher: this.#fetcher,
      logger: this.#logger,
      firstOffsetOf: this.firstOffsetOf,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      heartbeatIntervalMs: this.#options.heartbeatIntervalMs ?? Math.min(1_000, Math.floor(sessionTimeoutMs / 3)),
      maxWaitTimeMs,
      onHealth: this.#onHealth,
      gaveUp: this.#stopping.signal,
    });
    this.#consumers.add(consumer);
    return {
      commit: (offsets) => consumer.commit(offsets),
      close: async () => {
        await consumer.close();
        if (this.#consumers.delete(consumer)) this.#pastRebalances += consumer.rebalances;
      },
    };
  }

  async readKeyed(topic: string, partitions?: readonly number[]): Promise<Map<string, KeyedRecord>> {
    this.#checkOpen();
    await this.#partitions(topic);
    return collectKeyed(async (options) => this.followKeyed(options), topic, partitions);
  }

  followKeyed(options: FollowOptions): Follower {
    this.#checkOpen();
    const cancel = new AbortController();
    let following: TopicFollower | null = null;
    const { topic } = options;
    const onFailure = (error: unknown, delayMs: number): void => {
      const ofTopic = isOfTopic(error);
      if (!ofTopic) this.#onHealth(error);
      const message = messageOf(error);
      // Once where it may last, as where this user may not read the topic.
      if (!ofTopic || this.#notFollowed.get(follower)?.error !== message)
        this.#logger.warn("following failed, trying again", { topic, error: message, delayMs });
      if (ofTopic) this.#notFollowed.set(follower, { topic, error: message });
    };
    const started = retry(() => this.#ranges(options), onFailure, cancel.signal).then((ranges) => {
      this.#notFollowed.delete(follower);
      if (ranges === undefined || cancel.signal.aborted) return;
      following = new TopicFollower(options, ranges, this.#fetcher, this.#logger);
      following.start();
    });
    const follower = new FollowerHandle(async () => {
      cancel.abort();
      await started;
      await following?.close();
      this.#followers.delete(follower);
    });
    this.#followers.add(follower);
    return follower;
  }

  describe(): LogStatus {
    this.#expectAnswers();
    let rebalances = this.#pastRebalances;
    for (const consumer of this.#consumers) rebalances += consumer.rebalances;
    return {
      state: this.#state(),
      lastError: this.#lastError,
      ...statusOf(this.#fetcher.queues, [...this.#queues.values()]),
      unread: [...this.#notFollowed.values(), ...this.#fetcher.unread],
      unreadableBatches: this.#fetcher.unreadableBatches,
      rebalances,
    };
  }

  endSoon(silentMs: number): void {
    const askedAt = performance.now();
    this.#listening ??= setInterval(() => {
      const silentSince = Math.max(this.#sockets.heardAt, askedAt);
      if (performance.now() - silentSince < silentMs || !this.#waitsForBrokers) return;
      clearInterval(this.#listening ?? undefined);
      this.#logger.warn("the brokers do not answer, and the process ends: what they were asked is given up");
      this.#stopping.abort();
      this.#sockets.giveUp(new Error(`the brokers said nothing for ${silentMs} ms while the process ended`));
    }, SILENCE_LOOKED_FOR_EVERY_MS).unref();
  }

  /** Members of groups and followers ask all the time. */
  get #asksAllTheTime(): boolean {
    return this.#consumers.size + this.#followers.size > 0;
  }

  get #waitsForBrokers(): boolean {
    if (this.#asksAllTheTime || this.#closing !== null) return true;
    for (const { waitingRecords } of this.#queues.values()) if (waitingRecords > 0) return true;
    return false;
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const open = [...this.#consumers, ...this.#followers];
    await Promise.all(open.map((each) => each.close()));
    await Promise.all([...this.#queues.values()].map((queue) => queue.idle()));
    this.#stopping.abort();
    await this.#fetcher.stop();
    try {
      await (await this.#client)?.disconnect();
    } catch (error) {
      this.#logger.warn("disconnecting failed", { error: messageOf(error) });
    }
    clearInterval(this.#listening ?? undefined);
  }

  #queueOf(topic: string): AppendQueue {
    let queue = this.#queues.get(topic);
    if (queue === undefined) {
      queue = new AppendQueue((records) => this.#send(topic, records), APPEND_LIMITS);
      this.#queues.set(topic, queue);
    }
    return queue;
  }

  async #send(topic: string, records: readonly AppendRecord[]): Promise<void> {
    try {
      await this.#expectProducer().send(topic, records);
      this.#onHealth(null);
    } catch (error) {
      const refused = appendError(topic, error);
      // Where a topic is gone the log answers; the next append looks for the topic anew.
      if (refused.code === "OEE_LOG_UNKNOWN_TOPIC") this.#partitionCounts.delete(topic);
      else this.#onHealth(error);
      throw refused;
    }
  }

  /** A consumer that never joins a group: kafkajs gives a client's cluster to its assigners only. */
  #connect(): Promise<{ cluster: Cluster; disconnect(): Promise<void> }> {
    this.#client ??= (async () => {
      let cluster: Cluster | null = null;
      const consumer = this.#kafka.consumer({
        groupId: "oee-reads-without-a-group",
        allowAutoTopicCreation: false,
        partitionAssigners: [
          (made) => {
            cluster = made.cluster as unknown as Cluster;
            knowEachTopic(cluster);
            return kafkajs.PartitionAssigners.roundRobin(made);
          },
        ],
      });
      await consumer.connect();
      if (cluster === null) throw new Error("kafkajs made a consumer without calling its assigner");
      return { cluster, disconnect: () => consumer.disconnect() };
    })();
    return this.#untilFailure(this.#client, () => {
      this.#client = null;
    });
  }

  /** Forgets a connection that did not come about, so that the next call tries again. */
  async #untilFailure<T>(connecting: Promise<T>, forget: () => void): Promise<T> {
    try {
      return await connecting;
    } catch (error) {
      forget();
      throw error;
    }
  }

  /** Looked up once: appends that wait for the same promise go on in the order they came. */
  #partitionCount(topic: string): Promise<number> {
    let count = this.#partitionCounts.get(topic);
    if (count === undefined) {
      count = this.partitionsOf(topic);
      this.#partitionCounts.set(topic, count);
    }
    return this.#untilFailure(count, () => this.#partitionCounts.delete(topic));
  }

  async #partitions(topic: string): Promise<number[]> {
    try {
      const { cluster } = await this.#connect();
      await cluster.addMultipleTargetTopics([topic]);
      // It may have been made since.
      if (cluster.findTopicPartitionMetadata(topic).length === 0) await cluster.refreshMetadata();
      const partitions = cluster.findTopicPartitionMetadata(topic).map(({ partitionId }) => partitionId);
      if (partitions.length === 0) throw topicProblem(cluster, topic) ?? unknownTopic(topic);
      return partitions.toSorted((a, b) => a - b);
    } catch (error) {
      throw topicError(topic, error);
    }
  }

  async #ranges({ topic, partitions }: FollowOptions): Promise<PartitionRange[]> {
    const wanted = partitions ?? (await this.#partitions(topic));
    const { cluster } = await this.#connect();
    const ask = { topic, partitions: wanted.map((partition) => ({ partition })) };
    const [starts] = await cluster.fetchTopicsOffset([{ ...ask, fromBeginning: true }]);
    const [ends] = await cluster.fetchTopicsOffset([{ ...ask, fromBeginning: false }]);
    const offsetOf = (offsets: typeof starts, partition: number): number =>
      this.firstOffsetOf(topic) + Number(offsets?.partitions.find((each) => each.partition === partition)?.offset ?? 0);
    return wanted.map((partition) => ({
      partition,
      startOffset: offsetOf(starts, partition),
      endOffset: offsetOf(ends, partition),
    }));
  }

  #state(): LogStatus["state"] {
    if (this.#closing !== null) return "closed";
    if (this.#connected) return "connected";
    return this.#lastError === null ? "connecting" : "disconnected";
  }

  /** A request waits for its answer for 30 s before kafkajs says so. */
  #expectAnswers(): void {
    const silentMs = performance.now() - this.#sockets.heardAt;
    if (!this.#connected || silentMs < SILENT_MS || !this.#asksAllTheTime) return;
    this.#onHealth(new Error(`the brokers have said nothing for ${Math.floor(silentMs / 1000)} s`));
  }

  readonly #onHealth = (error: unknown): void => {
    this.#connected = error === null;
    if (error === null) {
      this.#lastError = null;
      return;
    }
    const { code, message } = connectionError("speaking to Kafka", error);
    this.#lastError = { code, message };
  };

  #expectProducer(): KafkaProducer {
    if (this.#producer !== null) return this.#producer;
    throw new LogError("OEE_LOG_READ_ONLY", "the log was opened to be read alone");
  }

  #checkOpen(): void {
    if (this.#closing !== null) throw new LogError("OEE_LOG_CLOSED", "the log was closed");
  }
}
