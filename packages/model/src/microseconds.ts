/**
 * Planned run times and takts as whole microseconds (P-2): rounded half up from the decimal number as it is written,
 * never from a binary fraction, so that `1.0000005` s is 1000001 µs wherever it is read. The plant file and the event
 * decoder both come here.
 */

const DECIMAL = /^[+-]?(?:([0-9]+)(?:\.([0-9]*))?|\.([0-9]+))(?:[eE]([+-]?[0-9]+))?$/;

/** Digits of `Number.MAX_SAFE_INTEGER`: a longer number of microseconds is none we can hold exactly. */
const DIGITS_MAX = 16;

/**
 * The whole microseconds of a decimal number of seconds, exponent allowed. 0 when it rounds to 0, which callers refuse.
 * `null` when the text is no decimal number, is below 0, or gives more than `Number.MAX_SAFE_INTEGER`.
 */
export function microsecondsOf(seconds: string): number | null {
  const match = DECIMAL.exec(seconds);
  if (match === null) return null;
  const fraction = match[2] ?? match[3] ?? "";
  const digits = `${match[1] ?? ""}${fraction}`.replace(/^0+/, "");
  if (digits === "") return 0;
  if (seconds.startsWith("-")) return null;
  const shift = Number(match[4] ?? 0) + 6 - fraction.length;
  const wholeLength = digits.length + shift;
  if (wholeLength > DIGITS_MAX) return null;
  if (wholeLength < 0) return 0;
  const whole = Number(digits.slice(0, wholeLength).padEnd(wholeLength, "0"));
  const rounded = (digits[wholeLength] ?? "0") >= "5" ? whole + 1 : whole;
  return Number.isSafeInteger(rounded) ? rounded : null;
}
