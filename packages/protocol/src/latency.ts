/** What `GET /api/v1/latency` answers: how long the newest events took from the floor to the screens, hop by hop. */
export type LatencyHop = "log" | "compute" | "gateway" | "emit" | "total";

export interface HopLatency {
  /** Events measured since the server's start. */
  readonly count: number;
  /** By quantile (`0.5`), in ms, of the last five minutes; `null` where nothing was measured in them. */
  readonly quantiles: Readonly<Record<string, number | null>>;
}

export interface LatencyAnswer {
  readonly hops: Readonly<Record<LatencyHop, HopLatency>>;
}
