/** `GET /audit`: everything that people changed, in one order: entries, corrections, recomputations, plant files (RE-3). */
import { compareCodePoints, formatInstant, type Scope } from "@oee/model";
import { AUDIT, AUDIT_QUERY, type AuditAnswer, type AuditQuery } from "@oee/protocol";
import type { Entry } from "@oee/review";
import { AUDIT_PAGE_MAX } from "@oee/store";
import type { FastifyInstance } from "fastify";
import { periodOf } from "../instants.ts";
import { isWithinScope } from "../review/parameters.ts";
import { answers } from "../schemas.ts";
import { type RouteContext, scopeNamed } from "./context.ts";
import { concerns, withoutFigures } from "./entries.ts";

const PROBLEM_STATUSES = [400, 401, 403, 404, 429, 500, 503];

/** With its instant as epoch ms, by which lines are put in order. */
type AuditLine = Omit<AuditAnswer, "at"> & { readonly at: number };

export function auditRoutes(app: FastifyInstance, { options, review, turnstile }: RouteContext): void {
  const { clock, plant: inForce, store } = options;
  app.get<{ Querystring: AuditQuery }>(
    "/audit",
    {
      config: { access: "view" },
      schema: {
        summary: "What people changed: entries, corrections, recomputations, plant files",
        querystring: AUDIT_QUERY,
        response: answers(
          {
            200: {
              description: "By the instant at which it was done, then in the order of the log",
              schema: { type: "array", items: AUDIT },
            },
          },
          PROBLEM_STATUSES,
        ),
      },
    },
    async (request, reply) => {
      const { query } = request;
      const { plant } = inForce();
      const now = clock();
      const scope = scopeNamed(plant, query.scope);
      const { from, to } = periodOf(query.from, query.to, now);
      const trail = await turnstile.run(() => store.auditTrail(AUDIT_PAGE_MAX));
      const lines = await review.answers.of(
        request,
        reply,
        (facts, { programme }) => [
          ...entryLines(programme.book.all(), scope),
          ...scope.machines.flatMap((machine) =>
            facts.correctionsOf(machine).map((correction): AuditLine => {
              const { at, by, note, reason, state, clear } = correction;
              const span = { from: formatInstant(correction.from), to: formatInstant(correction.to) };
              const after = { ...span, ...(clear ? { clear } : state === null ? { reason } : { state }), note };
              return { at, kind: "correction", by, scope: machine.id, what: "correction", before: null, after };
            }),
          ),
          ...trail.flatMap((one): AuditLine[] => {
            if (plant.scopes.has(one.scope) && !isWithinScope(plant, one.scope, scope)) return [];
            const kind = /recompute|repair/.test(one.action)
              ? "recompute"
              : /plant/.test(one.action)
                ? "plant"
                : "other";
            const span = {
              from: one.from === null ? null : formatInstant(one.from),
              to: one.to === null ? null : formatInstant(one.to),
            };
            const after = { ...span, plantVersion: one.plantVersion, detail: one.detail };
            return [{ at: one.at, kind, by: one.actor, scope: one.scope, what: one.action, before: null, after }];
          }),
        ],
        now,
      );
      const asked = lines
        .filter(({ at }) => at >= from && at <= to)
        .sort((a, b) => a.at - b.at || compareCodePoints(a.kind, b.kind));
      return reply.send(asked.map((line) => ({ ...line, at: formatInstant(line.at) })));
    },
  );
}

function entryLines(entries: readonly Entry[], scope: Scope): AuditLine[] {
  const former = new Map<string, Readonly<Record<string, unknown>>>();
  return entries.flatMap((entry): AuditLine[] => {
    const key = `${entry.type}/${entry.id}`;
    const before = former.get(key) ?? null;
    const after = withoutFigures(entry.raw);
    former.set(key, after);
    if (!concerns(entry, scope.path)) return [];
    const own = entry.type === "pilot" || entry.type === "acknowledgement" ? scope.path : entry.scope.path;
    return [{ at: entry.at ?? 0, kind: "entry", by: entry.by, scope: own, what: key, before, after }];
  });
}
