/** What makes a review's figures doubtful, told beside them (RV-2). */
import type { Period } from "@oee/calendar";
import { machinesIn, type Scope } from "@oee/model";
import { cutAt } from "./dates.ts";
import type { Facts } from "./facts.ts";
import { coverageOf, reasonShareOf } from "./scorecard.ts";

export interface DataQuality {
  readonly coverage: number | null;
  readonly reasonShare: number | null;
  /** Machine days whose performance is above 1: the ideal cycle is wrong (P-4). */
  readonly performanceAbove1: number;
  /** Running totals of the period that are doubted, and so count nothing (CN-8); missing where none are. */
  readonly doubtedTotals?: number;
  /** Corrections that bear on the period, and those of them that were made after its end. */
  readonly corrections: number;
  readonly correctionsAfterEnd: number;
  /** Refused events by code, of the whole log: what was refused has no scope to trust. */
  readonly refused: Readonly<Record<string, number>>;
}

export function dataQualityOf(facts: Facts, scope: Scope, whole: Period): DataQuality {
  const period = cutAt(whole, facts.now);
  const below = machinesIn(scope, period);
  const bearing = below.flatMap(({ machine, period: span }) =>
    facts.correctionsOf(machine).filter(({ from, to }) => from < span.to && to > span.from),
  );
  const machines = [...new Set(below.map(({ machine }) => machine))];
  const doubts = period.to > period.from ? facts.doubtsIn(machines, period) : 0;
  return {
    coverage: coverageOf(facts, scope, period),
    reasonShare: reasonShareOf(facts, below),
    performanceAbove1: period.to > period.from ? facts.daysAbove1(machines, period) : 0,
    ...(doubts > 0 ? { doubtedTotals: doubts } : {}),
    corrections: bearing.length,
    correctionsAfterEnd: bearing.filter(({ at }) => at >= whole.to).length,
    refused: facts.refusedIn(period),
  };
}
