/** `GET /reasons/missing`: which stops need a reason now (RS-1). */
import type { FastifyInstance } from "fastify";
import { missingReasons } from "../answers/missing-reasons.ts";
import { periodOf } from "../instants.ts";
import { MISSING_QUERY, MISSING_REASON, type MissingQuery } from "@oee/protocol";
import { MISSING } from "../tabular/columns.ts";
import { formatOf, sendTable, tableAnswers } from "../tabular/send-table.ts";
import { auditExport, namesPeople } from "./audit-export.ts";
import { type RouteContext, scopeNamed } from "./context.ts";

export function reasonRoutes(app: FastifyInstance, context: RouteContext): void {
  const { options, pastOf, guard, turnstile, pictures, review } = context;
  const { store, clock } = options;
  const recordOf = ({ id }: { readonly id: string }): ReturnType<typeof pictures.freshRecord> =>
    pictures.freshRecord(id);

  app.get<{
    Querystring: MissingQuery;
  }>(
    "/reasons/missing",
    {
      schema: {
        summary: "Segments of stops that need a reason and have none, or a vague one (RS-1)",
        querystring: MISSING_QUERY,
        response: tableAnswers(
          "Open ones first, then the longest scheduled time; `since` is the start of the stop, `owner` the role that is accountable; `oee-total` says how many there are where `limit` leaves some out",
          MISSING_REASON,
        ),
      },
    },
    async (request, reply) => {
      const format = formatOf(request);
      const { query } = request;
      const { from, to, untilNow } = periodOf(query.from, query.to, clock());
      const reflects = untilNow ? to : clock();
      const scope = scopeNamed((await pastOf(request)).plant, query.scope);
      const missing = await review.answers.told(request, reply, reflects, ({ model }, signal) =>
        missingReasons({ store, turnstile, recordOf, signal }, model, scope, { from, to }),
      );
      void reply.header("oee-total", String(missing.length));
      const first = missing.slice(0, query.limit);
      if (namesPeople(first)) {
        const period = { from, to };
        await auditExport(context, request, { table: "missing-reasons", scope: scope.path, format, period });
      }
      return sendTable(reply, format, [first], MISSING, { reflects, from, to }, guard.shown(request));
    },
  );
}
