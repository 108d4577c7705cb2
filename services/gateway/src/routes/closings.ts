/**
 * `GET /closings`: closed time, and the late events and corrections of it that came after it was closed. These count like all
 * others.
 */
import { formatInstant, type Machine } from "@oee/model";
import { CLOSING, CLOSINGS_QUERY, type Closing, type ClosingsQuery } from "@oee/protocol";
import { type ClosingEntry, dateText, type Facts, startOf } from "@oee/review";
import type { FastifyInstance } from "fastify";
import { CLOSING_ROWS } from "../tabular/agreed-columns.ts";
import { reportAnswers, sendReport } from "../tabular/send-report.ts";
import { formatOf } from "../tabular/send-table.ts";
import { type RouteContext, scopeNamed } from "./context.ts";
import { concerns } from "../review/concerns.ts";
import { auditExport } from "./audit-export.ts";

export function closingRoutes(app: FastifyInstance, context: RouteContext): void {
  const { options, pastOf, guard, review, turnstile } = context;
  const { store } = options;

  app.get<{ Querystring: ClosingsQuery }>(
    "/closings",
    {
      schema: {
        summary: "Time that is closed, and what came after it was",
        querystring: CLOSINGS_QUERY,
        response: reportAnswers("In the order in which they were entered", { type: "array", items: CLOSING }),
      },
    },
    async (request, reply) => {
      const format = formatOf(request);
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
      if (closings.length > 0) await auditExport(context, request, { table: "closings", scope: scope.path, format });
      return sendReport(reply, format, closings, CLOSING_ROWS, null, guard.shown(request));
    },
  );
}

/** Ids of a closing's machines by the first instant (epoch ms) that is not closed: dates begin in the machine's own zone. */
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
