/** Ideal time of a quantity (CN-5): planned run time per unit × quantity, in whole microseconds. */
import { POWERS_OF_TEN } from "@oee/model";

/**
 * `units`: smallest units, of `10^-decimals`. Rounded to whole microseconds, halves away from zero, so that a quantity that
 * is taken back takes back its ideal time.
 */
export function idealUsOf(idealCycleUs: number, units: number, decimals: number): number {
  const product = idealCycleUs * units;
  if (decimals === 0) return product;
  const step = POWERS_OF_TEN[decimals] as number;
  if (!Number.isSafeInteger(product)) return exactly(idealCycleUs, units, step);
  const size = Math.abs(product);
  const rest = size % step;
  const rounded = (size - rest) / step + (2 * rest >= step ? 1 : 0);
  return product < 0 ? 0 - rounded : rounded;
}

function exactly(idealCycleUs: number, units: number, step: number): number {
  const size = BigInt(idealCycleUs) * BigInt(Math.abs(units));
  const rounded = Number((2n * size + BigInt(step)) / (2n * BigInt(step)));
  return units < 0 ? 0 - rounded : rounded;
}
