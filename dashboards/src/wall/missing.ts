/** Why a figure does not exist (W-5): the reason that stands under the dash, from the same sums that the figure would come from. */
import type { LiveWindow, PlantScope } from "@oee/protocol";
import type { TextKey } from "../shared/texts/texts.ts";

export type Ratio = "oee" | "availability" | "performance" | "quality";

export function whyMissing(ratio: Ratio, window: LiveWindow | undefined, scope: PlantScope | undefined): TextKey {
  if (window === undefined) return "missing.noWindow";
  const { components } = window;
  const operating = components.runTime + components.minorStopTime;
  const planned = operating + components.unplannedStopTime + components.setupTime + components.plannedStopTime;
  const unrated = scope !== undefined && !scope.rated;
  switch (ratio) {
    case "availability":
      return "missing.nothingPlanned";
    case "oee":
      return unrated ? "missing.unrated" : "missing.nothingPlanned";
    case "performance":
      return unrated ? "missing.unrated" : planned === 0 ? "missing.nothingPlanned" : "missing.notOperated";
    case "quality":
      return "missing.nothingProduced";
    default:
      return ratio satisfies never;
  }
}
