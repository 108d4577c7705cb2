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
  /** An amount at an axis: with decimals only where it has some. */
  readonly moneyShort: (amount: number, currency: string | null) => string;
}

export const HOUR_MS = 3_600_000;

const TWO_DECIMALS = { minimumFractionDigits: 2, maximumFractionDigits: 2 };
const NO_DECIMALS = { minimumFractionDigits: 0, maximumFractionDigits: 0 };

export function createValues(locale: string, format: Format): Values {
  const known = <T>(text: (value: T) => string): ((value: T | null) => string) => {
    return (value) => (value === null ? NOT_KNOWN : text(value));
  };
  const two = new Intl.NumberFormat(locale, TWO_DECIMALS);
  const upToTwo = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 });
  const moneyOf = (amount: number, currency: string | null, decimals: Intl.NumberFormatOptions): string => {
    const options = currency === null ? TWO_DECIMALS : { style: "currency" as const, currency };
    return minus(new Intl.NumberFormat(locale, { ...options, ...decimals }).format(amount));
  };
  return {
    ratio: known(format.percent),
    duration: known(format.duration),
    hours: known((ms: number) => two.format(ms / HOUR_MS)),
    count: known((value: number) => minus(upToTwo.format(value))),
    quantity: known((value: number) => (Math.abs(value) < 100 ? upToTwo.format(value) : format.whole(value))),
    money: (amount, currency) => (amount === null ? NOT_KNOWN : moneyOf(Number(amount), currency, {})),
    moneyShort: (amount, currency) => moneyOf(amount, currency, Number.isInteger(amount) ? NO_DECIMALS : {}),
    returned: (ratio) => minus(format.percentWhole(ratio)),
  };
}

/** `Intl` writes a hyphen. */
function minus(text: string): string {
  return text.replace("-", "−");
}
