/** The reason why a figure is missing (W-5), which stands under the dash, found in the sums from which the figure would be computed. */
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
