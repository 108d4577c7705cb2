/** Targets, which people compare KPIs with: any ratio, as a share and not in percent. They bear on no number. */
import type { Kpis } from "../components.ts";
import type { Value } from "./document.ts";
import { fieldsOf, numberOf } from "./fields.ts";
import type { Problems } from "./problem.ts";

export const RATIO_NAMES: readonly (keyof Kpis)[] = [
  "availability",
  "performance",
  "quality",
  "oee",
  "nee",
  "teep",
  "loading",
  "unplannedDowntimeShare",
  "scrapRatio",
  "reworkRatio",
  "firstPassYield",
  "coverage",
];

export function readTargets(value: Value, problems: Problems): Readonly<Record<string, number>> {
  const fields = fieldsOf(value, RATIO_NAMES, [], problems);
  const targets: Record<string, number> = {};
  for (const name of RATIO_NAMES) {
    const field = fields[name];
    if (field === undefined) continue;
    const target = numberOf(field, (ratio) => ratio >= 0 && ratio <= 1, "a ratio from 0 to 1, such as 0.75", problems);
    if (target !== null) targets[name] = target;
  }
  return targets;
}
