/** The planned run times per item (PRI) of a scope's machines, and of products, as another plant file has them (RV-2). */
import type { Plant, Scope } from "../plant.ts";

/** Ideal cycles (µs) by id; `null`: the file sets none. */
export interface IdealCycles {
  readonly machines: ReadonlyMap<string, number | null>;
  readonly products: ReadonlyMap<string, number | null>;
}

/** Those of `other` that are not the same in `plant`. Machines that one of the two lacks are left out: there is nothing to compare. */
export function idealCyclesAsIn(other: Plant, plant: Plant, scope: Scope): IdealCycles {
  const machines = new Map<string, number | null>();
  for (const { id, idealCycleUs } of scope.machines) {
    const then = other.machineById.get(id);
    if (then !== undefined && then.idealCycleUs !== idealCycleUs) machines.set(id, then.idealCycleUs);
  }
  const products = new Map<string, number | null>();
  for (const id of new Set([...plant.products.keys(), ...other.products.keys()])) {
    const then = other.products.get(id)?.idealCycleUs ?? null;
    if (then !== (plant.products.get(id)?.idealCycleUs ?? null)) products.set(id, then);
  }
  return { machines, products };
}
