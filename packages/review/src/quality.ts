/** The quality of a review's data (RV-2): numbers of findings that make its figures doubtful. */
import type { Period } from "@oee/calendar";
import { byMachine, machinesIn, type Scope } from "@oee/model";
import { cutAt } from "./dates.ts";
import type { Facts } from "./facts.ts";
import { differingParts, type IdealCycleChange, idealCycleChanges, policyChangeDates } from "./policies.ts";
import { coverageOf, reasonShareOf } from "./scorecard.ts";

export interface DataQuality {
  readonly coverage: number | null;
  readonly reasonShare: number | null;
  /** Days of machines with a performance above 1: their ideal cycle is wrong (P-4). */
  readonly performanceAbove1: number;
  /** Running totals of the period that are doubted and therefore not counted (CN-8); missing where there are none. */
  readonly doubtedTotals?: number;
  /** Of the plant files by which the period's figures were computed, in the order in which they were loaded. */
  readonly plantVersions: readonly string[];
  /** The parts of the policy in which these plant files differ (BL-2); missing where there are none. */
  readonly policyChanges?: readonly string[];
  /** The local dates on which another policy began to make figures; missing where there are none, or it is not known. */
  readonly policyChangedOn?: readonly string[];
  /** The ideal cycles in which they differ; missing where there are none. */
  readonly idealCycleChanges?: readonly IdealCycleChange[];
  /** Corrections that overlap the period, and how many of these were made after its end. */
  readonly corrections: number;
  readonly correctionsAfterEnd: number;
  /** Events of the period that came late, corrections aside, and how many of these arrived after its end; missing where there are none, or arrivals are not known. */
  readonly lateEvents?: number;
  readonly lateEventsAfterEnd?: number | null;
  /** Refused events of the period by code, of the whole plant: the scope of a refused event cannot be trusted. */
  readonly refused: Readonly<Record<string, number>>;
}

/** The data quality of a scope, of all machines below it, in the part of a period before `facts.now` (RV-2). */
export function dataQualityOf(facts: Facts, scope: Scope, whole: Period): DataQuality {
  const period = cutAt(whole, facts.now);
  const below = machinesIn(scope, period);
  const spansOf = byMachine(below);
  const machines = [...spansOf.keys()];
  // A machine that was away for a while has several spans, of which a correction may bear on more than one.
  const bearing = [...spansOf].flatMap(([machine, spans]) =>
    facts.correctionsOf(machine).filter(({ from, to }) => spans.some((span) => from < span.to && to > span.from)),
  );
  const doubts = period.to > period.from ? facts.doubtsIn(machines, period) : 0;
  const late = period.to > period.from ? facts.lateEventsIn(machines, period, whole.to) : { count: 0, after: 0 };
  const plantFiles = facts.plantFilesOf(scope, period);
  const policyChanges = differingParts(plantFiles.map(({ policy }) => policy));
  const changedOn = policyChangeDates(plantFiles);
  const idealCycles = idealCycleChanges(facts.plant, scope, plantFiles);
  return {
    coverage: coverageOf(facts, scope, period),
    reasonShare: reasonShareOf(facts, below),
    performanceAbove1: period.to > period.from ? facts.daysAbove1(machines, period) : 0,
    ...(doubts > 0 ? { doubtedTotals: doubts } : {}),
    plantVersions: plantFiles.map(({ version }) => version),
    ...(policyChanges.length > 0 ? { policyChanges } : {}),
    ...(changedOn.length > 0 ? { policyChangedOn: changedOn } : {}),
    ...(idealCycles.length > 0 ? { idealCycleChanges: idealCycles } : {}),
    corrections: bearing.length,
    correctionsAfterEnd: bearing.filter(({ at }) => at >= whole.to).length,
    ...(late.count > 0 ? { lateEvents: late.count, lateEventsAfterEnd: late.after } : {}),
    refused: facts.refusedIn(period),
  };
}
