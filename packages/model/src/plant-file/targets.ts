/** Targets, which people compare KPIs with: any ratio, as a share and not in percent. They bear on no number. */
import { type KpiName, kpisInPlantFile } from "../kpis.ts";
import type { Value } from "./value.ts";
import { fieldsOf, numberOf } from "./fields.ts";
import type { Problems } from "./problem.ts";

const TARGETS: readonly KpiName[] = kpisInPlantFile("target");

export function readTargets(value: Value, problems: Problems): Readonly<Record<string, number>> {
  const fields = fieldsOf(value, TARGETS, [], problems);
  const targets: Record<string, number> = {};
  for (const name of TARGETS) {
    const field = fields[name];
    if (field === undefined) continue;
    const target = numberOf(field, (ratio) => ratio >= 0 && ratio <= 1, "a ratio from 0 to 1, such as 0.75", problems);
    if (target !== null) targets[name] = target;
  }
  return targets;
}
