/**
 * Decimal numbers as whole numbers of a smallest unit (CN-5), rounded from the number as it is written, never from a binary
 * fraction, halves away from zero: `0.15` with one decimal is 2 tenths, wherever it is read.
 */

const DECIMAL = /^([+-]?)(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(?:[eE]([+-]?[0-9]+))?$/;

/** Digits of `Number.MAX_SAFE_INTEGER`. */
const DIGITS_MAX = 16;

/** Decimals that a machine's quantities may have, at most. */
export const DECIMALS_MAX = 6;

/** The most pieces that a count of 1 may be (CN-6): more would be a mistake, and sums of them not exact. */
export const PIECES_MAX = 1_000_000;

/** 10 to the power of the index. */
export const POWERS_OF_TEN: readonly number[] = Array.from({ length: 16 }, (_, i) => 10 ** i);

/**
 * The whole number of `10^-decimals` that a decimal text stands for, exponent allowed. `null`: it is no decimal number, or
 * its size is beyond `Number.MAX_SAFE_INTEGER` of them.
 */
export function smallestUnitsOf(text: string, decimals: number): number | null {
  const match = DECIMAL.exec(text);
  if (match === null) return null;
  const fraction = match[3] ?? match[4] ?? "";
  const digits = `${match[2] ?? ""}${fraction}`.replace(/^0+/, "");
  if (digits === "") return 0;
  const wholeLength = digits.length + Number(match[5] ?? 0) + decimals - fraction.length;
  if (wholeLength > DIGITS_MAX) return null;
  if (wholeLength < 0) return 0;
  const whole = Number(digits.slice(0, wholeLength).padEnd(wholeLength, "0"));
  const rounded = (digits[wholeLength] ?? "0") >= "5" ? whole + 1 : whole;
  if (!Number.isSafeInteger(rounded)) return null;
  // 0 − x rather than −x, which would be −0 for 0.
  return match[1] === "-" ? 0 - rounded : rounded;
}

/**
 * The same of a number that was read as digits: `digits` × 10^−`fraction`. Both its digits and its fraction are at most
 * 15 long. NaN: with no decimals it is not written as a whole number, or it is too large.
 */
export function smallestUnitsOfDigits(digits: number, fraction: number, decimals: number): number {
  if (fraction <= decimals) {
    const units = digits * (POWERS_OF_TEN[decimals - fraction] as number);
    return Number.isSafeInteger(units) ? units : Number.NaN;
  }
  if (decimals === 0) return Number.NaN;
  const step = POWERS_OF_TEN[fraction - decimals] as number;
  const size = Math.abs(digits);
  // Exact: of two such quotients of 15 digits the nearer to a whole number differs from it by more than a double loses.
  const whole = Math.trunc(size / step);
  const rounded = 2 * (size - whole * step) >= step ? whole + 1 : whole;
  return digits < 0 ? 0 - rounded : rounded;
}

/** The decimal number that some whole number of `10^-decimals` is: the nearest double, which shows as that decimal. */
export function decimalOf(units: number, decimals: number): number {
  return decimals === 0 ? units : units / (POWERS_OF_TEN[decimals] as number);
}
