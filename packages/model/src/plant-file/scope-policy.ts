/** The policy that bears on a scope, part by part: what turns events into components there, other than the calendar (BL-2). */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import type { Plant, Scope } from "../plant.ts";
import { machinePolicy, plantPolicy, type PolicyValue, productPolicy, sortedParts, stateMapPolicy } from "./policy.ts";

/** Digests by part: `categories`, `reasons`, `constraints`, `products`, and each setting of the machines below the scope. */
export type ScopePolicy = Readonly<Record<string, string>>;

const DIGITS = 16;

/** Two plants have the same policy for a scope where all parts are the same; a part that a plant does not use is missing. */
export function scopePolicy(plant: Plant, scope: Scope): ScopePolicy {
  const { categories = null, reasons = null } = plantPolicy(plant);
  const ofMachines = new Map<string, PolicyValue[]>();
  for (const machine of scope.machines) {
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
    ["constraints", sortedParts(scope.members.map(({ id }) => id))],
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
  return [...parts].filter((part) => one[part] !== other[part]).toSorted();
}
