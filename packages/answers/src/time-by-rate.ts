/**
 * Times (ms) by a rate: a takt, or a cost per hour, the least first. Of many sums most have no rate, so the map is made with the
 * first one.
 */
export class TimeByRate implements Iterable<[rate: number, ms: number]> {
  #times: Map<number, number> | null = null;

  add(rate: number, ms: number): this {
    this.#times ??= new Map();
    this.#times.set(rate, (this.#times.get(rate) ?? 0) + ms);
    return this;
  }

  clear(): void {
    this.#times?.clear();
  }

  addAll(other: TimeByRate): void {
    if (other.#times !== null) for (const [rate, ms] of other.#times) this.add(rate, ms);
  }

  /** How many rates there are. */
  get size(): number {
    return this.#times === null ? 0 : this.#times.size;
  }

  [Symbol.iterator](): IterableIterator<[number, number]> {
    // Of one machine and day there is mostly one.
    if (this.#times !== null && this.#times.size < 2) return this.#times.entries();
    const times = [...(this.#times ?? [])];
    return times.sort(([a], [b]) => a - b).values();
  }
}
