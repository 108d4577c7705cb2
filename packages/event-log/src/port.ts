/**
 * The port of the event log: what connectors, workers and gateways know of it, whichever adapter is behind.
 *
 * Guarantees, the same for every adapter (`conformance.ts` holds them): an append that resolved is durable; the order of
 * one caller's appends to a partition is kept; delivery is at least once, in offset order within a partition; a
 * partition has one owner in a group; a commit that resolved survives a crash. Everything is bounded: appends that wait
 * (`OEE_LOG_QUEUE_FULL`) and batches that were read ahead (`bufferedBytesMax`).
 */
import type { RecordBatch } from "./record-batch.ts";

export interface TopicSpec {
  readonly name: string;
  /** The number of partitions that a new topic gets; an existing topic keeps its own. */
  readonly partitions: number;
  /** `compact` keeps the newest record of each key; a null value (tombstone) removes the key. */
  readonly cleanup: "delete" | "compact";
  /** Records older than this may go; null keeps them for ever. Only with `delete`. */
  readonly retentionMs: number | null;
  /** The oldest records of a partition may go when it holds more than this; null is no limit. Only with `delete`. */
  readonly retentionBytes: number | null;
  /** The largest record: key, value and headers together. */
  readonly recordBytesMax: number;
}

export interface AppendRecord {
  readonly key: string | Uint8Array | null;
  /** Null is a tombstone. */
  readonly value: Uint8Array | null;
  readonly headers?: Readonly<Record<string, string | Uint8Array>>;
  /** The partition to append to; when missing, murmur2 of the key as by Kafka's default partitioner, or any where there is no key. */
  readonly partition?: number;
}

export interface TopicPartition {
  readonly topic: string;
  readonly partition: number;
}

export interface PartitionOffset extends TopicPartition {
  /** The next record to read. */
  readonly offset: number;
}

export interface CommittedOffset extends PartitionOffset {
  /** A text of the member's own, kept with the offset. Kafka allows 4096 bytes. */
  readonly metadata?: string;
}

export interface AssignedPartition extends TopicPartition {
  /** The offset and metadata that the group committed last; `null`: none. */
  readonly committed: { readonly offset: number; readonly metadata: string } | null;
}

export interface ConsumeOptions {
  readonly groupId: string;
  readonly topics: readonly string[];
  /**
   * Partitions came; nothing of them is delivered before this resolves. Offsets that it answers are where reading
   * begins, for the others it is the committed one, else the oldest record. When it throws it is called again, later and
   * later, until the partitions go.
   */
  onAssigned(partitions: readonly AssignedPartition[]): Promise<readonly PartitionOffset[] | void>;
  /**
   * Partitions go; the batch in hand of each has been finished, and no other follows. Commits made in here count. The
   * partitions are released when this resolves, or after `revokeTimeoutMs`.
   */
  onRevoked(partitions: readonly TopicPartition[]): Promise<void>;
  /**
   * Batches of one partition come one after the other, those of different partitions side by side. When it throws, the
   * same batch comes again, later and later. What cannot be read comes too, as a batch without records (`unreadable`).
   */
  onBatch(batch: RecordBatch): Promise<void>;
  /** Bytes read ahead of a partition; one batch may exceed it. Default 4 MiB. */
  readonly bufferedBytesMax?: number;
  /**
   * Nothing of a batch is read any more once `onBatch` has resolved: its memory is then used for the next one. What is kept
   * must be a copy.
   */
  readonly keepsNothing?: boolean;
  /** How long a revoked partition may take to finish its batch and `onRevoked`. Default 30 s; on Kafka below the rebalance timeout of 60 s. */
  readonly revokeTimeoutMs?: number;
}

export interface GroupConsumer {
  /** Durable when it resolves. Refused with `OEE_LOG_NOT_OWNER` when a partition is not, or no longer, this member's. */
  commit(offsets: readonly CommittedOffset[]): Promise<void>;
  /** Gives its partitions back (`onRevoked`) and leaves the group. May be called twice. */
  close(): Promise<void>;
}

/** The end of a partition, as the log itself answers. */
export interface PartitionEnd {
  readonly partition: number;
  /**
   * Consumers get nothing at or after this: the first record of the oldest transaction of a producer that is still open
   * (Kafka's last stable offset), else `endOffset`.
   */
  readonly readableEnd: number;
  /** One past the newest record (Kafka's high watermark). */
  readonly endOffset: number;
}

export interface KeyedRecord {
  readonly value: Buffer;
  readonly partition: number;
  readonly offset: number;
}

export interface FollowOptions {
  readonly topic: string;
  /** The partitions to read; all of the topic when missing. */
  readonly partitions?: readonly number[];
  /** Takes every batch from the oldest record on, in offset order within a partition. When it throws, the batch is delivered again. */
  onBatch(batch: RecordBatch): Promise<void> | void;
  /** Once, when everything that was there at the beginning has been handed over. */
  onCaughtUp?(): void;
}

export interface Follower {
  /** May be called twice. */
  close(): Promise<void>;
  /** Resolves once it, or its log, is being closed. */
  readonly closed: Promise<void>;
}

export interface PartitionStatus extends TopicPartition {
  readonly groupId: string | null;
  /** The next record to hand over. */
  readonly position: number;
  /** One past the newest record known of. */
  readonly endOffset: number;
  readonly lag: number;
  readonly bufferedBytes: number;
}

export interface LogStatus {
  readonly state: "connecting" | "connected" | "disconnected" | "closed";
  /** Why it is not connected; `null`: it is, or is about to be. */
  readonly lastError: { readonly code: string; readonly message: string } | null;
  readonly partitions: readonly PartitionStatus[];
  readonly waitingAppends: { readonly records: number; readonly bytes: number };
  /** Topics that are to be read and cannot be, with why: one is gone, may not be read, or a partition has no leader. Others go on. */
  readonly unread: readonly { readonly topic: string; readonly error: string }[];
  /** Batches of any topic that could not be read. */
  readonly unreadableBatches: number;
  /** Number of rebalances: how often a group's partitions were assigned anew. */
  readonly rebalances: number;
}

export interface EventLog {
  /** Whether records' timestamps are when the log took them, by its own clock; else they may be their producers'. */
  readonly stampsRecords: boolean;
  /** Creates the topics that are missing; refuses, with `OEE_LOG_TOPIC_MISMATCH`, one whose cleanup policy differs. */
  ensureTopics(specs: readonly TopicSpec[]): Promise<void>;
  partitionsOf(topic: string): Promise<number>;
  /**
   * The end of every partition that the topic has now, in order of their numbers, asked of the log at each call: it does
   * not depend on what consumers have read. Rejects with `OEE_LOG_UNKNOWN_TOPIC`, or `OEE_LOG_UNAVAILABLE` where the log
   * does not answer.
   */
  endsOf(topic: string): Promise<readonly PartitionEnd[]>;
  /** Resolves when all the records are durable. After a rejection some of them may be in the log: try again. */
  append(topic: string, records: readonly AppendRecord[]): Promise<void>;
  /**
   * Asks whether a topic is another one than when its offsets began to be counted: deleted and made anew, so that what is read may
   * be of either. Says so in a sentence with what to do; `null`: it is the same, is not there, or cannot be told apart.
   */
  replaced(topic: string): Promise<string | null>;
  /** Joins the group in the background, and tries for as long as it takes. */
  consume(options: ConsumeOptions): GroupConsumer;
  /** The newest record of each key (as UTF-8 text) up to the end at the time of the call; keys with a tombstone are left out. */
  readKeyed(topic: string, partitions?: readonly number[]): Promise<Map<string, KeyedRecord>>;
  /** Reads a topic without a group: any number of followers may. */
  followKeyed(options: FollowOptions): Follower;
  describe(): LogStatus;
  /** Closes consumers and followers, then lets waiting appends finish. May be called twice. */
  close(): Promise<void>;
}

export interface Logger {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

export const silentLogger: Logger = { debug() {}, info() {}, warn() {}, error() {} };
