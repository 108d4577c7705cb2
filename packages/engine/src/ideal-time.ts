/** Ideal time of a quantity (CN-5): planned run time per unit × quantity, in whole microseconds. */
import { POWERS_OF_TEN } from "@oee/model";

/** Below this a product, and a multiple of a step next to it, is exact in a double. */
const EXACT_MAX = 2 ** 52;

/**
 * `units`: smallest units, of `10^-decimals`. Rounded to whole microseconds, halves away from zero, so that a quantity that
 * is taken back takes back its ideal time.
 */
export function idealUsOf(idealCycleUs: number, units: number, decimals: number): number {
  const product = idealCycleUs * units;
  if (decimals === 0) return product;
  const step = POWERS_OF_TEN[decimals] as number;
  const size = Math.abs(product);
  if (!(size < EXACT_MAX)) return exactly(idealCycleUs, units, step);
  // A remainder (`%`) of doubles takes many times as long. A quotient that is rounded up to a whole number is one too many.
  let rounded = Math.floor(size / step);
  let rest = size - rounded * step;
  if (rest < 0) {
    rounded--;
    rest += step;
  }
  if (2 * rest >= step) rounded++;
  return product < 0 ? 0 - rounded : rounded;
}

function exactly(idealCycleUs: number, units: number, step: number): number {
  const size = BigInt(idealCycleUs) * BigInt(Math.abs(units));
  const rounded = Number((2n * size + BigInt(step)) / (2n * BigInt(step)));
  return units < 0 ? 0 - rounded : rounded;
}
