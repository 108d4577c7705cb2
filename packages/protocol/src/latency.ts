/** What `GET /api/v1/latency` answers: how long the newest events took from the floor to the screens, hop by hop. */
import { Type } from "typebox";
import { byName, type Described, each, NUMBER, orNull } from "./schema.ts";

/**
 * `log`: event to log; `compute`: to its computation; `gateway`: to this gateway; `emit`: to its emission; `total`: the whole
 * way.
 */
export const LATENCY_HOPS = ["log", "compute", "gateway", "emit", "total"] as const;

const HOP_LATENCY = Type.Object({
  count: Type.Number({ description: "Events measured since the server's start" }),
  quantiles: byName(orNull(NUMBER), {
    description: "By quantile (0.5), in ms, of the last five minutes; null: nothing was measured in them",
  }),
});

export const LATENCY = Type.Object({ hops: each(LATENCY_HOPS, HOP_LATENCY) });

export type LatencyHop = (typeof LATENCY_HOPS)[number];
export type HopLatency = Described<typeof HOP_LATENCY>;
export type LatencyAnswer = Described<typeof LATENCY>;
