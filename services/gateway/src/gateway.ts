/**
 * The gateway: the HTTP API, the live channel and the dashboards on one port. It keeps nothing of its own but the newest
 * live records, so that any number of gateways may stand side by side. Built apart from listening; closing it ends its
 * connections, and leaves the store and the log to those who opened them.
 */
import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { TLSSocket } from "node:tls";
import { fastifyRateLimit } from "@fastify/rate-limit";
import { fastifySwagger } from "@fastify/swagger";
import { fastifySwaggerUi } from "@fastify/swagger-ui";
import { EventDecoder, type Plant, type Scope } from "@oee/model";
import type { KnownAlert } from "@oee/review";
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from "fastify";
import { type Namespace, Server } from "socket.io";
import { Access } from "./access/access.ts";
import { type Admitted, Guard } from "./access/guard.ts";
import { OwnPeople } from "./access/own-people.ts";
import { Proxies } from "./access/proxies.ts";
import { AuditLog } from "./audit/audit-log.ts";
import { Connections } from "./connections.ts";
import { CorrectionWaits } from "./correction-waits.ts";
import { answerOnSocket, problemOfClientError } from "./client-errors.ts";
import { changedScopes, isGoingOn, liveAlerts } from "./keeper/live-alerts.ts";
import { ReasonCounts } from "./keeper/reason-counts.ts";
import { Keeper } from "./keeper/keeper.ts";
import { LatencyCounts } from "./keeper/latency-counts.ts";
import { LatencyMeter } from "./live/latency-meter.ts";
import type { Attention } from "./live/live-element.ts";
import { LiveHub } from "./live/live-hub.ts";
import { MachinePictures } from "./live/machine-picture.ts";
import { gatewayMetrics } from "./metrics.ts";
import {
  GATEWAY_LIMITS,
  type GatewayLimits,
  type GatewayOptions,
  type GatewayTls,
  type PlantInForce,
} from "./options.ts";
import { problemOf } from "./problem-of.ts";
import { Methods } from "./methods.ts";
import { busy, HttpProblem, PROBLEM_TYPE } from "./problems.ts";
import { ReadinessProbe } from "./readiness.ts";
import type { RouteContext } from "./routes/context.ts";
import { dashboardRoutes } from "./routes/dashboards.ts";
import { exportRoutes } from "./routes/exports.ts";
import { historyRoutes } from "./routes/history.ts";
import { closingRoutes } from "./routes/closings.ts";
import { correctionRoutes } from "./routes/corrections.ts";
import { entryRoutes } from "./routes/entries.ts";
import { eventRoutes } from "./routes/events.ts";
import { rawEventRoutes } from "./routes/raw-events.ts";
import { acceptBodies } from "./routes/bodies.ts";
import { BodyBudget } from "./body-budget.ts";
import { operationsRoutes } from "./routes/operations.ts";
import { otherRoutes } from "./routes/others.ts";
import { presentRoutes } from "./routes/present.ts";
import { reasonRoutes } from "./routes/reasons.ts";
import { alertRoutes } from "./routes/alerts.ts";
import { auditRoutes } from "./routes/audit.ts";
import { presentedReviewRoutes } from "./routes/presented-reviews.ts";
import { programmeRoutes } from "./routes/programme.ts";
import { reportRoutes } from "./routes/reports.ts";
import { accessRoutes } from "./routes/access.ts";
import { ownAccessRoutes } from "./routes/own-access.ts";
import { providerRoutes } from "./routes/provider.ts";
import { sessionRoutes } from "./routes/sessions.ts";
import { DaySums } from "./review/day-sums.ts";
import { reviewOf } from "./review/review.ts";
import { TEXT_FORMATS } from "@oee/protocol";
import { isEmbeddedElsewhere, Strangers } from "./strangers.ts";
import { fileNameOf } from "./tabular/file-name.ts";
import { OneAtATime, Turnstile } from "@oee/pacing";

declare module "fastify" {
  interface FastifyInstance {
    /** The keeper, which looks for alerts; `null`: this gateway has none. */
    readonly keeper: Keeper | null;
    /** Opens sessions of the process itself (`own-people.ts`); `null`: the gateway has no sign-in. */
    readonly people: OwnPeople | null;
  }
}

const API_PREFIX = "/api/v1";

const PLUGIN_TIMEOUT_MS = 120_000;
const RETRY_AFTER_SECONDS = 2;
const HEADERS_TIMEOUT_MS = 15_000;
/** A client of the live channel that has not joined it after this time is disconnected. */
const JOIN_TIMEOUT_MS = 10_000;
/** How often clients whose session has ended are looked for in the live channel. */
const STILL_IN_EVERY_MS = 1_000;
const TIMEOUTS_LOOKED_FOR_EVERY_MS = 5_000;
const REASONS_COUNTED_EVERY_MS = 10_000;

export async function buildGateway(options: GatewayOptions): Promise<FastifyInstance> {
  const limits: GatewayLimits = { ...GATEWAY_LIMITS, ...options.limits };
  const { clock, plant } = options;
  const strangers = new Strangers(options.allowedHosts ?? []);
  const methods = new Methods();
  const { log, topics, store } = options;
  const proxies = new Proxies(options.trustProxy ?? []);
  const readOnly = options.readOnly === true;
  const audit = options.audit ?? new AuditLog({ log, topic: topics.audit.name, store, clock, logger: options.logger });
  const access =
    options.access === undefined
      ? null
      : new Access(options.access, {
          log,
          topic: topics.access.name,
          logger: options.logger,
          readOnly,
          onPassedOver: () => metrics.passedOver.inc({ topic: "access" }),
          onNameOver: (what) =>
            audit.write({ who: null, kind: "name-over", what, scope: "*", from: null, before: null, after: null }),
        });
  const guard = new Guard(access, plant, proxies, readOnly);
  const loggerInstance: FastifyBaseLogger = options.logger;
  const { tls } = options;
  const hsts = { "strict-transport-security": options.hstsBelow === false ? HSTS : `${HSTS}; includeSubDomains` };
  const timeouts = {
    headersTimeout: Math.min(HEADERS_TIMEOUT_MS, limits.requestTimeoutMs),
    connectionsCheckingInterval: Math.min(TIMEOUTS_LOOKED_FOR_EVERY_MS, limits.requestTimeoutMs),
  };
  const app: FastifyInstance = fastify({
    loggerInstance,
    // Requests are counted by metrics; only failed ones are logged.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytesMax,
    // What still comes while it ends is refused below, by a problem as every error.
    return503OnClosing: false,
    // Errors before a route is found, so that no hook has set the headers.
    frameworkErrors: (error, request, reply) =>
      sendProblem(
        error,
        request,
        reply.headers({ ...SECURITY_HEADERS, ...(request.protocol === "https" ? hsts : {}) }),
      ),
    clientErrorHandler: (error, socket) => {
      const problem = problemOfClientError(error);
      if (problem === null) return void socket.destroy();
      metrics.problems.inc({ code: problem.code });
      answerOnSocket(socket, problem, { ...SECURITY_HEADERS, ...(socket instanceof TLSSocket ? hsts : {}) });
    },
    requestTimeout: limits.requestTimeoutMs,
    ...(tls === undefined ? { http: timeouts } : secureOf(tls, timeouts)),
    routerOptions: { maxParamLength: 512 },
    // Whether our schemas are schemas is for tests: their schema would be compiled at each start.
    ajv: {
      customOptions: {
        removeAdditional: false,
        coerceTypes: true,
        formats: UNCHECKED_FORMATS,
        validateSchema: false,
      },
    },
    forceCloseConnections: true,
    trustProxy: (address) => proxies.trusts(address),
    // On a busy machine the first start takes longer than fastify's default of 10 s.
    pluginTimeout: PLUGIN_TIMEOUT_MS,
  });
  const connections = new Connections(app.server, tls !== undefined);
  const io = new Server(app.server, {
    serveClient: false,
    perMessageDeflate: false,
    connectTimeout: JOIN_TIMEOUT_MS,
    maxHttpBufferSize: 256 * 1024,
    allowRequest: ({ headers }, done) => {
      // Connections are limited here too, for clients that never join the namespace, where the others are refused.
      const free = io.engine.clientsCount < 2 * limits.liveClientsMax;
      done(null, free && strangers.knowsHost(headers) && strangers.knowsOrigin(headers));
    },
  });
  // The live channel answers requests without fastify.
  app.server.prependListener("request", (request: IncomingMessage, response: ServerResponse) => {
    if (request.url?.startsWith(io.path()) !== true) return;
    const headers = { ...SECURITY_HEADERS, ...(proxies.isSecure(request) ? hsts : {}) };
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  });
  const namespace = io.of("/live");
  // A client that has joined some namespace stays connected: none is joined without being let in.
  io.use((_socket, next) => next(new Error("expected the namespace /live")));

  const pictures = new MachinePictures(plant().model, clock, limits.recordStaleAfterMs);
  const metrics = gatewayMetrics(options.metrics, {
    liveClients: () => namespace.sockets.size,
    machines: () => pictures.count(),
    onDuty: () => keeper?.isOnDuty ?? false,
    alertsOpen: () => shownAlerts().filter(isGoingOn).length,
  });
  const latencies = new LatencyCounts(() => plant().plant);
  const latency = new LatencyMeter(metrics.latency, latencies);
  const waits = new CorrectionWaits(limits.correctionWaitsMax, (id) => pictures.record(id));
  const versionOf = versions(options.version);
  const turnstile = new Turnstile(limits.storeQuestionsMax, limits.storeQuestionsWaitingMax, busy);
  const decoderOf = decoders(limits);
  const review = reviewOf(
    options,
    limits,
    turnstile,
    ({ id }) => pictures.freshRecord(id),
    (request, past) => guard.seenBy(request.reach, past),
  );
  const { entries, answers } = review;
  const keeper =
    options.keeper === undefined || readOnly
      ? null
      : new Keeper({ options, keeper: options.keeper, entries, answers, pictures, latencies, metrics });
  if (!readOnly)
    access?.startNotices({
      logger: options.logger,
      mail: () => options.keeper?.addresses().mail ?? null,
      isOnDuty: () => keeper?.isOnDuty === true,
      onSent: ({ person: what, about }) =>
        audit.write({ who: null, kind: "notice-sent", what, scope: "*", from: null, before: null, after: { about } }),
    });
  const shownAlerts = (): readonly KnownAlert[] => keeper?.shown ?? [];
  const reasonCounts = new ReasonCounts();
  const attentionOf = (scope: Scope): Attention => ({
    needsReason: reasonCounts.of(scope),
    alerts: [...liveAlerts(plant().plant, shownAlerts(), scope)],
  });
  const context: RouteContext = {
    options,
    plantOf: (request) => guard.plantOf(request),
    pastOf: async (request) => guard.seenBy(request.reach, await review.pasts.of(plant())),
    wholePlant: plant,
    guard,
    access,
    note: ({ who, ip }, ...lines) =>
      audit.write(...lines.map((facts) => ({ who: who?.id ?? null, from: ip, ...facts }))),
    limits,
    metrics,
    pictures,
    latency,
    waits,
    turnstile,
    versionOf,
    decoderOf,
    review,
    shownAlerts,
    attentionOf,
  };
  review.entries.start();
  review.refused.start();
  const daySums = new DaySums(options, turnstile);
  if (!readOnly) daySums.start();
  if (!readOnly && options.audit === undefined) audit.start();

  namespace.use((socket, next) => {
    if (namespace.sockets.size >= limits.liveClientsMax) return next(new Error("too many clients"));
    const admitted = guard.admitSocket(socket.request);
    if (typeof admitted === "string") return next(new Error(admitted));
    (socket.data as SocketData).admitted = admitted;
    next();
  });
  const hub = new LiveHub({
    namespace,
    pictures,
    plant,
    reachOf: ({ data }) => (data as SocketData).admitted.reach,
    seenBy: (reach, plantNow) => guard.seenBy(reach, plantNow),
    versionOf,
    attentionOf,
    clock,
    limits,
    metrics,
    latency,
    logger: options.logger,
    show: (machines) => options.live.show(machines),
    taking: (machine) => options.live.taking?.(machine),
  });
  const stopLive = options.live.subscribe(
    (record) => {
      if (!pictures.take(record)) return;
      if (record.kind === "machine") {
        metrics.liveRecords.inc();
        latency.received(record, clock());
        waits.take(record);
      }
      hub.machineChanged(record.machine);
    },
    () => metrics.passedOver.inc({ topic: "live" }),
  );
  const stopWaiting = options.live.onWaiting?.((machine) => hub.machineChanged(machine));
  const ending = access === null ? null : setInterval(() => endStrangers(namespace, guard), STILL_IN_EVERY_MS);
  ending?.unref();
  app.decorate("keeper", keeper);
  app.decorate("people", access === null ? null : new OwnPeople(access, audit));
  keeper?.start((before, after) => {
    hub.scopesChanged(changedScopes(before, after));
  });
  const counting = new OneAtATime(
    async () => {
      hub.scopesChanged(await reasonCounts.count(options.store, plant().plant, clock()));
    },
    (error) => options.logger.warn({ err: error }, "stops that need a reason were not counted"),
  );
  const counted = setInterval(() => {
    if (namespace.sockets.size > 0) counting.request();
  }, REASONS_COUNTED_EVERY_MS);
  counted.unref();

  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  const sendProblem = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const { bodyLimit, schema } = request.routeOptions;
    const problem = problemOf(error, bodyLimit ?? limits.bodyBytesMax, schema);
    metrics.problems.inc({ code: problem.code });
    // Where the client closed the connection nothing failed: that is why the answer was broken off.
    if (problem.status >= 500 && !reply.raw.destroyed)
      request.log.error({ err: error, url: request.url }, problem.message);
    if (REFUSALS.has(problem.code)) {
      const { who, ip, method } = request;
      const route = request.routeOptions.url ?? "none";
      request.log.warn({ code: problem.code, who: who?.id ?? null, from: ip, method, route }, "refused");
    }
    if (problem.status === 503) void reply.header("retry-after", String(RETRY_AFTER_SECONDS));
    void reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem.body()));
  };
  app.setErrorHandler(sendProblem);
  app.setNotFoundHandler((request, reply) => notFound(methods, request, reply));
  methods.watch(app);
  guard.watch(app);
  // A request with an unknown `Expect` is answered as if it had none (RFC 9110, 10.1.1).
  app.server.on("checkExpectation", app.routing);
  let ends = false;
  app.addHook("onRequest", async (request, reply) => {
    void reply.headers(SECURITY_HEADERS);
    if (request.protocol === "https") void reply.headers(hsts);
    // By the route: the address that was sent may be written in other ways, such as `/%61pi/` or with a host before it.
    const { url = request.url } = request.routeOptions;
    if (url.startsWith("/api/") && !url.startsWith("/api/docs")) {
      void reply
        .header("content-security-policy", "default-src 'none'; frame-ancestors 'none'")
        .header("content-disposition", fileNameOf(request, "json"))
        .header("cache-control", "no-store");
    }
    checkStranger(strangers, request);
    if (ends) throw new HttpProblem("OEE_HTTP_BUSY", "the gateway ends; ask again in a moment");
    if (request.is404) notFound(methods, request, reply);
    if (!guard.admit(request, reply)) return reply;
    // Refused before anything is done, since nothing may be done that the audit cannot record.
    if (audit.lost !== null && request.routeOptions.config.row?.audited === true) {
      throw new HttpProblem("OEE_HTTP_AUDIT_LOST", audit.lost);
    }
  });
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "none";
    metrics.requests.observe({ route, method: request.method, status: reply.statusCode }, reply.elapsedTime / 1000);
    done();
  });
  app.addHook("preClose", async () => {
    ends = true;
    waits.close();
    stopLive();
    stopWaiting?.();
    if (ending !== null) clearInterval(ending);
    clearInterval(counted);
    await keeper?.close();
    hub.close();
    await review.entries.close();
    await daySums.close();
    await review.refused.close();
    if (options.audit === undefined) await audit.close();
    await access?.close();
    io.disconnectSockets(true);
    await connections.end(io.close(), limits.lastAnswersMs, (count) =>
      options.logger.warn({ connections: count }, "connections with unfinished requests are cut off"),
    );
  });

  await app.register(fastifyRateLimit, {
    max: limits.requestsPerMinute,
    timeWindow: 60_000,
    errorResponseBuilder: (_request, { max, after }) =>
      new HttpProblem(
        "OEE_HTTP_TOO_MANY_REQUESTS",
        `expected at most ${max} such requests a minute; try again in ${after}`,
      ),
  });
  await documentApi(app, options.version);
  await app.register(async (api) => apiRoutes(api, context), { prefix: API_PREFIX });
  const probe = new ReadinessProbe(options, limits, pictures, () => audit.lost);
  await app.register(async (api) => operationsRoutes(api, context, probe, false), { prefix: API_PREFIX });
  await app.register(async (api) => operationsRoutes(api, context, probe, true));
  await otherRoutes(app, context, options.others ?? []);
  if (access?.provider != null) providerRoutes(app, context, access, access.provider);
  if (options.dashboards !== undefined) await dashboardRoutes(app, options.dashboards);
  return app;
}

/** The OpenAPI document of all routes that are registered from now on, and the page that shows it. */
async function documentApi(app: FastifyInstance, version: string): Promise<void> {
  await app.register(fastifySwagger, {
    openapi: {
      openapi: "3.0.3",
      info: {
        title: "open OEE",
        version,
        description:
          "Numbers mean what docs say of KPIs. Instants are RFC 3339 or epoch milliseconds, durations milliseconds, ratios 0 to 1. Errors are RFC 9457 problem details with a `code`.",
      },
      servers: [{ url: "/" }],
    },
  });
  await app.register(fastifySwaggerUi, { routePrefix: "/api/docs", staticCSP: true });
}

/** The routes below `API_PREFIX`, in the order in which the OpenAPI document has them. */
function apiRoutes(api: FastifyInstance, context: RouteContext): void {
  const { access, limits } = context;
  presentRoutes(api, context);
  historyRoutes(api, context);
  reasonRoutes(api, context);
  acceptBodies(api, new BodyBudget(limits.bodiesBytesMax));
  eventRoutes(api, context);
  rawEventRoutes(api, context);
  correctionRoutes(api, context);
  entryRoutes(api, context);
  closingRoutes(api, context);
  programmeRoutes(api, context);
  reportRoutes(api, context);
  alertRoutes(api, context);
  auditRoutes(api, context);
  exportRoutes(api, context);
  sessionRoutes(api, context);
  if (access !== null) accessRoutes(api, context, access);
  if (access !== null) ownAccessRoutes(api, context, access);
  presentedReviewRoutes(api, context);
}

interface SocketData {
  admitted: Admitted;
}

/** Disconnects the clients of the live channel whose session has ended or whose scopes have changed; they may connect again. */
function endStrangers(namespace: Namespace, guard: Guard): void {
  for (const socket of namespace.sockets.values()) {
    const { who, reach } = (socket.data as SocketData).admitted;
    if (who === null) continue;
    if (JSON.stringify(guard.reachOf(who)) !== JSON.stringify(reach)) socket.disconnect(true);
  }
}

/** Codes of refusals that are logged: requests without the right to make them, and requests of foreign pages. */
const REFUSALS: ReadonlySet<string> = new Set([
  "OEE_HTTP_FORBIDDEN",
  "OEE_HTTP_FOREIGN_ORIGIN",
  "OEE_HTTP_UNKNOWN_HOST",
  "OEE_HTTP_SIGN_IN_FAILED",
  "OEE_HTTP_SIGN_IN_DELAYED",
]);

/** Browsers use TLS alone for two years, the time that their preload lists recommend. */
const HSTS = "max-age=63072000";

/** Options of fastify for TLS 1.2 or newer, with HTTP/2, and HTTP/1.1 for the websocket. */
function secureOf({ cert, key, clientCa, clientCrl }: GatewayTls, timeouts: object): object {
  const crl = clientCrl === null ? {} : { crl: clientCrl };
  const clients = clientCa === null ? {} : { ca: clientCa, ...crl, requestCert: true, rejectUnauthorized: false };
  return { http2: true, https: { ...timeouts, cert, key, allowHTTP1: true, minVersion: "TLSv1.2", ...clients } };
}

const SECURITY_HEADERS = {
  "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

/** Throws `HttpProblem` for a request under an unknown name, from a page of another site, or with a malformed address. */
function checkStranger(strangers: Strangers, { headers, method, raw }: FastifyRequest): void {
  if (!strangers.knowsHost(headers)) {
    throw new HttpProblem(
      "OEE_HTTP_UNKNOWN_HOST",
      `the request is for ${JSON.stringify(headers.host?.slice(0, 80))}; expected an IP address, localhost, or a name that --allowed-hosts lists`,
    );
  }
  const reads = method === "GET" || method === "HEAD";
  // A link of another site may lead here, also back from the provider's form.
  const isLedHere = reads && headers["sec-fetch-mode"] === "navigate";
  if (!isLedHere && (!strangers.knowsOrigin(headers) || (reads && isEmbeddedElsewhere(headers)))) {
    throw new HttpProblem(
      "OEE_HTTP_FOREIGN_ORIGIN",
      `a page of ${JSON.stringify(headers.origin?.slice(0, 80) ?? "another site")} asks; expected a page of the address called`,
    );
  }
  if (!isUtf8(raw.url ?? "")) {
    throw new HttpProblem("OEE_HTTP_INVALID_PARAMETER", "expected an address of ASCII with %-escaped UTF-8");
  }
}

/** Whether an address is ASCII and its %-escapes are valid UTF-8. */
function isUtf8(url: string): boolean {
  if (!/^[!-~]*$/.test(url)) return false;
  try {
    decodeURIComponent(url);
    return true;
  } catch {
    return false;
  }
}

/** Throws `HttpProblem`: 405 where the address has other methods, else 404. */
function notFound(methods: Methods, { method, url }: FastifyRequest, reply: FastifyReply): never {
  const allowed = methods.of(url.split("?", 1)[0] ?? "");
  if (allowed.length > 0 && !allowed.includes(method)) {
    void reply.header("allow", allowed.join(", "));
    throw new HttpProblem("OEE_HTTP_METHOD_NOT_ALLOWED", `found ${method}, expected ${allowed.join(" or ")}`);
  }
  throw new HttpProblem("OEE_HTTP_NOT_FOUND", `there is no ${method} ${url.slice(0, 200)}; see /api/docs`);
}

const UNCHECKED_FORMATS = Object.fromEntries(TEXT_FORMATS.map((format) => [format, true as const]));

/** Gives the decoder of a plant, which is made once. */
function decoders(limits: Pick<GatewayLimits, "maxFutureMs" | "maxPastMs">): (plant: Plant) => EventDecoder {
  const known = new WeakMap<Plant, EventDecoder>();
  return (plant) => {
    let decoder = known.get(plant);
    if (decoder === undefined) known.set(plant, (decoder = new EventDecoder(plant, limits)));
    return decoder;
  };
}

/** Gives the version that displays compare: it changes with the build and with anything in the plant file that a display shows. */
function versions(build: string): (plant: PlantInForce) => string {
  const known = new WeakMap<object, string>();
  return ({ plant }) => {
    let version = known.get(plant);
    if (version === undefined) {
      const { name, currency, windows, products, reasons } = plant;
      const scopes = [...plant.scopes.values()].map((scope) => [scope.path, scope.name, scope.targets]);
      const shown = JSON.stringify([
        plant.version,
        name,
        currency,
        windows,
        [...products.values()],
        scopes,
        namesIn(reasons),
      ]);
      version = `${build}+${createHash("sha256").update(shown).digest("hex").slice(0, 12)}`;
      known.set(plant, version);
    }
    return version;
  };
}

function namesIn(reasons: PlantInForce["plant"]["reasons"]): unknown[] {
  return [...reasons.children].map(([id, node]) => [id, node.name, node.vague, namesIn(node)]);
}
