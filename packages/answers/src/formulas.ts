/**
 * The KPIs of a sum of components (packages/engine/SPEC.md, section 7). The only place where a ratio is made;
 * nothing is clipped (P-4), and a denominator of 0 gives `null` (P-3).
 */
import { HOUR_MS } from "@oee/calendar";
import { type Kpis, type Losses, plannedTimeOf, type PublicComponents } from "@oee/model";
import { Amount } from "./amount.ts";
import type { Sums } from "./sums.ts";
import type { TimeByRate } from "./time-by-rate.ts";

/** `rated`: whether the scope's machines are (EQ-2, EQ-3). `c`: the sum's components, where they are known. */
export function kpisOf(sums: Sums, rated: boolean, c: PublicComponents = sums.components()): Kpis {
  const operating = c.runTime + c.minorStopTime;
  const { planned } = sums;
  const { produced } = sums.quantities;
  const whenRated = (value: number | null): number | null => (rated ? value : null);
  return {
    availability: ratio(operating, planned),
    performance: whenRated(ratio(c.idealTime, operating)),
    quality: rated ? ratio(c.idealGoodTime, c.idealTime) : ratio(c.goodCount, produced),
    oee: whenRated(ratio(c.idealGoodTime, planned)),
    nee: whenRated(ratio((operating + c.setupTime) * c.idealGoodTime, planned * operating)),
    teep: whenRated(ratio(c.idealGoodTime, planned + c.notPlannedTime)),
    loading: ratio(planned, planned + c.notPlannedTime),
    mttr: ratio(c.repairTime, c.repairCount),
    mtbf: ratio(c.runTime, c.failureCount),
    unplannedDowntimeShare: ratio(c.unplannedStopTime, planned),
    downtimeFrequency: ratio(c.stopCount * HOUR_MS, planned),
    meanStopDuration: ratio(c.unplannedStopTime, c.stopCount),
    scrapRatio: ratio(c.scrapCount, produced),
    reworkRatio: ratio(c.reworkCount, produced),
    firstPassYield: ratio(c.goodCount, produced),
    throughput: throughputOf(sums),
    coverage: ratio(planned, planned + c.unknownTime),
    targetCount: weighted(sums.plannedByTakt, (plannedMs, taktUs) => (plannedMs * 1000) / taktUs),
    downtimeCost: weighted(sums.unplannedByCost, (unplannedMs, perHour) => (unplannedMs * perHour) / HOUR_MS),
  };
}

/** The KPI of that name alone. */
export function throughputOf(sums: Sums): number | null {
  return ratio(sums.quantities.produced * HOUR_MS, sums.of("runTime") + sums.of("minorStopTime"));
}

/** A share or rate; `null` where nothing is there to divide by, so that it is not known. */
export function ratio(numerator: number, denominator: number): number | null {
  return denominator === 0 ? null : numerator / denominator;
}

/** A sum over rates, in their order, so that it does not depend on the order of the rows. */
function weighted(durations: TimeByRate, value: (ms: number, rate: number) => number): number | null {
  if (durations.size === 0) return null;
  let sum = 0;
  for (const [rate, ms] of durations) sum += value(ms, rate);
  return sum;
}

/** What each unplanned loss cost; only unplanned stops have a price (CS-1). They sum to the KPI `downtimeCost`. */
export interface LossCosts {
  readonly breakdowns: Amount;
  readonly otherUnplannedStops: Amount;
}

/** Exact; `null`: no machine has a cost. */
export function lossCostsOf({ unplannedByCost, failureByCost }: Sums): LossCosts | null {
  const all = costOf(unplannedByCost);
  if (all === null) return null;
  const breakdowns = costOf(failureByCost) ?? Amount.ZERO;
  return { breakdowns, otherUnplannedStops: all.minus(breakdowns) };
}

/** Of times (ms) by cost per hour, exact; `null` of none. */
export function costOf(timeByRate: Iterable<readonly [rate: number, ms: number]>): Amount | null {
  let cost: Amount | null = null;
  for (const [rate, ms] of timeByRate) cost = (cost ?? Amount.ZERO).plus(Amount.of(rate).times(ms));
  return cost === null ? null : cost.over(HOUR_MS);
}

/** `null` for a scope that is not rated (EQ-2). Planned less all losses is `idealGoodTime`, to the microsecond. */
export function lossesOf(components: PublicComponents, rated: boolean): Losses | null {
  if (!rated) return null;
  const c = components;
  return {
    planned: plannedTimeOf(c),
    breakdowns: c.failureTime,
    otherUnplannedStops: c.unplannedStopTime - c.failureTime,
    setup: c.setupTime,
    plannedStops: c.plannedStopTime,
    minorStops: c.minorStopTime,
    reducedSpeed: milliseconds(c.runTime - c.idealTime),
    processDefects: milliseconds(c.idealTime - c.idealGoodTime - c.startupLossTime),
    startupLosses: c.startupLossTime,
    idealGoodTime: c.idealGoodTime,
  };
}

/** Rids a difference of millisecond values of the noise below the microsecond. */
function milliseconds(value: number): number {
  return Math.round(value * 1000) / 1000;
}
