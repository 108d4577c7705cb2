/**
 * `POST /events` appends the events of a body to the log. Delivery: an answer of 202 means that the events which it counts as
 * accepted are durable. After any other answer some of them may be in the log: a sender repeats the body, which with `id`s or
 * totals changes nothing (CN-4).
 */
import { type CorrectionEvent, MAX_PAST_HEADER, maxPastOf, type Refusal } from "@oee/model";
import { refusalOfClosed } from "@oee/review";
import type { FastifyInstance } from "fastify";
import { PostedEvents } from "../posted-events.ts";
import { HttpProblem } from "../problems.ts";
import { EVENTS, EVENTS_QUERY, EVENTS_TAKEN, type EventsTaken } from "@oee/protocol";
import { answers } from "../schemas.ts";
import { tellReflects } from "../tabular/send-table.ts";
import { isNdjson, JSON_TYPE, NDJSON_TYPE, unchecked } from "./bodies.ts";
import type { RouteContext } from "./context.ts";

/** Most machines that the audit's line about corrections among events names. */
const AUDITED_MACHINES_MAX = 100;

const PROBLEM_STATUSES = [400, 401, 403, 413, 415, 429, 500, 503];

export function eventRoutes(
  app: FastifyInstance,
  { options, plantOf, wholePlant, guard, note, limits, metrics, decoderOf, review }: RouteContext,
): void {
  const { log, topics, clock } = options;
  const rateLimit = { max: limits.postsPerMinute, timeWindow: 60_000, groupId: "post" };

  app.post<{ Body: Buffer | readonly Buffer[] | undefined; Querystring: { readonly maxPast?: unknown } }>(
    "/events",
    {
      config: { rateLimit },
      schema: {
        summary: "Events into the log: one, an array, or NDJSON",
        consumes: [JSON_TYPE, NDJSON_TYPE],
        description:
          'Such as `{"type":"state","machine":"berlin/packing/l1/filler","at":"2026-03-02T05:00:00Z","state":"running"}` or `{"type":"count","machine":"berlin/packing/l1/filler","at":1772427600000,"good":12,"scrap":1}`; of NDJSON each line is one.',
        querystring: EVENTS_QUERY,
        body: EVENTS,
        response: answers(
          {
            202: {
              description: "What was accepted is safe in the log; each refused one with why (DI-2)",
              schema: EVENTS_TAKEN,
            },
          },
          PROBLEM_STATUSES,
        ),
      },
      validatorCompiler: unchecked,
    },
    async (request, reply) => {
      const body = request.body ?? (isNdjson(request) ? [] : Buffer.alloc(0));
      const now = clock();
      const maxPast = maxPastIn(request.query);
      const decoder = decoderOf(plantOf(request).plant);
      const { book } = (await review.entries.programmeOf(wholePlant().plant)).programme;
      const isOpen = (correction: CorrectionEvent): Refusal | null => refusalOfClosed(book, correction, Infinity);
      const posted = new PostedEvents(limits, maxPast?.ms, guard.isOn ? null : isOpen);
      if (Buffer.isBuffer(body)) await posted.takeJson(decoder, body, now);
      else await posted.takeLines(decoder, body, now);
      // Corrections among events are accepted only without sign-in, such as with an imported history: the audit has one line for all of them, before they are written.
      if (posted.corrections > 0) {
        const machines = [...posted.correctedMachines].slice(0, AUDITED_MACHINES_MAX);
        const after = { corrections: posted.corrections, machines };
        const scope = machines.length === 1 && machines[0] !== undefined ? machines[0] : "*";
        await note(request, { kind: "corrections", what: "", scope, before: null, after });
      }
      await log.append(topics.events.name, await posted.records(maxPast?.headers));
      metrics.acceptedEvents.inc(posted.accepted);
      for (const [code, count] of posted.refusedByCode) metrics.refusedEvents.inc({ code }, count);
      tellReflects(reply, now);
      const { accepted, refused, refusals } = posted;
      const taken: EventsTaken = { accepted, refused, refusals };
      return reply.code(202).send(taken);
    },
  );
}

interface MaxPast {
  readonly ms: number;
  /** Headers of the records, for the worker judges the age of events again when it reads them. */
  readonly headers: Readonly<Record<string, string>>;
}

/** How far back the events of an import may lie, by the parameter `maxPast`; `null`: it is not given. Throws `HttpProblem`. */
function maxPastIn(query: { readonly maxPast?: unknown }): MaxPast | null {
  for (const name of Object.keys(query)) {
    if (name !== "maxPast")
      throw new HttpProblem(
        "OEE_HTTP_INVALID_PARAMETER",
        `expected no parameter but maxPast, found ${name.slice(0, 40)}`,
      );
  }
  if (query.maxPast === undefined) return null;
  const text = typeof query.maxPast === "string" ? query.maxPast : "";
  const ms = maxPastOf(text);
  if (ms !== null) return { ms, headers: { [MAX_PAST_HEADER]: text } };
  const found = `maxPast: expected a duration such as 3650d, found ${JSON.stringify(text.slice(0, 40))}`;
  throw new HttpProblem("OEE_HTTP_INVALID_PARAMETER", found);
}
