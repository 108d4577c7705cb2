/**
 * Reduces the plant to the scopes that a caller holds: a plant without any other scope, so that no answer made with it (sum,
 * list, export or error) shows anything of them. Its `*` is all that the caller may see. A site of which the caller holds only
 * some areas is no scope of it, because its figures would differ from those that others see.
 */
import { PlantModel } from "@oee/engine";
import {
  isInScope,
  type AlertRule,
  epochsIn,
  type Machine,
  machinesByPath,
  type OwnerRule,
  type Plant,
  type Scope,
  type ScopeEpoch,
  type ScopePast,
} from "@oee/model";
import type { PlantInForce } from "../options.ts";

/** Most reduced plants that are kept: so many displays may each look at another line. */
const KEPT_MAX = 2_048;

export class SeenPlants {
  readonly #whole: () => PlantInForce;
  /** Reduced plants by lists of scopes, of the plant in force and of that with its past. */
  readonly #seen = new WeakMap<Plant, Map<string, PlantInForce>>();

  constructor(whole: () => PlantInForce) {
    this.#whole = whole;
  }

  /** The plant in force, or another one, reduced to some scopes. */
  by(scopes: readonly string[], whole: PlantInForce = this.#whole()): PlantInForce {
    if (scopes.includes("*")) return whole;
    let all = this.#seen.get(whole.plant);
    if (all === undefined) this.#seen.set(whole.plant, (all = new Map()));
    const key = keyOf(scopes);
    let seen = all.get(key);
    if (seen === undefined) {
      const plant = seenBy(whole.plant, scopes);
      seen = { plant, model: new PlantModel(plant) };
      const [oldest] = all.keys();
      if (all.size >= KEPT_MAX && oldest !== undefined) all.delete(oldest);
      all.set(key, seen);
    }
    return seen;
  }
}

const keys = new WeakMap<readonly string[], string>();

/** A key of a list of scopes; lists that see the same have the same key. */
function keyOf(scopes: readonly string[]): string {
  let key = keys.get(scopes);
  if (key === undefined) keys.set(scopes, (key = JSON.stringify(rootsOf(scopes))));
  return key;
}

const partial = new WeakSet<Plant>();

/** Whether a plant is a part of a larger one, reduced to what a caller may see. */
export function isPartial(plant: Plant): boolean {
  return partial.has(plant);
}

/** The paths that lie below no other of the list, sorted. */
function rootsOf(scopes: readonly string[]): readonly string[] {
  const unique = [...new Set(scopes)].toSorted();
  return unique.filter((path) => !unique.some((other) => other !== path && isInScope(path, other)));
}

function seenBy(whole: Plant, scopes: readonly string[]): Plant {
  const roots = rootsOf(scopes).filter((path) => whole.scopes.has(path));
  const isSeen = (path: string): boolean => roots.some((root) => isInScope(path, root));
  const enterprise = whole.scopes.get("*");
  if (enterprise === undefined) throw new Error("a plant has the scope *");
  const scopesSeen = roots.flatMap((path) => whole.scopes.get(path) ?? []);
  // A machine that was once below a scope belongs to the scope's past, wherever the machine is now.
  const below = new Set(scopesSeen.flatMap((scope) => scope.machines));
  const machines = whole.machines.filter((machine) => below.has(machine));
  const candidates = scopesSeen.flatMap(({ members }) => members);
  const past = enterprise.past === null ? null : pastOf(enterprise.past, scopesSeen);
  const root: Changeable = { ...enterprise, parent: null, children: [], machines, ...membersOf(candidates), past };
  const seen = new Map<string, Changeable>([["*", root]]);
  for (const scope of whole.scopes.values()) {
    if (scope.path === "*" || !isSeen(scope.path)) continue;
    const parent = seen.get(scope.parent?.path ?? "*") ?? root;
    const own: Changeable = { ...scope, parent, children: [] };
    parent.children.push(own);
    seen.set(scope.path, own);
  }
  const plant: Plant = {
    ...whole,
    machines,
    machineById: machinesByPath(machines),
    scopes: seen,
    owners: whole.owners.flatMap((rule) => cut<OwnerRule>(rule, roots)),
    alerts: whole.alerts.flatMap((rule) => cut<AlertRule>(rule, roots)),
  };
  partial.add(plant);
  return plant;
}

/** The past of the reduced plant: the machines below the scopes, and those that stood for them, in each epoch. */
function pastOf({ changes, epochs }: ScopePast, scopes: readonly Scope[]): ScopePast {
  return {
    changes,
    epochs: epochs.map((epoch): ScopeEpoch => {
      const then = scopes.flatMap((scope) => epochsIn(scope, epoch));
      const rated = then.filter((one) => one.rated);
      return {
        ...epoch,
        machines: [...new Set(then.flatMap(({ machines }) => machines))],
        members: [...new Set((rated.length > 0 ? rated : then).flatMap(({ members }) => members))],
        rated: rated.length > 0,
      };
    }),
  };
}

type Changeable = Omit<Scope, "children" | "parent"> & { parent: Scope | null; readonly children: Scope[] };

/** The machines that stand for the reduced plant: the rated ones of those that stand for its scopes, or all where none is rated (EQ-3). */
function membersOf(candidates: readonly Machine[]): Pick<Scope, "members" | "rated" | "unit" | "decimals"> {
  const rated = candidates.filter(({ idealCycleUs }) => idealCycleUs !== null);
  const members = rated.length > 0 ? rated : candidates;
  const units = new Set(members.map(({ unit }) => unit));
  return {
    members,
    rated: rated.length > 0,
    unit: units.size === 1 ? (members[0]?.unit ?? null) : null,
    decimals: Math.max(0, ...members.map(({ decimals }) => decimals)),
  };
}

/** A rule of a scope, as it holds in the scopes that are seen: unchanged where its scope is, else once for each scope below it. */
function cut<T extends { readonly scope: string }>(rule: T, roots: readonly string[]): readonly T[] {
  if (roots.some((root) => isInScope(rule.scope, root))) return [rule];
  return roots.filter((root) => isInScope(root, rule.scope)).map((scope) => ({ ...rule, scope }));
}
