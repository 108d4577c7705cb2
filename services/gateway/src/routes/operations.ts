/** Routes for operations: liveness, readiness and metrics. They have no rate limit, because a probe must get through. */
import { formatInstant } from "@oee/model";
import type { FastifyInstance } from "fastify";
import type { ReadinessProbe } from "../readiness.ts";
import { HEALTH, READINESS, type ReadinessAnswer } from "@oee/protocol";
import { answers } from "../schemas.ts";
import { isPartial } from "../access/seen-plant.ts";
import { fileNameOf } from "../tabular/file-name.ts";
import type { RouteContext } from "./context.ts";

/** Adds the routes; with `hide` they are not documented, for they stand at a second address. */
export function operationsRoutes(
  app: FastifyInstance,
  { options, plantOf, guard }: RouteContext,
  probe: ReadinessProbe,
  hide: boolean,
): void {
  const open = { rateLimit: false } as const;

  app.get(
    "/health/live",
    {
      config: open,
      schema: {
        hide,
        summary: "Whether the process answers",
        response: answers({ 200: { description: "It does", schema: HEALTH } }, []),
      },
    },
    (_request, reply) => reply.send({ status: "live" }),
  );

  app.get(
    "/health/ready",
    {
      config: open,
      schema: {
        hide,
        summary: "Whether log, store and workers are well, with the lag and the age of the newest event",
        response: answers(
          {
            200: { description: "Ready", schema: READINESS },
            503: { description: "Not ready, and why", schema: READINESS },
          },
          [],
        ),
      },
    },
    async (request, reply) => {
      const { ready, checks: all, lag, newestEventAt } = await probe.look();
      // Checks name machines, and the newest event may be of a machine that the caller may not see.
      const isWhole = !guard.isOn || (request.reach.length > 0 && !isPartial(plantOf(request).plant));
      const checks = isWhole ? all : all.map(({ progress: _, ...check }) => ({ ...check, detail: "" }));
      const newestEvent =
        newestEventAt === null || !isWhole
          ? null
          : { at: formatInstant(newestEventAt), ageMs: options.clock() - newestEventAt };
      const answer: ReadinessAnswer = { status: ready ? "ready" : "not-ready", checks, lag, newestEvent };
      return reply.code(ready ? 200 : 503).send(answer);
    },
  );

  app.get(
    "/metrics",
    {
      config: { rateLimit: false },
      schema: {
        hide,
        summary: "Metrics for Prometheus; docs/metrics.md lists them",
        response: answers({ 200: { description: "Text format", types: ["text/plain"] } }, [401, 403, 500]),
      },
    },
    async (request, reply) => {
      if (request.routeOptions.url?.startsWith("/api/") === true)
        void reply.header("content-disposition", fileNameOf(request, "txt"));
      return reply.type(options.metrics.contentType).send(await options.metrics.metrics());
    },
  );
}
