/**
 * The plant files by which stored rows were computed (BL-6, RV-2): each row names the version of its plant file, whose text the
 * store keeps. Of a file that is not kept, or that this version refuses, the policy is told as one that is not known.
 */
import type { Period } from "@oee/calendar";
import {
  compareCodePoints,
  idealCyclesAsIn,
  type ParsePlant,
  parsePlantHere,
  type Plant,
  type Scope,
  type ScopePolicy,
  scopePolicyAsInInSteps,
  scopePolicyInSteps,
} from "@oee/model";
import { stepsGivingWay, type Turnstile } from "@oee/pacing";
import { dateText, dayAt, type PlantFileOfRows, plantFileAtHand } from "@oee/review";
import type { Store } from "@oee/store";
import { dayStartsAt } from "../answers/local-days.ts";

export interface PlantFileSources {
  readonly store: Pick<Store, "plantVersions" | "plantFile">;
  readonly turnstile: Turnstile;
  /** Beside the event loop. */
  readonly parsePlant?: ParsePlant;
}

interface FormerFile extends PlantFileOfRows {
  /** When it was loaded (epoch ms); 0: not known. */
  readonly loadedAt: number;
}

const MINUTE_MS = 60_000;
/** Former plant files are kept by plant in force, scope and version; so many of each plant. */
const KEPT_MAX = 1_000;
const kept = new WeakMap<Plant, Map<string, FormerFile>>();
/** The part of a policy by which files differ of which nothing else is known. */
const UNKNOWN_FILE = "plantFile";

/** Each once, in the order in which they were loaded, that in force last; it alone where the period has no rows. */
export async function plantFilesOfRows(
  sources: PlantFileSources,
  plant: Plant,
  scope: Scope,
  period: Period,
): Promise<readonly PlantFileOfRows[]> {
  const versions = await versionsOfRows(sources, plant, scope, period);
  // From here on it is kept with the scope.
  const policy = await stepsGivingWay(scopePolicyInSteps(plant, scope));
  const former: FormerFile[] = [];
  for (const [version, since] of [...versions].toSorted(([a], [b]) => compareCodePoints(a, b))) {
    if (version === plant.version) continue;
    former.push({ ...(await formerFile(sources, plant, scope, policy, version)), since });
  }
  const inOrder = former.toSorted((a, b) => a.loadedAt - b.loadedAt).map(({ loadedAt: _, ...file }) => file);
  if (versions.size > 0 && versions.size === former.length) return inOrder;
  const since = versions.get(plant.version);
  return [...inOrder, { ...plantFileAtHand(plant, scope), ...(since === undefined ? {} : { since }) }];
}

/**
 * The local date of the first row by version of the plant file. Sites are asked one by one, for the days that the store sums are
 * those of their zone.
 */
async function versionsOfRows(
  { store, turnstile }: PlantFileSources,
  plant: Plant,
  scope: Scope,
  period: Period,
): Promise<ReadonlyMap<string, string>> {
  const bySite = new Map<string, string[]>();
  for (const { site, id } of scope.machines) {
    const own = bySite.get(site);
    if (own === undefined) bySite.set(site, [id]);
    else own.push(id);
  }
  const versions = new Map<string, string>();
  for (const [path, machines] of bySite) {
    const site = plant.scopes.get(path) ?? scope;
    const days = dayStartsAt([period.from, period.to], [site]);
    for (const { version, from } of await turnstile.run(() => store.plantVersions({ machines, period, days }))) {
      const date = dateOf(site, from);
      const before = versions.get(version);
      if (before === undefined || date < before) versions.set(version, date);
    }
  }
  return versions;
}

/** The local date of an instant, by days that begin as the site's do. */
function dateOf({ timezone, periods }: Scope, at: number): string {
  return dateText(dayAt(timezone, at - periods.dayStartMinute * MINUTE_MS));
}

async function formerFile(
  { store, turnstile, parsePlant: parse = parsePlantHere }: PlantFileSources,
  plant: Plant,
  scope: Scope,
  policy: ScopePolicy,
  version: string,
): Promise<FormerFile> {
  let known = kept.get(plant);
  if (known === undefined) kept.set(plant, (known = new Map()));
  const key = `${version} ${scope.path}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const file = await turnstile.run(() => store.plantFile(version));
  const parsed = file === null ? null : await parse(file.text);
  const loadedAt = file?.loadedAt ?? 0;
  const former: FormerFile =
    parsed === null
      ? {
          ...plantFileAtHand(plant, scope),
          version,
          policy: { ...policy, [UNKNOWN_FILE]: version },
          loadedAt,
        }
      : {
          version,
          policy: await stepsGivingWay(scopePolicyAsInInSteps(parsed, plant, scope)),
          idealCycles: idealCyclesAsIn(parsed, plant, scope),
          loadedAt,
        };
  // A file that is not there may still come: the worker keeps it when it starts.
  if (file !== null && known.size < KEPT_MAX) known.set(key, former);
  return former;
}
