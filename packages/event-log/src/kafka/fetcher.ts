/**
 * Reads partitions from their leaders into the queues of consumers and followers. It asks for those partitions alone
 * whose queue has room, so that a slow one holds up no other and what is read ahead is bounded; one request a broker at a
 * time. Reading does not depend on group membership: kafkajs keeps that, this only moves bytes. A partition that cannot be
 * read, because its topic is gone or it has no leader, is tried again by itself, less and less often; the others go on.
 *
 * Delivery: every record at and after a queue's position, in order. A batch that fails its checksum is fetched again; one
 * that fails three times, or cannot be read for another reason, is handed over as it is stored.
 */
import { OneAtATime, retry, sleepTimer, WakeUp } from "@oee/pacing";
import { messageOf } from "../error.ts";
import { type PartitionFeed, partitionKey } from "../group-member.ts";
import type { PartitionQueue } from "../partition-queue.ts";
import type { Logger } from "../port.ts";
import { BatchMemory, type BatchPiece } from "../batch-memory.ts";
import { recordBatches, type Stored } from "../record-batches.ts";
import { type BatchHeader, batchHeaders, checkBatch, committedBatches, unreadable } from "../record-decoding.ts";
import type { UnreadableBatch } from "../unreadable.ts";
import { inflate } from "./compression.ts";
import { decodeFetchResponse, type FetchedPartition, type FetchResponse } from "./fetch-response.ts";
import {
  type Cluster,
  type FetchPartition,
  forgetClosed,
  protocolError,
  sendFetch,
  topicProblem,
} from "./internals.ts";

const PARTITION_BYTES_MAX = 1024 * 1024;
const RESPONSE_BYTES_MAX = 10 * 1024 * 1024;
/** Pieces of memory that wait for the next answer. */
const PIECES_WAITING_MAX = 64;
/**
 * Partitions are opened one after the other at a start. A new one is read only when the broker has answered the request under way, which
 * names the others. So for `OTHERS_MAY_FOLLOW_MS` after a partition was opened the broker waits for records `WAIT_FOR_OTHERS_MS` at most.
 */
const OTHERS_MAY_FOLLOW_MS = 5_000;
const WAIT_FOR_OTHERS_MS = 25;
const CHECKSUM_ATTEMPTS = 3;
const RETRY_DELAY_MS = 100;
const RETRY_DELAY_MS_MAX = 10_000;

const OFFSET_OUT_OF_RANGE = 1;

export interface FetcherOptions {
  /** Connects when it is called first. */
  readonly cluster: () => Promise<Cluster>;
  readonly logger: Logger;
  /** How long a broker waits for records before it answers with none. */
  readonly maxWaitTimeMs: number;
  /** Where the offsets of a topic begin here; on the broker at 0. */
  readonly firstOffsetOf: (topic: string) => number;
  readonly onHealth: (error: unknown) => void;
}

/** Why a partition is not read, and how often in turn it was tried. */
interface Unread {
  readonly error: string;
  readonly failures: number;
}

export class Fetcher implements PartitionFeed {
  unreadableBatches: number = 0;
  readonly queues: Set<PartitionQueue> = new Set();
  readonly #options: FetcherOptions;
  readonly #stopping = new AbortController();
  /** The leader of each queue's partition, as far as known. */
  readonly #leaders = new Map<PartitionQueue, string>();
  /** One a broker. */
  readonly #loops = new Map<string, OneAtATime>();
  readonly #memory = new BatchMemory(PIECES_WAITING_MAX);
  readonly #failedChecks = new Map<PartitionQueue, number>();
  readonly #unread = new Map<PartitionQueue, Unread>();
  /** Those of them that are not tried again yet. */
  readonly #resting = new Set<PartitionQueue>();
  readonly #finding: OneAtATime;
  readonly #changed = new WakeUp();
  /** When a queue was last opened, ms of `performance.now()`. */
  #openedAt = -Infinity;

  constructor(options: FetcherOptions) {
    this.#options = options;
    this.#finding = new OneAtATime(() => this.#findLeaders(), this.#onBroken);
  }

  /** Topics of which a partition cannot be read though the brokers answer. */
  get unread(): readonly { readonly topic: string; readonly error: string }[] {
    return [...new Map(Array.from(this.#unread, ([{ topic }, { error }]) => [topic, { topic, error }])).values()];
  }

  open(queue: PartitionQueue): void {
    this.queues.add(queue);
    this.#openedAt = performance.now();
    queue.onRoom = () => this.#wake();
    this.#finding.request();
  }

  close(queue: PartitionQueue): void {
    queue.onRoom = null;
    this.queues.delete(queue);
    this.#leaders.delete(queue);
    this.#failedChecks.delete(queue);
    this.#unread.delete(queue);
    this.#wake();
  }

  /** Resolves when nothing is being fetched any more, at most one wait of the broker later. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#wake();
    await this.#finding.idle();
    await Promise.all(Array.from(this.#loops.values(), (loop) => loop.idle()));
  }

  #wake(): void {
    this.#changed.notify();
  }

  /** Finds the leaders of partitions that have none, and reads from them. */
  async #findLeaders(): Promise<void> {
    const { logger, onHealth } = this.#options;
    // partitions of one assignment are opened in the same turn
    await Promise.resolve();
    await retry(
      () => this.#lookUpLeaders(),
      (error, delayMs) => {
        onHealth(error);
        logger.warn("the leaders of partitions are not known, trying again", { error: messageOf(error), delayMs });
      },
      this.#stopping.signal,
    );
  }

  /** Reads from those that are known; those that are being read from go on. */
  #readFromLeaders(): void {
    for (const nodeId of new Set(this.#leaders.values())) {
      let loop = this.#loops.get(nodeId);
      if (loop === undefined) {
        loop = new OneAtATime(() => this.#fetchFrom(nodeId), this.#onBroken);
        this.#loops.set(nodeId, loop);
      }
      loop.request();
    }
    this.#wake();
  }

  /** What is caught nowhere else is a fault of ours, and told. */
  readonly #onBroken = (error: unknown): void => {
    this.#options.onHealth(error);
    this.#options.logger.error("reading from Kafka failed", { error: messageOf(error) });
  };

  async #lookUpLeaders(): Promise<void> {
    const leaderless = [...this.queues].filter((queue) => !this.#leaders.has(queue) && !this.#resting.has(queue));
    if (leaderless.length === 0) return;
    const cluster = await this.#options.cluster();
    if (leaderless.some((queue) => this.#unread.has(queue))) await cluster.refreshMetadata();
    for (const topic of new Set(leaderless.map((queue) => queue.topic))) {
      await cluster.addMultipleTargetTopics([topic]);
      await cluster.refreshMetadataIfNecessary();
      const ofTopic = leaderless.filter((queue) => queue.topic === topic);
      for (const queue of this.#takeLeaders(ofTopic, cluster.findTopicPartitionMetadata(topic))) {
        this.#cannotRead(queue, topicProblem(cluster, topic) ?? new Error("it has no leader"));
      }
    }
    this.#readFromLeaders();
  }

  /** It is tried again after a pause, which doubles. */
  #cannotRead(queue: PartitionQueue, problem: Error): void {
    const { topic, partition } = queue;
    const error = messageOf(problem);
    const failures = (this.#unread.get(queue)?.failures ?? 0) + 1;
    // Once a topic and cause: it may last for days.
    if (!this.unread.some((known) => known.topic === topic && known.error === error)) {
      this.#options.logger.warn("a topic is not read", { topic, partition, error });
    }
    this.#leaders.delete(queue);
    this.#unread.set(queue, { error, failures });
    this.#resting.add(queue);
    const delayMs = Math.min(RETRY_DELAY_MS * 2 ** (failures - 1), RETRY_DELAY_MS_MAX);
    void sleepTimer(delayMs, this.#stopping.signal).then(() => {
      this.#resting.delete(queue);
      this.#finding.request();
    });
  }

  #isRead(queue: PartitionQueue): void {
    const { topic } = queue;
    if (!this.#unread.delete(queue) || this.unread.some((known) => known.topic === topic)) return;
    this.#options.logger.info("a topic is read again", { topic });
  }

  /** Answers those that have none. */
  #takeLeaders(
    queues: readonly PartitionQueue[],
    partitions: ReturnType<Cluster["findTopicPartitionMetadata"]>,
  ): readonly PartitionQueue[] {
    const leaders = new Map(partitions.map(({ partitionId, leader }) => [partitionId, leader]));
    const leaderOf = ({ partition }: PartitionQueue): number => leaders.get(partition) ?? -1;
    for (const queue of queues) {
      if (leaderOf(queue) >= 0 && this.queues.has(queue)) this.#leaders.set(queue, String(leaderOf(queue)));
    }
    return queues.filter((queue) => leaderOf(queue) < 0 && this.queues.has(queue));
  }

  async #fetchFrom(nodeId: string): Promise<void> {
    const { signal } = this.#stopping;
    for (let round = 0; !signal.aborted; round += 1) {
      const changed = this.#changed.next();
      const ours = [...this.queues].filter((queue) => this.#leaders.get(queue) === nodeId);
      if (ours.length === 0) break;
      const wanted = ours.filter(({ hasRoom }) => hasRoom);
      if (wanted.length === 0) {
        await changed;
        continue;
      }
      // a large batch is sent whole only when its partition is the first, so each must be first at times
      const first = round % wanted.length;
      const inTurn = distinct([...wanted.slice(first), ...wanted.slice(0, first)]);
      try {
        const { partitions } = await this.#fetch(nodeId, inTurn);
        await this.#deliver(partitions, inTurn);
        this.#options.onHealth(null);
      } catch (error) {
        await this.#recover(error, ours);
      }
    }
  }

  async #fetch(nodeId: string, queues: readonly PartitionQueue[]): Promise<FetchResponse> {
    const cluster = await this.#options.cluster();
    const broker = await cluster.findBroker({ nodeId });
    const { maxWaitTimeMs } = this.#options;
    const othersMayFollow = performance.now() - this.#openedAt < OTHERS_MAY_FOLLOW_MS;
    const request = {
      maxWaitTime: othersMayFollow ? Math.min(WAIT_FOR_OTHERS_MS, maxWaitTimeMs) : maxWaitTimeMs,
      minBytes: 1,
      maxBytes: RESPONSE_BYTES_MAX,
      topics: byTopic(queues, this.#options.firstOffsetOf),
    };
    try {
      return await sendFetch(broker, request, decodeFetchResponse);
    } catch (error) {
      await forgetClosed(cluster, broker, error);
      throw error;
    }
  }

  async #deliver(partitions: readonly FetchedPartition[], queues: readonly PartitionQueue[]): Promise<void> {
    for (const fetched of partitions) {
      const matches = (queue: PartitionQueue) => queue.topic === fetched.topic && queue.partition === fetched.partition;
      const queue = queues.find(matches);
      if (queue === undefined || queue.stopped) continue;
      if (fetched.errorCode === OFFSET_OUT_OF_RANGE) await this.#toOldest(queue);
      else if (fetched.errorCode !== 0) this.#cannotRead(queue, protocolError(fetched.errorCode));
      else {
        this.#isRead(queue);
        await this.#push(fetched, queue, this.#options.firstOffsetOf(queue.topic));
      }
    }
  }

  async #push(fetched: FetchedPartition, queue: PartitionQueue, begins: number): Promise<void> {
    const { records } = fetched;
    const highWatermark = begins + fetched.highWatermark;
    const from = queue.position;
    queue.highWatermark = Math.max(highWatermark, from);
    if (records.length === 0) return;
    // the next answer is received where this one is
    const piece = queue.keepsNothing ? this.#memory.take(records.length) : null;
    const bytes = piece === null ? Buffer.from(records) : copied(records, piece);
    const headers = batchHeaders(bytes, begins);
    const failed = this.#check(bytes, headers, from, highWatermark, queue);
    if (failed === null) return;
    const sound = failed.size === 0 ? headers : headers.filter((header) => !failed.has(header));
    const aborted = fetched.aborted.map((of) => ({ ...of, firstOffset: begins + of.firstOffset }));
    const committed = new Set(committedBatches(sound, aborted));
    const wanted: Stored[] = headers.flatMap((header) => {
      const broken = failed.get(header);
      return broken ?? (committed.has(header) && header.nextOffset > from ? header : []);
    });
    const plain = wanted.every((each) => "reason" in each || each.compression === 0);
    const inflated = plain ? { bytes, stored: wanted, leftFrom: null } : await inflate(bytes, wanted);
    // a batch that covers more offsets than can be believed is passed one by one
    const end = headers.reduce(
      (next, header) => Math.max(next, failed.get(header)?.nextOffset ?? header.nextOffset),
      failed.size === 0 ? from : from + 1,
    );
    // what was left is fetched again
    const nextOffset = Math.min(end, inflated.leftFrom ?? end);
    if (nextOffset <= from) return;
    const { topic, partition } = queue;
    const readableEnd = begins + fetched.lastStableOffset;
    const place = { topic, partition, fromOffset: from, nextOffset, highWatermark, readableEnd };
    const batches = recordBatches(inflated.bytes, inflated.stored, place, piece);
    const [first] = batches;
    // of several, each would keep the memory of the others
    if (piece !== null && batches.length === 1 && first?.unreadable === null && first.bytes === bytes) {
      first.giveBack = () => this.#memory.give(piece);
    }
    for (const batch of batches) {
      if (batch.unreadable !== null) this.#report(batch.unreadable, queue);
      queue.push(batch);
    }
  }

  /** Batches that are not what was written; null when the fetch is to be tried again. */
  #check(
    bytes: Buffer,
    headers: readonly BatchHeader[],
    from: number,
    highWatermark: number,
    queue: PartitionQueue,
  ): ReadonlyMap<BatchHeader, UnreadableBatch> | null {
    const failed = new Map<BatchHeader, UnreadableBatch>();
    let expected = 0;
    for (const header of headers) {
      const { baseOffset, nextOffset } = header;
      const broken = checkBatch(bytes, header);
      if (broken !== null) failed.set(header, broken);
      else if (baseOffset < expected || nextOffset <= baseOffset || nextOffset > highWatermark) {
        const detail = `offsets ${baseOffset} to ${nextOffset - 1}, expected ${expected} to ${highWatermark - 1}`;
        const offset = Math.max(expected, from);
        failed.set(header, { ...unreadable(bytes, header, "format", detail), offset, nextOffset: offset + 1 });
      } else expected = nextOffset;
    }
    const attempts = failed.size === 0 ? 0 : (this.#failedChecks.get(queue) ?? 0) + 1;
    if (attempts === 0 || attempts >= CHECKSUM_ATTEMPTS) this.#failedChecks.delete(queue);
    else this.#failedChecks.set(queue, attempts);
    return attempts > 0 && attempts < CHECKSUM_ATTEMPTS ? null : failed;
  }

  #report({ reason, detail }: UnreadableBatch, { topic, partition }: PartitionQueue): void {
    this.unreadableBatches += 1;
    this.#options.logger.error("a batch cannot be read", { topic, partition, reason, error: detail });
  }

  async #toOldest(queue: PartitionQueue): Promise<void> {
    const { topic, partition, position } = queue;
    const cluster = await this.#options.cluster();
    const [oldest] = await cluster.fetchTopicsOffset([{ topic, partitions: [{ partition }], fromBeginning: true }]);
    queue.position = this.#options.firstOffsetOf(topic) + Number(oldest?.partitions[0]?.offset ?? 0);
    this.#options.logger.warn("the offset to read from is not there, reading from the oldest record", {
      topic,
      partition,
      offset: position,
      startOffset: queue.position,
    });
  }

  /** After a pause, finds the leaders anew. */
  async #recover(error: unknown, queues: readonly PartitionQueue[]): Promise<void> {
    const { signal } = this.#stopping;
    if (signal.aborted) return;
    this.#options.onHealth(error);
    this.#options.logger.warn("fetching failed, trying again", { error: messageOf(error) });
    await sleepTimer(RETRY_DELAY_MS, signal);
    try {
      await (await this.#options.cluster()).refreshMetadata();
    } catch (refreshError) {
      this.#options.logger.debug("refreshing metadata failed", { error: messageOf(refreshError) });
    }
    for (const queue of queues) this.#leaders.delete(queue);
    this.#finding.request();
  }
}

function copied(records: Buffer, { bytes }: BatchPiece): Buffer {
  records.copy(bytes);
  return bytes.subarray(0, records.length);
}

/** Consumers and followers of one partition have a queue each; a request names a partition once, so they take turns. */
function distinct(queues: readonly PartitionQueue[]): PartitionQueue[] {
  return [...new Map(queues.toReversed().map((queue) => [partitionKey(queue), queue])).values()].toReversed();
}

function byTopic(
  queues: readonly PartitionQueue[],
  firstOffsetOf: FetcherOptions["firstOffsetOf"],
): { topic: string; partitions: FetchPartition[] }[] {
  const topics: { topic: string; partitions: FetchPartition[] }[] = [];
  for (const { topic, partition, position } of queues) {
    const fetchOffset = String(position - firstOffsetOf(topic));
    const wanted = { partition, fetchOffset, maxBytes: PARTITION_BYTES_MAX };
    const last = topics.at(-1);
    if (last?.topic === topic) last.partitions.push(wanted);
    else topics.push({ topic, partitions: [wanted] });
  }
  return topics;
}
