/**
 * What one line makes: an endless sequence of orders, the same for all its machines, and how the machines' speeds
 * relate. One unit of flow is one item of the line's reference machine; a packer that closes a case every six
 * bottles takes six units per item.
 */
import type { Machine, Plant, Product } from "@oee/model";
import { RandomStream } from "./random-stream.ts";
import { isSummer } from "./story.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const PRODUCTS_MAX = 5;
const DEFAULT_CYCLE_US = 2_000_000;

export interface Order {
  readonly number: string;
  /** `null` in a plant without products. */
  readonly product: Product | null;
  /** Ideal time of one item of this order, as a multiple of the machine's own ideal cycle. */
  readonly cycleFactor: number;
  readonly units: number;
  /** Whether the buffers must be empty before this order begins; else its items follow those of the order before at once. */
  readonly clearance: boolean;
  /** Length of the line's changeover before this order; 0 where the product stays the same. */
  readonly setupMs: number;
  /** How long the line has no demand before this order. */
  readonly waitMs: number;
}

/** Pieces per item, the least that a machine counts: a stroke of several pieces (CN-6), or a tenth of a metre (CN-5). */
function piecesPerItem(machine: Machine | undefined): number {
  return machine === undefined ? 1 : machine.piecesPerCount / 10 ** machine.decimals;
}

export class OrderBook {
  readonly #random: RandomStream;
  readonly #products: readonly { readonly product: Product; readonly cycleFactor: number }[];
  /** Ideal time (µs) in which the reference machine makes one piece, or one unit of length or weight. */
  readonly #pieceUs: number;
  readonly #unitUs: number;
  readonly #orders: Order[] = [];
  readonly #firstNumber: number;
  readonly #seasons: boolean;
  #dropped = 0;

  /** `machines`: those of the line, in order of flow; `seasons`: in summer the rarest product is made most. */
  constructor(seed: string | number, plant: Plant, line: string, machines: readonly Machine[], seasons = false) {
    this.#seasons = seasons;
    this.#random = new RandomStream(seed, line, "orders");
    this.#firstNumber = this.#random.whole(100_000, 800_000);
    const constraint = plant.scopes.get(line)?.members;
    const rated = machines.find((machine) => machine.idealCycleUs !== null);
    const reference = constraint?.length === 1 ? constraint[0] : rated;
    this.#pieceUs = reference?.idealCycleUs ?? rated?.idealCycleUs ?? DEFAULT_CYCLE_US;
    this.#unitUs = this.#pieceUs * piecesPerItem(reference ?? rated);
    const factors = [...plant.products.values()].map((product) => ({
      product,
      cycleFactor: (product.idealCycleUs ?? this.#pieceUs) / this.#pieceUs,
    }));
    // A product whose cycle is less than 0.65 or more than 1.5 times the line's belongs to other lines. If all do, the line
    // makes each of them at its machines' own cycles.
    const near = factors.filter(({ cycleFactor }) => cycleFactor > 0.65 && cycleFactor < 1.5);
    const made = near.length > 0 ? near : factors.map(({ product }) => ({ product, cycleFactor: 1 }));
    this.#products = this.#random.shuffled(made).slice(0, PRODUCTS_MAX);
  }

  /** Ideal time per item of a machine, before the order's factor (µs). */
  cycleUs(machine: Machine): number {
    return this.pieceUs(machine) * piecesPerItem(machine);
  }

  /** Ideal time per piece of a machine, before the order's factor (µs): what a job's `idealCycleSeconds` speaks of. */
  pieceUs(machine: Machine): number {
    return machine.idealCycleUs ?? this.#pieceUs;
  }

  /** Units of flow in one item of a machine: a whole number n, or 1/n. */
  unitsPerItem(machine: Machine): number {
    const ratio = this.cycleUs(machine) / this.#unitUs;
    if (ratio >= 1.5) return Math.round(ratio);
    return ratio <= 1 / 1.5 ? 1 / Math.round(1 / ratio) : 1;
  }

  /** Units of flow that the line makes in a time in which nothing stops it. */
  unitsIn(durationMs: number): number {
    return (durationMs * 1000) / this.#unitUs;
  }

  /** The order at a place of the sequence. It is made at the first call, `at` (epoch ms), which decides the season. */
  order(index: number, at = 0): Order {
    while (this.#dropped + this.#orders.length <= index) this.#orders.push(this.#next(at));
    const order = this.#orders[index - this.#dropped];
    if (order === undefined) throw new RangeError(`order ${index} of the line is past`);
    return order;
  }

  /** Drops the orders before a place; `order` throws for these from then on. */
  dropBefore(index: number): void {
    this.#orders.splice(0, index - this.#dropped);
    this.#dropped = Math.max(this.#dropped, index);
  }

  #next(at: number): Order {
    const index = this.#dropped + this.#orders.length;
    const before = this.#orders.at(-1);
    const { length } = this.#products;
    const rank = length === 0 ? 0 : this.#random.rank(length);
    const choice = this.#products[this.#seasons && isSummer(at) ? length - 1 - rank : rank];
    const product = choice?.product ?? null;
    const cycleFactor = choice?.cycleFactor ?? 1;
    const setupMs = this.#random.lognormal(24 * MINUTE_MS, 0.35);
    const waitMs = this.#random.lognormal(25 * MINUTE_MS, 0.4);
    const lengthMs = Math.min(12 * HOUR_MS, Math.max(HOUR_MS / 2, this.#random.lognormal(3 * HOUR_MS, 0.5)));
    // At the start of the simulation a random share of the first order is left: the line is in the midst of it.
    const share = index === 0 ? this.#random.next() : 1;
    const changes = before !== undefined && before.product !== product;
    const waits = before !== undefined && this.#random.chance(0.05);
    return {
      number: String(this.#firstNumber + index),
      product,
      cycleFactor,
      units: Math.max(1, Math.round((share * this.unitsIn(lengthMs)) / cycleFactor)),
      clearance: changes || waits,
      setupMs: changes ? setupMs : 0,
      waitMs: waits ? waitMs : 0,
    };
  }
}
