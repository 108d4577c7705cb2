/**
 * Fills the queues of consumers and followers from a local log: when records are appended and when there is room again,
 * never by polling. A batch that cannot be read is passed over, counted and logged.
 */
import { messageOf } from "../error.ts";
import type { PartitionFeed } from "../group-member.ts";
import type { PartitionQueue } from "../partition-queue.ts";
import type { Logger } from "../port.ts";
import { RecordBatch } from "../record-batch.ts";
import { checkAndDecode } from "../record-decoding.ts";
import type { PartitionLog } from "./partition-log.ts";
import type { Storage } from "./storage.ts";

const READ_BYTES_MAX = 1024 * 1024;

export class LocalFeed implements PartitionFeed {
  readonly queues: Map<PartitionQueue, () => void> = new Map();
  corruptBatches: number = 0;
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
        const batch = this.#read(partition, Math.max(queue.position, partition.state.startOffset));
        queue.push(batch);
        if (this.#redeliver(batch)) queue.push(batch);
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

  #read({ topic, partition, id, state }: PartitionLog, offset: number): RecordBatch {
    const stored = this.#storage.readBatches(id, offset, READ_BYTES_MAX);
    const last = stored.at(-1);
    const bytes =
      stored.length === 1 && last !== undefined ? last.bytes : Buffer.concat(stored.map((batch) => batch.bytes));
    const decoded = checkAndDecode(bytes, offset);
    for (const error of decoded.corrupt)
      this.#logger.error("a batch is passed over", { topic, partition, error: error.message });
    this.corruptBatches += decoded.corrupt.length;
    // nothing stored up to the end: the rest was compacted away
    const nextOffset = last === undefined ? state.endOffset : Math.max(decoded.nextOffset, last.baseOffset + 1);
    return new RecordBatch(topic, partition, decoded, nextOffset, state.endOffset);
  }
}
