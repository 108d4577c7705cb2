/** The specification of a chart, independent of the drawing library: parts as bars from zero, time as bars or points in order, unknown values as gaps. */

export interface Bar {
  readonly label: string;
  /** `null`: not known; drawn as a gap, not as a bar of length 0. */
  readonly value: number | null;
  /** Whether the value rests on too little data; it is hatched then. */
  readonly weak?: boolean;
  /** Whether it is the bar that the page speaks of; it has an outline then. */
  readonly marked?: boolean;
  /** A colour token of the theme in place of the series' own. */
  readonly colour?: string;
}

export interface BarSeries {
  readonly name: string;
  /** A colour token of the theme, such as `stop-mark`. */
  readonly colour: string;
  readonly bars: readonly Bar[];
}

/** The axis of a chart's values. */
export interface Axis {
  /** The text of its round values; that of the bars where it is missing. */
  readonly axis?: (value: number) => string;
  /** The distance between two round values, at least `least`; where it is missing they are round numbers. */
  readonly step?: (least: number) => number;
}

export interface BarsSpec extends Axis {
  readonly kind: "bars";
  /** Whether categories go from top to bottom (`down`), or in time from left to right (`along`). */
  readonly direction: "down" | "along";
  readonly series: readonly BarSeries[];
  readonly text: (value: number | null) => string;
  /** A line across all categories, such as a target. */
  readonly line?: { readonly value: number; readonly name: string };
  /** A line from category to category, such as a target's path; `null` leaves a gap. */
  readonly path?: { readonly name: string; readonly values: readonly (number | null)[] };
}

/** A waterfall: from a whole, loss by loss, to the rest. */
export interface WaterfallSpec extends Axis {
  readonly kind: "waterfall";
  readonly steps: readonly {
    readonly label: string;
    readonly value: number;
    /** Whether the step stands on the axis, as the whole and the rest do; others begin where the one before ends. */
    readonly total: boolean;
  }[];
  /** Whether the chart rests on too little data; all of it is hatched then. */
  readonly weak: boolean;
  readonly text: (value: number | null) => string;
}

export type ChartSpec = BarsSpec | WaterfallSpec;
