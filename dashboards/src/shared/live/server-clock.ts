/**
 * The server's clock, estimated from its messages (W-4): the screen's own clock is never read, only its monotonic time.
 * A message that was long on its way makes the server's time look earlier, so the quickest of the last minutes counts. It is
 * kept in two buckets of a minute, so that the estimate follows a server whose clock was set back.
 */
const BUCKET_MS = 60_000;

export class ServerClock {
  #bucketStart = 0;
  #current: number | null = null;
  #previous: number | null = null;

  /** Takes a message into account. `emittedAt`: the server's time (epoch ms); `monotonicMs`: this device's monotonic time at arrival. */
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

  /** The server's time (epoch ms) at a monotonic time of this device; `null` before the first message. */
  read(monotonicMs: number): number | null {
    if (this.#current === null) return null;
    return monotonicMs + Math.max(this.#current, this.#previous ?? this.#current);
  }

  /** Forgets the estimate; to be called when another server may answer. */
  reset(): void {
    this.#current = null;
    this.#previous = null;
  }
}
