/**
 * Measures the longest time for which the event loop ran without pause: in ms of the clock, and in ms of processor
 * time of its thread, which other processes do not lengthen. Linux only; for measuring, not for assertions.
 */
import { readFileSync } from "node:fs";

const EVERY_MS = 2;

export class HeldUp {
  #clockMs = 0;
  #computedMs = 0;
  #last: readonly [number, number] = [0, 0];
  #timer: NodeJS.Timeout | null = null;

  start(): void {
    [this.#clockMs, this.#computedMs, this.#last] = [0, 0, read()];
    this.#timer = setInterval(() => this.#tick(), EVERY_MS);
  }

  /** The longest of each, in ms. */
  stop(): { readonly clockMs: number; readonly computedMs: number } {
    this.#tick();
    if (this.#timer !== null) clearInterval(this.#timer);
    return { clockMs: this.#clockMs, computedMs: this.#computedMs };
  }

  #tick(): void {
    const [clock, computed] = read();
    this.#clockMs = Math.max(this.#clockMs, clock - this.#last[0] - EVERY_MS);
    this.#computedMs = Math.max(this.#computedMs, computed - this.#last[1]);
    this.#last = [clock, computed];
  }
}

/** Milliseconds of the clock, and of processor time of this process's first thread. */
function read(): readonly [number, number] {
  const [ns = "0"] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, "utf8").split(" ");
  return [performance.now(), Number(ns) / 1e6];
}
