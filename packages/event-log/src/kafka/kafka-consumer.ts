/**
 * A member of a Kafka consumer group. kafkajs keeps the membership (join, heartbeat, assignment) and reads nothing: all
 * partitions are paused for it, and the fetcher reads. So its loop is never held up by slow work, heartbeats go on, and
 * nobody is thrown out of the group for it.
 *
 * A rebalance waits for the hand-over: before the member joins again, the batches in hand are finished, `onRevoked` has
 * committed, and only then does the next owner begin. Meanwhile this sends the heartbeats.
 *
 * A member whose process was killed keeps its partitions until its session ends. So before it joins, a process looks which members of
 * the group are of processes that are dead for sure (`process-identity.ts`), and lets these leave once it has joined itself: a group
 * without members would wait for others to come.
 *
 * A membership that kafkajs begins anew, because the broker was away for longer than it tries, takes the place of the one
 * before it: as another member it would wait until the group has given that one up, a session's time.
 */
import type { Assigner, Consumer, Kafka } from "kafkajs";
import { OneAtATime, retry, retryForEver, sleepTimer } from "@oee/pacing";
import { LogError, messageOf } from "../error.ts";
import { GroupMember, partitionKey } from "../group-member.ts";
import { isDead } from "../process-identity.ts";
import { firstOffsetAfter, renewalsBefore } from "../renewals.ts";
import type { AssignedPartition, CommittedOffset, ConsumeOptions, GroupConsumer, Logger } from "../port.ts";
import type { Fetcher } from "./fetcher.ts";
import {
  type Broker,
  type Cluster,
  hookJoins,
  type JoinHooks,
  type Membership,
  type OffsetCommit,
} from "./internals.ts";
import { isLostMembership } from "./kafka-errors.ts";
import { processOf, stickyAssigner } from "./sticky-assigner.ts";

const COMMIT_ATTEMPTS = 5;
const COMMIT_RETRIED = { firstDelayMs: 200, delayMsMax: 1_600 };
/** The group's state while nobody joins or leaves. */
const STABLE = "Stable";
/** Whether this member has begun to join is looked for so often, and not for longer than a second or two. */
const JOINED_LOOKED_FOR_EVERY_MS = 25;
const JOINED_LOOKS_MAX = 40;
/** kafkajs looks so often whether a topic was given more partitions; left alone, every five minutes. */
const METADATA_AGE_MS = 10_000;
/** After a crash kafkajs restarts as late as its last retry was. */
const RETRY = { initialRetryTime: 50, maxRetryTime: 1_000, factor: 0.2, multiplier: 2, retries: 5 };

export interface KafkaConsumerOptions {
  readonly kafka: Kafka;
  /** Has connections of its own: a broker answers nothing else on the one where a member waits to join. */
  readonly cluster: () => Promise<Cluster>;
  readonly fetcher: Fetcher;
  readonly logger: Logger;
  /** Where the offsets of a topic begin here; on the broker at 0. */
  readonly firstOffsetOf: (topic: string) => number;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly maxWaitTimeMs: number;
  readonly onHealth: (error: unknown) => void;
  /** Aborted: nothing is asked of the brokers any more. */
  readonly gaveUp: AbortSignal;
}

/** How often the topic of a committed offset was made anew, before the member's own metadata; nothing: never. */
const RENEWED = /^renewed=(\d+);(.*)$/s;

function renewedText(offset: number): string {
  const renewals = renewalsBefore(offset);
  return renewals === 0 ? "" : `renewed=${renewals};`;
}

/** The membership that commits are made with. */
interface Joined {
  readonly membership: Membership;
  readonly generationId: number;
  readonly memberId: string;
}

export class KafkaConsumer implements GroupConsumer {
  rebalances: number = 0;
  readonly #options: KafkaConsumerOptions;
  readonly #consume: ConsumeOptions;
  readonly #member: GroupMember;
  readonly #stopping = new AbortController();
  #consumer: Consumer | null = null;
  #joined: Joined | null = null;
  /** The one that this member had last, left or not. */
  #last: Membership | null = null;
  /** What this member had before it joined last. */
  #owned: readonly string[] = [];
  #taking: { readonly cancel: AbortController; readonly done: Promise<void> } | null = null;
  #lookedForDead = false;
  readonly #starting: OneAtATime;
  #closing: Promise<void> | null = null;

  constructor(consume: ConsumeOptions, options: KafkaConsumerOptions) {
    this.#consume = consume;
    this.#options = options;
    this.#member = new GroupMember(consume, options.fetcher, options.logger);
    this.#starting = new OneAtATime(
      () => this.#start(),
      (error) => options.logger.error("joining the group failed", this.#fields(error)),
    );
    this.#starting.request();
  }

  async commit(offsets: readonly CommittedOffset[]): Promise<void> {
    this.#member.checkOwned(offsets);
    const joined = this.#joined;
    if (joined === null) throw this.#notOwner("the member is not in the group");
    if (offsets.length === 0) return;
    const request = this.#commitRequest(joined, offsets);
    let failed = 0;
    const onFailure = (error: unknown, _delayMs: number, attempts: number): void => {
      if (isLostMembership(error)) throw this.#notOwner(messageOf(error), error);
      failed = attempts;
      if (attempts < COMMIT_ATTEMPTS && !this.#options.gaveUp.aborted) return;
      const what = `committing offsets of group ${this.#consume.groupId}: ${messageOf(error)}`;
      throw new LogError("OEE_LOG_COMMIT_FAILED", what, error);
    };
    await retryForEver(
      async () => (await this.#coordinator(joined.membership, failed > 0)).offsetCommit(request),
      onFailure,
      // Closing ends the pauses, and what is left of the attempts is made.
      (delayMs) => sleepTimer(delayMs, this.#stopping.signal),
      COMMIT_RETRIED,
    );
  }

  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    await this.#giveBack();
    this.#stopping.abort();
    await this.#starting.idle();
    try {
      await this.#consumer?.disconnect();
    } catch (error) {
      this.#options.logger.warn("leaving the group failed", this.#fields(error));
    }
    this.#joined = null;
  }

  /** Tries until it runs or is closed. */
  async #start(): Promise<void> {
    // the caller has the consumer in hand before its callbacks come
    await Promise.resolve();
    await retry(
      () => this.#run(),
      (error, delayMs) => {
        this.#options.onHealth(error);
        this.#options.logger.warn("joining the group failed, trying again", { ...this.#fields(error), delayMs });
      },
      this.#stopping.signal,
    );
  }

  async #run(): Promise<void> {
    const { kafka, sessionTimeoutMs, rebalanceTimeoutMs, heartbeatIntervalMs, maxWaitTimeMs } = this.#options;
    await this.#consumer?.disconnect();
    const hooks: JoinHooks = {
      beforeJoin: (membership) => this.#beforeJoin(membership),
      afterJoin: (membership) => this.#afterJoin(membership),
    };
    const made = (assigner: Assigner): void => hookJoins(assigner, hooks);
    const consumer = kafka.consumer({
      groupId: this.#consume.groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: rebalanceTimeoutMs,
      heartbeatInterval: heartbeatIntervalMs,
      maxWaitTimeInMs: maxWaitTimeMs,
      allowAutoTopicCreation: false,
      metadataMaxAge: METADATA_AGE_MS,
      partitionAssigners: [
        stickyAssigner(
          () => this.#owned,
          (topics) => this.#partitionsOf(topics),
          made,
        ),
      ],
      retry: { ...RETRY, restartOnFailure: async () => !this.#stopping.signal.aborted },
    });
    this.#consumer = consumer;
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      this.#options.onHealth(payload.error);
      this.#options.logger.warn("the group member crashed", {
        ...this.#fields(payload.error),
        restart: payload.restart,
      });
      // kafkajs restarts by itself after errors that it knows to pass; another consumer may be in its place by now
      const over = consumer !== this.#consumer || this.#stopping.signal.aborted;
      if (!payload.restart && !over) this.#starting.request();
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [...this.#consume.topics], fromBeginning: true });
    await consumer.run({ autoCommit: false, eachBatch: async () => {} });
  }

  /** Asked beside the consumer's own cluster, which would fail for ever where one of them is deleted. */
  async #partitionsOf(topics: readonly string[]): Promise<Map<string, number[]>> {
    const admin = this.#options.kafka.admin();
    await admin.connect();
    try {
      const existing = new Set(await admin.listTopics());
      const asked = topics.filter((topic) => existing.has(topic));
      const found = asked.length === 0 ? { topics: [] } : await admin.fetchTopicMetadata({ topics: asked });
      return new Map(
        found.topics.map(({ name, partitions }) => [name, partitions.map(({ partitionId }) => partitionId)]),
      );
    } finally {
      await admin.disconnect();
    }
  }

  async #beforeJoin(membership: Membership): Promise<void> {
    const { coordinator, groupId, generationId, memberId } = membership;
    const beat = (): void => {
      if (coordinator === null || memberId === null || generationId === null) return;
      // the answer is that the group rebalances, which is known
      coordinator.heartbeat({ groupId, groupGenerationId: generationId, memberId }).catch(() => {});
    };
    const heart = setInterval(beat, this.#options.heartbeatIntervalMs);
    try {
      await this.#giveBack();
    } finally {
      clearInterval(heart);
      this.#joined = null;
    }
    membership.memberId ??= this.#last?.memberId ?? null;
    if (this.#lookedForDead) return;
    this.#lookedForDead = true;
    try {
      const dead = await this.#deadMembers();
      if (dead.length > 0) void this.#letLeave(dead).catch((error: unknown) => this.#notLeft(error));
    } catch (error) {
      this.#notLeft(error);
    }
  }

  /** Members of the group whose processes are dead. While the group rebalances the brokers do not tell what members say of themselves. */
  async #deadMembers(): Promise<string[]> {
    const { groupId } = this.#consume;
    const coordinator = await (await this.#options.cluster()).findGroupCoordinator({ groupId });
    const { groups } = await coordinator.describeGroups({ groupIds: [groupId] });
    return groups.flatMap(({ members }) =>
      members.flatMap(({ memberId, memberMetadata }) => {
        const process = processOf(memberMetadata);
        return process !== null && isDead(process) ? [memberId] : [];
      }),
    );
  }

  async #letLeave(dead: readonly string[]): Promise<void> {
    const { groupId } = this.#consume;
    const coordinator = await (await this.#options.cluster()).findGroupCoordinator({ groupId });
    for (let look = 0; look < JOINED_LOOKS_MAX && !this.#stopping.signal.aborted; look += 1) {
      const { groups } = await coordinator.describeGroups({ groupIds: [groupId] });
      if (groups[0]?.state !== STABLE) break;
      await sleepTimer(JOINED_LOOKED_FOR_EVERY_MS, this.#stopping.signal);
    }
    for (const memberId of dead) {
      try {
        await coordinator.leaveGroup({ groupId, memberId });
      } catch (error) {
        // Its session has ended, or another one was first.
        if (!isLostMembership(error)) throw error;
      }
    }
    this.#options.logger.info("members of the group whose processes are dead were taken out of it", {
      groupId,
      members: dead,
    });
  }

  #notLeft(error: unknown): void {
    this.#options.logger.warn("members whose processes are dead were not looked for", this.#fields(error));
  }

  #afterJoin(membership: Membership): void {
    const { generationId, memberId } = membership;
    if (generationId === null || memberId === null) return;
    this.#last = membership;
    membership.pause(this.#consume.topics.map((topic) => ({ topic })));
    this.rebalances += 1;
    this.#options.onHealth(null);
    const partitions = membership
      .assigned()
      .flatMap(({ topic, partitions: indexes }) => indexes.map((partition) => ({ topic, partition })));
    this.#owned = partitions.map(partitionKey);
    if (this.#closing !== null) return;
    this.#joined = { membership, generationId, memberId };
    const cancel = new AbortController();
    this.#taking = { cancel, done: this.#takeOver(membership, cancel.signal) };
  }

  /** Asks where the group has come to, then takes the partitions over. */
  async #takeOver(membership: Membership, signal: AbortSignal): Promise<void> {
    const assigned = await retry(
      () => this.#committed(membership),
      (error, delayMs) =>
        this.#options.logger.warn("reading committed offsets failed, trying again", {
          ...this.#fields(error),
          delayMs,
        }),
      signal,
    );
    if (assigned === undefined || signal.aborted) return;
    void this.#member.assign(assigned);
  }

  async #giveBack(): Promise<void> {
    this.#taking?.cancel.abort();
    await this.#taking?.done;
    await this.#member.revoke(this.#member.partitions);
  }

  async #committed(membership: Membership): Promise<AssignedPartition[]> {
    const assigned = membership.assigned().filter(({ partitions }) => partitions.length > 0);
    if (assigned.length === 0) return [];
    const topics = assigned.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map((partition) => ({ partition })),
    }));
    const coordinator = await this.#coordinator(membership, false);
    const { responses } = await coordinator.offsetFetch({ groupId: this.#consume.groupId, topics });
    return responses.flatMap(({ topic, partitions }) =>
      partitions.map(({ partition, offset, metadata }) => {
        const committed = this.#counted(topic, Number(offset), metadata ?? "");
        return { topic, partition, committed };
      }),
    );
  }

  /** What was committed of a topic as the log counts it: of one before that was deleted, its metadata alone, at the start of this one. */
  #counted(topic: string, offset: number, metadata: string): AssignedPartition["committed"] {
    const first = this.#options.firstOffsetOf(topic);
    const [, renewals, own = ""] = RENEWED.exec(metadata) ?? [metadata, "0", metadata];
    if (offset < 0) return first === 0 ? null : { offset: first, metadata: "" };
    const isOfThis = firstOffsetAfter(Number(renewals)) === first;
    return { offset: isOfThis ? first + offset : first, metadata: own };
  }

  async #coordinator({ cluster, coordinator, groupId }: Membership, anew: boolean): Promise<Broker> {
    if (coordinator !== null && !anew) return coordinator;
    return cluster.findGroupCoordinator({ groupId });
  }

  #commitRequest({ generationId, memberId }: Joined, offsets: readonly CommittedOffset[]): OffsetCommit {
    const topics = [...new Set(offsets.map(({ topic }) => topic))].map((topic) => ({
      topic,
      partitions: offsets
        .filter((of) => of.topic === topic)
        .map(({ partition, offset, metadata = "" }) => ({
          partition,
          offset: String(offset - this.#options.firstOffsetOf(topic)),
          metadata: `${renewedText(this.#options.firstOffsetOf(topic))}${metadata}`,
        })),
    }));
    return { groupId: this.#consume.groupId, groupGenerationId: generationId, memberId, topics };
  }

  #notOwner(why: string, cause?: unknown): LogError {
    return new LogError("OEE_LOG_NOT_OWNER", `committing offsets of group ${this.#consume.groupId}: ${why}`, cause);
  }

  #fields(error: unknown): Record<string, unknown> {
    return { groupId: this.#consume.groupId, error: messageOf(error) };
  }
}
