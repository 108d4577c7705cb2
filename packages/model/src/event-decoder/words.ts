/**
 * Reads four bytes at once as one whole number of 32 bits, the first byte the lowest. The scanner compares fixed parts of an
 * event with it, at a quarter of the comparisons.
 */

const ONES = 0x01010101;
const HIGH_BITS = 0x80808080 | 0;
const QUOTES = 0x22222222;
const BACKSLASHES = 0x5c5c5c5c;
const SPACES = 0x20202020;
const ZEROS = 0x30303030;

/** The bytes `[start, end)`, at most four of them; those that are missing are 0. */
export function wordOf(bytes: Uint8Array, start: number, end: number): number {
  let word = 0;
  for (let p = Math.min(end, start + 4) - 1; p >= start; p--) word = (word << 8) | (bytes[p] ?? 0);
  return word;
}

/**
 * Where the plain part of a string ends: the lowest bit that is set is the highest of the first byte that is a quotation
 * mark, a backslash or a control character; 0 where none of the four is.
 */
export function stopsIn(word: number): number {
  const quotes = word ^ QUOTES;
  const backslashes = word ^ BACKSLASHES;
  const found = ((quotes - ONES) & ~quotes) | ((backslashes - ONES) & ~backslashes) | ((word - SPACES) & ~word);
  return found & HIGH_BITS;
}

export function isAscii(word: number): boolean {
  return (word & HIGH_BITS) === 0;
}

/** The number that four digits are; −1 where one of the bytes is none. */
export function fourDigits(word: number): number {
  const digits = word ^ ZEROS;
  if (((digits | (digits + 0x06060606)) & 0xf0f0f0f0) !== 0) return -1;
  const pairs = (Math.imul(digits, 10) + (digits >>> 8)) & 0x00ff00ff;
  return (pairs & 0xff) * 100 + (pairs >>> 16);
}

export const HASH_SEED = 0;

/** The hash of a text with one word more; the last one of a text holds less than four bytes, be it none. */
export function hashStep(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

export function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = HASH_SEED;
  let p = start;
  for (; p + 4 <= end; p += 4) hash = hashStep(hash, wordOf(bytes, p, end));
  return hashStep(hash, wordOf(bytes, p, end));
}
