/**
 * Writes doubles that are no whole numbers with the fewest digits that mean them, as `String` does, and makes no text of them.
 *
 * The double is scaled by a power of ten (up to 10^22) so that it has 17 digits before the point. The product is the sum of two
 * doubles, exactly (Dekker's product). Each multiple of a power of ten that is nearer to it than half the distance to the next double
 * means the same double; the one with the fewest digits is written.
 */
const POWERS = Float64Array.from({ length: 23 }, (_, exponent) => Number(`1e${exponent}`));
/** Splits a double into two halves whose products are exact. */
const SPLIT = 2 ** 27 + 1;
const HIGH = POWERS.map((power) => SPLIT * power - (SPLIT * power - power));
const LOW = POWERS.map((power, exponent) => power - (HIGH[exponent] as number));
const DIGITS = 17;
const BILLION = 1e9;
/** What comparisons of the last nine digits may be off by, and more. */
const UNSURE = 1e-6;
const ZERO = 0x30;
const POINT = 0x2e;
const DOUBLE = new Float64Array(1);
/** Its lower and its upper half. */
const BITS = new Uint32Array(DOUBLE.buffer);
const EXPONENT = 0x7ff0_0000;
const MANTISSA = 0xf_ffff;
/** The three digits of each number below 1,000. */
const TRIPLES = Uint8Array.from({ length: 3000 }, (_, i) => ZERO + (Math.floor(i / 3 / 10 ** (2 - (i % 3))) % 10));

/** Bytes that may be written, also behind the number. */
export const DECIMAL_BYTES_MAX = 32;

/**
 * Writes a number at a place, behind which there is room; answers where it ends, or -1 where it wrote nothing: a whole number, one below 10^-6 or
 * above 10^15, one of few digits, and one in many millions where the comparison is too close.
 */
export function writeDecimal(bytes: Uint8Array, at: number, value: number): number {
  if (!(value >= 1e-6 && value < 1e15)) return -1;
  // Digits before the point; below 1 less than none for each zero behind it.
  let whole = 0;
  if (value >= 1) while (value >= (POWERS[whole] as number)) whole++;
  else for (let scaled = value * 10; scaled < 1; scaled *= 10) whole--;
  const exponent = DIGITS - whole;
  if (exponent > 22) return -1;
  const power = POWERS[exponent] as number;
  const product = value * power;
  if (!(product >= 1e16 && product < 1e17)) return -1;
  DOUBLE[0] = value;
  const upper = BITS[1] as number;
  // The next double below a power of two is nearer than the one above.
  if (BITS[0] === 0 && (upper & MANTISSA) === 0) return -1;
  BITS[0] = 0;
  BITS[1] = (upper & EXPONENT) - (53 << 20);
  const half = DOUBLE[0] * power;
  const high = SPLIT * value - (SPLIT * value - value);
  const low = value - high;
  const [powerHigh, powerLow] = [HIGH[exponent] as number, LOW[exponent] as number];
  const rest = high * powerHigh - product + high * powerLow + low * powerHigh + low * powerLow;

  let first = Math.floor(product / BILLION);
  const last = product - first * BILLION + rest;
  let rounded = Math.round(last);
  if (Math.abs(Math.abs(rounded - last) - 0.5) < UNSURE) return -1;
  let digits = DIGITS;
  for (let ten = 10; ; ten *= 10) {
    const shorter = Math.round(last / ten) * ten;
    const off = Math.abs(shorter - last);
    if (off > half + UNSURE) break;
    if (off > half - UNSURE || Math.abs(off - ten / 2) < UNSURE) return -1;
    rounded = shorter;
    if (--digits <= 9) return -1;
  }
  if (rounded < 0) {
    first--;
    rounded += BILLION;
  } else if (rounded >= BILLION) {
    first++;
    rounded -= BILLION;
  }
  if (first < 1e7 || first >= 1e8 || rounded < 0 || rounded >= BILLION || digits <= whole) return -1;

  if (whole > 0) {
    writeNine(bytes, at, first);
    writeNine(bytes, at + 9, rounded);
    for (let i = at; i < at + whole; i++) bytes[i] = bytes[i + 1] as number;
    bytes[at + whole] = POINT;
    return at + digits + 1;
  }
  const begin = at + 2 - whole;
  writeNine(bytes, begin - 1, first);
  writeNine(bytes, begin + 8, rounded);
  for (let i = at; i < begin; i++) bytes[i] = ZERO;
  bytes[at + 1] = POINT;
  return begin + digits;
}

/** Writes a number below a billion with nine digits. */
function writeNine(bytes: Uint8Array, at: number, value: number): void {
  const millions = (value / 1e6) | 0;
  const below = value - millions * 1e6;
  const thousands = (below / 1e3) | 0;
  writeThree(bytes, at, millions);
  writeThree(bytes, at + 3, thousands);
  writeThree(bytes, at + 6, below - thousands * 1e3);
}

function writeThree(bytes: Uint8Array, at: number, value: number): void {
  const from = 3 * value;
  bytes[at] = TRIPLES[from] as number;
  bytes[at + 1] = TRIPLES[from + 1] as number;
  bytes[at + 2] = TRIPLES[from + 2] as number;
}
