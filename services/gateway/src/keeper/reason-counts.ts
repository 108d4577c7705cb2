/**
 * Counts, by one query of the store, how many segments of stops of each machine need a reason (RS-1), over the last 24
 * hours. The keeper says when it counts.
 */
import type { Plant, ReasonTree, Scope } from "@oee/model";
import type { Store } from "@oee/store";

const DAY_MS = 24 * 3_600_000;
/** How far back stops are counted: the default period of `/reasons/missing`. */
const SPAN_MS = DAY_MS;

export class ReasonCounts {
  #byMachine: ReadonlyMap<string, number> | null = null;

  /** Counts anew, and returns the machines whose number has changed. */
  async count(store: Pick<Store, "stopsThatLackReasons">, plant: Plant, now: number): Promise<readonly string[]> {
    const period = { from: now - SPAN_MS, to: now };
    const stops = await store.stopsThatLackReasons({
      machines: { under: "*" },
      period,
      vague: vaguePaths(plant.reasons),
    });
    const counts = new Map<string, number>();
    for (const { machine, scheduledMs, lacking } of stops) {
      const needed = plant.machineById.get(machine)?.reasonAfterMs;
      if (needed === undefined || scheduledMs < needed) continue;
      counts.set(machine, (counts.get(machine) ?? 0) + lacking);
    }
    const before = this.#byMachine ?? new Map<string, number>();
    this.#byMachine = counts;
    return [...new Set([...before.keys(), ...counts.keys()])].filter((id) => before.get(id) !== counts.get(id));
  }

  /** The number of a scope; `null`: it has not been counted yet. */
  of(scope: Scope): number | null {
    const counts = this.#byMachine;
    return counts === null ? null : scope.machines.reduce((sum, { id }) => sum + (counts.get(id) ?? 0), 0);
  }
}

/** Vague reasons by tree, computed once for each: a tree of thousands of reasons takes a while. */
const vague = new WeakMap<ReasonTree, readonly string[]>();

/** Paths of the vague reasons of a tree, for which `isVague` of packages/review is true. */
function vaguePaths(reasons: ReasonTree): readonly string[] {
  const known = vague.get(reasons);
  if (known !== undefined) return known;
  const paths: string[] = [];
  vague.set(reasons, paths);
  const walk = (tree: ReasonTree, prefix: string, ofParent: boolean): void => {
    for (const [name, node] of tree.children) {
      const isVague = node.vague ?? ofParent;
      const path = `${prefix}${name}`;
      if (isVague) paths.push(path);
      walk(node, `${path}/`, isVague);
    }
  };
  walk(reasons, "", false);
  return paths;
}
