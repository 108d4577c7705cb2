/**
 * The server's clock as a screen knows it (W-4): the screen's own clock is never read, only its monotonic time.
 * A message that took longer makes the server look earlier, so of the last minutes the quickest message counts; two
 * buckets of a minute bound the memory and let the estimate follow a server whose clock was set back.
 */
const BUCKET_MS = 60_000;

export class ServerClock {
  #bucketStart = 0;
  #current: number | null = null;
  #previous: number | null = null;

  /** `emittedAt`: server's epoch ms; `monotonicMs`: this device's monotonic time at arrival. */
  observe(emittedAt: number, monotonicMs: number): void {
    const offset = emittedAt - monotonicMs;
    if (this.#current === null || monotonicMs - this.#bucketStart >= BUCKET_MS) {
      this.#previous = this.#current;
      this.#current = offset;
      this.#bucketStart = monotonicMs;
    } else if (offset > this.#current) {
      this.#current = offset;
    }
  }

  /** Epoch ms on the server at that monotonic time; `null` before the first message. */
  read(monotonicMs: number): number | null {
    if (this.#current === null) return null;
    return monotonicMs + Math.max(this.#current, this.#previous ?? this.#current);
  }

  /** Forgets the estimate, when another server may be answering. */
  reset(): void {
    this.#current = null;
    this.#previous = null;
  }
}
