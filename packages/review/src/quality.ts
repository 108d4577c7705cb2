/** What makes a review's figures doubtful, told beside them (RV-2). */
import { kpisOf, Sums } from "@oee/answers";
import type { Period } from "@oee/calendar";
import type { Scope } from "@oee/model";
import { cutAt, datesOf, periodOf } from "./dates.ts";
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
    performanceAbove1: daysAbove1(facts, scope, period),
    corrections: bearing.length,
    correctionsAfterEnd: bearing.filter(({ at }) => at >= whole.to).length,
    refused: facts.refusedIn(period),
  };
}

function daysAbove1(facts: Facts, scope: Scope, period: Period): number {
  if (period.to <= period.from) return 0;
  let days = 0;
  for (const machine of scope.machines) {
    if (machine.idealCycleUs === null) continue;
    const dates = datesOf(machine.timezone, period);
    for (let date = dates.from; date < dates.to; date++) {
      const day = periodOf(machine.timezone, { from: date, to: date + 1 });
      const sums = new Sums();
      const cut = { from: Math.max(day.from, period.from), to: Math.min(day.to, period.to) };
      for (const cell of facts.cellsOf(machine, cut).values()) sums.addSums(cell);
      const { performance } = kpisOf(sums, true);
      if (performance !== null && performance > 1) days++;
    }
  }
  return days;
}
