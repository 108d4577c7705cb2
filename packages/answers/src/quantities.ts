/**
 * Sums of quantities of machines whose decimals differ (CN-5), exact in any order: what each contributes is a whole number
 * of its smallest units, and is brought to one unit when it is asked for.
 */
import { DECIMALS_MAX } from "@oee/model";

const KINDS = 3;

export class Quantities {
  #good = 0;
  #scrap = 0;
  #rework = 0;
  /** Good, scrap and rework of machines with decimals, by their number less one; `null`: there was none. */
  #fine: Float64Array | null = null;

  /** Adds smallest units of a machine with these decimals. */
  add(decimals: number, good: number, scrap: number, rework: number): void {
    if (decimals === 0) {
      this.#good += good;
      this.#scrap += scrap;
      this.#rework += rework;
      return;
    }
    const fine = (this.#fine ??= new Float64Array(DECIMALS_MAX * KINDS));
    const at = (decimals - 1) * KINDS;
    fine[at] = (fine[at] as number) + good;
    fine[at + 1] = (fine[at + 1] as number) + scrap;
    fine[at + 2] = (fine[at + 2] as number) + rework;
  }

  addAll(other: Quantities): void {
    this.add(0, other.#good, other.#scrap, other.#rework);
    const fine = other.#fine;
    if (fine === null) return;
    for (let i = 0; i < DECIMALS_MAX; i++) {
      const at = i * KINDS;
      this.add(i + 1, fine[at] as number, fine[at + 1] as number, fine[at + 2] as number);
    }
  }

  /** In the unit, as all below: the nearest double. */
  get good(): number {
    return this.#fine === null ? this.#good : inUnits(this.#good, this.#fine, [0]);
  }

  get scrap(): number {
    return this.#fine === null ? this.#scrap : inUnits(this.#scrap, this.#fine, [1]);
  }

  get rework(): number {
    return this.#fine === null ? this.#rework : inUnits(this.#rework, this.#fine, [2]);
  }

  /** Good, scrap and rework together. */
  get produced(): number {
    const whole = this.#good + this.#scrap + this.#rework;
    return this.#fine === null ? whole : inUnits(whole, this.#fine, [0, 1, 2]);
  }
}

function inUnits(whole: number, fine: Float64Array, kinds: readonly number[]): number {
  let smallest = BigInt(whole) * 10n ** BigInt(DECIMALS_MAX);
  for (let i = 0; i < DECIMALS_MAX; i++) {
    const factor = 10n ** BigInt(DECIMALS_MAX - i - 1);
    for (const kind of kinds) smallest += BigInt(fine[i * KINDS + kind] as number) * factor;
  }
  const size = smallest < 0n ? -smallest : smallest;
  const digits = String(size).padStart(DECIMALS_MAX + 1, "0");
  const value = Number(`${digits.slice(0, -DECIMALS_MAX)}.${digits.slice(-DECIMALS_MAX)}`);
  return smallest < 0n ? -value : value;
}
