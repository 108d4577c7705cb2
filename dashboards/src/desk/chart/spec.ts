/** What a chart shows, apart from how it is drawn: parts as bars from zero, time as bars or points in order, gaps left open. */

export interface Bar {
  readonly label: string;
  /** `null`: not known; there is a gap, and no bar of length 0. */
  readonly value: number | null;
  /** Rests on too little data: it is hatched. */
  readonly weak?: boolean;
  /** A token in place of the series' own. */
  readonly colour?: string;
}

export interface BarSeries {
  readonly name: string;
  /** A token of the theme, such as `stop-mark`. */
  readonly colour: string;
  readonly bars: readonly Bar[];
}

export interface BarsSpec {
  readonly kind: "bars";
  /** Categories from top to bottom, or in time from left to right. */
  readonly direction: "down" | "along";
  readonly series: readonly BarSeries[];
  readonly text: (value: number | null) => string;
  /** Along the axis, where values are round; as `text` where it is missing. */
  readonly axis?: (value: number) => string;
  /** A line across, such as a target. */
  readonly line?: { readonly value: number; readonly name: string };
  /** A line from category to category, such as a target's path; `null` leaves a gap. */
  readonly path?: { readonly name: string; readonly values: readonly (number | null)[] };
}

/** From a whole, loss by loss, to what is left. */
export interface WaterfallSpec {
  readonly kind: "waterfall";
  readonly steps: readonly {
    readonly label: string;
    readonly value: number;
    /** The whole and the rest stand on the ground; the others hang where those before them end. */
    readonly total: boolean;
  }[];
  /** Rests on too little data: all of it is hatched. */
  readonly weak: boolean;
  readonly text: (value: number | null) => string;
  readonly axis?: (value: number) => string;
}

export type ChartSpec = BarsSpec | WaterfallSpec;
