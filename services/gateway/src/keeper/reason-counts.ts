/** How many segments of stops need a reason, by machine (RS-1), over the last days: counted now and then while anybody looks. */
import type { Plant, ReasonTree, Scope } from "@oee/model";
import { isVague } from "@oee/review";
import type { Store } from "@oee/store";

const DAY_MS = 24 * 3_600_000;
/** As the list of `/reasons/missing` where nothing else is asked. */
const SPAN_MS = DAY_MS;

export class ReasonCounts {
  #byMachine: ReadonlyMap<string, number> | null = null;

  /** Counts anew; answers the machines whose number is another now. */
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

  /** `null`: it was not counted yet. */
  of(scope: Scope): number | null {
    const counts = this.#byMachine;
    return counts === null ? null : scope.machines.reduce((sum, { id }) => sum + (counts.get(id) ?? 0), 0);
  }
}

/** Paths of the tree that say nothing. */
function vaguePaths(reasons: ReasonTree): readonly string[] {
  const paths: string[] = [];
  const walk = (tree: ReasonTree, prefix: string): void => {
    for (const [name, node] of tree.children) {
      const path = prefix === "" ? name : `${prefix}/${name}`;
      if (isVague(reasons, path)) paths.push(path);
      walk(node, path);
    }
  };
  walk(reasons, "");
  return paths;
}
