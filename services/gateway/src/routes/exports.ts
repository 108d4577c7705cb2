/**
 * `POST /exports`: a page that made a file of a table which names people reports this to the audit before it hands the file out,
 * as the server does for tables that it writes itself (`audit-export.ts`). Where the audit does not take the line, the answer is a
 * problem, and the page gives no file.
 */
import { EXPORT, EXPORT_AUDITED, type ExportAudited, TABLE_NAME } from "@oee/protocol";
import type { FastifyInstance } from "fastify";
import { onlyFields } from "../access/given.ts";
import { periodOf } from "../instants.ts";
import { HttpProblem } from "../problems.ts";
import { answers } from "../schemas.ts";
import { isNdjson, JSON_TYPE, objectIn, unchecked } from "./bodies.ts";
import { type RouteContext, scopeNamed } from "./context.ts";
import { auditExport } from "./audit-export.ts";

const BODY_BYTES_MAX = 4_096;
const TABLE = new RegExp(TABLE_NAME);

export function exportRoutes(app: FastifyInstance, context: RouteContext): void {
  const { options, plantOf, limits } = context;
  app.post<{ Body: Buffer | undefined }>(
    "/exports",
    {
      config: { rateLimit: { max: limits.postsPerMinute, timeWindow: 60_000, groupId: "post" } },
      bodyLimit: Math.min(BODY_BYTES_MAX, limits.bodyBytesMax),
      schema: {
        summary: "Tells the audit that a page hands out a table that names people",
        consumes: [JSON_TYPE],
        body: EXPORT,
        response: answers({ 202: { description: "The audit has it", schema: EXPORT_AUDITED } }, [
          ...[400, 401, 403, 404, 413, 415, 429, 500, 503],
        ]),
      },
      validatorCompiler: unchecked,
    },
    async (request, reply) => {
      if (isNdjson(request)) throw new HttpProblem("OEE_HTTP_UNSUPPORTED_BODY", `expected ${JSON_TYPE}`);
      const given = objectIn(request.body, "table, scope and format");
      onlyFields(given, ["table", "scope", "format", "from", "to"]);
      const { table, scope, format, from, to } = given;
      if (typeof table !== "string" || !TABLE.test(table)) throw invalid("table", "a name of letters and digits");
      if (typeof scope !== "string") throw invalid("scope", "a path such as berlin/packing, or *");
      if (format !== "csv") throw invalid("format", "csv");
      for (const [field, value] of Object.entries({ from, to })) {
        if (value !== undefined && typeof value !== "string") throw invalid(field, "an instant, as text");
      }
      const { path } = scopeNamed(plantOf(request).plant, scope);
      const period =
        typeof from === "string" && typeof to === "string" ? { period: periodOf(from, to, options.clock()) } : {};
      await auditExport(context, request, { table, scope: path, format, ...period });
      return reply.code(202).send({ table, scope: path } satisfies ExportAudited);
    },
  );
}

function invalid(field: string, expected: string): HttpProblem {
  return new HttpProblem("OEE_HTTP_INVALID_BODY", `${field}: expected ${expected}`);
}
