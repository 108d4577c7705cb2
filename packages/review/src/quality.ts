/** What makes a review's figures doubtful, told beside them (RV-2). */
import type { Period } from "@oee/calendar";
import type { Scope } from "@oee/model";
import { cutAt } from "./dates.ts";
import type { Facts } from "./facts.ts";
import { coverageOf, reasonShareOf } from "./scorecard.ts";

export interface DataQuality {
  readonly coverage: number | null;
  readonly reasonShare: number | null;
  /** Machine days whose performance is above 1: the ideal cycle is wrong (P-4). */
  readonly performanceAbove1: number;
  /** Corrections that bear on the period, and those of them that were made after its end. */
  readonly corrections: number;
  readonly correctionsAfterEnd: number;
  /** Refused events by code, of the whole log: what was refused has no scope to trust. */
  readonly refused: Readonly<Record<string, number>>;
}

export function dataQualityOf(facts: Facts, scope: Scope, whole: Period): DataQuality {
  const period = cutAt(whole, facts.now);
  const bearing = scope.machines.flatMap((machine) =>
    facts.correctionsOf(machine).filter(({ from, to }) => from < period.to && to > period.from),
  );
  return {
    coverage: coverageOf(facts, scope, period),
    reasonShare: reasonShareOf(facts, scope.machines, period),
    performanceAbove1: period.to > period.from ? facts.daysAbove1(scope.machines, period) : 0,
    corrections: bearing.length,
    correctionsAfterEnd: bearing.filter(({ at }) => at >= whole.to).length,
    refused: facts.refusedIn(period),
  };
}
