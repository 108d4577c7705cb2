/**
 * The parts that a gateway is given, and its limits. The gateway does not close the store and the log: their owner does.
 */
import type { IncomingHttpHeaders } from "node:http";
import type { PlantModel } from "@oee/engine";
import type { EventLog, Topics } from "@oee/event-log";
import { MAX_FUTURE_MS_DEFAULT, MAX_PAST_MS_DEFAULT, type ParsePlant, type Plant } from "@oee/model";
import type { LiveSource, Progress } from "@oee/protocol";
import type { Store } from "@oee/store";
import type { Logger } from "pino";
import type { Registry } from "prom-client";
import type { AccessOptions } from "./access/access.ts";
import type { AuditLog } from "./audit/audit-log.ts";
import type { KeeperOptions } from "./keeper/options.ts";

/** The plant in force; another object once the plant file has changed. */
export interface PlantInForce {
  readonly plant: Plant;
  readonly model: PlantModel;
}

/** One check of `/health/ready`: what must work for the product to be ready. */
export interface ReadinessCheck {
  readonly name: string;
  readonly ok: boolean;
  /** What was found, for people. */
  readonly detail: string;
  /** Set while figures of the past are still being computed; the process is ready all the same. */
  readonly computing?: true;
  /** How far that is, in parts, where `detail` says it in words. */
  readonly progress?: Progress;
}

/** The server's certificate and key, as PEM. */
export interface GatewayTls {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** The authority that signs client certificates, which are accepted in place of tokens; `null`: none are. */
  readonly clientCa: Buffer | null;
  /** The authority's list of certificates that it revoked (PEM); `null`: none is looked at. */
  readonly clientCrl: Buffer | null;
}

export interface GatewayLimits {
  readonly bodyBytesMax: number;
  /** Most bytes of the bodies of all requests together; a body counts from its first byte until it is answered. */
  readonly bodiesBytesMax: number;
  /** Most bytes of the body of one correction. */
  readonly correctionBytesMax: number;
  /** A request that is not complete after this time is ended. */
  readonly requestTimeoutMs: number;
  /** Most events of one `POST /events`. */
  readonly eventsMax: number;
  /** Most refused events that an answer lists; the others are counted. */
  readonly refusalsListedMax: number;
  readonly requestsPerMinute: number;
  readonly postsPerMinute: number;
  /** Most elements of one answer (scopes × periods, before products). */
  readonly elementsMax: number;
  /** Most machines × periods that one answer may be summed from. */
  readonly cellsMax: number;
  /** Most questions to the store at a time, and most that may wait besides. */
  readonly storeQuestionsMax: number;
  readonly storeQuestionsWaitingMax: number;
  /** Most requests that wait for a correction at a time. */
  readonly correctionWaitsMax: number;
  readonly liveClientsMax: number;
  /** A websocket client that reads nothing for this long is disconnected. */
  readonly slowClientMs: number;
  /** Where the gateway ends, what is asked and answered by then has so long; then connections that are left are cut off. */
  readonly lastAnswersMs: number;
  readonly scopesPerSubscriptionMax: number;
  /** The least time between two updates to a client. */
  readonly updateEveryMs: number;
  /** A client that gets no update gets a heartbeat this often (ms). */
  readonly heartbeatEveryMs: number;
  /** A machine is shown as unknown this long after its last live record, unless the record announced the next one later. */
  readonly recordStaleAfterMs: number;
  /** How far ahead of the clock an event may lie (DI-2). */
  readonly maxFutureMs: number;
  /** How far behind the clock an event may lie (DI-2), where the request has no `maxPast`. */
  readonly maxPastMs: number;
  /** How long presenting a review, or freezing a baseline, waits until its figures are at rest. */
  readonly frozenWithinMs: number;
  /** With more records of the log that its process has not handled, the gateway is not ready. */
  readonly lagMax: number;
}

export const GATEWAY_LIMITS: GatewayLimits = {
  bodyBytesMax: 16 * 1024 * 1024,
  bodiesBytesMax: 96 * 1024 * 1024,
  correctionBytesMax: 64 * 1024,
  requestTimeoutMs: 45_000,
  eventsMax: 100_000,
  refusalsListedMax: 1_000,
  requestsPerMinute: 6_000,
  postsPerMinute: 1_200,
  elementsMax: 50_000,
  cellsMax: 120_000,
  storeQuestionsMax: 4,
  storeQuestionsWaitingMax: 64,
  correctionWaitsMax: 1_000,
  liveClientsMax: 2_000,
  slowClientMs: 30_000,
  lastAnswersMs: 5_000,
  scopesPerSubscriptionMax: 1_000,
  updateEveryMs: 250,
  heartbeatEveryMs: 1_000,
  recordStaleAfterMs: 60_000,
  maxFutureMs: MAX_FUTURE_MS_DEFAULT,
  maxPastMs: MAX_PAST_MS_DEFAULT,
  frozenWithinMs: 20_000,
  lagMax: 1_000_000,
};

/** A request for a part of the same process that is served beside the API. */
export interface OtherRequest {
  /** The path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Whether the gateway's sign-in knows the caller; `false` where the gateway has no sign-in. */
  readonly isSigned: boolean;
  /** Whether the caller may use the route for all of these machines; `true` where the gateway has no sign-in. */
  maySend(machines: readonly string[]): boolean;
  /** The body as UTF-8 text; `null`: it is longer than `bytesMax`. */
  body(bytesMax: number): Promise<string | null>;
}

export interface OtherAnswer {
  readonly status: number;
  /** The media type. */
  readonly type: string;
  readonly body: string;
}

export interface OtherRoute {
  readonly method: "GET" | "POST";
  /** The path; with `*` at its end all paths that begin with it. It must have a row in `access/table.ts`. */
  readonly path: string;
  answer(request: OtherRequest): OtherAnswer | Promise<OtherAnswer>;
}

export interface GatewayOptions {
  readonly plant: () => PlantInForce;
  readonly store: Store;
  readonly log: EventLog;
  readonly topics: Topics;
  /** Beside the event loop; without it texts are parsed by `parsePlantHere`. */
  readonly parsePlant?: ParsePlant;
  readonly live: LiveSource;
  /** The present instant (epoch ms). */
  readonly clock: () => number;
  readonly logger: Logger;
  /** The registry of the gateway's metrics; `GET /metrics` shows all that is in it. */
  readonly metrics: Registry;
  /** The build's version. */
  readonly version: string;
  /** Folder of the built dashboards. */
  readonly dashboards?: string;
  /** Host names under which the gateway may be called, besides IP addresses and `localhost`; `*`: any. */
  readonly allowedHosts?: readonly string[];
  /** Parts of the same process that are served on the same port, such as the page of its connectors. */
  readonly others?: readonly OtherRoute[];
  /** Further checks of readiness, such as that of the worker in the same process. */
  readonly readiness?: () => readonly ReadinessCheck[];
  /** The audit, where this process writes to it beside the gateway: the process then starts and closes it. Else the gateway makes one. */
  readonly audit?: AuditLog;
  /** Settings of sign-in. Without them everybody may do everything. */
  readonly access?: AccessOptions;
  /** With it the gateway serves TLS alone, by HTTP/2 and HTTP/1.1. */
  readonly tls?: GatewayTls;
  /** Whether browsers that came by TLS are told to use it for names below this one too (HSTS); default `true`. */
  readonly hstsBelow?: boolean;
  /** The gateway takes no events, corrections, entries or sign-ins, and writes neither to the log nor to the store. */
  readonly readOnly?: boolean;
  /** Proxies whose forwarding headers are trusted: IP addresses, or networks such as 10.0.0.0/8. */
  readonly trustProxy?: readonly string[];
  readonly limits?: Partial<GatewayLimits>;
  /** How alerts are looked for and sent; without it this gateway looks for none. */
  readonly keeper?: KeeperOptions;
}
