/** Writes figures by their kind and language; an unknown figure is a dash, never 0. */
import type { Format } from "../shared/format.ts";

export const NOT_KNOWN = "–";

export interface Values {
  readonly ratio: (value: number | null) => string;
  readonly duration: (ms: number | null) => string;
  /** A duration (ms) in hours with two decimals, so that columns compare. */
  readonly hours: (ms: number | null) => string;
  /** A number with at most two decimals. */
  readonly count: (value: number | null) => string;
  /** A quantity in the unit of its scope; without decimals from a hundred on. */
  readonly quantity: (value: number | null) => string;
  /** A return, in whole percent of what was invested, however much that is. */
  readonly returned: (ratio: number) => string;
  /** An amount as the API has it: a decimal text of the currency's minor unit, or an unrounded number. */
  readonly money: (amount: number | string | null, currency: string | null) => string;
}

export const HOUR_MS = 3_600_000;

export function createValues(locale: string, format: Format): Values {
  const known = <T>(text: (value: T) => string): ((value: T | null) => string) => {
    return (value) => (value === null ? NOT_KNOWN : text(value));
  };
  const two = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  const upToTwo = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  return {
    ratio: known(format.percent),
    duration: known(format.duration),
    hours: known((ms: number) => two.format(ms / HOUR_MS)),
    count: known((value: number) => minus(upToTwo.format(value))),
    quantity: known((value: number) => (Math.abs(value) < 100 ? upToTwo.format(value) : format.whole(value))),
    money: (amount, currency) => {
      if (amount === null) return NOT_KNOWN;
      const options =
        currency === null
          ? { minimumFractionDigits: 2, maximumFractionDigits: 2 }
          : { style: "currency" as const, currency };
      return minus(new Intl.NumberFormat(locale, options).format(Number(amount)));
    },
    returned: (ratio) => minus(format.percentWhole(ratio)),
  };
}

/** `Intl` writes a hyphen. */
function minus(text: string): string {
  return text.replace("-", "−");
}
