/**
 * Group commit for one topic: appends that come while a write is under way wait and go out together in the next one.
 * One write at a time keeps the order of appends through retries, and makes few large writes of many small appends. What
 * waits is bounded; beyond that an append is refused with `OEE_LOG_QUEUE_FULL` and nothing of it was written.
 */
import { OneAtATime } from "@oee/pacing";
import { LogError } from "./error.ts";
import type { AppendRecord } from "./port.ts";
import { recordBytes } from "./record-encoding.ts";

export interface AppendLimits {
  readonly waitingBytesMax: number;
  readonly writeRecordsMax: number;
  readonly writeBytesMax: number;
}

/** What each record costs beside its bytes, in memory and in a batch. */
const RECORD_OVERHEAD_BYTES = 32;

interface Waiting {
  readonly records: readonly AppendRecord[];
  /** Bytes of each record. */
  readonly sizes: Int32Array;
  written: number;
  readonly bytes: number;
  resolve(): void;
  reject(error: unknown): void;
}

export class AppendQueue {
  readonly #write: (records: readonly AppendRecord[]) => Promise<void>;
  readonly #limits: AppendLimits;
  #waiting: Waiting[] = [];
  #bytes = 0;
  readonly #writing: OneAtATime;

  constructor(write: (records: readonly AppendRecord[]) => Promise<void>, limits: AppendLimits) {
    this.#write = write;
    this.#limits = limits;
    this.#writing = new OneAtATime(
      () => this.#drain(),
      (error) => this.#fail(this.#waiting, error),
    );
  }

  get waitingRecords(): number {
    return this.#waiting.reduce((sum, entry) => sum + entry.records.length - entry.written, 0);
  }

  get waitingBytes(): number {
    return this.#bytes;
  }

  append(records: readonly AppendRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    const sizes = new Int32Array(records.length);
    let bytes = 0;
    for (let i = 0; i < records.length; i++)
      bytes += sizes[i] = recordBytes(records[i] as AppendRecord) + RECORD_OVERHEAD_BYTES;
    // an append beyond the bound by itself is taken when nothing else waits: refusing it would refuse it for ever
    if (this.#bytes > 0 && this.#bytes + bytes > this.#limits.waitingBytesMax) {
      return Promise.reject(
        new LogError(
          "OEE_LOG_QUEUE_FULL",
          `${this.#bytes} bytes wait to be written, ${bytes} more would exceed ${this.#limits.waitingBytesMax}`,
        ),
      );
    }
    this.#bytes += bytes;
    return new Promise((resolve, reject) => {
      this.#waiting.push({ records, sizes, written: 0, bytes, resolve, reject });
      this.#writing.request();
    });
  }

  /** Resolves when nothing waits. */
  idle(): Promise<void> {
    return this.#writing.idle();
  }

  async #drain(): Promise<void> {
    // appends of the same turn go out together
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const records = this.#take();
      try {
        await this.#write(records.batch);
        this.#settle(records.entries, records.whole);
      } catch (error) {
        this.#fail(records.entries, error);
      }
    }
  }

  /** The next write: as many whole or partial appends as fit. */
  #take(): { batch: AppendRecord[]; entries: Waiting[]; whole: number } {
    const batch: AppendRecord[] = [];
    const entries: Waiting[] = [];
    let bytes = 0;
    let whole = 0;
    for (const entry of this.#waiting) {
      const before = batch.length;
      while (entry.written < entry.records.length && batch.length < this.#limits.writeRecordsMax) {
        const record = entry.records[entry.written] as AppendRecord;
        const size = entry.sizes[entry.written] as number;
        if (batch.length > 0 && bytes + size > this.#limits.writeBytesMax) break;
        batch.push(record);
        bytes += size;
        entry.written += 1;
      }
      if (batch.length === before) break;
      entries.push(entry);
      if (entry.written < entry.records.length) break;
      whole += 1;
    }
    return { batch, entries, whole };
  }

  /** The first `whole` of the entries are done; the last may have more to write. */
  #settle(entries: readonly Waiting[], whole: number): void {
    this.#waiting.splice(0, whole);
    for (const entry of entries.slice(0, whole)) {
      this.#bytes -= entry.bytes;
      entry.resolve();
    }
  }

  #fail(entries: readonly Waiting[], error: unknown): void {
    const failed = [...entries];
    this.#waiting.splice(0, failed.length);
    for (const entry of failed) {
      this.#bytes -= entry.bytes;
      entry.reject(error);
    }
  }
}
