/** What every route is given: the gateway's options (plant, store, log), limits and metrics, and the live picture. */
import { type EventDecoder, type Machine, type Plant, type Scope, scopeAt } from "@oee/model";
import type { Attention } from "../live/live-element.ts";
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
import type { NewEntries } from "../review/new-entries.ts";
import type { EntryLog } from "../review/entry-log.ts";
import type { PastPlants } from "../review/past-plants.ts";
import type { RefusedEvents } from "../review/refused-events.ts";
import type { ReviewAnswers } from "../review/review-answers.ts";
import type { Turnstile } from "@oee/pacing";

export interface RouteContext {
  /** The gateway's options without the plant: a route gets the plant by `plantOf`, reduced to what its caller may see. */
  readonly options: Omit<GatewayOptions, "plant" | "access">;
  /** The plant in force, as the caller may see it. */
  readonly plantOf: (request: FastifyRequest) => PlantInForce;
  /** That plant with its past structures (DI-3), for answers about stored rows. Throws `HttpProblem` while the entries are not read. */
  readonly pastOf: (request: FastifyRequest) => Promise<PlantInForce>;
  /** The whole plant in force, for events and entries that are sent; whether the caller may send them is checked apart. */
  readonly wholePlant: () => PlantInForce;
  readonly guard: Guard;
  /** The sign-in; `null`: the gateway has none. */
  readonly access: Access | null;
  /** Writes lines of the audit under the caller's name, all by one write; durable when it resolves. */
  readonly note: (
    request: FastifyRequest,
    ...lines: readonly (Omit<AuditFacts, "who" | "from"> & { readonly who?: string | null })[]
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
  /** The alerts of the last days that the keeper knows, withdrawn ones too. */
  readonly shownAlerts: () => readonly KnownAlert[];
  /** The open alerts of a scope, and the number of its stops that need a reason. */
  readonly attentionOf: (scope: Scope) => Attention;
}

/** What the routes of the review share. */
export interface Review {
  readonly entries: EntryLog;
  readonly newEntries: NewEntries;
  readonly refused: RefusedEvents;
  readonly answers: ReviewAnswers;
  readonly pasts: PastPlants;
}

/** The scope at a path. Throws `HttpProblem` if the plant has none. */
export function scopeNamed(plant: Plant, path: string): Scope {
  const scope = scopeAt(plant, path);
  if (scope !== undefined) return scope;
  const some = [...plant.scopes.keys()].slice(1, 6).join(", ");
  throw new HttpProblem(
    "OEE_HTTP_UNKNOWN_SCOPE",
    `the plant has no scope ${JSON.stringify(path.slice(0, 200))}; expected * or one such as ${some}`,
  );
}

/** The machine at a path. Throws `HttpProblem` if the plant has no scope there, or a scope of another level. */
export function machineNamed(plant: Plant, path: string): Machine {
  const { kind, path: found, machines } = scopeNamed(plant, path);
  const [machine] = machines;
  if (kind === "machine" && machine !== undefined) return machine;
  throw new HttpProblem("OEE_HTTP_INVALID_PARAMETER", `machine is the ${kind} ${found}; expected a machine`, {
    parameter: "machine",
  });
}
