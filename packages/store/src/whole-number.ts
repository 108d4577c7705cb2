/** Whole numbers as ClickHouse takes them, without a BigInt for each. */
import { StoreError } from "./store-error.ts";

const HALF = 0x1_0000_0000;

/** Writes one as two halves of 32 bits, the low one at `at` (little-endian, as Arrow is). Throws `StoreError` for another. */
export function writeInteger(halves: Int32Array, at: number, name: string, value: number): void {
  const low = value | 0;
  halves[at] = low;
  if (low === value) {
    halves[at + 1] = low >> 31;
    return;
  }
  if (!Number.isSafeInteger(value)) {
    throw new StoreError("OEE_STORE_INVALID", `${name} of a record is ${value}; a whole number is expected`);
  }
  halves[at + 1] = Math.floor(value / HALF);
}

/** The number whose halves stand at `at` and behind it. */
export function readInteger(halves: Int32Array, at: number): number {
  return (halves[at + 1] as number) * HALF + ((halves[at] as number) >>> 0);
}
