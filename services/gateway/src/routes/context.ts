/** What every route is given: the gateway's options (plant, store, log), limits and metrics, and the live picture. */
import type { EventDecoder, Plant, Scope } from "@oee/model";
import type { CorrectionWaits } from "../correction-waits.ts";
import type { MachinePictures } from "../live/machine-picture.ts";
import type { LatencyMeter } from "../live/latency-meter.ts";
import type { GatewayMetrics } from "../metrics.ts";
import type { Access, GatewayLimits, GatewayOptions, PlantInForce } from "../options.ts";
import { HttpProblem } from "../problems.ts";
import type { EntryIntake } from "../review/entry-intake.ts";
import type { EntryLog } from "../review/entry-log.ts";
import type { RefusedEvents } from "../review/refused-events.ts";
import type { ReviewAnswers } from "../review/review-answers.ts";
import type { Turnstile } from "../turnstile.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What the route lets its caller do; `null`: everybody may, also without signing in. */
    readonly access?: Access | null;
  }
}

export interface RouteContext {
  readonly options: GatewayOptions;
  readonly limits: GatewayLimits;
  readonly metrics: GatewayMetrics;
  readonly pictures: MachinePictures;
  readonly latency: LatencyMeter;
  readonly waits: CorrectionWaits;
  readonly turnstile: Turnstile;
  readonly decoderOf: (plant: Plant) => EventDecoder;
  readonly versionOf: (plant: PlantInForce) => string;
  readonly review: Review;
}

/** What the routes of the review share. */
export interface Review {
  readonly entries: EntryLog;
  readonly intake: EntryIntake;
  readonly refused: RefusedEvents;
  readonly answers: ReviewAnswers;
}

/** Throws `HttpProblem` if the plant has no such scope. */
export function scopeNamed(plant: Plant, path: string): Scope {
  const scope = plant.scopes.get(path);
  if (scope !== undefined) return scope;
  const some = [...plant.scopes.keys()].slice(1, 6).join(", ");
  throw new HttpProblem(
    "OEE_HTTP_UNKNOWN_SCOPE",
    `the plant has no scope ${JSON.stringify(path.slice(0, 200))}; expected * or one such as ${some}`,
  );
}
