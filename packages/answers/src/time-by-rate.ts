/**
 * Times (ms) by a rate: a takt, or a cost per hour, the least first. Of many sums most have no rate or one, so a map is made with the
 * second one.
 */
export class TimeByRate implements Iterable<[rate: number, ms: number]> {
  /** The first rate, or NaN, and its time. */
  #rate = NaN;
  #ms = 0;
  #others: Map<number, number> | null = null;

  add(rate: number, ms: number): this {
    if (rate === this.#rate) {
      this.#ms += ms;
    } else if (Number.isNaN(this.#rate)) {
      this.#rate = rate;
      this.#ms = ms;
    } else {
      this.#others ??= new Map();
      this.#others.set(rate, (this.#others.get(rate) ?? 0) + ms);
    }
    return this;
  }

  clear(): void {
    this.#rate = NaN;
    this.#others = null;
  }

  addAll(other: TimeByRate): void {
    if (Number.isNaN(other.#rate)) return;
    this.add(other.#rate, other.#ms);
    if (other.#others !== null) for (const [rate, ms] of other.#others) this.add(rate, ms);
  }

  /** How many rates there are. */
  get size(): number {
    return Number.isNaN(this.#rate) ? 0 : 1 + (this.#others?.size ?? 0);
  }

  [Symbol.iterator](): IterableIterator<[number, number]> {
    if (Number.isNaN(this.#rate)) return ([] as [number, number][]).values();
    const first: [number, number] = [this.#rate, this.#ms];
    if (this.#others === null) return [first].values();
    return [first, ...this.#others].sort(([a], [b]) => a - b).values();
  }
}
