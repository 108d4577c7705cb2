/** The names of the bars of a Pareto, for people. */
import type { Plant, ReasonNode, ReasonTree } from "@oee/model";
import type { ParetoBy } from "@oee/review";

export function nameOf(plant: Plant, by: ParetoBy, key: string | null): string | null {
  if (key === null) return null;
  if (by === "machine") return plant.machineById.get(key)?.name ?? key;
  if (by === "product") return plant.products.get(key)?.name ?? key;
  return by === "reason" ? reasonNameOf(plant.reasons, key) : key;
}

/** The name of a reason in the reason tree, else the last part of its path. */
export function reasonNameOf(reasons: ReasonTree, path: string): string {
  const parts = path.split("/");
  let node: ReasonNode | undefined;
  for (const [i, part] of parts.entries()) node = (i === 0 ? reasons : node)?.children.get(part);
  return node?.name ?? parts.at(-1) ?? path;
}
