/**
 * The queue of batches that were read ahead of one partition and are not delivered yet. Batches are delivered one after
 * the other. The reader asks `hasRoom` before it fills the queue, so that a slow partition is no longer read and holds up
 * no other. A batch whose handler throws is delivered again with growing pauses: at least once.
 */
import { OneAtATime, retry, type Sleep } from "@oee/pacing";
import type { RecordBatch } from "./record-batch.ts";

export interface PartitionQueueOptions {
  readonly topic: string;
  readonly partition: number;
  /** The first offset to read. */
  readonly offset: number;
  readonly groupId: string | null;
  readonly bufferedBytesMax: number;
  /** The reader keeps nothing of a batch: its memory may be used again. */
  readonly keepsNothing?: boolean;
  readonly onBatch: (batch: RecordBatch) => Promise<void> | void;
  /** Called with an offset when every record below it was delivered and handled. */
  readonly onHandled?: (offset: number) => void;
  readonly onFailure: (batch: RecordBatch, error: unknown, delayMs: number) => void;
  readonly sleep?: Sleep | undefined;
}

export class PartitionQueue {
  readonly topic: string;
  readonly partition: number;
  readonly groupId: string | null;
  /** The next offset to read into the queue. */
  position: number;
  /** One past the newest offset that the partition is known to have. */
  highWatermark = 0;
  /** Called when there is room again. */
  onRoom: (() => void) | null = null;
  /** One past the last offset handled. */
  handled: number;
  readonly #options: PartitionQueueOptions;
  readonly #stopping = new AbortController();
  #batches: RecordBatch[] = [];
  #bufferedBytes = 0;
  readonly #handling: OneAtATime;

  constructor(options: PartitionQueueOptions) {
    this.topic = options.topic;
    this.partition = options.partition;
    this.groupId = options.groupId;
    this.position = options.offset;
    this.handled = options.offset;
    this.#options = options;
    this.#handling = new OneAtATime(
      () => this.#handle(),
      (error) => {
        throw error;
      },
    );
  }

  get keepsNothing(): boolean {
    return this.#options.keepsNothing ?? false;
  }

  get bufferedBytes(): number {
    return this.#bufferedBytes;
  }

  get stopped(): boolean {
    return this.#stopping.signal.aborted;
  }

  get hasRoom(): boolean {
    return !this.stopped && this.#bufferedBytes < this.#options.bufferedBytesMax;
  }

  /** Takes what was read from `position` on. A batch without records only moves the position. */
  push(batch: RecordBatch): void {
    if (this.stopped) return;
    this.position = Math.max(this.position, batch.nextOffset);
    this.highWatermark = Math.max(batch.highWatermark, this.position);
    this.#batches.push(batch);
    this.#bufferedBytes += batch.bytes.length;
    this.#handling.request();
  }

  /** No batch is handed over after this; resolves when the one in hand is done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#batches = [];
    this.#bufferedBytes = 0;
    await this.#handling.idle();
  }

  async #handle(): Promise<void> {
    const { onBatch, onFailure, onHandled, sleep } = this.#options;
    const { signal } = this.#stopping;
    for (let batch = this.#batches.shift(); batch !== undefined; batch = this.#batches.shift()) {
      const current = batch;
      if (current.length > 0 || current.unreadable !== null) {
        await retry(
          () => onBatch(current),
          (error, delayMs) => onFailure(current, error, delayMs),
          signal,
          sleep,
        );
      }
      if (signal.aborted) break;
      this.#bufferedBytes -= current.bytes.length;
      current.giveBack?.();
      this.handled = current.nextOffset;
      onHandled?.(current.nextOffset);
      if (this.hasRoom) this.onRoom?.();
    }
  }
}
