/**
 * Measures (ME-1 to ME-4): figures that can be shown over time, aimed at and compared. A measure is computed from amounts,
 * never from the measures of parts (P-1), and is `null` where its denominator is 0 or it has no meaning (P-3).
 */
import { kpisOf, lossesOf, ratio } from "@oee/answers";
import { HOUR_MS } from "@oee/calendar";
import { isAtOrBelow, BIG_LOSS_NAMES, HOPS, type KpiName, KPIS } from "@oee/model";
import type { Amounts } from "./facts.ts";

/** Which way is better: up, down, or neither. */
export type Better = 1 | -1 | 0;

export interface Measure {
  readonly name: string;
  readonly better: Better;
  /** Whether the measure is a share or another plain ratio, so that a target may be in percent points (TG-1). */
  readonly isRatio: boolean;
  /** Whether a period counts for the measure whatever its coverage (ME-4). */
  readonly needsNoCoverage: boolean;
  /** Whether the measure is a share of stop time, whose change has a price (CS-2). */
  readonly isStopShare: boolean;
  /** Computes the measure from amounts; `null` for a measure that needs more, such as those of the scorecard. */
  readonly valueOf: ((amounts: Amounts, rated: boolean) => number | null) | null;
}

const SCORECARD = ["visibility", "reasonShare", "reasonInTime"] as const;
const LATENCY = new RegExp(`^latency:(?:${HOPS.join("|")}):(?:50|95|99)$`);

/** The measure of a name, or `null` where there is none (`unknown-measure`). */
export function measureNamed(name: string): Measure | null {
  if (Object.hasOwn(KPIS, name)) return kpiMeasure(name as KpiName);
  if (name.startsWith("loss:")) return lossMeasure(name);
  if (name === "no-reason") return stopShare(name, (reason) => reason === null);
  if (name.startsWith("reason:")) {
    const path = name.slice("reason:".length);
    if (path === "" || path.split("/").includes("")) return null;
    return stopShare(name, (reason) => reason !== null && isAtOrBelow(reason, path));
  }
  if (name === "downtimeCostRate") {
    return measure(name, -1, { isRatio: false }, (amounts, rated) => {
      const { downtimeCost } = kpisOf(amounts.sums, rated);
      return downtimeCost === null ? null : ratio(downtimeCost * HOUR_MS, amounts.planned);
    });
  }
  if ((SCORECARD as readonly string[]).includes(name)) return measure(name, 1, { needsNoCoverage: true }, null);
  if (LATENCY.test(name)) return measure(name, -1, { isRatio: false, needsNoCoverage: true }, null);
  return null;
}

function kpiMeasure(name: KpiName): Measure {
  const traits = {
    isRatio: KPIS[name].isRatio,
    needsNoCoverage: name === "coverage",
    isStopShare: name === "unplannedDowntimeShare",
  };
  return measure(name, KPIS[name].better, traits, ({ sums }, rated) => kpisOf(sums, rated)[name]);
}

function lossMeasure(name: string): Measure | null {
  const loss = BIG_LOSS_NAMES.find((candidate) => name === `loss:${candidate}`);
  if (loss === undefined) return null;
  const isStopShare = loss === "breakdowns" || loss === "otherUnplannedStops";
  return measure(name, -1, { isStopShare }, ({ sums }, rated) => {
    const losses = lossesOf(sums.components(), rated);
    return losses === null ? null : ratio(losses[loss], losses.planned);
  });
}

function stopShare(name: string, takes: (reason: string | null) => boolean): Measure {
  return measure(name, -1, { isStopShare: true }, (amounts) => {
    let time = 0;
    for (const [reason, ms] of amounts.reasonTimes) if (takes(reason)) time += ms;
    return ratio(time, amounts.planned);
  });
}

function measure(
  name: string,
  better: Better,
  traits: Partial<Pick<Measure, "isRatio" | "needsNoCoverage" | "isStopShare">>,
  valueOf: Measure["valueOf"],
): Measure {
  return { name, better, isRatio: true, needsNoCoverage: false, isStopShare: false, ...traits, valueOf };
}

/** The coverage below which a period has figures but no verdict (ME-4). */
export const MIN_COVERAGE = 0.8;

/** Why a period does not count for a measure (ME-4); `null`: it counts. */
export function whyNotCounted(
  { needsNoCoverage }: Measure,
  value: number | null,
  amounts: Amounts,
  minCoverage: number,
): "nothing-planned" | "no-value" | "low-coverage" | null {
  if (!needsNoCoverage) {
    const why = whyLeftOut(amounts, minCoverage);
    if (why !== null) return why;
  }
  return value === null ? "no-value" : null;
}

/** Why a period does not count for any measure that needs coverage (ME-4); `null`: it counts where the measure has a value. */
export function whyLeftOut(amounts: Amounts, minCoverage: number): "nothing-planned" | "low-coverage" | null {
  if (amounts.planned === 0) return "nothing-planned";
  const { coverage } = kpisOf(amounts.sums, false);
  return coverage === null || coverage < minCoverage ? "low-coverage" : null;
}
