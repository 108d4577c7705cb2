/** Alerts (AL): which rule of the plant file was met by what, who owns it, and that somebody has seen it. */
import { randomUUID } from "node:crypto";
import { formatInstant } from "@oee/model";
import {
  ACKNOWLEDGEMENT,
  ALERT,
  ALERTS_QUERY,
  type AlertsQuery,
  ENTRIES_TAKEN,
  NO_QUERY,
  TICKET_PARAMS,
  type TicketParams,
} from "@oee/protocol";
import { alertDocuments, type AlertDocument, parseTicket } from "@oee/review";
import type { FastifyInstance } from "fastify";
import { periodOf } from "../instants.ts";
import { HttpProblem } from "../problems.ts";
import { answers } from "../schemas.ts";
import { isNdjson, JSON_TYPE, objectIn, unchecked } from "./bodies.ts";
import { type RouteContext, scopeNamed } from "./context.ts";

const PROBLEM_STATUSES = [400, 401, 403, 404, 429, 500, 503];

export function alertRoutes(
  app: FastifyInstance,
  { options, plantOf, wholePlant, guard, note, limits, review }: RouteContext,
): void {
  const { clock } = options;
  const rateLimit = { max: limits.postsPerMinute, timeWindow: 60_000, groupId: "post" };

  app.get<{ Querystring: AlertsQuery }>(
    "/alerts",
    {
      schema: {
        summary:
          "Alerts of machines below a scope that opened in a period (AL-1), of the kinds stop, no-reason and silent",
        querystring: ALERTS_QUERY,
        response: answers(
          { 200: { description: "In order of opening and ticket", schema: { type: "array", items: ALERT } } },
          PROBLEM_STATUSES,
        ),
      },
    },
    async (request, reply) => {
      const { query } = request;
      const now = clock();
      const scope = scopeNamed(plantOf(request).plant, query.scope);
      const { from, to } = periodOf(query.from, query.to, now);
      const alerts = await review.answers.of(
        request,
        reply,
        (facts, { programme }) => alertDocuments(facts, programme, { scope, period: { from, to: to + 1 } }),
        now,
      );
      return reply.send(alerts.filter(({ state }) => query.state === undefined || state === query.state));
    },
  );

  app.get<{ Params: TicketParams }>(
    "/alerts/:ticket",
    {
      schema: {
        summary: "One alert by its ticket, RULE/SUBJECT with its slashes escaped",
        params: TICKET_PARAMS,
        querystring: NO_QUERY,
        response: answers({ 200: { description: "With its steps", schema: ALERT } }, PROBLEM_STATUSES),
      },
    },
    async (request, reply) => {
      const { ticket } = request.params;
      const subject = parseTicket(ticket);
      const { plant } = plantOf(request);
      const scope = subject === null ? undefined : plant.scopes.get(subject.machine);
      if (subject === null || scope === undefined) throw unknown(ticket);
      const now = clock();
      // An alert opens at or after what it is about, and no condition looks ahead further than to now.
      const period = { from: subject.at, to: now + 1 };
      const alerts: readonly AlertDocument[] = await review.answers.of(
        request,
        reply,
        (facts, { programme }) => alertDocuments(facts, programme, { scope, period }),
        now,
      );
      const found = alerts.find((alert) => alert.ticket === ticket);
      if (found === undefined) throw unknown(ticket);
      return reply.send(found);
    },
  );

  app.post<{ Params: TicketParams; Body: Buffer | undefined }>(
    "/alerts/:ticket/acknowledgements",
    {
      config: { rateLimit },
      bodyLimit: Math.min(limits.correctionBytesMax, limits.bodyBytesMax),
      schema: {
        summary: "Somebody has seen an alert, or has resolved it: an entry of the type acknowledgement",
        consumes: [JSON_TYPE],
        params: TICKET_PARAMS,
        body: ACKNOWLEDGEMENT,
        response: answers(
          { 202: { description: "Safe in the log", schema: ENTRIES_TAKEN } },
          [400, 401, 403, 404, 409, 413, 415, 422, 429, 500, 503],
        ),
      },
      validatorCompiler: unchecked,
    },
    async (request, reply) => {
      if (isNdjson(request)) throw new HttpProblem("OEE_HTTP_UNSUPPORTED_BODY", `expected ${JSON_TYPE}`);
      const { ticket } = request.params;
      const { plant } = plantOf(request);
      const subject = parseTicket(ticket);
      const isKnown = subject !== null && plant.machineById.has(subject.machine);
      if (!isKnown || !plant.alerts.some(({ id }) => id === subject.rule)) throw unknown(ticket);
      const given = guard.signed(request, objectIn(request.body, "an acknowledgement without type and alert"));
      const entry = { id: randomUUID(), rev: 1, ...given, type: "acknowledgement", alert: ticket };
      const { id, rev, at } = await review.intake.take(wholePlant().plant, entry);
      await note(request, {
        kind: "entry",
        what: `acknowledgement/${id}`,
        scope: subject.machine,
        before: null,
        after: entry,
      });
      void reply.header("oee-reflects", formatInstant(clock()));
      const taken = { type: "acknowledgement", id, rev, at: at === null ? null : formatInstant(at) };
      return reply.code(202).send({ accepted: 1, entries: [taken] });
    },
  );
}

function unknown(ticket: string): HttpProblem {
  return new HttpProblem("OEE_HTTP_UNKNOWN_ENTRY", `there is no alert ${JSON.stringify(ticket.slice(0, 200))}`);
}
