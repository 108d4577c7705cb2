/**
 * Cuts long work of several callers into slices of the event loop by the number of its steps, where a slice may not end
 * between any two of them. How many steps take how long is learned, for code that runs for the first time costs many times
 * as much as later.
 */
import type { Scheduler } from "./scheduler.ts";

/** A slice that has less than one of so many parts of its steps, such as the end of a batch. */
const SAYS_LITTLE_BELOW = 4;

export class Slices {
  readonly #scheduler: Scheduler;
  readonly #sliceMs: number;
  readonly #min: number;
  readonly #max: number;
  /** How many steps a slice has. */
  #size: number;
  /** How many were done since other work had its turn, by whichever caller. */
  #done = 0;
  #turn: Promise<void> | null = null;
  /** What a step of the last slices took, newest first. */
  #msAStep: readonly number[] = [];

  /** A slice shall take `sliceMs`, and has from `min` to `max` steps; the first one has `min`. */
  constructor(scheduler: Scheduler, sliceMs: number, min: number, max: number) {
    this.#scheduler = scheduler;
    this.#sliceMs = sliceMs;
    this.#min = min;
    this.#max = max;
    this.#size = min;
  }

  /**
   * Calls `work` with how many steps it may do at once, 1 at least; it answers how many it did. Where less than half a slice
   * is left, other work has its turn before: many steps together cost less. Rejects as `work` throws.
   */
  async run(work: (room: number) => number): Promise<void> {
    // The first of those that wait may use all of it up before the others wake.
    while (2 * this.#done > this.#size) {
      this.#turn ??= this.#scheduler.turn().then(() => {
        this.#done = 0;
        this.#turn = null;
      });
      await this.#turn;
    }
    const began = this.#scheduler.elapsed();
    const steps = work(this.#size - this.#done);
    this.#done += steps;
    this.#learn(steps, this.#scheduler.elapsed() - began);
  }

  /** By the median of three slices, because a slice in which V8 collected garbage is longer than the next. */
  #learn(steps: number, ms: number): void {
    if (steps * SAYS_LITTLE_BELOW < this.#size) return;
    this.#msAStep = [ms / steps, ...this.#msAStep.slice(0, 2)];
    const msAStep = this.#msAStep.toSorted((a, b) => a - b)[this.#msAStep.length >> 1] ?? 0;
    // At most twice as many: what a small slice costs says little of a large one.
    const size = Math.min(this.#max, Math.max(this.#size, 2 * steps), Math.floor(this.#sliceMs / msAStep));
    this.#size = Math.max(this.#min, size);
  }
}
