/** Rows in the HTTP API's JSON answers: instants are RFC 3339 texts, durations milliseconds, ratios 0 to 1. */

/** `GET /stops`: a segment of a stop (ST-5). */
export interface StopRow {
  readonly machine: string;
  readonly stop: string;
  readonly from: string;
  readonly to: string;
  readonly state: string;
  readonly reason: string | null;
  readonly category: string;
  readonly failure: boolean;
  readonly minor: boolean;
  readonly duration: number;
  readonly scheduledDuration: number;
  readonly open: boolean;
  readonly shift: string | null;
  readonly shiftDate: string | null;
  readonly crew: string | null;
  readonly product: string | null;
  readonly correctedBy: string | null;
}

/** `GET /reasons/missing`. */
export interface MissingRow extends StopRow {
  readonly since: string;
  readonly owner: string | null;
}

/** `GET /pareto`. */
export interface ParetoRow {
  readonly key: string | null;
  readonly name: string | null;
  readonly time: number;
  readonly count: number;
  /** The cost as a decimal text, in `currency`. */
  readonly cost: string | null;
  readonly currency: string | null;
  readonly minorTime: number;
  readonly minorCount: number;
  /** Share of the total, 0 to 1; `null`: the total is 0. */
  readonly share: number | null;
  readonly cumulative: number | null;
}
