/** What quantities are in, where people look at them (CN-5). */
import type { Translate } from "../shared/i18n.ts";

/** The unit that goes without saying. */
const PIECES = "pcs";

/** A scope's unit as it stands beside its quantities, and that it has several; `null`: pieces. */
export function quantityUnit({ unit }: { readonly unit: string | null }, t: Translate): string | null {
  if (unit === null) return t("figure.severalUnits");
  return unit === PIECES ? null : unit;
}
