/**
 * Whole numbers as JSON may write them: `12`, `12.0` and `1.2e1` are the same one. What a double cannot hold is judged by
 * the number's source text, so that `12.0000000000000000001` is no whole number.
 */

const NUMBER = /^(-?)([0-9]+)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]+))?$/;

const DIGITS_MAX = 16;

/** The whole number that a JSON number's text stands for, or `null` when it is not whole or not a safe integer. */
export function wholeNumberOf(source: string): number | null {
  const match = NUMBER.exec(source);
  if (match === null) return null;
  const fraction = match[3] ?? "";
  const digits = `${match[2] ?? ""}${fraction}`.replace(/^0+/, "");
  if (digits === "") return 0;
  const significant = digits.replace(/0+$/, "");
  const zeros = Number(match[4] ?? 0) - fraction.length + digits.length - significant.length;
  if (zeros < 0 || significant.length + zeros > DIGITS_MAX) return null;
  const whole = Number(`${match[1] ?? ""}${significant}${"0".repeat(zeros)}`);
  return Number.isSafeInteger(whole) ? whole : null;
}

/** Whether a double may differ from a number somewhere in this JSON text: up to 15 digits survive, and plain notation. */
export function mayLoseDigits(json: string): boolean {
  return /[0-9.]{16}|[0-9][eE][-+]?[0-9]/.test(json);
}
