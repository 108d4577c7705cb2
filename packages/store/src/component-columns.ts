/** The columns of the additive components, one for one with `Components`. A new one needs a migration (`schema.ts`). */
import { COMPONENT_NAMES, type Components } from "@oee/model";

/** `idealTimeUs` is `ideal_time_us`, `runTime` is `run_time_ms`, `goodCount` is `good_count`. */
export function columnOf(component: keyof Components): string {
  const words = component.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  return words.endsWith("_time") ? `${words}_ms` : words;
}

export const COMPONENT_COLUMNS: readonly string[] = COMPONENT_NAMES.map(columnOf);
