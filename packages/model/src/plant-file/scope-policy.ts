/** The policy that bears on a scope, part by part: what turns events into components there, other than the calendar (BL-2). */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { compareCodePoints } from "../order.ts";
import type { Machine, Plant, Scope, StateMap } from "../plant.ts";
import { atOnce, type Steps } from "../steps.ts";
import { machinePolicy, plantPolicy, type PolicyValue, productPolicy, sortedParts, stateMapPolicy } from "./policy.ts";

/** Digests by part: `categories`, `reasons`, `constraints`, `products`, and each setting of the machines below the scope. */
export type ScopePolicy = Readonly<Record<string, string>>;

const DIGITS = 16;
/** Settings of machines are digested so many at a time. */
const DIGESTED_TOGETHER = 100;

const kept = new WeakMap<Scope, { readonly plant: Plant; readonly policy: ScopePolicy }>();

/** Two plants have the same policy for a scope where all parts are the same; a part that a plant does not use is missing. */
export function scopePolicy(plant: Plant, scope: Scope): ScopePolicy {
  return atOnce(scopePolicyInSteps(plant, scope));
}

/** The same, step by step. It is kept for as long as its scope. */
export function* scopePolicyInSteps(plant: Plant, scope: Scope): Steps<ScopePolicy> {
  const known = kept.get(scope);
  if (known?.plant === plant) return known.policy;
  const policy = yield* policyOf(plant, scope.machines, scope.members);
  kept.set(scope, { plant, policy });
  return policy;
}

/**
 * The policy of a scope of `plant` as another plant file, by which rows were computed, has it. Machines that one of the two
 * lacks bear on neither side: that a scope got another machine is no change of policy.
 */
export function scopePolicyAsIn(other: Plant, plant: Plant, scope: Scope): ScopePolicy {
  return atOnce(scopePolicyAsInInSteps(other, plant, scope));
}

/** The same, step by step. */
export function* scopePolicyAsInInSteps(other: Plant, plant: Plant, scope: Scope): Steps<ScopePolicy> {
  const own = yield* scopePolicyInSteps(plant, scope);
  const shared = scope.machines.filter(({ id }) => other.machineById.has(id));
  const ids = new Set(shared.map(({ id }) => id));
  const members = (of: Scope | undefined): readonly Machine[] => (of?.members ?? []).filter(({ id }) => ids.has(id));
  yield;
  const now = yield* policyOf(plant, shared, members(scope));
  const then = yield* policyOf(
    other,
    shared.flatMap(({ id }) => other.machineById.get(id) ?? []),
    // A scope of another name had the machines that stand for it now, as far as is known.
    members(other.scopes.get(scope.path) ?? scope),
  );
  return { ...own, ...Object.fromEntries(policyDifferences(now, then).map((part) => [part, then[part] ?? ""])) };
}

/** One policy of several: a part that differs among them has all their digests, and so differs from that of each. */
export function joinedPolicy(policies: readonly ScopePolicy[]): ScopePolicy {
  const parts = new Set(policies.flatMap((policy) => Object.keys(policy)));
  return Object.fromEntries(
    [...parts].map((part) => [part, [...new Set(policies.map((policy) => policy[part] ?? ""))].toSorted().join("+")]),
  );
}

function* policyOf(plant: Plant, machines: readonly Machine[], members: readonly Machine[]): Steps<ScopePolicy> {
  const ofMachines = new Map<string, PolicyValue[]>();
  const stateMaps = new Map<StateMap, PolicyValue>();
  for (const machine of yield* inOrderOfId(machines)) {
    let states = stateMaps.get(machine.states);
    if (states === undefined) stateMaps.set(machine.states, (states = stateMapPolicy(machine.states)));
    for (const [setting, value] of [...Object.entries(machinePolicy(machine)), ["states", states]] as [
      string,
      PolicyValue,
    ][]) {
      const own = ofMachines.get(setting);
      if (own === undefined) ofMachines.set(setting, [[machine.id, value]]);
      else own.push([machine.id, value]);
    }
    yield;
  }
  const parts: Record<string, string> = { ...ofPlant(plant) };
  yield;
  parts["constraints"] = yield* digestOf((yield* inOrderOfId(members)).map(({ id }) => id));
  for (const [setting, values] of ofMachines) parts[setting] = yield* digestOf(values);
  return parts;
}

const keptOfPlants = new WeakMap<Plant, ScopePolicy>();

/** The parts that all scopes of a plant have alike. */
function ofPlant(plant: Plant): ScopePolicy {
  const known = keptOfPlants.get(plant);
  if (known !== undefined) return known;
  const { categories = null, reasons = null } = plantPolicy(plant);
  const products = [...plant.products.values()].flatMap((product): PolicyValue[] => {
    const settings = Object.entries(productPolicy(product)).filter(([, value]) => value !== null);
    return settings.length === 0 ? [] : [[product.id, ...settings]];
  });
  const policy = Object.fromEntries(
    Object.entries({ categories, reasons, products: sortedParts(products) }).map(([part, value]) => [
      part,
      digestOfText(JSON.stringify(value)),
    ]),
  );
  keptOfPlants.set(plant, policy);
  return policy;
}

/** In the order that `sortedParts` gives to lists that begin with the ids, which differ. */
function* inOrderOfId(machines: readonly Machine[]): Steps<readonly Machine[]> {
  const keyed = machines.map((machine) => ({ machine, key: JSON.stringify(machine.id) }));
  yield;
  const sorted = keyed.sort((a, b) => compareCodePoints(a.key, b.key)).map(({ machine }) => machine);
  yield;
  return sorted;
}

/** The digest of the JSON of a list, which is made piece by piece. */
function* digestOf(values: readonly PolicyValue[]): Steps<string> {
  const hash = sha256.create().update(utf8ToBytes("["));
  for (let i = 0; i < values.length; i += DIGESTED_TOGETHER) {
    const some = JSON.stringify(values.slice(i, i + DIGESTED_TOGETHER)).slice(1, -1);
    hash.update(utf8ToBytes(i === 0 ? some : `,${some}`));
    yield;
  }
  return bytesToHex(hash.update(utf8ToBytes("]")).digest()).slice(0, DIGITS);
}

function digestOfText(text: string): string {
  return bytesToHex(sha256(utf8ToBytes(text))).slice(0, DIGITS);
}

/** The parts in which two policies differ, by name. */
export function policyDifferences(one: ScopePolicy, other: ScopePolicy): readonly string[] {
  const parts = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...parts].filter((part) => (one[part] ?? "") !== (other[part] ?? "")).toSorted();
}
