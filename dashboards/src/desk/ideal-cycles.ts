/** Ideal cycles that plant files do not have alike (RV-2), as text. */
import type { ReviewAnswer } from "@oee/protocol";
import type { Desk } from "./desk-context.ts";
import { nameOf } from "./element-columns.ts";

type Change = NonNullable<ReviewAnswer["quality"]["idealCycleChanges"]>[number];

/** The plant file has them to the microsecond. */
const DECIMALS = 6;

/** Whose it is, and its values in the order of the plant files: `Filler 1.2 → 1.35 sec`. */
export function cyclesText(desk: Pick<Desk, "t" | "locale" | "plant" | "scope">, change: Change): string {
  const { machine, product = "", seconds } = change;
  const written = new Intl.NumberFormat(desk.locale, {
    style: "unit",
    unit: "second",
    unitDisplay: "short",
    maximumFractionDigits: DECIMALS,
  });
  const values = seconds.map((value) => (value === null ? desk.t("quality.noCycle") : written.format(value)));
  return `${machine === undefined ? product : nameOf(desk, machine)} ${values.join(" → ")}`;
}
