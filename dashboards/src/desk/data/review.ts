/** What `GET /review`, `/actions` and `/pilots/<id>` answer, as far as the desk shows it. */

export interface MeasureStanding {
  readonly baseline: number | null;
  readonly expected: number | null;
  readonly goal: number | null;
  readonly achieved: number | null;
  readonly difference: number | null;
  readonly previous: number | null;
  readonly status: string | null;
  /** Whether the period counts (ME-4); if not there is no verdict. */
  readonly counts: boolean;
}

/** A change of OEE, taken apart: the bars sum to it (DC-3). */
export interface Change {
  readonly oee: readonly [number, number];
  readonly change: number;
  readonly bars: Readonly<Record<string, number | null>>;
  readonly hours: Readonly<Record<string, number | null>>;
}

export interface ReviewAnswer {
  readonly from: string;
  readonly to: string;
  readonly inProgress: boolean;
  readonly baseline: string | null;
  readonly measures: Readonly<Record<string, MeasureStanding>>;
  readonly trend: {
    readonly week: readonly {
      readonly from: string;
      readonly to: string;
      readonly values: Readonly<Record<string, number | null>>;
    }[];
  };
  readonly changeFromBaseline: Change | null;
  readonly changeFromPrevious: Change | null;
  readonly longestStops: readonly {
    readonly machine: string;
    readonly stop: string;
    readonly time: number;
    readonly reasons: readonly (string | null)[];
  }[];
  readonly quality: Readonly<Record<string, unknown>>;
}

export interface Effect {
  readonly verdict: string;
  readonly blocks: readonly [number, number];
  readonly detectable: number | null;
  readonly effect?: number;
  readonly low?: number;
  readonly high?: number;
  readonly noControl?: boolean;
  readonly measuring?: boolean;
}

export interface ActionAnswer {
  readonly id: string;
  readonly scope: string;
  readonly title: string;
  readonly owner: string | null;
  readonly addresses: string;
  readonly state: string;
  readonly overdue: boolean;
  readonly effect: Effect | null;
  readonly holds: string | null;
}

export interface PilotAnswer {
  readonly id: string;
  readonly scopes: readonly string[];
  readonly controls: readonly string[];
  readonly measures: Readonly<Record<string, Effect>>;
  readonly verdict: string;
  readonly interim: boolean;
  readonly chosenLater: boolean;
}
