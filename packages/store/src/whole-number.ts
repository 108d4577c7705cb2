/** Whole numbers as ClickHouse takes them, without a BigInt for each. */
import { StoreError } from "./store-error.ts";

const HALF = 0x1_0000_0000;

/** Writes one as two halves of 32 bits, the low one at `at` (little-endian). Throws `StoreError` for another. */
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

/** How many bytes the longest length takes. */
export const VARINT_MAX = 5;

/** How many bytes a length takes (`writeVarint`). */
export function varintLength(value: number): number {
  let length = 1;
  for (let rest = value; rest >= 0x80; rest >>>= 7) length++;
  return length;
}

/** Writes a length of up to 2^32 - 1, seven bits a byte, the low ones first; answers the place behind it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let place = at;
  let rest = value;
  for (; rest >= 0x80; rest >>>= 7) bytes[place++] = (rest & 0x7f) | 0x80;
  bytes[place++] = rest;
  return place;
}
