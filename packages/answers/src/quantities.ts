/**
 * Sums of quantities of machines whose decimals differ (CN-5), exact in any order: what each contributes is a whole number
 * of its smallest units, and is brought to one unit when it is asked for.
 */
import { type ComponentOf, DECIMALS_MAX, PLACE, QUANTITY_NAMES } from "@oee/model";
import { zeros } from "./zeros.ts";

type QuantityName = ComponentOf<"quantity">;

/** Where a row holds each. */
const PLACES = QUANTITY_NAMES.map((name) => PLACE[name]);
const KINDS = PLACES.length;
/** Each as a list of its own, and those that are produced. */
const KIND = Object.fromEntries(QUANTITY_NAMES.map((name, kind) => [name, [kind]])) as unknown as Readonly<
  Record<QuantityName, readonly number[]>
>;
const PRODUCED = (["goodCount", "scrapCount", "reworkCount"] as const).flatMap((name) => KIND[name]);

const NONE_WHOLE = zeros(KINDS);
const NONE_FINE = zeros(DECIMALS_MAX * KINDS);

export class Quantities {
  /** Of machines without decimals, by kind. */
  readonly #whole = NONE_WHOLE.slice();
  /** Of machines with decimals, by their number less one, and by kind; `null`: there was none. */
  #fine: number[] | null = null;

  clear(): void {
    for (let kind = 0; kind < KINDS; kind++) this.#whole[kind] = 0;
    this.#fine = null;
  }

  /** Adds those of a row, whose numbers begin at `offset`: smallest units of a machine with these decimals. */
  add(decimals: number, values: Float64Array, offset: number): void {
    const sums = decimals === 0 ? this.#whole : this.#fineSums();
    const at = decimals === 0 ? 0 : (decimals - 1) * KINDS;
    for (let kind = 0; kind < KINDS; kind++) {
      sums[at + kind] = (sums[at + kind] as number) + (values[offset + (PLACES[kind] as number)] as number);
    }
  }

  addAll(other: Quantities): void {
    addEach(this.#whole, other.#whole);
    if (other.#fine !== null) addEach(this.#fineSums(), other.#fine);
  }

  /** In the unit: the nearest double. */
  of(name: QuantityName): number {
    return this.#inUnits(KIND[name]);
  }

  /** Good, scrap and rework together, in the unit. */
  get produced(): number {
    return this.#inUnits(PRODUCED);
  }

  #fineSums(): number[] {
    return (this.#fine ??= NONE_FINE.slice());
  }

  #inUnits(kinds: readonly number[]): number {
    let whole = 0;
    for (const kind of kinds) whole += this.#whole[kind] as number;
    return this.#fine === null ? whole : inUnits(whole, this.#fine, kinds);
  }
}

function addEach(sums: number[], others: readonly number[]): void {
  for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (others[i] as number);
}

function inUnits(whole: number, fine: readonly number[], kinds: readonly number[]): number {
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
