/**
 * Random numbers that are the same for the same names, on every machine and in every run.
 * The generator is sfc32 (C. Doty-Humphrey, PractRand): 128 bits of state, passes PractRand and BigCrush, and is a
 * handful of integer operations. Each stream is named (seed, machine, purpose …), so that streams are independent:
 * taking one more number from one, or adding a machine, moves no other.
 */
export class RandomStream {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  constructor(...names: readonly (string | number)[]) {
    const text = names.join("\u0000");
    this.#a = hashOf(text, 0x9e3779b9);
    this.#b = hashOf(text, 0x85ebca6b);
    this.#c = hashOf(text, 0xc2b2ae35);
    for (let i = 0; i < 15; i++) this.next();
  }

  /** Uniform in [0, 1), in steps of 2^-32. */
  next(): number {
    const result = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0;
    return (result >>> 0) / 0x1_0000_0000;
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  /** A whole number in [low, high]. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  exponential(mean: number): number {
    return -mean * Math.log(1 - this.next());
  }

  /** `scale` is the characteristic life, by which 63 % have failed; a shape above 1 wears out, below 1 has infant mortality. */
  weibull(shape: number, scale: number): number {
    return scale * Math.exp(Math.log(-Math.log(1 - this.next())) / shape);
  }

  /** Half of all values lie below `median`; `sigma` is the standard deviation of the logarithm. */
  lognormal(median: number, sigma: number): number {
    return median * Math.exp(sigma * this.#normal());
  }

  /** The number of trials up to and including the first success: 1, 2, … (Infinity where the probability is 0). */
  geometric(probability: number): number {
    return probability <= 0 ? Infinity : 1 + Math.floor(Math.log(1 - this.next()) / Math.log1p(-probability));
  }

  /** A random index into `length` things, of which the first is the most frequent (Zipf: weight 1 / rank). */
  rank(length: number): number {
    let total = 0;
    for (let i = 1; i <= length; i++) total += 1 / i;
    let left = this.next() * total;
    for (let i = 1; i < length; i++) {
      left -= 1 / i;
      if (left < 0) return i - 1;
    }
    return length - 1;
  }

  /** The same items in random order. */
  shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    return items.flatMap(() => left.splice(this.whole(0, left.length - 1), 1));
  }

  /** A standard normal number (Box-Muller). */
  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
  }
}

/** FNV-1a over UTF-16 units, then MurmurHash3's finalizer, so that names which differ by one letter share no pattern. */
function hashOf(text: string, basis: number): number {
  let hash = basis;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
