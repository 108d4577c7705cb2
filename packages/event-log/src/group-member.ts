/**
 * The partitions of one group member from assignment to release, the same for every adapter. `onAssigned` resolves before
 * anything is delivered. To revoke a partition the batch in hand is finished, then `onRevoked` is awaited, then the
 * partition is released. Commits are accepted from assignment to release, and refused otherwise.
 */
import { retry, type Sleep, within } from "@oee/pacing";
import { LogError, messageOf } from "./error.ts";
import { PartitionQueue } from "./partition-queue.ts";
import type { AssignedPartition, CommittedOffset, ConsumeOptions, Logger, TopicPartition } from "./port.ts";

const BUFFERED_BYTES_MAX = 4 * 1024 * 1024;
const REVOKE_TIMEOUT_MS = 30_000;

interface Held {
  readonly assigned: AssignedPartition;
  /** Null until `onAssigned` has answered. */
  queue: PartitionQueue | null;
}

/** One call of `onAssigned`, which a revocation of any of its partitions cuts short. */
interface Assigning {
  readonly partitions: ReadonlySet<string>;
  readonly cancel: AbortController;
  done: Promise<void>;
}

export interface PartitionFeed {
  /** Begins to fill the queue. */
  open(queue: PartitionQueue): void;
  close(queue: PartitionQueue): void;
}

export class GroupMember {
  readonly options: ConsumeOptions;
  readonly #logger: Logger;
  readonly #feed: PartitionFeed;
  readonly #sleep: Sleep | undefined;
  readonly #held = new Map<string, Held>();
  readonly #assigning = new Set<Assigning>();
  #revoking: Promise<void> = Promise.resolve();

  constructor(options: ConsumeOptions, feed: PartitionFeed, logger: Logger, sleep?: Sleep) {
    this.options = options;
    this.#feed = feed;
    this.#logger = logger;
    this.#sleep = sleep;
  }

  get partitions(): TopicPartition[] {
    return [...this.#held.values()].map(({ assigned: { topic, partition } }) => ({ topic, partition }));
  }

  get queues(): PartitionQueue[] {
    return [...this.#held.values()].flatMap(({ queue }) => queue ?? []);
  }

  /** Takes partitions over. Resolves when they are being read, or were revoked meanwhile. */
  async assign(partitions: readonly AssignedPartition[]): Promise<void> {
    if (partitions.length === 0) return;
    for (const assigned of partitions) this.#held.set(partitionKey(assigned), { assigned, queue: null });
    const assigning: Assigning = {
      partitions: new Set(partitions.map(partitionKey)),
      cancel: new AbortController(),
      done: Promise.resolve(),
    };
    this.#assigning.add(assigning);
    assigning.done = this.#begin(partitions, assigning.cancel.signal).finally(() => this.#assigning.delete(assigning));
    await assigning.done;
  }

  /** Gives partitions back; those that the member does not hold are passed over. Calls queue up behind one another. */
  revoke(partitions: readonly TopicPartition[]): Promise<void> {
    const revoked = this.#revoking.then(() => this.#revokeHeld(partitions));
    this.#revoking = revoked.catch(() => {});
    return revoked;
  }

  /** Throws `OEE_LOG_NOT_OWNER` unless all of them are held. */
  checkOwned(offsets: readonly CommittedOffset[]): void {
    const foreign = offsets.find((offset) => !this.#held.has(partitionKey(offset)));
    if (foreign === undefined) return;
    throw new LogError(
      "OEE_LOG_NOT_OWNER",
      `partition ${foreign.partition} of ${foreign.topic} is not this member's in group ${this.options.groupId}`,
    );
  }

  async #begin(partitions: readonly AssignedPartition[], signal: AbortSignal): Promise<void> {
    const { groupId, onAssigned } = this.options;
    const attempt = async (): Promise<Map<string, number>> => {
      const answered = (await onAssigned.call(this.options, partitions)) ?? [];
      return new Map(answered.map((start) => [partitionKey(start), start.offset]));
    };
    const onFailure = (error: unknown, delayMs: number): void =>
      this.#logger.error("taking over partitions failed, trying again", {
        groupId,
        delayMs,
        error: messageOf(error),
      });
    const starts = await retry(attempt, onFailure, signal, this.#sleep);
    if (starts === undefined || signal.aborted) return;
    for (const assigned of partitions) {
      const held = this.#held.get(partitionKey(assigned));
      if (held === undefined) continue;
      held.queue = this.#queueOf(assigned, starts.get(partitionKey(assigned)) ?? assigned.committed?.offset ?? 0);
      this.#feed.open(held.queue);
    }
  }

  #queueOf({ topic, partition }: TopicPartition, offset: number): PartitionQueue {
    const { groupId, bufferedBytesMax = BUFFERED_BYTES_MAX, keepsNothing = false } = this.options;
    return new PartitionQueue({
      keepsNothing,
      topic,
      partition,
      offset,
      groupId,
      bufferedBytesMax,
      onBatch: (batch) => this.options.onBatch(batch),
      onFailure: (batch, error, delayMs) =>
        this.#logger.error("a batch failed and comes again", {
          groupId,
          topic,
          partition,
          offset: batch.firstOffset,
          delayMs,
          error: messageOf(error),
        }),
      sleep: this.#sleep,
    });
  }

  async #revokeHeld(partitions: readonly TopicPartition[]): Promise<void> {
    const going = partitions.filter((partition) => this.#held.has(partitionKey(partition)));
    if (going.length === 0) return;
    const { groupId, revokeTimeoutMs = REVOKE_TIMEOUT_MS } = this.options;
    const finished = await within(this.#finish(going), revokeTimeoutMs, this.#sleep);
    if (!finished) {
      this.#logger.warn("partitions are released though their work is not done", { groupId, revokeTimeoutMs });
    }
    for (const partition of going) this.#held.delete(partitionKey(partition));
  }

  async #finish(going: readonly TopicPartition[]): Promise<void> {
    const keys = going.map(partitionKey);
    const pending = [...this.#assigning].filter(({ partitions }) => keys.some((key) => partitions.has(key)));
    for (const { cancel } of pending) cancel.abort();
    const queues = keys.flatMap((key) => this.#held.get(key)?.queue ?? []);
    for (const queue of queues) this.#feed.close(queue);
    await Promise.all([...pending.map(({ done }) => done), ...queues.map((queue) => queue.stop())]);
    try {
      await this.options.onRevoked(going);
    } catch (error) {
      this.#logger.error("giving partitions back failed", { groupId: this.options.groupId, error: messageOf(error) });
    }
  }
}

/** A text for a partition, as a key of maps. */
export function partitionKey({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}

/** The partition of `partitionKey`'s text. */
export function parsePartitionKey(key: string): TopicPartition {
  const slash = key.lastIndexOf("/");
  return { topic: key.slice(0, slash), partition: Number(key.slice(slash + 1)) };
}
