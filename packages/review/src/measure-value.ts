/**
 * The value of any measure for a scope and a period: from amounts, or, for the measures of SPEC.md section 10, from the
 * events, reasons and arrivals of all machines below the scope.
 */
import type { Period } from "@oee/calendar";
import { HOPS, type Scope, isRatedIn, machinesIn } from "@oee/model";
import { cutAt } from "./dates.ts";
import type { Amounts, Facts } from "./facts.ts";
import { percentileOf } from "./latencies.ts";
import type { Measure } from "./measures.ts";
import { reasonInTime, reasonsOf } from "./reasons.ts";
import { coverageOf, reasonShareOf, visibilityAt } from "./scorecard.ts";

/** The value of a measure. `amounts` are those of the scope in the period, cut at now; a measure without `valueOf` is one of the scorecard. */
export function measureValue(
  facts: Facts,
  scope: Scope,
  whole: Period,
  { name, valueOf }: Measure,
  amounts: Amounts,
): number | null {
  if (valueOf !== null) return valueOf(amounts, isRatedIn(scope, whole));
  const period = cutAt(whole, facts.now);
  if (period.to <= period.from) return null;
  switch (name) {
    case "visibility":
      return visibilityAt(facts, scope, period.to).visibility;
    case "coverage":
      return coverageOf(facts, scope, period);
    case "reasonShare":
      return reasonShareOf(facts, machinesIn(scope, period));
    case "reasonInTime":
      return reasonInTime(reasonsOf(facts, machinesIn(scope, period), period.to));
    default: {
      const [, hop, percent] = name.split(":");
      const known = HOPS.find((one) => one === hop);
      return known === undefined ? null : percentileOf(facts.latenciesOf(scope, known, period), Number(percent));
    }
  }
}
