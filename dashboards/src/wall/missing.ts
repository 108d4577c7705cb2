/**
 * The reason why a figure is missing (W-5), which stands under the dash: what its denominator lacks. Availability is missing
 * exactly where no time was planned.
 */
import type { OEE_RATIOS } from "@oee/model/kpis";
import type { LiveWindow, PlantScope } from "@oee/protocol";
import type { TextKey } from "../shared/texts/texts.ts";

export type Ratio = (typeof OEE_RATIOS)[number];

/** Outside shifts, and where the plant file has none, there is no shift to speak of. */
function withoutWindow(windowName: string): TextKey {
  return windowName === "shift" ? "missing.noShift" : "missing.noWindow";
}

/** Why there are no sums of a window: there is none, or time was scheduled and nothing is known of any of it. `undefined`: there are. */
export function whyUnknown(windowName: string, window: LiveWindow | undefined): TextKey | undefined {
  if (window === undefined) return withoutWindow(windowName);
  return window.kpis.coverage === 0 ? "missing.noData" : undefined;
}

export function whyMissing(
  ratio: Ratio,
  windowName: string,
  window: LiveWindow | undefined,
  scope: PlantScope | undefined,
): TextKey {
  if (window === undefined) return withoutWindow(windowName);
  const unknown = whyUnknown(windowName, window);
  const noTime = unknown ?? "missing.nothingPlanned";
  const unrated = scope !== undefined && !scope.rated;
  switch (ratio) {
    case "availability":
      return noTime;
    case "oee":
      return unrated ? "missing.unrated" : noTime;
    case "performance":
      return unrated ? "missing.unrated" : window.kpis.availability === null ? noTime : "missing.notOperated";
    case "quality":
      return unknown ?? "missing.nothingProduced";
    default:
      return ratio satisfies never;
  }
}
