/**
 * The queue between a source and the mapping, for peers that do not wait for acknowledgements. It hands observations over in
 * order, up to 1,000 at once, and repeats that every 500 ms until they are on disk. It holds 100,000: beyond that the oldest are
 * dropped and reported as a gap.
 */
import { retryForEver, sleepTimer } from "@oee/pacing";
import type { Observation, SourceHost } from "./port.ts";

const COUNT_MAX = 100_000;
const BATCH_MAX = 1_000;
const BACKOFF = { firstDelayMs: 500, delayMsMax: 500 };

export class HandOver {
  readonly #host: SourceHost;
  #waiting: Observation[] = [];
  #inHand: readonly Observation[] = [];
  #draining: Promise<void> | null = null;
  #lost: { from: number; to: number; count: number } | null = null;
  readonly #ended = new AbortController();

  constructor(host: SourceHost) {
    this.#host = host;
  }

  /** How many observations are not on disk yet. */
  get waiting(): number {
    return this.#waiting.length;
  }

  push(observations: readonly Observation[]): void {
    this.#waiting.push(...observations);
    const surplus = this.#waiting.length - COUNT_MAX;
    // Those being handed over stay: they may be on disk already.
    if (surplus > 0) this.#lose(this.#waiting.splice(this.#inHand.length, surplus));
    this.#draining ??= this.#drain();
  }

  /** Resolves when all that was pushed is on disk, or the queue is closed. */
  async idle(): Promise<void> {
    while (this.#draining !== null) await this.#draining;
  }

  /** Ends the attempts: observations that are not on disk by the one under way are lost. */
  async close(): Promise<void> {
    this.#ended.abort();
    await this.idle();
  }

  async #drain(): Promise<void> {
    // One turn of the event loop later: the observations of one message, pushed one by one, are then one write to the disk.
    await new Promise((resolve) => setImmediate(resolve));
    await this.#drained();
    this.#draining = null;
  }

  async #drained(): Promise<void> {
    const { signal } = this.#ended;
    while (this.#waiting.length > 0) {
      this.#inHand = this.#waiting.slice(0, BATCH_MAX);
      try {
        await retryForEver(
          () => this.#host.heard(this.#inHand),
          () => signal.throwIfAborted(),
          (delayMs) => sleepTimer(delayMs, signal),
          BACKOFF,
        );
      } catch {
        return;
      }
      this.#waiting.splice(0, this.#inHand.length);
      this.#inHand = [];
      this.#tellLost();
    }
  }

  #lose(lost: readonly Observation[]): void {
    let { from, to, count } = this.#lost ?? { from: Infinity, to: -Infinity, count: 0 };
    for (const { at } of lost) {
      from = Math.min(from, at);
      to = Math.max(to, at);
      count++;
    }
    this.#lost = { from, to, count };
  }

  #tellLost(): void {
    if (this.#lost === null) return;
    const { from, to, count } = this.#lost;
    this.#host.gap(from, to, `${count} values are lost: there was no room on disk, and the peer does not wait`);
    this.#lost = null;
  }
}
