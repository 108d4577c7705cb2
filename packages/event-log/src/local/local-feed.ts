/**
 * Fills the queues of consumers and followers from a local log: when records are appended and when there is room again,
 * never by polling. A batch that cannot be read is delivered as it is stored, counted and logged.
 */
import { messageOf } from "../error.ts";
import type { PartitionFeed } from "../group-member.ts";
import type { PartitionQueue } from "../partition-queue.ts";
import type { Logger } from "../port.ts";
import type { RecordBatch } from "../record-batch.ts";
import { recordBatches, type Stored } from "../record-batches.ts";
import { checkBatch, headerAt } from "../record-decoding.ts";
import type { PartitionLog } from "./partition-log.ts";
import type { Storage } from "./storage.ts";

const READ_BYTES_MAX = 1024 * 1024;

export class LocalFeed implements PartitionFeed {
  readonly queues: Map<PartitionQueue, () => void> = new Map();
  unreadableBatches: number = 0;
  readonly #storage: Storage;
  readonly #find: (topic: string, partition: number) => PartitionLog;
  readonly #logger: Logger;
  readonly #redeliver: (batch: RecordBatch) => boolean;

  constructor(
    storage: Storage,
    find: (topic: string, partition: number) => PartitionLog,
    logger: Logger,
    redeliver: (batch: RecordBatch) => boolean,
  ) {
    this.#storage = storage;
    this.#find = find;
    this.#logger = logger;
    this.#redeliver = redeliver;
  }

  open(queue: PartitionQueue): void {
    const partition = this.#find(queue.topic, queue.partition);
    const { startOffset, endOffset } = partition.state;
    if (queue.position < startOffset || queue.position > endOffset) {
      this.#logger.warn("the offset to read from is not there, reading from the oldest record", {
        topic: queue.topic,
        partition: queue.partition,
        offset: queue.position,
        startOffset,
        endOffset,
      });
      queue.position = startOffset;
    }
    const fill = (): void => this.#fill(queue, partition);
    this.queues.set(queue, fill);
    queue.onRoom = fill;
    partition.onAppended.add(fill);
    fill();
  }

  close(queue: PartitionQueue): void {
    const fill = this.queues.get(queue);
    if (fill === undefined) return;
    this.queues.delete(queue);
    queue.onRoom = null;
    this.#find(queue.topic, queue.partition).onAppended.delete(fill);
  }

  #fill(queue: PartitionQueue, partition: PartitionLog): void {
    queue.highWatermark = partition.state.endOffset;
    try {
      while (queue.hasRoom && queue.position < partition.state.endOffset) {
        for (const batch of this.#read(partition, Math.max(queue.position, partition.state.startOffset))) {
          queue.push(batch);
          if (this.#redeliver(batch)) queue.push(batch);
        }
      }
    } catch (error) {
      // the next append or the next handled batch tries again
      this.#logger.error("reading the log failed", {
        topic: partition.topic,
        partition: partition.partition,
        error: messageOf(error),
      });
    }
  }

  #read({ topic, partition, id, state }: PartitionLog, offset: number): RecordBatch[] {
    const batches = this.#storage.readBatches(id, offset, READ_BYTES_MAX);
    const [only] = batches;
    const bytes =
      batches.length === 1 && only !== undefined ? only.bytes : Buffer.concat(batches.map((batch) => batch.bytes));
    const stored: Stored[] = [];
    let end = 0;
    // nothing stored up to the end: the rest was compacted away
    let nextOffset = batches.length === 0 ? state.endOffset : offset + 1;
    for (const { baseOffset, bytes: own } of batches) {
      const header = headerAt(bytes, end, end + own.length);
      end = header.end;
      const broken = checkBatch(bytes, header);
      if (broken === null) {
        // where it lies is what the storage says: the checksum does not cover the header's own word
        const next = baseOffset + header.nextOffset - header.baseOffset;
        stored.push({ ...header, baseOffset, nextOffset: next });
        nextOffset = Math.max(nextOffset, next);
        continue;
      }
      const next = this.#storage.batchAfter(id, baseOffset) ?? state.endOffset;
      nextOffset = Math.max(nextOffset, next);
      if (next <= offset) continue;
      stored.push({ ...broken, offset: baseOffset, nextOffset: next });
    }
    const place = { topic, partition, fromOffset: offset, nextOffset, highWatermark: state.endOffset };
    const read = recordBatches(bytes, stored, place);
    for (const { unreadable } of read) {
      if (unreadable === null) continue;
      this.unreadableBatches += 1;
      const { reason, detail } = unreadable;
      this.#logger.error("a batch cannot be read", { topic, partition, reason, error: detail });
    }
    return read;
  }
}
