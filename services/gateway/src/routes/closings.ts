/**
 * `GET /closings`: closed time, and the late events and corrections of it that came after it was closed. These count like all
 * others.
 */
import { formatInstant, type Machine } from "@oee/model";
import { CLOSING, CLOSINGS_QUERY, type Closing, type ClosingsQuery } from "@oee/protocol";
import { type ClosingEntry, dateText, startOf } from "@oee/review";
import type { FastifyInstance } from "fastify";
import { CLOSING_ROWS } from "../tabular/agreed-columns.ts";
import { reportAnswers, sendReport } from "../tabular/send-report.ts";
import { formatOf } from "../tabular/send-table.ts";
import { type RouteContext, scopeNamed } from "./context.ts";
import { concerns } from "../review/concerns.ts";
import { cameOf, correctionsArrived } from "../review/corrections-came.ts";
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
      const { found, plant } = await review.answers.of(request, reply, (_, { programme, plant: own }) => ({
        plant: own,
        found: programme.book.inForce("closing").filter((closing) => concerns(closing, scope.path)),
      }));
      const machines = found.flatMap((closing) => closing.scope.machines);
      const oldest = Math.min(...found.map(({ at }) => at ?? Infinity));
      const arrived = await correctionsArrived({ store, turnstile }, plant, machines, oldest);
      const closings: Closing[] = [];
      for (const closing of found) {
        let lateEvents = 0;
        for (const [end, ids] of byEnd(closing)) {
          const question = { machines: ids, before: end, since: closing.at ?? Infinity };
          if (closing.at !== null) lateEvents += await turnstile.run(() => store.eventsAfter(question));
        }
        const { id, rev, until, by, at, note } = closing;
        const corrections = cameOf(arrived, closing.scope.machines, at ?? Infinity, (machine) => ({
          from: -Infinity,
          to: endOf(machine, until),
        }));
        closings.push({
          ...{ id, rev, by, note, scope: closing.scope.path, until: dateText(until) },
          at: at === null ? null : formatInstant(at),
          since: { lateEvents, corrections: corrections.count, correctionsBy: corrections.by },
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
