/** What the plant files by which figures were computed have in common, and in what they differ (BL-2, RV-2). */
import type { Period } from "@oee/calendar";
import {
  compareCodePoints,
  type IdealCycles,
  type Plant,
  policyDifferences,
  type Scope,
  type ScopePolicy,
  scopePolicy,
} from "@oee/model";
import type { Facts, PlantFileOfRows } from "./facts.ts";

type Seconds = IdealCycleChange["seconds"];

const US_PER_SECOND = 1_000_000;
const NO_IDEAL_CYCLES: IdealCycles = { machines: new Map(), products: new Map() };

/** The plant at hand, as the file of rows that it made. */
export function plantFileAtHand(plant: Plant, scope: Scope): PlantFileOfRows {
  return { version: plant.version, policy: scopePolicy(plant, scope), idealCycles: NO_IDEAL_CYCLES };
}

/** The policies of a scope in a period, each once. */
export function policiesOf(facts: Facts, scope: Scope, period: Period): readonly ScopePolicy[] {
  const policies = facts.plantFilesOf(scope, period).map(({ policy }) => policy);
  return [...new Map(policies.map((policy) => [JSON.stringify(policy), policy])).values()];
}

/** The parts in which some policies are not all the same, by name. */
export function differingParts([first, ...others]: readonly ScopePolicy[]): readonly string[] {
  if (first === undefined) return [];
  return [...new Set(others.flatMap((other) => policyDifferences(first, other)))].toSorted();
}

/** The dates on which another policy than before began to make figures: those of plant files whose policy is not that of the file before. */
export function policyChangeDates(files: readonly PlantFileOfRows[]): readonly string[] {
  const inOrder = files
    .flatMap(({ since, policy }) => (since === undefined ? [] : [{ since, policy }]))
    .toSorted((a, b) => compareCodePoints(a.since, b.since));
  const dates = inOrder.flatMap(({ since, policy }, i) => {
    const before = inOrder[i - 1];
    return before === undefined || policyDifferences(before.policy, policy).length === 0 ? [] : [since];
  });
  return [...new Set(dates)];
}

/** The field `policy` with the names of the parts that differ (BL-6, PI-2); no field where none does. */
export function markedPolicy(parts: readonly string[]): { readonly policy?: readonly string[] } {
  return parts.length === 0 ? {} : { policy: parts };
}

/** An ideal cycle that some plant files do not have alike: of a machine (its path), or of a product (its id). */
export interface IdealCycleChange {
  readonly machine?: string;
  readonly product?: string;
  /** Each value once, in seconds, in the order of the plant files; `null`: none is set. */
  readonly seconds: readonly (number | null)[];
}

/** The ideal cycles that changed among plant files: machines by path, then products by id. */
export function idealCycleChanges(
  plant: Plant,
  scope: Scope,
  files: readonly PlantFileOfRows[],
): readonly IdealCycleChange[] {
  const changes = (kind: keyof IdealCycles, idealCycleOf: (id: string) => number | null): Map<string, Seconds> => {
    const ids = new Set(files.flatMap(({ idealCycles }) => [...idealCycles[kind].keys()]));
    const changed = new Map<string, Seconds>();
    for (const id of ids) {
      const now = idealCycleOf(id);
      const values = new Set(
        files.map(({ idealCycles }) => {
          const then = idealCycles[kind].get(id);
          return then === undefined ? now : then;
        }),
      );
      if (values.size > 1)
        changed.set(
          id,
          [...values].map((us) => (us === null ? null : us / US_PER_SECOND)),
        );
    }
    return changed;
  };
  const ofMachines = changes("machines", (id) => plant.machineById.get(id)?.idealCycleUs ?? null);
  const ofProducts = changes("products", (id) => plant.products.get(id)?.idealCycleUs ?? null);
  const machines = scope.machines.flatMap(({ id, path }) => {
    const seconds = ofMachines.get(id);
    return seconds === undefined ? [] : [{ machine: path, seconds }];
  });
  const products = [...ofProducts].map(([product, seconds]) => ({ product, seconds }));
  return [
    ...machines.toSorted((a, b) => compareCodePoints(a.machine, b.machine)),
    ...products.toSorted((a, b) => compareCodePoints(a.product, b.product)),
  ];
}
