/** The unit of quantities, as dashboards show it (CN-5). */
import type { Translate } from "./i18n.ts";

/** The unit of a scope's quantities, or the words for several units. */
export function quantityUnit({ unit }: { readonly unit: string | null }, t: Translate): string {
  return unit ?? t("figure.severalUnits");
}
