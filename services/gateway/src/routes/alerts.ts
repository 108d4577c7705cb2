/** Routes of alerts (AL): lists of alerts with rule, subject and owners, and their acknowledgement. */
import { randomUUID } from "node:crypto";
import { formatInstant, type Scope, scopeAt } from "@oee/model";
import {
  ACKNOWLEDGEMENT,
  ALERT,
  ALERT_COUNTS,
  ALERT_RULES_QUERY,
  type AlertRulesQuery,
  ALERTS_QUERY,
  type AlertsQuery,
  ENTRIES_TAKEN,
  NO_QUERY,
  TICKET_PARAMS,
  type TicketParams,
} from "@oee/protocol";
import { alertCounts, alertsOf, isOfMachine, parseTicket } from "@oee/review";
import type { FastifyInstance } from "fastify";
import { alertsFound, alertsIn, storedAlert, withMessages } from "../answers/alerts.ts";
import { periodOf } from "../instants.ts";
import { isSeenIn } from "../keeper/live-alerts.ts";
import { checkEntryReach } from "../access/entry-reach.ts";
import { HttpProblem } from "../problems.ts";
import { answers } from "../schemas.ts";
import { isNdjson, JSON_TYPE, objectIn, unchecked } from "./bodies.ts";
import { type RouteContext, scopeNamed } from "./context.ts";
import { tellingOf } from "./entry-lines.ts";

const PROBLEM_STATUSES = [400, 401, 403, 404, 429, 500, 503];

export function alertRoutes(
  app: FastifyInstance,
  { options, plantOf, pastOf, wholePlant, guard, note, limits, review, pictures, shownAlerts }: RouteContext,
): void {
  /** The scope of an alert that the keeper found; `null`: it found none. */
  const shownScope = (ticket: string): string | null =>
    shownAlerts().find((alert) => alert.ticket === ticket)?.scope ?? null;
  const { clock } = options;
  /** Whether a machine is known up to now. Of one that the plant does not have any more nothing else comes. */
  const isKnownToNow = (machine: string): boolean =>
    pictures.isFresh(machine) ?? !wholePlant().plant.machineById.has(machine);
  /** The same of the machines of a scope, as it is now, before facts of them are read. */
  const knownToNow = ({ machines }: Scope): ((machine: string) => boolean) => {
    const known = new Set(machines.map(({ id }) => id).filter(isKnownToNow));
    return (machine) => known.has(machine);
  };
  const rateLimit = { max: limits.postsPerMinute, timeWindow: 60_000, groupId: "post" };

  app.get<{ Querystring: AlertsQuery }>(
    "/alerts",
    {
      schema: {
        summary: "Alerts of a scope and below that opened in a period (AL-1), with what was sent about them",
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
      const scope = scopeNamed((await pastOf(request)).plant, query.scope);
      const { from, to } = periodOf(query.from, query.to, now);
      const alerts = await alertsIn(
        options.store,
        wholePlant().plant,
        scope,
        { from, to: to + 1 },
        knownToNow(scope),
        (rules) =>
          review.answers.of(request, reply, (facts, { programme, plant }) => rules(facts, programme, plant), now),
      );
      return reply.send(alerts.filter(({ state }) => query.state === undefined || state === query.state));
    },
  );

  app.get<{ Querystring: AlertRulesQuery }>(
    "/alert-rules",
    {
      schema: {
        summary: "Alert rules with how often they were met, how soon that was seen, and whether they are noise (AL-5)",
        querystring: ALERT_RULES_QUERY,
        response: answers(
          {
            200: {
              description: "In the order of the plant file; alerts of the scope and below that opened in the period",
              schema: { type: "array", items: ALERT_COUNTS },
            },
          },
          PROBLEM_STATUSES,
        ),
      },
    },
    async (request, reply) => {
      const { query } = request;
      const now = clock();
      const { plant } = plantOf(request);
      const scope = scopeNamed(plant, query.scope);
      const { from, to } = periodOf(query.from, query.to, now);
      const found = await alertsFound(
        options.store,
        wholePlant().plant,
        scope,
        { from, to: to + 1 },
        knownToNow(scope),
        (rules) => review.answers.of(request, reply, (facts, known) => rules(facts, known.programme, known.plant), now),
      );
      const rules = plant.alerts.map(({ id }) => id);
      return reply.send(alertCounts(rules, found));
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
      const now = clock();
      const isKnown = subject === null || isKnownToNow(subject.machine);
      const found = await review.answers.of(
        request,
        reply,
        (facts, { programme, plant }) => {
          const scope = subject === null ? undefined : scopeAt(plant, subject.machine);
          if (subject === null || scope === undefined) return { alert: null, programme, plant };
          // A machine's alert opens at or after the instant of its ticket, and not after now.
          const question = { scope, period: { from: subject.at, to: now + 1 } };
          const alerts = alertsOf(facts, programme.book.inForce("acknowledgement"), question);
          return { alert: alerts.find((alert) => alert.ticket === ticket) ?? null, programme, plant };
        },
        now,
      );
      const { alert } = found;
      const stored =
        isKnown && alert !== null
          ? null
          : await storedAlert(options.store, wholePlant().plant, found.plant, found.programme, ticket, now);
      const computed = alert !== null && (isKnown || alert.resolves !== null) ? [alert] : [];
      const answer = stored ?? (await withMessages(options.store, computed))[0];
      if (answer === undefined) throw unknown(ticket);
      return reply.send(answer);
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
      const rule = plant.alerts.find(({ id }) => ticket.startsWith(`${id}/`));
      if (rule === undefined) throw unknown(ticket);
      // An alert may be acknowledged before the keeper has stored it: the ticket of a machine's alert names machine and rule.
      const path = subject !== null && isOfMachine(rule.condition.kind) ? subject.machine : shownScope(ticket);
      const scope = path === null ? undefined : scopeAt(plant, path);
      if (scope === undefined || !isSeenIn(wholePlant().plant, scope, scope.path)) throw unknown(ticket);
      const given = guard.signed(request, objectIn(request.body, "an acknowledgement without type and alert"));
      const entry = { id: randomUUID(), rev: 1, ...given, type: "acknowledgement", alert: ticket };
      await checkEntryReach((await pastOf(request)).plant, wholePlant().plant, review.entries, entry);
      const telling = tellingOf(note, request, () => ({ scope: scope.path, before: null, after: entry }));
      const { id, rev, at } = (await review.newEntries.take(wholePlant().plant, entry, telling)).entry;
      void reply.header("oee-reflects", formatInstant(clock()));
      const taken = { type: "acknowledgement", id, rev, at: at === null ? null : formatInstant(at) };
      return reply.code(202).send({ accepted: 1, entries: [taken] });
    },
  );
}

function unknown(ticket: string): HttpProblem {
  return new HttpProblem("OEE_HTTP_UNKNOWN_ENTRY", `there is no alert ${JSON.stringify(ticket.slice(0, 200))}`);
}
