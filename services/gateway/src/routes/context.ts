/** What every route is given: the gateway's options (plant, store, log), limits and metrics, and the live picture. */
import { type EventDecoder, type Plant, type Scope, scopeAt } from "@oee/model";
import type { LiveElement } from "@oee/protocol";
import type { KnownAlert } from "@oee/review";
import type { CorrectionWaits } from "../correction-waits.ts";
import type { MachinePictures } from "../live/machine-picture.ts";
import type { LatencyMeter } from "../live/latency-meter.ts";
import type { GatewayMetrics } from "../metrics.ts";
import type { FastifyRequest } from "fastify";
import type { Access } from "../access/access.ts";
import type { Guard } from "../access/guard.ts";
import type { AuditFacts } from "../audit/audit-line.ts";
import type { GatewayLimits, GatewayOptions, PlantInForce } from "../options.ts";
import { HttpProblem } from "../problems.ts";
import type { EntryIntake } from "../review/entry-intake.ts";
import type { EntryLog } from "../review/entry-log.ts";
import type { PastPlants } from "../review/past-plants.ts";
import type { RefusedEvents } from "../review/refused-events.ts";
import type { ReviewAnswers } from "../review/review-answers.ts";
import type { Turnstile } from "@oee/pacing";

export interface RouteContext {
  /** Without the plant: which of it a route may see is its caller's (`plantOf`). */
  readonly options: Omit<GatewayOptions, "plant" | "access">;
  /** The plant in force, as the caller may see it. */
  readonly plantOf: (request: FastifyRequest) => PlantInForce;
  /** The same with what there was before (DI-3), for answers about stored rows. Throws `HttpProblem` while it is not known. */
  readonly pastOf: (request: FastifyRequest) => Promise<PlantInForce>;
  /** All of it, for what is put in: where its caller may put it is checked before. */
  readonly wholePlant: () => PlantInForce;
  readonly guard: Guard;
  /** `null`: there is no sign-in. */
  readonly access: Access | null;
  /** Writes a line of the audit under the caller's name; durable when it resolves. */
  readonly note: (
    request: FastifyRequest,
    facts: Omit<AuditFacts, "who" | "from"> & { readonly who?: string | null },
  ) => Promise<void>;
  readonly limits: GatewayLimits;
  readonly metrics: GatewayMetrics;
  readonly pictures: MachinePictures;
  readonly latency: LatencyMeter;
  readonly waits: CorrectionWaits;
  readonly turnstile: Turnstile;
  readonly decoderOf: (plant: Plant) => EventDecoder;
  readonly versionOf: (plant: PlantInForce) => string;
  readonly review: Review;
  /** Alerts of the last days as far as was looked, withdrawn ones too. */
  readonly shownAlerts: () => readonly KnownAlert[];
  /** Alerts of a scope that go on, and how many of its stops need a reason. */
  readonly saidOf: (scope: Scope) => Pick<LiveElement, "alerts" | "needsReason">;
}

/** What the routes of the review share. */
export interface Review {
  readonly entries: EntryLog;
  readonly intake: EntryIntake;
  readonly refused: RefusedEvents;
  readonly answers: ReviewAnswers;
  readonly pasts: PastPlants;
}

/** Throws `HttpProblem` if the plant has no such scope. */
export function scopeNamed(plant: Plant, path: string): Scope {
  const scope = scopeAt(plant, path);
  if (scope !== undefined) return scope;
  const some = [...plant.scopes.keys()].slice(1, 6).join(", ");
  throw new HttpProblem(
    "OEE_HTTP_UNKNOWN_SCOPE",
    `the plant has no scope ${JSON.stringify(path.slice(0, 200))}; expected * or one such as ${some}`,
  );
}
