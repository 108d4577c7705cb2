/**
 * The reason why a figure is missing (W-5), which stands under the dash: what its denominator lacks. Availability is missing
 * exactly where no time was planned.
 */
import type { OEE_RATIOS } from "@oee/model/kpis";
import type { LiveWindow, PlantScope } from "@oee/protocol";
import type { TextKey } from "../shared/texts/texts.ts";

export type Ratio = (typeof OEE_RATIOS)[number];

/** Why there are no figures of a window at all: outside shifts, and where the plant file has none, there is no shift to speak of. */
export function withoutWindow(windowName: string): "missing.noShift" | "missing.noWindow" {
  return windowName === "shift" ? "missing.noShift" : "missing.noWindow";
}

export function whyMissing(
  ratio: Ratio,
  windowName: string,
  window: LiveWindow | undefined,
  scope: PlantScope | undefined,
): TextKey {
  if (window === undefined) return withoutWindow(windowName);
  // Time was scheduled, and nothing is known of any of it.
  const noTime = window.kpis.coverage === 0 ? "missing.noData" : "missing.nothingPlanned";
  const unrated = scope !== undefined && !scope.rated;
  switch (ratio) {
    case "availability":
      return noTime;
    case "oee":
      return unrated ? "missing.unrated" : noTime;
    case "performance":
      return unrated ? "missing.unrated" : window.kpis.availability === null ? noTime : "missing.notOperated";
    case "quality":
      return "missing.nothingProduced";
    default:
      return ratio satisfies never;
  }
}
