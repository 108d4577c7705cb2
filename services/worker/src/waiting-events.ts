/**
 * Raw events that were given to their machines and wait for the store. Those of all partitions are in one batch; it changes
 * places with the batch of the write before, whose memory is used again.
 */
import type { Scheduler } from "@oee/pacing";
import { EventBatch } from "@oee/store";
import type { WorkerMetrics } from "./metrics.ts";

/** Bytes of raw events that may wait before reading stops; one event has up to 1 MiB. */
const BYTES_MAX = 256 * 1024 * 1024;

export class WaitingEvents {
  readonly #max: number;
  readonly #metrics: WorkerMetrics;
  #arriving: EventBatch;
  #writing: EventBatch;
  #count = 0;
  #wake: (() => void)[] = [];
  #closed = false;

  /** `max`: number of events that may wait before reading stops. By the clock of `scheduler` the batches give unused room back. */
  constructor(max: number, metrics: WorkerMetrics, scheduler: Pick<Scheduler, "elapsed">) {
    this.#max = max;
    this.#metrics = metrics;
    const elapsed = (): number => scheduler.elapsed();
    this.#arriving = new EventBatch(undefined, elapsed);
    this.#writing = new EventBatch(undefined, elapsed);
  }

  /** Their number; those of the write under way are among them. */
  get count(): number {
    return this.#count;
  }

  /** Where events that arrive are added; say how many with `arrived`. */
  get arriving(): EventBatch {
    return this.#arriving;
  }

  /** So many were added to `arriving`. */
  arrived(events: number): void {
    this.#add(events);
  }

  /** Resolves when fewer events and bytes wait than reading stops at. */
  async room(): Promise<void> {
    while (this.#isFull() && !this.#closed) await new Promise<void>((resolve) => this.#wake.push(resolve));
  }

  /** Takes all that have arrived; they are the caller's until `stored`. */
  take(): EventBatch {
    this.#writing.clear();
    [this.#writing, this.#arriving] = [this.#arriving, this.#writing];
    return this.#writing;
  }

  /** Those of the last `take` are in the store. */
  stored(): void {
    this.#add(-this.#writing.length);
    this.#writing.clear();
    this.#release();
  }

  /** Ends all waiting for room. */
  close(): void {
    this.#closed = true;
    this.#release();
  }

  #isFull(): boolean {
    return this.#count > this.#max || this.#writing.rawLength + this.#arriving.rawLength > BYTES_MAX;
  }

  #add(events: number): void {
    this.#count += events;
    this.#metrics.waitingEvents.set(this.#count);
  }

  #release(): void {
    const wake = this.#wake;
    this.#wake = [];
    for (const resolve of wake) resolve();
  }
}
