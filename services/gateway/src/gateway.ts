/**
 * The gateway: the HTTP API, the live channel and the dashboards on one port. It keeps nothing of its own but the newest
 * live records, so that any number of gateways may stand side by side. Built apart from listening; closing it ends its
 * connections, and leaves the store and the log to those who opened them.
 */
import { createHash } from "node:crypto";
import { fastifyRateLimit } from "@fastify/rate-limit";
import { fastifySwagger } from "@fastify/swagger";
import { fastifySwaggerUi } from "@fastify/swagger-ui";
import { EventDecoder, type Plant } from "@oee/model";
import {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from "fastify";
import { Server } from "socket.io";
import { CorrectionWaits } from "./correction-waits.ts";
import { LatencyMeter } from "./live/latency-meter.ts";
import { LiveHub } from "./live/live-hub.ts";
import { MachinePictures } from "./live/machine-picture.ts";
import { gatewayMetrics } from "./metrics.ts";
import { GATEWAY_LIMITS, type GatewayLimits, type GatewayOptions, type PlantInForce } from "./options.ts";
import { problemOf } from "./problem-of.ts";
import { HttpProblem, PROBLEM_TYPE } from "./problems.ts";
import { ReadinessProbe } from "./readiness.ts";
import type { RouteContext } from "./routes/context.ts";
import { dashboardRoutes } from "./routes/dashboards.ts";
import { historyRoutes } from "./routes/history.ts";
import { correctionRoutes } from "./routes/corrections.ts";
import { eventRoutes } from "./routes/events.ts";
import { acceptBodies } from "./routes/bodies.ts";
import { operationsRoutes } from "./routes/operations.ts";
import { presentRoutes } from "./routes/present.ts";
import { Turnstile } from "./turnstile.ts";

export const API_PREFIX = "/api/v1";

const PLUGIN_TIMEOUT_MS = 120_000;
const RETRY_AFTER_SECONDS = 2;

export async function buildGateway(options: GatewayOptions): Promise<FastifyInstance> {
  const limits: GatewayLimits = { ...GATEWAY_LIMITS, ...options.limits };
  const { clock, plant } = options;
  const loggerInstance: FastifyBaseLogger = options.logger;
  const app: FastifyInstance = fastify({
    loggerInstance,
    // Metrics count requests; the log holds what failed.
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: limits.bodyBytesMax,
    // Before there is a route, and so before any hook.
    frameworkErrors: (error, request, reply) => sendProblem(error, request, reply.headers(SECURITY_HEADERS)),
    routerOptions: { maxParamLength: 512 },
    ajv: { customOptions: { removeAdditional: false, coerceTypes: true } },
    forceCloseConnections: true,
    // A machine that is busy starting up for the first time takes longer than the default of 10 s.
    pluginTimeout: PLUGIN_TIMEOUT_MS,
  });
  const io = new Server(app.server, {
    serveClient: false,
    perMessageDeflate: false,
    maxHttpBufferSize: 256 * 1024,
    allowRequest: (request, done) => {
      done(null, isSameOrigin(request.headers.origin, request.headers.host));
    },
  });
  const namespace = io.of("/live");

  const pictures = new MachinePictures(plant().model, clock, limits.recordStaleAfterMs);
  const metrics = gatewayMetrics(options.metrics, {
    liveClients: () => namespace.sockets.size,
    machines: () => pictures.count(),
  });
  const latency = new LatencyMeter(metrics.latency);
  const waits = new CorrectionWaits(limits.correctionWaitsMax, (id) => pictures.record(id));
  const versionOf = versions(options.version);
  const turnstile = new Turnstile(limits.storeQuestionsMax, limits.storeQuestionsWaitingMax);
  const decoderOf = decoders(limits.maxFutureMs);
  const context: RouteContext = { options, limits, metrics, pictures, latency, waits, turnstile, versionOf, decoderOf };

  namespace.use((socket, next) => {
    const refuse = (reason: string): void => next(new Error(reason));
    if (namespace.sockets.size >= limits.liveClientsMax) return refuse("too many clients");
    const { headers, address } = socket.handshake;
    Promise.resolve(options.authorize?.({ headers, ip: address }, "view") ?? "granted").then(
      (verdict) => (verdict === "granted" ? next() : refuse(verdict)),
      () => refuse("authorization failed"),
    );
  });
  const hub = new LiveHub({ namespace, pictures, plant, versionOf, clock, limits, metrics, latency });
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
    (machine) => hub.isShown(machine),
  );

  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  const sendProblem = (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const problem = problemOf(error, limits.bodyBytesMax);
    metrics.problems.inc({ code: problem.code });
    if (problem.status >= 500) request.log.error({ err: error, url: request.url }, problem.message);
    if (problem.status === 503) void reply.header("retry-after", String(RETRY_AFTER_SECONDS));
    void reply.code(problem.status).type(PROBLEM_TYPE).send(JSON.stringify(problem.body()));
  };
  app.setErrorHandler(sendProblem);
  app.setNotFoundHandler((request) => {
    throw new HttpProblem(
      "OEE_HTTP_NOT_FOUND",
      `there is no ${request.method} ${request.url.slice(0, 200)}; see /api/docs`,
    );
  });
  app.addHook("onRequest", async (request, reply) => {
    void reply.headers(SECURITY_HEADERS);
    if (request.url.startsWith("/api/") && !request.url.startsWith("/api/docs")) {
      void reply
        .header("content-security-policy", "default-src 'none'; frame-ancestors 'none'")
        .header("cache-control", "no-store");
    }
    await authorize(options, request);
  });
  app.addHook("onResponse", (request, reply, done) => {
    const route = request.routeOptions.url ?? "none";
    metrics.requests.observe({ route, method: request.method, status: reply.statusCode }, reply.elapsedTime / 1000);
    done();
  });
  app.addHook("preClose", async () => {
    stopLive();
    hub.close();
    io.disconnectSockets(true);
    await io.close();
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
  await app.register(fastifySwagger, {
    openapi: {
      openapi: "3.0.3",
      info: {
        title: "open OEE",
        version: options.version,
        description:
          "Numbers mean what docs say of KPIs. Instants are RFC 3339 or epoch milliseconds, durations milliseconds, ratios 0 to 1. Errors are RFC 9457 problem details with a `code`.",
      },
      servers: [{ url: "/" }],
    },
  });
  await app.register(fastifySwaggerUi, { routePrefix: "/api/docs", staticCSP: true });
  await app.register(
    async (api) => {
      presentRoutes(api, context);
      historyRoutes(api, context);
      acceptBodies(api);
      eventRoutes(api, context);
      correctionRoutes(api, context);
    },
    { prefix: API_PREFIX },
  );
  const probe = new ReadinessProbe(options, limits, pictures);
  await app.register(async (api) => operationsRoutes(api, context, probe, false), { prefix: API_PREFIX });
  await app.register(async (api) => operationsRoutes(api, context, probe, true));
  if (options.dashboards !== undefined) await dashboardRoutes(app, options.dashboards);
  return app;
}

/** Loopback unless told otherwise; answers the address. */
export async function listen(
  gateway: FastifyInstance,
  { host = "127.0.0.1", port = 8080 }: { readonly host?: string; readonly port?: number } = {},
): Promise<string> {
  return gateway.listen({ host, port });
}

const SECURITY_HEADERS = {
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
};

async function authorize({ authorize: ask }: GatewayOptions, request: FastifyRequest): Promise<void> {
  const access = request.routeOptions.config.access ?? null;
  if (ask === undefined || access === null) return;
  const verdict = await ask(request, access);
  if (verdict === "sign-in") throw new HttpProblem("OEE_HTTP_SIGN_IN", `${access} needs a sign-in`);
  if (verdict === "forbidden") throw new HttpProblem("OEE_HTTP_FORBIDDEN", `${access} is not granted`);
}

/** A page of another origin may not open a websocket here; programs, which send no origin, may. */
function isSameOrigin(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  try {
    return new URL(origin).host === host;
  } catch {
    return false;
  }
}

/** One decoder serves one plant file. */
function decoders(maxFutureMs: number): (plant: Plant) => EventDecoder {
  const known = new WeakMap<Plant, EventDecoder>();
  return (plant) => {
    let decoder = known.get(plant);
    if (decoder === undefined) known.set(plant, (decoder = new EventDecoder(plant, { maxFutureMs })));
    return decoder;
  };
}

/** Changes with the build and with anything in the plant file that a display shows. */
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
  return [...reasons.children].map(([id, node]) => [id, node.name, namesIn(node)]);
}
