/** The six big losses (KP-1) and the two ends of their waterfall: names, order, columns and schemas follow from these lists. */

/** In the order of the waterfall. */
export const BIG_LOSS_NAMES = [
  "breakdowns",
  "otherUnplannedStops",
  "setup",
  "plannedStops",
  "minorStops",
  /** Negative when the ideal cycle is set too slow. */
  "reducedSpeed",
  "processDefects",
  "startupLosses",
] as const;

export type BigLossName = (typeof BIG_LOSS_NAMES)[number];

/** From planned time down to good time. */
export const LOSS_NAMES: readonly ["planned", ...typeof BIG_LOSS_NAMES, "idealGoodTime"] = [
  "planned",
  ...BIG_LOSS_NAMES,
  "idealGoodTime",
];

export type LossName = (typeof LOSS_NAMES)[number];

/** In ms. */
export type Losses = { readonly [Name in LossName]: number };
