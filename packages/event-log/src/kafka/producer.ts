/**
 * Writes records to the leaders of their partitions, encoded here: kafkajs's own producer takes quadratic time to group
 * records and some twenty microseconds for each. Resolves when all in-sync replicas have all of them. A partition whose
 * write fails, or whose answer is lost, is written again, so records may be in the log twice (at least once); the order
 * within a partition is kept as long as the caller sends one after the other.
 */
import { retryForEver, sleepTimer } from "@oee/pacing";
import { BatchMemory, type BatchPiece } from "../batch-memory.ts";
import { LogError, messageOf } from "../error.ts";
import { partitionOf } from "../partitioner.ts";
import type { AppendRecord, Logger } from "../port.ts";
import { encodeRecordBatch } from "../record-encoding.ts";
import { type Compression, deflate } from "./compression.ts";
import {
  type Cluster,
  forgetClosed,
  protocolError,
  REQUEST_HEAD_BYTES,
  sendProduce,
  topicProblem,
} from "./internals.ts";
import { appendError, unknownTopic } from "./kafka-errors.ts";
import { ProtocolReader } from "./protocol-reader.ts";

const ACKS_ALL = -1;
const BROKER_TIMEOUT_MS = 15_000;
const FIRST_DELAY_MS = 50;
const DELAY_MS_MAX = 2_000;

/** Fewer bytes are taken from Node.js's own pool. */
const PIECE_BYTES_MIN = 4096;
/** Pieces of memory, of up to about 1 MB, that wait for the next append. */
const PIECES_WAITING_MAX = 8;

const UNKNOWN_TOPIC_OR_PARTITION = 3;
/** Leader or network trouble, replicas that lag, storage: what a new look at the cluster, or time, may heal. */
const RETRIABLE: ReadonlySet<number> = new Set([
  UNKNOWN_TOPIC_OR_PARTITION,
  5,
  6,
  7,
  8,
  9,
  13,
  14,
  15,
  16,
  19,
  20,
  56,
  74,
  75,
]);

export interface ProducerOptions {
  readonly cluster: () => Promise<Cluster>;
  readonly logger: Logger;
  readonly compression: Compression;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** How long an append is tried before it is refused. */
  readonly appendTimeoutMs: number;
  /** Waiting between attempts ends when this is aborted. */
  readonly signal: AbortSignal;
}

/** What is left to write: a batch for each partition. */
type Batches = Map<number, Buffer>;

export class KafkaProducer {
  readonly #options: ProducerOptions;
  readonly #memory = new BatchMemory(PIECES_WAITING_MAX);
  #keyless = 0;

  constructor(options: ProducerOptions) {
    this.#options = options;
  }

  /** Throws what kept the last of the records from being written when the time is up. */
  async send(topic: string, records: readonly AppendRecord[]): Promise<void> {
    const { appendTimeoutMs, logger, signal } = this.#options;
    const deadline = performance.now() + appendTimeoutMs;
    const pieces: BatchPiece[] = [];
    let left: Batches | null = null;
    const attempt = async (): Promise<void> => {
      const cluster = await this.#options.cluster();
      left ??= await this.#encode(cluster, topic, records, pieces);
      await this.#write(cluster, topic, left);
    };
    const onFailure = (error: unknown, delayMs: number): void => {
      const final = error instanceof LogError && error.code !== "OEE_LOG_UNAVAILABLE";
      if (final || signal.aborted || performance.now() + delayMs > deadline) throw error;
      logger.warn("appending failed, trying again", { topic, error: messageOf(error), delayMs });
    };
    const sleep = async (delayMs: number): Promise<void> => {
      await sleepTimer(delayMs, signal);
      await this.#refresh();
    };
    await retryForEver(attempt, onFailure, sleep, { firstDelayMs: FIRST_DELAY_MS, delayMsMax: DELAY_MS_MAX });
    this.#give(pieces);
  }

  /** In memory that is noted in `pieces`. */
  async #encode(
    cluster: Cluster,
    topic: string,
    records: readonly AppendRecord[],
    pieces: BatchPiece[],
  ): Promise<Batches> {
    await cluster.addMultipleTargetTopics([topic]);
    await cluster.refreshMetadataIfNecessary();
    const count = cluster.findTopicPartitionMetadata(topic).length;
    if (count === 0) throw topicProblem(cluster, topic) ?? unknownTopic(topic);
    const groups = new Map<number, AppendRecord[]>();
    for (const record of records) {
      const partition = this.#partitionOf(record, count);
      const group = groups.get(partition);
      if (group === undefined) groups.set(partition, [record]);
      else group.push(record);
    }
    const { compression, now } = this.#options;
    const batches: Batches = new Map();
    for (const [partition, group] of groups) {
      batches.set(partition, await deflate(encodeRecordBatch(group, 0, now(), this.#roomIn(pieces)), compression));
    }
    return batches;
  }

  /** Takes out of `left` what was acknowledged; throws when something remains. */
  async #write(cluster: Cluster, topic: string, left: Batches): Promise<void> {
    const byLeader = groupByLeader(cluster, topic, left);
    const results = await Promise.allSettled(
      Array.from(byLeader, ([nodeId, batches]) => this.#writeTo(cluster, nodeId, topic, batches)),
    );
    let failure: unknown = null;
    for (const result of results) {
      if (result.status === "rejected") {
        failure = result.reason;
        continue;
      }
      for (const { partition, errorCode } of result.value) {
        if (errorCode === 0) left.delete(partition);
        else failure = partitionError(topic, partition, errorCode);
      }
    }
    if (left.size > 0) throw failure ?? new Error(`${left.size} partitions of ${topic} were not acknowledged`);
  }

  async #writeTo(cluster: Cluster, nodeId: string, topic: string, batches: Batches): Promise<Produced[]> {
    const broker = await cluster.findBroker({ nodeId });
    const pieces: BatchPiece[] = [];
    try {
      const request = encodeProduce(topic, batches, this.#roomIn(pieces));
      const { partitions } = await sendProduce(broker, request, decodeProduced);
      // Without an answer some of it may still be on its way out.
      this.#give(pieces);
      return partitions;
    } catch (error) {
      await forgetClosed(cluster, broker, error);
      throw error;
    }
  }

  #roomIn(pieces: BatchPiece[]): (bytes: number) => Buffer {
    return (bytes) => {
      if (bytes < PIECE_BYTES_MIN) return Buffer.allocUnsafe(bytes);
      const piece = this.#memory.take(bytes);
      pieces.push(piece);
      return piece.bytes.subarray(0, bytes);
    };
  }

  #give(pieces: readonly BatchPiece[]): void {
    for (const piece of pieces) this.#memory.give(piece);
  }

  async #refresh(): Promise<void> {
    try {
      const cluster = await this.#options.cluster();
      await cluster.connect();
      await cluster.refreshMetadata();
    } catch (error) {
      this.#options.logger.debug("refreshing metadata failed", { error: messageOf(error) });
    }
  }

  #partitionOf({ partition, key }: AppendRecord, count: number): number {
    if (partition !== undefined) return partition;
    if (key !== null) return partitionOf(key, count);
    this.#keyless = (this.#keyless + 1) % count;
    return this.#keyless;
  }
}

function groupByLeader(cluster: Cluster, topic: string, left: Batches): Map<string, Batches> {
  const leaders = new Map(cluster.findTopicPartitionMetadata(topic).map((of) => [of.partitionId, of.leader]));
  const groups = new Map<string, Batches>();
  for (const [partition, batch] of left) {
    const leader = leaders.get(partition) ?? -1;
    const problem = leader < 0 ? topicProblem(cluster, topic) : null;
    if (problem !== null) throw problem;
    if (leader < 0) throw new LogError("OEE_LOG_UNAVAILABLE", `partition ${partition} of ${topic} has no leader`);
    const group = groups.get(String(leader)) ?? new Map<number, Buffer>();
    groups.set(String(leader), group.set(partition, batch));
  }
  return groups;
}

/** A produce request's body, version 7, behind `REQUEST_HEAD_BYTES`, in a room of its size. */
export function encodeProduce(
  topic: string,
  batches: Batches,
  roomOf: (bytes: number) => Buffer = Buffer.allocUnsafe,
): Buffer {
  const name = Buffer.from(topic);
  let size = REQUEST_HEAD_BYTES + 2 + 2 + 4 + 4 + 2 + name.length + 4;
  for (const batch of batches.values()) size += 8 + batch.length;
  const bytes = roomOf(size);
  let at = bytes.writeInt16BE(-1, REQUEST_HEAD_BYTES); // no transaction
  at = bytes.writeInt16BE(ACKS_ALL, at);
  at = bytes.writeInt32BE(BROKER_TIMEOUT_MS, at);
  at = bytes.writeInt32BE(1, at);
  at = bytes.writeInt16BE(name.length, at);
  at += name.copy(bytes, at);
  at = bytes.writeInt32BE(batches.size, at);
  for (const [partition, batch] of batches) {
    at = bytes.writeInt32BE(partition, at);
    at = bytes.writeInt32BE(batch.length, at);
    at += batch.copy(bytes, at);
  }
  return bytes;
}

interface Produced {
  readonly partition: number;
  readonly errorCode: number;
}

function decodeProduced(payload: Buffer): { clientSideThrottleTime: number; partitions: Produced[] } {
  const reader = new ProtocolReader(payload);
  const partitions: Produced[] = [];
  for (let topics = reader.int32(); topics > 0; topics -= 1) {
    reader.string();
    for (let count = reader.int32(); count > 0; count -= 1) {
      partitions.push({ partition: reader.int32(), errorCode: reader.int16() });
      reader.bytes(24); // base offset, append time, log start offset
    }
  }
  return { clientSideThrottleTime: reader.int32(), partitions };
}

function partitionError(topic: string, partition: number, errorCode: number): Error {
  const refused = appendError(`partition ${partition} of ${topic}`, protocolError(errorCode));
  return RETRIABLE.has(errorCode) ? new Error(refused.message) : refused;
}
