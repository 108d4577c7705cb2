/**
 * How much one event may say, so that what is accepted can be computed, summed and stored: one such count an hour keeps
 * every sum of a century a whole number that a double holds exactly (2^53), and its ideal time one that the store's 64
 * bits hold in microseconds. Totals may be any whole number up to 2^53 − 1 (CN-5): only their differences count.
 */
import { POWERS_OF_TEN } from "../decimal.ts";
import type { Machine } from "../plant.ts";

/** Of one quantity of a count, either way. */
export const QUANTITY_MAX = 10_000_000_000;

/** Of the ideal time of one quantity at the machine's own cycle, and of a cycle: 100 days, in microseconds. */
export const IDEAL_TIME_US_MAX: number = 100 * 24 * 3_600_000_000;

/** Characters (UTF-16 code units) of a text such as an id, a reason, a product or an order. */
export const TEXT_MAX = 1_024;

/** Characters of a note, which nothing but the store holds. */
export const NOTE_MAX = 16_384;

/** The largest quantity of one count of a machine, either way, in its smallest units (CN-5) and before CN-6. */
export function quantityMaxOf({
  idealCycleUs,
  decimals,
  piecesPerCount,
}: Pick<Machine, "idealCycleUs" | "decimals" | "piecesPerCount">): number {
  const byCycle =
    idealCycleUs === null ? QUANTITY_MAX : (IDEAL_TIME_US_MAX / idealCycleUs) * (POWERS_OF_TEN[decimals] as number);
  return Math.max(1, Math.floor(Math.min(QUANTITY_MAX, byCycle) / piecesPerCount));
}
