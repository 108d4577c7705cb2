/**
 * What stands beside a rank (BM-3): figures that make a number good without making anything better. All are of the machines
 * that the rank is made of (EQ-3), and ratios are computed from their sums (P-1).
 */
import { kpisOf, ratio } from "@oee/answers";
import type { Period } from "@oee/calendar";
import {
  isRatedIn,
  type Machine,
  machinePolicy,
  membersIn,
  type PolicyValue,
  type Scope,
  stateMapPolicy,
} from "@oee/model";
import type { Amounts, Facts } from "./facts.ts";
import { differingParts, type IdealCycleChange, idealCycleChanges } from "./policies.ts";
import { reasonShareOf } from "./scorecard.ts";

export interface Beside {
  readonly coverage: number | null;
  /** Time moved to "not planned" lowers both, and raises OEE. */
  readonly loading: number | null;
  readonly teep: number | null;
  /** Planned stops / planned time. */
  readonly plannedStopShare: number | null;
  /** In ms, each once, from the shortest: several where machines that stand for a line differ. */
  readonly minorStopThresholds: readonly number[];
  /** Ideal cycles (PRI) that changed within the period. */
  readonly idealCycleChanges: readonly IdealCycleChange[];
  /** Days of machines with a performance above 1: their ideal cycle is wrong (P-4). */
  readonly performanceAbove1: number;
  /** Of the time that events give as an unplanned stop, or that is one, the share that corrections made something else. */
  readonly correctedShare: number | null;
  /** Of the machines that stand for the scope. */
  readonly reasonShare: number | null;
  /** Parts of the policy (BL-2) that more than half of the class does not have as this one, or that changed within the period; missing where there are none. */
  readonly policy?: readonly string[];
}

/** `odd`: the parts of the policy that more than half of the class does not have as this scope. */
export function besideOf(
  facts: Facts,
  scope: Scope,
  period: Period,
  { sums }: Amounts,
  odd: readonly string[],
): Beside {
  const members = membersIn(scope, period);
  const machines = [...new Set(members.map(({ machine }) => machine))];
  const { coverage, loading, teep } = kpisOf(sums, isRatedIn(scope, period));
  const plantFiles = facts.plantFilesOf(scope, period);
  const policy = [...new Set([...odd, ...differingParts(plantFiles.map((file) => file.policy))])].toSorted();
  return {
    coverage,
    loading,
    teep,
    plannedStopShare: ratio(sums.of("plannedStopTime"), sums.planned),
    minorStopThresholds: [...new Set(machines.map((machine) => machine.minorStopThresholdMs))].sort((a, b) => a - b),
    idealCycleChanges: idealCycleChanges(facts.plant, scope, plantFiles),
    performanceAbove1: facts.daysAbove1(machines, period),
    correctedShare: correctedShareOf(facts, members, sums.of("unplannedStopTime") + sums.of("minorStopTime")),
    reasonShare: reasonShareOf(facts, members),
    ...(policy.length > 0 ? { policy } : {}),
  };
}

function correctedShareOf(facts: Facts, members: ReturnType<typeof membersIn>, stopMs: number): number | null {
  const corrected = members.reduce((sum, { machine, period }) => sum + facts.correctedStopMs(machine, period), 0);
  return ratio(corrected, corrected + stopMs);
}

/** For each scope of a class the parts of the policy, by name, that not more than half of the class have as it has. */
export function oddPolicies(scopes: readonly Scope[], period: Period): readonly (readonly string[])[] {
  const policies = scopes.map((scope) => policyOf(membersIn(scope, period).map(({ machine }) => machine)));
  const names = [...new Set(policies.flatMap((policy) => [...policy.keys()]))].toSorted();
  // By name, how many of the class have a value; `undefined`: they have none.
  const alike = new Map(names.map((name) => [name, new Map<string | undefined, number>()]));
  for (const [name, counts] of alike) {
    for (const policy of policies) {
      const value = policy.get(name);
      counts.set(value, (counts.get(value) ?? 0) + 1);
    }
  }
  return policies.map((own) =>
    names.filter((name) => {
      const count = alike.get(name)?.get(own.get(name)) ?? 0;
      return count * 2 <= policies.length && count < policies.length;
    }),
  );
}

/** The settings of machines by name, as texts: each value once, so that two scopes with as many machines more or less compare. */
function policyOf(machines: readonly Machine[]): ReadonlyMap<string, string> {
  const values = new Map<string, Set<string>>();
  for (const machine of machines) {
    const settings: Record<string, PolicyValue> = { ...machinePolicy(machine), states: stateMapPolicy(machine.states) };
    for (const [name, value] of Object.entries(settings)) {
      const own = values.get(name);
      if (own === undefined) values.set(name, new Set([JSON.stringify(value)]));
      else own.add(JSON.stringify(value));
    }
  }
  return new Map([...values].map(([name, own]) => [name, [...own].toSorted().join(" ")]));
}
