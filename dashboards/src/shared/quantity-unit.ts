/** What quantities are in, where people look at them (CN-5). */
import type { Translate } from "./i18n.ts";

/** A scope's unit as it stands beside its quantities, or that it has several. */
export function quantityUnit({ unit }: { readonly unit: string | null }, t: Translate): string {
  return unit ?? t("figure.severalUnits");
}
