/**
 * Reads a keyed topic without a group, over any adapter: a follower delivers every record from the oldest on, and calls
 * back once when it has delivered those that were there when it began. `collectKeyed` collects these into a map.
 */
import type { Sleep } from "@oee/pacing";
import { LogError, messageOf } from "./error.ts";
import type { PartitionFeed } from "./group-member.ts";
import { PartitionQueue } from "./partition-queue.ts";
import type { Follower, FollowOptions, KeyedRecord, Logger } from "./port.ts";
import type { RecordBatch } from "./record-batch.ts";

const BUFFERED_BYTES_MAX = 4 * 1024 * 1024;

export interface PartitionRange {
  readonly partition: number;
  readonly startOffset: number;
  readonly endOffset: number;
}

export class TopicFollower {
  readonly queues: readonly PartitionQueue[];
  readonly #feed: PartitionFeed;
  /** Partitions that have not come to their initial end, and where that is. */
  readonly #behind = new Map<number, number>();
  readonly #onCaughtUp: (() => void) | undefined;
  #closed = false;

  constructor(
    options: FollowOptions,
    ranges: readonly PartitionRange[],
    feed: PartitionFeed,
    logger: Logger,
    sleep?: Sleep,
  ) {
    this.#feed = feed;
    this.#onCaughtUp = options.onCaughtUp?.bind(options);
    for (const { partition, startOffset, endOffset } of ranges) {
      if (startOffset < endOffset) this.#behind.set(partition, endOffset);
    }
    const { topic } = options;
    this.queues = ranges.map(
      ({ partition, startOffset, endOffset }) =>
        new PartitionQueue({
          topic,
          partition,
          offset: startOffset,
          groupId: null,
          bufferedBytesMax: BUFFERED_BYTES_MAX,
          onBatch: (batch) => options.onBatch(batch),
          onHandled: (offset) => {
            if (offset >= endOffset) this.#reached(partition);
          },
          onFailure: (batch, error, delayMs) =>
            logger.error("a followed batch failed and comes again", {
              topic,
              partition,
              offset: batch.firstOffset,
              delayMs,
              error: messageOf(error),
            }),
          sleep,
        }),
    );
  }

  start(): void {
    if (this.#closed) return;
    for (const queue of this.queues) this.#feed.open(queue);
    if (this.#behind.size === 0) this.#onCaughtUp?.();
  }

  async close(): Promise<void> {
    this.#closed = true;
    for (const queue of this.queues) this.#feed.close(queue);
    await Promise.all(this.queues.map((queue) => queue.stop()));
  }

  #reached(partition: number): void {
    if (this.#behind.delete(partition) && this.#behind.size === 0) this.#onCaughtUp?.();
  }
}

/** What a follower's reader has in hand: ends it once, and tells who waits. */
export class FollowerHandle implements Follower {
  readonly closed: Promise<void>;
  readonly #end: () => Promise<void>;
  #tellClosed: () => void = () => {};
  #closing: Promise<void> | null = null;

  constructor(end: () => Promise<void>) {
    this.#end = end;
    this.closed = new Promise((resolve) => {
      this.#tellClosed = resolve;
    });
  }

  close(): Promise<void> {
    this.#tellClosed();
    this.#closing ??= this.#end();
    return this.#closing;
  }
}

/** The newest record of each key; throws `OEE_LOG_CLOSED` when the log is closed meanwhile. Values are copied, so that older ones can be freed. */
export async function collectKeyed(
  follow: (options: FollowOptions) => Promise<Follower>,
  topic: string,
  partitions: readonly number[] | undefined,
): Promise<Map<string, KeyedRecord>> {
  const newest = new Map<string, KeyedRecord>();
  let caughtUp = (): void => {};
  const end = new Promise<void>((resolve) => {
    caughtUp = resolve;
  });
  const follower = await follow({
    topic,
    ...(partitions === undefined ? {} : { partitions }),
    onBatch: (batch) => keepNewest(newest, batch),
    onCaughtUp: caughtUp,
  });
  const closed = follower.closed.then(() => {
    throw new LogError("OEE_LOG_CLOSED", `the log was closed while ${topic} was read`);
  });
  await Promise.race([end, closed]);
  closed.catch(() => {});
  await follower.close();
  return newest;
}

function keepNewest(newest: Map<string, KeyedRecord>, batch: RecordBatch): void {
  for (let i = 0; i < batch.length; i += 1) {
    const key = batch.keyAt(i)?.toString("utf8");
    if (key === undefined) continue;
    const value = batch.valueAt(i);
    if (value === null) newest.delete(key);
    else newest.set(key, { value: Buffer.from(value), partition: batch.partition, offset: batch.offsetAt(i) });
  }
}
