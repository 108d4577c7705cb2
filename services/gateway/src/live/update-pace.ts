/**
 * When a view may send its next update: at most four in four times `everyMs`. Where changes never end they go evenly, one in
 * `everyMs`. But what changes together seldom comes at once: a display of twenty machines whose events come in two posts would
 * else have the second half a quarter of a second late. So after an update that nothing had waited for, one more may follow.
 */
const AT_MOST = 4;
/** The second one waits for the rest of what changes together, this part of `everyMs`. */
const FOLLOWS_WITHIN = 0.1;
/** A wait of so small a part of `everyMs` counts as none: what changes every half second does not do so to the millisecond. */
const NO_WAIT = 0.25;

/** Instants are ms of a monotonic clock. */
export class UpdatePace {
  readonly #everyMs: number;
  /** When the last ones went, oldest first. */
  readonly #sentAt: number[] = Array.from({ length: AT_MOST }, () => -Infinity);
  /** Whether the last one had been made to wait, or followed another at once. */
  #waited = true;

  constructor(everyMs: number) {
    this.#everyMs = everyMs;
  }

  get last(): number {
    return this.#sentAt[AT_MOST - 1] ?? -Infinity;
  }

  /** How long (ms) a change that comes at `now` has to wait. */
  delayAt(now: number): number {
    const apart = this.#waited ? this.#everyMs : FOLLOWS_WITHIN * this.#everyMs;
    const oldest = this.#sentAt[0] ?? -Infinity;
    return Math.max(0, this.last + apart - now, oldest + AT_MOST * this.#everyMs - now);
  }

  /** One goes at `now`; the first of its changes had to wait for `waitedMs`. */
  sent(now: number, waitedMs: number): void {
    this.#waited = waitedMs > NO_WAIT * this.#everyMs || now - this.last < this.#everyMs;
    this.#sentAt.shift();
    this.#sentAt.push(now);
  }
}
