/** Routes of baselines, targets, pilots and actions, each with its present figures. */
import {
  ACTION,
  type ActionAnswer,
  ACTIONS_QUERY,
  type ActionsQuery,
  BASELINE,
  BASELINES_QUERY,
  type BaselinesQuery,
  ENTRY,
  ID_PARAMS,
  type IdParams,
  NO_QUERY,
  PILOT,
  TARGET,
  TARGETS_QUERY,
  type TargetsQuery,
} from "@oee/protocol";
import {
  actionDocument,
  type ActionEntry,
  actionState,
  baselineDocument,
  baselineInForce,
  type BaselineEntry,
  dayOf,
  type Facts,
  freeze,
  isEntryRefusal,
  measureNamed,
  periodsBetween,
  pilotDocument,
  type Programme,
  readEntry,
  targetStandings,
  withMoney,
} from "@oee/review";
import type { FastifyInstance } from "fastify";
import { clientSignal } from "../answers/client-signal.ts";
import { HttpProblem } from "../problems.ts";
import { isWithinScope } from "../review/parameters.ts";
import { figuresToday } from "../review/policy-today.ts";
import { frozenBaseline, sinceFrozen } from "../review/since-frozen.ts";
import { answers } from "../schemas.ts";
import { ACTION_ROWS, BASELINE_ROWS, TARGET_ROWS } from "../tabular/agreed-columns.ts";
import { reportAnswers, sendReport } from "../tabular/send-report.ts";
import { formatOf } from "../tabular/send-table.ts";
import { isNdjson, JSON_TYPE, objectIn, unchecked } from "./bodies.ts";
import { type RouteContext, scopeNamed } from "./context.ts";
import { auditExport } from "./audit-export.ts";

const PROBLEM_STATUSES = [400, 401, 403, 404, 429, 500, 503];
/** How far back targets are listed by period. */
const PERIODS_BACK_MS = 370 * 86_400_000;

export function programmeRoutes(app: FastifyInstance, context: RouteContext): void {
  const { options, pastOf, guard, limits, review, turnstile } = context;
  const { store } = options;
  app.get<{ Querystring: BaselinesQuery }>(
    "/baselines",
    {
      schema: {
        summary:
          "Baselines of a scope and below, or with `date` the one that is in force for the scope on it, with the scope's figures in it (BL)",
        querystring: BASELINES_QUERY,
        response: reportAnswers("`drift`: the same period now, less what was frozen, with what came `since`", {
          type: "array",
          items: BASELINE,
        }),
      },
    },
    async (request, reply) => {
      const format = formatOf(request);
      const scope = scopeNamed((await pastOf(request)).plant, request.query.scope);
      const { date } = request.query;
      const day = date === undefined ? null : dayOf(date);
      if (date !== undefined && day === null) throw invalid("date", "expected a date such as 2026-03-02");
      const signal = clientSignal(reply);
      const { known, found } = await review.answers.of(request, reply, (facts, at) => {
        const { programme, plant } = at;
        const asked =
          day === null
            ? programme.baselines.filter((baseline) => isWithinScope(plant, baseline.scope, scope))
            : [baselineInForce(programme.baselines, scope, day)].flatMap((one) => one ?? []);
        const documents = asked.map((baseline) => {
          // BL-2: the one that is in force speaks for the scope that asks, which may lie below its own.
          const of = day === null ? (plant.scopes.get(baseline.scope) ?? scope) : scope;
          const document = facts.part(`baseline ${baseline.id} of ${of.path}`, () => {
            const fresh = baseline.figures.kind === "computed" ? programme.freezeAgain(baseline, facts) : null;
            return baselineDocument(facts, baseline, fresh, of);
          });
          const drifts = Object.keys({ ...document.drift, ...document.driftComponents }).length > 0;
          return { baseline, of, document, frozen: drifts ? frozenBaseline(at, baseline.id, of) : null };
        });
        return { known: at, found: documents };
      });
      const drifting = found.flatMap(({ frozen }) => frozen ?? []);
      const came = await sinceFrozen({ store, turnstile }, known.plant, drifting);
      const documents: object[] = [];
      for (const { baseline, of, document, frozen } of found) {
        const since = frozen === null ? undefined : came[drifting.indexOf(frozen)];
        const isOther = request.query.policy === "today" && document.policy !== undefined;
        const today = isOther ? await figuresToday({ store, turnstile }, known, baseline, of, signal) : undefined;
        documents.push({ ...document, ...(since && { since }), ...(today && { today }) });
      }
      return sendReport(reply, format, documents, BASELINE_ROWS, null, guard.shown(request));
    },
  );

  app.post<{ Body: Buffer | undefined }>(
    "/baselines/preview",
    {
      bodyLimit: Math.min(limits.correctionBytesMax, limits.bodyBytesMax),
      schema: {
        summary: "What a computed baseline would come to, without entering it",
        consumes: [JSON_TYPE],
        body: ENTRY,
        response: answers({ 200: { description: "Nothing is kept", schema: BASELINE } }, [
          ...PROBLEM_STATUSES.filter((status) => status !== 404),
          413,
          415,
          422,
        ]),
      },
      validatorCompiler: unchecked,
    },
    async (request, reply) => {
      if (isNdjson(request)) throw new HttpProblem("OEE_HTTP_UNSUPPORTED_BODY", `expected ${JSON_TYPE}`);
      const given = { id: "preview", ...objectIn(request.body, "a baseline"), type: "baseline" };
      const entry = readEntry((await pastOf(request)).plant, given);
      if (isEntryRefusal(entry)) throw refused(entry);
      const document = await review.answers.of(request, reply, (facts) => previewOf(facts, entry as BaselineEntry));
      return reply.send(document);
    },
  );

  app.get<{ Querystring: TargetsQuery }>(
    "/targets",
    {
      schema: {
        summary:
          "Targets of a scope and below, with path and status (TG), and with `every` how they stood in each period",
        querystring: TARGETS_QUERY,
        response: reportAnswers("In the order in which they came", { type: "array", items: TARGET }),
      },
    },
    async (request, reply) => {
      const format = formatOf(request);
      const { measure, every, scope: path } = request.query;
      const scope = scopeNamed((await pastOf(request)).plant, path);
      if (measure !== undefined && measureNamed(measure) === null)
        throw invalid("measure", `there is no measure ${measure}`);
      const documents = await review.answers.of(request, reply, (facts, { programme, plant }) =>
        programme.book
          .inForce("target")
          .filter((entry) => isWithinScope(plant, entry.scope.path, scope))
          .filter((entry) => measure === undefined || entry.measure.name === measure)
          .map((entry) => {
            const from = facts.now - PERIODS_BACK_MS;
            const periods = every === undefined ? [] : periodsBetween(every, entry.scope, from, facts.now);
            return targetStandings(facts, programme, entry, periods);
          }),
      );
      return sendReport(reply, format, documents, TARGET_ROWS, null, guard.shown(request));
    },
  );

  app.get<{ Params: IdParams }>(
    "/pilots/:id",
    {
      schema: {
        summary: "What a pilot did, against its controls (PI), with its money (CS)",
        params: ID_PARAMS,
        querystring: NO_QUERY,
        response: answers(
          { 200: { description: "By measure; the verdict is the first one's", schema: PILOT } },
          PROBLEM_STATUSES,
        ),
      },
    },
    async (request, reply) => {
      const document = await review.answers.of(request, reply, (facts, { programme, plant }) =>
        withMoney(pilotDocument(facts, programme, inForceOf(programme, "pilot", request.params.id)), plant.currency),
      );
      return reply.send(document);
    },
  );

  app.get<{ Querystring: ActionsQuery }>(
    "/actions",
    {
      schema: {
        summary: "Improvement actions of a scope and below (AC)",
        querystring: ACTIONS_QUERY,
        response: reportAnswers("In the order in which they came", { type: "array", items: ACTION }),
      },
    },
    async (request, reply) => {
      const format = formatOf(request);
      const scope = scopeNamed((await pastOf(request)).plant, request.query.scope);
      const { state } = request.query;
      const documents = await review.answers.of(request, reply, (facts, { programme, plant }) =>
        programme.book
          .inForce("action")
          .filter((entry) => isWithinScope(plant, entry.scope.path, scope))
          .filter((entry) => {
            const own = actionState(facts.now, programme.actionOf(entry));
            return state === undefined || (state === "overdue" ? own.overdue : own.state === state);
          })
          .map((entry) => actionAnswer(facts, programme, entry)),
      );
      // The owner of an action is a role of the plant file, or a person's name.
      const { roles } = (await pastOf(request)).plant;
      if ((documents as readonly ActionAnswer[]).some(({ owner }) => owner !== null && !roles.includes(owner))) {
        await auditExport(context, request, { table: "actions", scope: scope.path, format });
      }
      return sendReport(reply, format, documents, ACTION_ROWS, null, guard.shown(request));
    },
  );

  app.get<{ Params: IdParams }>(
    "/actions/:id",
    {
      schema: {
        summary: "An improvement action, with its effect and whether it held (AC)",
        params: ID_PARAMS,
        querystring: NO_QUERY,
        response: answers({ 200: { description: "Also of one that is not done", schema: ACTION } }, PROBLEM_STATUSES),
      },
    },
    async (request, reply) => {
      const document = await review.answers.of(request, reply, (facts, { programme }) => {
        return actionAnswer(facts, programme, inForceOf(programme, "action", request.params.id));
      });
      return reply.send(document);
    },
  );
}

function previewOf(facts: Facts, entry: BaselineEntry): object {
  const { id, scope, from, to, effective, minCoverage } = entry;
  const figures = freeze(facts, entry);
  if ("code" in figures) throw refused(figures);
  return baselineDocument(
    facts,
    { id, scope: scope.path, from, to, effective, minCoverage, figures, policy: null },
    null,
  );
}

function actionAnswer(facts: Facts, programme: Programme, entry: ActionEntry): object {
  const { title, owner } = entry;
  const document = facts.part(`action ${entry.id}`, () => actionDocument(facts, programme, entry));
  return { title, owner, ...withMoney(document, facts.plant.currency) };
}

/** The pilot or action of an id that is in force. Throws `HttpProblem` where there is none. */
function inForceOf<T extends "pilot" | "action">(programme: Programme, type: T, id: string) {
  const entry = programme.book.newestOf(type, id);
  if (entry === null || entry.withdrawn) {
    throw new HttpProblem("OEE_HTTP_UNKNOWN_ENTRY", `there is no ${type} ${JSON.stringify(id.slice(0, 200))} in force`);
  }
  return entry;
}

function refused({ code, detail }: { readonly code: string; readonly detail: string }): HttpProblem {
  return new HttpProblem("OEE_HTTP_ENTRY_REFUSED", detail, { refusal: code });
}

function invalid(parameter: string, detail: string): HttpProblem {
  return new HttpProblem("OEE_HTTP_INVALID_PARAMETER", detail, { parameter });
}
