/**
 * The event log within one process, over any storage: what the embedded and the memory adapter have in common. As
 * durable as its storage. Nothing runs while nothing happens: consumers are woken by appends.
 */
import type { Sleep } from "@oee/pacing";
import { type AppendRules, checkAppend } from "../append-check.ts";
import { LogError, messageOf } from "../error.ts";
import { collectKeyed, FollowerHandle, TopicFollower } from "../follow.ts";
import { GroupMember } from "../group-member.ts";
import type {
  AppendRecord,
  CommittedOffset,
  ConsumeOptions,
  EventLog,
  Follower,
  FollowOptions,
  GroupConsumer,
  KeyedRecord,
  Logger,
  LogStatus,
  PartitionEnd,
  TopicSpec,
} from "../port.ts";
import type { RecordBatch } from "../record-batch.ts";
import { statusOf } from "../status.ts";
import { LocalFeed } from "./local-feed.ts";
import { LocalGroup } from "./local-group.ts";
import { LocalTopic } from "./local-topic.ts";
import { PartitionLog, type PartitionState } from "./partition-log.ts";
import { cleanPartition } from "./retention.ts";
import type { Change, Storage } from "./storage.ts";

/** Where a simulation makes the log fail. Each is called before the thing happens, unless its name says otherwise. */
export interface LocalFaults {
  /** Throws to refuse the append; nothing of it is written. */
  beforeAppend?(topic: string, records: readonly AppendRecord[]): void;
  /** Throws to lose the acknowledgement of an append that is in the log. */
  afterAppend?(topic: string, records: readonly AppendRecord[]): void;
  /** Throws to refuse the commit. */
  beforeCommit?(groupId: string, offsets: readonly CommittedOffset[]): void;
  /** True delivers the batch once more. */
  redeliver?(batch: RecordBatch): boolean;
}

/** Large enough that a disk without room refuses it. */
const PROBE_BYTES = 256 * 1024;

export interface LocalLogOptions {
  readonly logger: Logger;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly sleep?: Sleep | undefined;
  /** All records of all topics together; an append that would exceed it is refused with `OEE_LOG_FULL`. */
  readonly bytesMax: number;
  readonly faults?: LocalFaults | undefined;
  /** What a failed write means. */
  readonly writeError: (error: unknown) => LogError;
  /** How often retention is looked at; null is never by itself. */
  readonly cleanIntervalMs: number | null;
  /** Whether `ensureTopics` changes how long existing topics are kept. */
  readonly retentionFollows?: boolean;
  readonly onClosed?: () => void;
}

export class LocalLog implements EventLog {
  readonly stampsRecords: boolean = true;
  readonly #storage: Storage;
  readonly #options: LocalLogOptions;
  readonly #topics = new Map<string, LocalTopic>();
  readonly #groups = new Map<string, LocalGroup>();
  readonly #feed: LocalFeed;
  readonly #open = new Set<{ close(): Promise<void> }>();
  #ensuring: Promise<void> = Promise.resolve();
  #partitionCount = 0;
  #lastError: { code: string; message: string } | null = null;
  #closing: Promise<void> | null = null;
  #cleaning: Promise<void> = Promise.resolve();
  readonly #cleanTimer: NodeJS.Timeout | null;

  constructor(storage: Storage, options: LocalLogOptions) {
    this.#storage = storage;
    this.#options = options;
    const find = (topic: string, partition: number): PartitionLog => this.#topic(topic).partition(partition);
    const redeliver = (batch: RecordBatch): boolean => options.faults?.redeliver?.(batch) ?? false;
    this.#feed = new LocalFeed(storage, find, options.logger, redeliver);
    const states = new Map(
      Array.from(storage.texts("partition/"), ([name, text]) => [name, JSON.parse(text) as PartitionState]),
    );
    for (const [, text] of storage.texts("topic/")) {
      const { spec, firstId } = JSON.parse(text) as { spec: TopicSpec; firstId: number };
      this.#addTopic(spec, firstId, (id) => states.get(`partition/${id}`));
    }
    const clean = (): void => {
      this.#cleaning = this.#cleaning.then(() => this.#cleanAll());
    };
    this.#cleanTimer = options.cleanIntervalMs === null ? null : setInterval(clean, options.cleanIntervalMs).unref();
  }

  ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    const ensured = this.#ensuring.then(async () => {
      this.#checkOpen();
      for (const spec of specs) await this.#ensureTopic(spec);
    });
    this.#ensuring = ensured.catch(() => {});
    return ensured;
  }

  async partitionsOf(topic: string): Promise<number> {
    return this.#topic(topic).partitions.length;
  }

  async endsOf(topic: string): Promise<readonly PartitionEnd[]> {
    this.#checkOpen();
    return this.#topic(topic).partitions.map(({ partition, state: { endOffset } }) => ({
      partition,
      readableEnd: endOffset,
      endOffset,
    }));
  }

  /** It never is while the log is open. */
  async replaced(): Promise<string | null> {
    return null;
  }

  async append(name: string, records: readonly AppendRecord[]): Promise<void> {
    this.#checkOpen();
    const topic = this.#topic(name);
    checkAppend(records, rulesOf(topic));
    this.#options.faults?.beforeAppend?.(name, records);
    await topic.queue.append(records);
    this.#options.faults?.afterAppend?.(name, records);
  }

  consume(options: ConsumeOptions): GroupConsumer {
    this.#checkOpen();
    for (const topic of options.topics) this.#topic(topic);
    const group = this.#group(options.groupId);
    const member = new GroupMember(options, this.#feed, this.#options.logger, this.#options.sleep);
    const consumer: GroupConsumer = {
      commit: async (offsets) => {
        this.#options.faults?.beforeCommit?.(options.groupId, offsets);
        await group.commit(member, offsets);
      },
      close: () => {
        closing ??= group.leave(member).finally(() => this.#open.delete(consumer));
        return closing;
      },
    };
    let closing: Promise<void> | null = null;
    this.#open.add(consumer);
    // callbacks come after the caller has the consumer in hand
    queueMicrotask(() => {
      if (closing === null) void group.join(member);
    });
    return consumer;
  }

  /** Whether nothing was ever appended to a topic. */
  isUnused(name: string): boolean {
    return this.#topic(name).partitions.every(({ state }) => state.endOffset === 0);
  }

  /**
   * Has a topic that is unused begin at an offset, and a group with what it would have committed there: for a log that
   * takes the place of one that is gone, so that its offsets go on from what is stored of the other. Before anything reads.
   */
  async beginAt(name: string, groupId: string, offset: number, metadata: string): Promise<void> {
    const { partitions } = this.#topic(name);
    const states = partitions.map((partition) => ({
      partition,
      state: { startOffset: offset, endOffset: offset, bytes: 0 },
    }));
    await this.#write(states.map(({ partition, state }) => partition.putState(state)));
    for (const { partition, state } of states) partition.appended(state);
    await this.#group(groupId).place(
      partitions.map(({ topic, partition }) => ({ topic, partition, offset, metadata })),
    );
  }

  readKeyed(topic: string, partitions?: readonly number[]): Promise<Map<string, KeyedRecord>> {
    return collectKeyed(async (options) => this.followKeyed(options), topic, partitions);
  }

  followKeyed(options: FollowOptions): Follower {
    this.#checkOpen();
    const topic = this.#topic(options.topic);
    const wanted = options.partitions?.map((index) => topic.partition(index)) ?? topic.partitions;
    const ranges = wanted.map(({ partition, state: { startOffset, endOffset } }) => ({
      partition,
      startOffset,
      endOffset,
    }));
    const following = new TopicFollower(options, ranges, this.#feed, this.#options.logger, this.#options.sleep);
    const follower = new FollowerHandle(async () => {
      this.#open.delete(follower);
      await following.close();
    });
    this.#open.add(follower);
    queueMicrotask(() => following.start());
    return follower;
  }

  describe(): LogStatus {
    let rebalances = 0;
    for (const group of this.#groups.values()) rebalances += group.rebalances;
    return {
      state: this.#closing !== null ? "closed" : this.#lastError === null ? "connected" : "disconnected",
      lastError: this.#lastError,
      ...statusOf(
        this.#feed.queues.keys(),
        [...this.#topics.values()].map(({ queue }) => queue),
      ),
      unread: [],
      unreadableBatches: this.#feed.unreadableBatches,
      rebalances,
    };
  }

  close(): Promise<void> {
    this.#closing ??= (async () => {
      if (this.#cleanTimer !== null) clearInterval(this.#cleanTimer);
      await Promise.all([...this.#open].map((each) => each.close()));
      await Promise.all([...this.#topics.values()].map((topic) => topic.queue.idle()));
      await Promise.all([...this.#topics.values()].map((topic) => topic.turn.idle()));
      await this.#cleaning;
      await this.#storage.close();
      this.#options.onClosed?.();
    })();
    return this.#closing;
  }

  /** Deletes what retention no longer holds, a bounded part of it; true when there may be more to delete. */
  async clean(): Promise<boolean> {
    let more = false;
    for (const topic of this.#topics.values()) {
      for (const partition of topic.partitions) {
        if (this.#closing !== null) return false;
        const clean = () =>
          cleanPartition(topic.spec, partition, this.#storage, this.#options.now(), (changes) => this.#write(changes));
        more = (await topic.turn.run(clean)) || more;
        // Appends and reads come between.
        await new Promise(setImmediate);
      }
    }
    return more;
  }

  async #cleanAll(): Promise<void> {
    try {
      while (await this.clean());
      if (this.#lastError !== null) await this.#probe();
    } catch (error) {
      this.#options.logger.error("cleaning the log failed", { error: messageOf(error) });
    }
  }

  /** Writes a few bytes, so that readiness finds without events whether the disk takes writes again. */
  async #probe(): Promise<void> {
    if (this.#closing !== null || this.#bytesHeld() >= this.#options.bytesMax) return;
    await this.#write([{ kind: "putText", name: "probe", text: "x".repeat(PROBE_BYTES) }]);
  }

  async #ensureTopic(spec: TopicSpec): Promise<void> {
    const existing = this.#topics.get(spec.name);
    if (existing === undefined) {
      const firstId = this.#partitionCount;
      await this.#write([{ kind: "putText", name: `topic/${spec.name}`, text: JSON.stringify({ spec, firstId }) }]);
      this.#addTopic(spec, firstId, () => undefined);
      return;
    }
    if (existing.spec.cleanup === spec.cleanup) {
      if (this.#options.retentionFollows === true) await this.#keep(existing, spec.retentionMs);
      return;
    }
    throw new LogError(
      "OEE_LOG_TOPIC_MISMATCH",
      `topic ${spec.name} has the cleanup policy ${existing.spec.cleanup}, expected ${spec.cleanup}`,
    );
  }

  async #keep(topic: LocalTopic, retentionMs: number | null): Promise<void> {
    if (topic.spec.retentionMs === retentionMs) return;
    const spec = { ...topic.spec, retentionMs };
    const firstId = topic.partition(0).id;
    await this.#write([{ kind: "putText", name: `topic/${spec.name}`, text: JSON.stringify({ spec, firstId }) }]);
    topic.spec = spec;
  }

  #addTopic(spec: TopicSpec, firstId: number, stateOf: (id: number) => PartitionState | undefined): void {
    const partitions = Array.from({ length: spec.partitions }, (_, index) => {
      const id = firstId + index;
      const state = stateOf(id) ?? { startOffset: 0, endOffset: 0, bytes: 0 };
      return new PartitionLog(spec.name, index, id, state, this.#storage);
    });
    this.#topics.set(
      spec.name,
      new LocalTopic(spec, partitions, (changes) => this.#append(changes), this.#options.now),
    );
    this.#partitionCount = Math.max(this.#partitionCount, firstId + spec.partitions);
  }

  async #append(changes: readonly Change[]): Promise<void> {
    let bytes = 0;
    for (const change of changes) if (change.kind === "putBatch") bytes += change.bytes.length;
    const { bytesMax } = this.#options;
    const held = this.#bytesHeld();
    if (held + bytes > bytesMax) {
      const message = `the log holds ${held} bytes, ${bytes} more would exceed ${bytesMax}`;
      this.#lastError = { code: "OEE_LOG_FULL", message };
      throw new LogError("OEE_LOG_FULL", message);
    }
    await this.#write(changes);
  }

  async #write(changes: readonly Change[]): Promise<void> {
    try {
      await this.#storage.write(changes);
      this.#lastError = null;
    } catch (error) {
      const failure = this.#options.writeError(error);
      this.#lastError = { code: failure.code, message: failure.message };
      this.#options.logger.error("writing the log failed", { code: failure.code, error: messageOf(error) });
      throw failure;
    }
  }

  #bytesHeld(): number {
    let bytes = 0;
    for (const topic of this.#topics.values()) for (const { state } of topic.partitions) bytes += state.bytes;
    return bytes;
  }

  #topic(name: string): LocalTopic {
    const topic = this.#topics.get(name);
    if (topic !== undefined) return topic;
    throw new LogError("OEE_LOG_UNKNOWN_TOPIC", `there is no topic ${name}`);
  }

  #group(groupId: string): LocalGroup {
    let group = this.#groups.get(groupId);
    if (group === undefined) {
      group = new LocalGroup(groupId, this.#storage, (topic) => this.#topic(topic).partitions.length);
      this.#groups.set(groupId, group);
    }
    return group;
  }

  #checkOpen(): void {
    if (this.#closing !== null) throw new LogError("OEE_LOG_CLOSED", "the log was closed");
  }
}

function rulesOf({ spec, partitions }: LocalTopic): AppendRules {
  const { name, cleanup, recordBytesMax } = spec;
  return { name, cleanup, recordBytesMax, partitions: partitions.length };
}
