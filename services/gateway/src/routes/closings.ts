/** `GET /closings`: time that is closed, and what came after it was: late events and corrections, which count like all else. */
import { formatInstant, type Machine } from "@oee/model";
import { CLOSING, CLOSINGS_QUERY, type Closing, type ClosingsQuery } from "@oee/protocol";
import { type ClosingEntry, dateText, type Facts, startOf } from "@oee/review";
import type { FastifyInstance } from "fastify";
import { answers } from "../schemas.ts";
import { type RouteContext, scopeNamed } from "./context.ts";
import { concerns } from "./entries.ts";

export function closingRoutes(app: FastifyInstance, { options, pastOf, review, turnstile }: RouteContext): void {
  const { store } = options;

  app.get<{ Querystring: ClosingsQuery }>(
    "/closings",
    {
      schema: {
        summary: "Time that is closed, and what came after it was",
        querystring: CLOSINGS_QUERY,
        response: answers(
          {
            200: { description: "In the order in which they were entered", schema: { type: "array", items: CLOSING } },
          },
          [400, 401, 403, 404, 429, 500, 503],
        ),
      },
    },
    async (request, reply) => {
      const scope = scopeNamed((await pastOf(request)).plant, request.query.scope);
      const found = await review.answers.of(request, reply, (facts, { programme }) =>
        programme.book
          .inForce("closing")
          .filter((closing) => concerns(closing, scope.path))
          .map((closing) => ({ closing, corrections: correctionsSince(facts, closing) })),
      );
      const closings: Closing[] = [];
      for (const { closing, corrections } of found) {
        let lateEvents = 0;
        for (const [end, machines] of byEnd(closing)) {
          const question = { machines, before: end, since: closing.at ?? Infinity };
          if (closing.at !== null) lateEvents += await turnstile.run(() => store.eventsAfter(question));
        }
        const { id, rev, until, by, at, note } = closing;
        closings.push({
          ...{ id, rev, by, note, scope: closing.scope.path, until: dateText(until) },
          at: at === null ? null : formatInstant(at),
          since: { lateEvents, ...corrections },
        });
      }
      return reply.send(closings);
    },
  );
}

/** Ids of machines by the first instant that is open: dates begin in the machine's own zone. */
function byEnd({ scope, until }: ClosingEntry): ReadonlyMap<number, readonly string[]> {
  const ends = new Map<number, string[]>();
  for (const machine of scope.machines) {
    const end = endOf(machine, until);
    const own = ends.get(end);
    if (own === undefined) ends.set(end, [machine.id]);
    else own.push(machine.id);
  }
  return ends;
}

function endOf({ timezone }: Machine, until: ClosingEntry["until"]): number {
  return startOf(timezone, until);
}

function correctionsSince(
  facts: Facts,
  { scope, until, at: closed }: ClosingEntry,
): Omit<Closing["since"], "lateEvents"> {
  const correctionsBy: Record<string, number> = {};
  let corrections = 0;
  for (const machine of scope.machines) {
    const end = endOf(machine, until);
    for (const { at, from, by } of facts.correctionsOf(machine)) {
      if (closed === null || at < closed || from >= end) continue;
      corrections++;
      correctionsBy[by ?? ""] = (correctionsBy[by ?? ""] ?? 0) + 1;
    }
  }
  return { corrections, correctionsBy };
}
