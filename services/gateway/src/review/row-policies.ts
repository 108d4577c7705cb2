/**
 * The policies by which stored rows were computed (BL-6): each row names the version of its plant file, whose text the store
 * keeps. A file that is not kept, or that this version refuses, is told as a policy that is not known.
 */
import type { Period } from "@oee/calendar";
import { parsePlant, type Plant, type Scope, type ScopePolicy, scopePolicy, scopePolicyAsIn } from "@oee/model";
import type { Turnstile } from "@oee/pacing";
import type { Store } from "@oee/store";
import { dayStartsAt } from "../answers/local-days.ts";

export interface PolicySources {
  readonly store: Pick<Store, "plantVersions" | "plantFile">;
  readonly turnstile: Turnstile;
}

/** Policies of former plant files are kept by plant in force, scope and version; so many of each plant. */
const KEPT_MAX = 1_000;
const kept = new WeakMap<Plant, Map<string, ScopePolicy>>();
/** The part of a policy by which files differ of which nothing else is known. */
const UNKNOWN_FILE = "plantFile";

/** Each once; that of the plant in force where the period has no rows. */
export async function policiesOfRows(
  sources: PolicySources,
  plant: Plant,
  scope: Scope,
  period: Period,
): Promise<readonly ScopePolicy[]> {
  const versions = await versionsOfRows(sources, plant, scope, period);
  const policies = new Map<string, ScopePolicy>();
  for (const version of versions.size === 0 ? [plant.version] : versions) {
    const policy =
      version === plant.version ? scopePolicy(plant, scope) : await formerPolicy(sources, plant, scope, version);
    policies.set(JSON.stringify(policy), policy);
  }
  return [...policies.values()];
}

/** Sites are asked one by one, for the days that the store sums are those of their zone. */
async function versionsOfRows(
  { store, turnstile }: PolicySources,
  plant: Plant,
  scope: Scope,
  period: Period,
): Promise<ReadonlySet<string>> {
  const bySite = new Map<string, string[]>();
  for (const { site, id } of scope.machines) {
    const own = bySite.get(site);
    if (own === undefined) bySite.set(site, [id]);
    else own.push(id);
  }
  const versions = new Set<string>();
  for (const [site, machines] of bySite) {
    const days = dayStartsAt([period.from, period.to], [plant.scopes.get(site) ?? scope]);
    for (const version of await turnstile.run(() => store.plantVersions({ machines, period, days })))
      versions.add(version);
  }
  return versions;
}

async function formerPolicy(
  { store, turnstile }: PolicySources,
  plant: Plant,
  scope: Scope,
  version: string,
): Promise<ScopePolicy> {
  let known = kept.get(plant);
  if (known === undefined) kept.set(plant, (known = new Map()));
  const key = `${version} ${scope.path}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const file = await turnstile.run(() => store.plantFile(version));
  const parsed = file === null ? null : parsePlant(file.text, version);
  const policy =
    parsed === null || !parsed.ok
      ? { ...scopePolicy(plant, scope), [UNKNOWN_FILE]: version }
      : scopePolicyAsIn(parsed.plant, plant, scope);
  // A file that is not there may still come: the worker keeps it when it starts.
  if (file !== null && known.size < KEPT_MAX) known.set(key, policy);
  return policy;
}
