/** Money as answers of the API write it (CS-5): decimal texts in the currency's minor unit, beside the field `currency`. */
import { Amount } from "@oee/answers";
import { minorUnitOf } from "@oee/model";

/** A type in which each `Amount`, however deep, is a text. */
export type InDecimals<T> = T extends Amount
  ? string
  : T extends (...args: never) => unknown
    ? T
    : T extends object
      ? { readonly [K in keyof T]: InDecimals<T[K]> }
      : T;

/** An answer with its amounts as texts, and `currency`, which is `null` where the plant file has none. */
export function withMoney<T extends object>(
  document: T,
  currency: string | null,
): InDecimals<T> & { readonly currency: string | null } {
  return { ...(inDecimals(document, currency) as object), currency } as InDecimals<T> & {
    readonly currency: string | null;
  };
}

/** A value in which each amount, at any depth, is a decimal text of the currency's minor unit (CS-5). */
export function inDecimals<T>(value: T, currency: string | null): InDecimals<T> {
  return written(value, minorUnitOf(currency)) as InDecimals<T>;
}

function written(value: unknown, places: number): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Amount) return value.toDecimal(places);
  if (Array.isArray(value)) return value.map((item) => written(item, places));
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, written(item, places)]));
}
