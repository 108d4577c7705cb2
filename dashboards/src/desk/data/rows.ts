/** Elements as `GET /kpis` and `GET /losses` answer them in JSON, and the losses in the order in which pages show them. */
import type { ElementAnswer, LossesAnswer } from "@oee/protocol";

export type { ElementAnswer as Element, LossesAnswer as LossesElement } from "@oee/protocol";

export type Kpi = keyof ElementAnswer["kpis"];

export type Loss = Exclude<keyof NonNullable<LossesAnswer["losses"]>, "planned" | "idealGoodTime">;

/** In the order of the waterfall. */
export const LOSSES = [
  "breakdowns",
  "otherUnplannedStops",
  "setup",
  "plannedStops",
  "minorStops",
  "reducedSpeed",
  "processDefects",
  "startupLosses",
] as const satisfies readonly Loss[];
