/**
 * The reason why a figure is missing (W-5), which stands under the dash: what its denominator lacks. Availability is missing
 * exactly where no time was planned.
 */
import type { OEE_RATIOS } from "@oee/model/kpis";
import type { LiveWindow, PlantScope } from "@oee/protocol";
import type { TextKey } from "../shared/texts/texts.ts";

export type Ratio = (typeof OEE_RATIOS)[number];

export function whyMissing(ratio: Ratio, window: LiveWindow | undefined, scope: PlantScope | undefined): TextKey {
  if (window === undefined) return "missing.noWindow";
  const unrated = scope !== undefined && !scope.rated;
  switch (ratio) {
    case "availability":
      return "missing.nothingPlanned";
    case "oee":
      return unrated ? "missing.unrated" : "missing.nothingPlanned";
    case "performance":
      return unrated
        ? "missing.unrated"
        : window.kpis.availability === null
          ? "missing.nothingPlanned"
          : "missing.notOperated";
    case "quality":
      return "missing.nothingProduced";
    default:
      return ratio satisfies never;
  }
}
