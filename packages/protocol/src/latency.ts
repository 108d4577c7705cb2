/** What `GET /api/v1/latency` answers: how long the newest events took from the floor to the screens, hop by hop. */
import { type Hop, HOPS } from "@oee/model";
import { Type } from "typebox";
import { byName, type Described, each, NUMBER, orNull } from "./schema.ts";

const HOP_LATENCY = Type.Object({
  count: Type.Number({ description: "Events measured since the server's start" }),
  quantiles: byName(orNull(NUMBER), {
    description: "By quantile (0.5), in ms, of the last five minutes; null: nothing was measured in them",
  }),
});

export const LATENCY = Type.Object({ hops: each(HOPS, HOP_LATENCY) });

export type LatencyHop = Hop;
export type HopLatency = Described<typeof HOP_LATENCY>;
export type LatencyAnswer = Described<typeof LATENCY>;
