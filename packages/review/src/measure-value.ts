/**
 * The value of any measure for a scope and a period: from amounts, or, for the measures of SPEC.md section 10, from the
 * events, reasons and arrivals of all machines below the scope.
 */
import { ratio } from "@oee/answers";
import type { Period } from "@oee/calendar";
import { HOPS, type Scope, isRatedIn, machinesIn } from "@oee/model";
import { cutAt } from "./dates.ts";
import type { Amounts, Facts } from "./facts.ts";
import { percentileOf } from "./latencies.ts";
import type { Measure } from "./measures.ts";
import { reasonsOf } from "./reasons.ts";
import { reasonTimesOf, sumsOfAll, visibilityAt } from "./scorecard.ts";

/** The value of a measure. `amounts` are those of the scope in the period, cut at now; a measure without `valueOf` is one of the scorecard. */
export function measureValue(
  facts: Facts,
  scope: Scope,
  whole: Period,
  measure: Measure,
  amounts: Amounts,
): number | null {
  const { valueOf } = measure;
  if (valueOf !== null) return valueOf(amounts, isRatedIn(scope, whole));
  const period = cutAt(whole, facts.now);
  return period.to <= period.from ? null : valueOfTally(measure, tallyOf(measure, facts, scope, period));
}

/**
 * What a measure of the scorecard is made of, which adds up over scopes and periods (P-1): the two sides of a share, or for a
 * latency the counts by bucket.
 */
export interface Tally {
  readonly part: number;
  readonly whole: number;
  readonly counts: readonly (readonly [bucket: number, count: number])[];
}

/** The tally of all scopes and periods that amounts are of. */
export function tallyIn(measure: Measure, { of }: Amounts): Tally {
  return sumOfTallies(of.map(({ facts, scope, period }) => tallyOf(measure, facts, scope, period)));
}

export function sumOfTallies(tallies: readonly Tally[]): Tally {
  return {
    part: tallies.reduce((sum, { part }) => sum + part, 0),
    whole: tallies.reduce((sum, { whole }) => sum + whole, 0),
    counts: tallies.flatMap(({ counts }) => counts),
  };
}

/** The value of a scorecard's measure: of a latency the percentile (ms), else the share; `null`: not known. */
export function valueOfTally({ name }: Measure, { part, whole, counts }: Tally): number | null {
  const [kind, , percent] = name.split(":");
  return kind === "latency" ? percentileOf(counts, Number(percent)) : ratio(part, whole);
}

function tallyOf({ name }: Measure, facts: Facts, scope: Scope, period: Period): Tally {
  const share = (part: number, whole: number): Tally => ({ part, whole, counts: [] });
  switch (name) {
    case "visibility": {
      const { seen, silent, undeclared } = visibilityAt(facts, scope, period.to);
      return share(seen, seen + silent.length + undeclared.length);
    }
    case "coverage": {
      const all = sumsOfAll(facts, scope, period);
      return share(all.planned, all.planned + all.of("unknownTime"));
    }
    case "reasonShare": {
      const { explained, time } = reasonTimesOf(facts, machinesIn(scope, period));
      return share(explained, time);
    }
    case "reasonInTime": {
      const { inTime, due } = reasonsOf(facts, machinesIn(scope, period), period.to);
      return share(inTime, due);
    }
    default: {
      const hop = HOPS.find((one) => one === name.split(":")[1]);
      return { part: 0, whole: 0, counts: hop === undefined ? [] : [...facts.latenciesOf(scope, hop, period)] };
    }
  }
}
