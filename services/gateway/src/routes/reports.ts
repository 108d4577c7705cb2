/**
 * Routes of the review's reports: the review of a period, what changed between two periods, how far figures can be
 * trusted (scorecard), and the ranking of scopes.
 */
import { formatInstant } from "@oee/model";
import {
  ASSETS,
  ASSETS_QUERY,
  type AssetsQuery,
  BENCHMARK,
  BENCHMARK_QUERY,
  type BenchmarkQuery,
  CHANGE,
  CHANGES_QUERY,
  type ChangesQuery,
  PERIOD_QUERY,
  type PeriodQuery,
  REVIEW,
  SCORECARD_WITH_ROWS,
} from "@oee/protocol";
import {
  benchmarkDocument,
  changeDocument,
  markedPolicy,
  measureNamed,
  periodOf,
  policyChangesIn,
  reasonChanges,
  reviewDocument,
  scorecardDocument,
  scorecardOf,
  scorecardRows,
  withMoney,
} from "@oee/review";
import type { FastifyInstance } from "fastify";
import { isPartial } from "../access/seen-plant.ts";
import { HttpProblem } from "../problems.ts";
import { checkReviewPeriod, isWithinScope, namedPeriodOf, tellPeriod } from "../review/parameters.ts";
import { answers } from "../schemas.ts";
import { ASSET_ROWS, CHANGE_ROWS, RANKED, SCORECARD_ROWS } from "../tabular/report-columns.ts";
import { reportAnswers, sendReport } from "../tabular/send-report.ts";
import { formatOf } from "../tabular/send-table.ts";
import { type RouteContext, scopeNamed } from "./context.ts";

const PROBLEM_STATUSES = [400, 401, 403, 404, 429, 500, 503];
const DAY_MS = 86_400_000;

export function reportRoutes(
  app: FastifyInstance,
  { options, plantOf, pastOf, guard, review, turnstile }: RouteContext,
): void {
  const { clock, store } = options;

  app.get<{ Querystring: PeriodQuery }>(
    "/review",
    {
      schema: {
        summary: "The review of a scope and a period as it is now, as one document (RV-1)",
        querystring: PERIOD_QUERY,
        response: answers(
          { 200: { description: "As `oee review --format json` has it", schema: REVIEW } },
          PROBLEM_STATUSES,
        ),
      },
    },
    async (request, reply) => {
      const scope = scopeNamed((await pastOf(request)).plant, request.query.scope);
      const named = namedPeriodOf("period", request.query.period, scope, clock());
      checkReviewPeriod(named);
      tellPeriod(reply, named, scope);
      const document = await review.answers.of(request, reply, (facts, { programme, plant }) =>
        withMoney(reviewDocument(facts, programme, scope, named, null, null), plant.currency),
      );
      return reply.send(document);
    },
  );

  app.get<{ Querystring: ChangesQuery }>(
    "/changes",
    {
      schema: {
        summary: "Where the change of OEE between two periods, or from a baseline, came from (DC)",
        querystring: CHANGES_QUERY,
        response: reportAnswers(
          "The bars sum to the change, the reasons to that of `unplannedDowntimeShare` (DC-5); `change` is null where there is no decomposition",
          CHANGE,
        ),
      },
    },
    async (request, reply) => {
      const format = formatOf(request);
      const { query } = request;
      const scope = scopeNamed((await pastOf(request)).plant, query.scope);
      const now = clock();
      const second = periodOf(scope.timezone, namedPeriodOf("second", query.second, scope, now));
      const asked = query.first.startsWith("baseline:") ? query.first.slice("baseline:".length) : null;
      const before = asked === null ? periodOf(scope.timezone, namedPeriodOf("first", query.first, scope, now)) : null;
      const document = await review.answers.of(request, reply, (facts, { programme }) => {
        const baseline = asked === null ? null : programme.baseline(asked);
        const first = before ?? baseline;
        if (first === null) {
          const named = JSON.stringify((asked ?? "").slice(0, 200));
          throw new HttpProblem("OEE_HTTP_UNKNOWN_ENTRY", `there is no baseline ${named} in force`);
        }
        return {
          scope: scope.path,
          change: facts.part("change", () => changeDocument(facts, scope, first, second)),
          reasons: facts.part("reasons", () => reasonChanges(facts, scope, first, second, query.depth ?? null)),
          ...markedPolicy(baseline === null ? [] : policyChangesIn(baseline, facts, second)),
        };
      });
      return sendReport(reply, format, document, CHANGE_ROWS, second, guard.shown(request));
    },
  );

  app.get<{ Querystring: PeriodQuery }>(
    "/scorecard",
    {
      schema: {
        summary: "How far the numbers of a scope can be trusted (SC)",
        querystring: PERIOD_QUERY,
        response: reportAnswers("Of all machines below the scope", SCORECARD_WITH_ROWS),
      },
    },
    async (request, reply) => {
      const format = formatOf(request);
      const scope = scopeNamed((await pastOf(request)).plant, request.query.scope);
      const named = namedPeriodOf("period", request.query.period, scope, clock());
      const period = periodOf(scope.timezone, named);
      tellPeriod(reply, named, scope);
      const document = await review.answers.of(request, reply, (facts, { programme }) => ({
        ...facts.part("scorecard", () => scorecardDocument(scorecardOf(facts, scope, period))),
        rows: scorecardRows(facts, programme, scope, named),
      }));
      return sendReport(reply, format, document, SCORECARD_ROWS, null, guard.shown(request));
    },
  );

  app.get<{ Querystring: AssetsQuery }>(
    "/assets",
    {
      schema: {
        summary: "Which machines are heard of: declared and seen, silent, undeclared (SC-1)",
        querystring: ASSETS_QUERY,
        response: reportAnswers(
          "`silent`: expected in the last 24 hours, and not heard of; `refused` counts the dead letters of an undeclared one",
          ASSETS,
        ),
      },
    },
    async (request, reply) => {
      const format = formatOf(request);
      const scope = scopeNamed((await pastOf(request)).plant, request.query.scope);
      const heard = await turnstile.run(() => store.machinesHeard(scope.machines.map(({ id }) => id)));
      const document = await review.answers.of(request, reply, (facts) => {
        const day = { from: facts.now - DAY_MS, to: facts.now };
        const { silent, undeclared, visibility } = facts.part("scorecard", () => scorecardOf(facts, scope, day));
        const isSilent = new Set(silent);
        const declared = scope.machines.map(({ id, path }) => {
          const known = heard.get(id);
          return {
            machine: path,
            seen: known !== undefined && known.last >= day.from,
            silent: isSilent.has(path),
            first: known === undefined ? null : formatInstant(known.first),
            last: known === undefined ? null : formatInstant(known.last),
          };
        });
        const strangers = isPartial(plantOf(request).plant) ? new Map() : review.refused.refusals.undeclared();
        return {
          visibility,
          declared,
          undeclared: undeclared.map((machine) => {
            const known = strangers.get(machine);
            return {
              machine,
              first: known === undefined ? null : formatInstant(known.first),
              last: known === undefined ? null : formatInstant(known.last),
              refused: known?.count ?? 0,
            };
          }),
        };
      });
      return sendReport(reply, format, document, ASSET_ROWS, null, guard.shown(request));
    },
  );

  app.get<{ Querystring: BenchmarkQuery }>(
    "/benchmark",
    {
      schema: {
        summary: "Machines, or lines, of one class ranked by a measure (BM-1)",
        querystring: BENCHMARK_QUERY,
        response: reportAnswers("The best first; those that do not count with why", BENCHMARK),
      },
    },
    async (request, reply) => {
      const format = formatOf(request);
      const { query } = request;
      const { plant } = await pastOf(request);
      const scope = scopeNamed(plant, query.scope);
      const measure = measureNamed(query.measure);
      if (measure === null) {
        const detail = `there is no measure ${JSON.stringify(query.measure.slice(0, 80))}`;
        throw new HttpProblem("OEE_HTTP_INVALID_PARAMETER", detail, { parameter: "measure" });
      }
      const named = namedPeriodOf("period", query.period, scope, clock());
      const period = periodOf(scope.timezone, named);
      tellPeriod(reply, named, scope);
      const scopes = [...plant.scopes.values()].filter(
        (candidate) => candidate.class === query.class && isWithinScope(plant, candidate.path, scope),
      );
      const document = await review.answers.of(request, reply, (facts) =>
        benchmarkDocument(facts, scopes, query.class, measure, period),
      );
      return sendReport(reply, format, document, RANKED, null, guard.shown(request));
    },
  );
}
