/** The six big losses (KP-1) and the two ends of their waterfall: names, order, columns and schemas follow from this one list. */

/** In the order of the waterfall from planned time down to good time. */
export const LOSS_NAMES = [
  "planned",
  "breakdowns",
  "otherUnplannedStops",
  "setup",
  "plannedStops",
  "minorStops",
  /** Negative when the ideal cycle is set too slow. */
  "reducedSpeed",
  "processDefects",
  "startupLosses",
  "idealGoodTime",
] as const;

export type LossName = (typeof LOSS_NAMES)[number];

/** In ms. */
export type Losses = { readonly [Name in LossName]: number };
