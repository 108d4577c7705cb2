/** The policy that bears on a scope, part by part: what turns events into components there, other than the calendar (BL-2). */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Machine, Plant, Scope } from "../plant.ts";
import { machinePolicy, plantPolicy, type PolicyValue, productPolicy, sortedParts, stateMapPolicy } from "./policy.ts";

/** Digests by part: `categories`, `reasons`, `constraints`, `products`, and each setting of the machines below the scope. */
export type ScopePolicy = Readonly<Record<string, string>>;

const DIGITS = 16;

/** Two plants have the same policy for a scope where all parts are the same; a part that a plant does not use is missing. */
export function scopePolicy(plant: Plant, scope: Scope): ScopePolicy {
  return policyOf(plant, scope.machines, scope.members);
}

/**
 * The policy of a scope of `plant` as another plant file, by which rows were computed, has it. Machines that one of the two
 * lacks bear on neither side: that a scope got another machine is no change of policy.
 */
export function scopePolicyAsIn(other: Plant, plant: Plant, scope: Scope): ScopePolicy {
  const own = scopePolicy(plant, scope);
  const shared = scope.machines.filter(({ id }) => other.machineById.has(id));
  const isShared = ({ id }: Machine): boolean => shared.some((machine) => machine.id === id);
  const members = (of: Scope | undefined): readonly Machine[] => (of?.members ?? []).filter(isShared);
  const now = policyOf(plant, shared, members(scope));
  const then = policyOf(
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

function policyOf(plant: Plant, machines: readonly Machine[], members: readonly Machine[]): ScopePolicy {
  const { categories = null, reasons = null } = plantPolicy(plant);
  const ofMachines = new Map<string, PolicyValue[]>();
  for (const machine of machines) {
    for (const [setting, value] of [
      ...Object.entries(machinePolicy(machine)),
      ["states", stateMapPolicy(machine.states)],
    ] as [string, PolicyValue][]) {
      const own = ofMachines.get(setting);
      if (own === undefined) ofMachines.set(setting, [[machine.id, value]]);
      else own.push([machine.id, value]);
    }
  }
  const products = [...plant.products.values()].flatMap((product): PolicyValue[] => {
    const settings = Object.entries(productPolicy(product)).filter(([, value]) => value !== null);
    return settings.length === 0 ? [] : [[product.id, ...settings]];
  });
  const parts: readonly (readonly [string, PolicyValue])[] = [
    ["categories", categories],
    ["reasons", reasons],
    ["constraints", sortedParts(members.map(({ id }) => id))],
    ["products", sortedParts(products)],
    ...[...ofMachines].map(([setting, values]) => [setting, sortedParts(values)] as const),
  ];
  return Object.fromEntries(parts.map(([part, value]) => [part, digestOf(value)]));
}

function digestOf(value: PolicyValue): string {
  return bytesToHex(sha256(utf8ToBytes(JSON.stringify(value)))).slice(0, DIGITS);
}

/** The parts in which two policies differ, by name. */
export function policyDifferences(one: ScopePolicy, other: ScopePolicy): readonly string[] {
  const parts = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...parts].filter((part) => (one[part] ?? "") !== (other[part] ?? "")).toSorted();
}
