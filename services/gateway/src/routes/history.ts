/** Routes that answer from stored rows: KPIs, losses, the Pareto of stops, and the stops themselves. */
import { type Answered, kpiElement, lossCostsOf, lossesOf, type MakeElement } from "@oee/answers";
import { machinePath, type Plant, type Scope, type StopSegment, machinesIn, membersIn } from "@oee/model";
import {
  ELEMENT,
  KPI_QUERY,
  type KpiQuery,
  LOSSES_ELEMENT,
  PARETO_ELEMENT,
  PARETO_QUERY,
  type ParetoElement,
  type ParetoQuery,
  STOP_SEGMENT,
  STOPS_QUERY,
  type StopsQuery,
} from "@oee/protocol";
import { inDecimals, paretoOf, withMoney } from "@oee/review";
import { GiveWay } from "@oee/pacing";
import type { StopKey } from "@oee/store";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { clientSignal } from "../answers/client-signal.ts";
import { kpiAnswer } from "../answers/kpi-answers.ts";
import { goingOn } from "../answers/open-stops.ts";
import { nameOf } from "../answers/pareto-names.ts";
import { instantOf, periodOf } from "../instants.ts";
import { HttpProblem } from "../problems.ts";
import { ELEMENTS, LOSSES, type LossesElement, PARETO, STOPS } from "../tabular/columns.ts";
import { formatOf, sendTable, tableAnswers } from "../tabular/send-table.ts";
import { auditExport, namesPeople } from "./audit-export.ts";
import { type RouteContext, scopeNamed } from "./context.ts";

export function historyRoutes(app: FastifyInstance, context: RouteContext): void {
  const { options, plantOf, pastOf, guard, turnstile, pictures, limits, review } = context;
  const { store, clock } = options;
  const sources = {
    store,
    turnstile,
    clock,
    recordOf: ({ id }: { readonly id: string }) => pictures.freshRecord(id),
    limits,
  };

  const elementsFor = async <E extends Answered>(
    request: FastifyRequest<{ Querystring: KpiQuery }>,
    reply: FastifyReply,
    make: MakeElement<E>,
  ) => {
    const { query } = request;
    const { plant, model } = await pastOf(request);
    const { from, to, untilNow } = periodOf(query.from, query.to, clock());
    const scope = scopeNamed(plant, query.scope);
    const question = { from, to, untilNow, scope, by: query.by, every: query.every ?? null };
    const signal = clientSignal(reply);
    tellAsked(reply, scope, query);
    const answer = await kpiAnswer({ ...sources, signal }, model, question, make);
    const reflects = untilNow ? answer.to : clock();
    return { elements: answer.elements, covered: { reflects, from, to: answer.to } };
  };

  app.get<{ Querystring: KpiQuery }>(
    "/kpis",
    {
      schema: {
        summary: "KPIs of scopes and periods",
        querystring: KPI_QUERY,
        description: BY_MACHINE,
        response: tableAnswers("As `oee replay --format json` of the same events", ELEMENT, LINE_BY_MACHINE),
      },
    },
    async (request, reply) => {
      const format = formatOf(request);
      const { elements, covered } = await elementsFor(request, reply, kpiElement);
      return sendTable(reply, format, elements, ELEMENTS, covered);
    },
  );

  app.get<{ Querystring: KpiQuery }>(
    "/losses",
    {
      schema: {
        summary:
          "The six big losses, as a waterfall from planned time to good time (KP-1), in milliseconds, with what the unplanned ones cost",
        querystring: KPI_QUERY,
        description: BY_MACHINE,
        response: tableAnswers("`losses` is null where the scope is not rated", LOSSES_ELEMENT),
      },
    },
    async (request, reply) => {
      const format = formatOf(request);
      const { elements, covered } = await elementsFor(request, reply, lossesElement(plantOf(request).plant));
      return sendTable(reply, format, elements, LOSSES, covered);
    },
  );

  app.get<{ Querystring: ParetoQuery }>(
    "/pareto",
    {
      schema: {
        summary:
          "What stops come to by reason, state, machine, shift or product: scheduled time within the period, segments, cost (PA)",
        querystring: PARETO_QUERY,
        response: tableAnswers("The greatest first, by the `measure` asked for", PARETO_ELEMENT),
      },
    },
    async (request, reply) => {
      const format = formatOf(request);
      const { by, measure, machines, depth = null, ...query } = request.query;
      const { plant } = await pastOf(request);
      const now = clock();
      const { from, to, untilNow } = periodOf(query.from, query.to, now);
      const scope = scopeNamed(plant, query.scope);
      const asked = machines === "kpi" ? membersIn(scope, { from, to }) : machinesIn(scope, { from, to });
      const ask = { by, depth, measure };
      const bars = await review.answers.of(request, reply, (facts) => paretoOf(facts, asked, ask), now);
      const named = bars.map(
        (bar): ParetoElement => ({ ...withMoney(bar, plant.currency), name: nameOf(plant, by, bar.key) }),
      );
      return sendTable(reply, format, [named], PARETO, { reflects: untilNow ? to : clock(), from, to });
    },
  );

  app.get<{ Querystring: StopsQuery }>(
    "/stops",
    {
      schema: {
        summary: "Stops, an element per segment (ST-5); those that overlap the period come whole",
        querystring: STOPS_QUERY,
        response: tableAnswers(
          "In order of machine and time, as `oee replay --stops`; where there are more, `oee-next` and `link` lead to them",
          STOP_SEGMENT,
        ),
      },
    },
    async (request, reply) => {
      const format = formatOf(request);
      const { query } = request;
      const now = clock();
      const { plant, model } = await pastOf(request);
      const { from, to, untilNow } = periodOf(query.from, query.to, now);
      const scope = scopeNamed(plant, query.scope);
      const asked =
        query.machines === "kpi" ? membersIn(scope, { from, to }).map(({ machine }) => machine) : scope.machines;
      const machines = [...new Set(asked.map(({ id }) => id))];
      const after = query.after === undefined ? {} : { after: stopKeyOf(query.after, now) };
      // A stored open segment may reach a little beyond the clock's now.
      const page = await turnstile.run(() =>
        store.stops({ machines, period: { from, to }, limit: query.limit, ...after }),
      );
      if (page.next !== null) {
        const next = `${page.next.from}@${page.next.machine}`;
        const parameters = new URLSearchParams({
          ...stringsOf(query),
          from: String(from),
          to: String(to),
          after: next,
        });
        void reply.header("oee-next", next).header("link", `</api/v1/stops?${parameters.toString()}>; rel="next"`);
      }
      const stops: StopSegment[] = [];
      const giveWay = new GiveWay();
      for (const stop of page.stops) {
        const known = await goingOn(model, stop, now, sources.recordOf, giveWay);
        stops.push({ ...known, machine: machinePath(plant, known.machine) });
      }
      if (namesPeople(stops)) {
        await auditExport(context, request, { table: "stops", scope: scope.path, format, period: { from, to } });
      }
      return sendTable(
        reply,
        format,
        [stops],
        STOPS,
        { reflects: untilNow ? now : clock(), from, to },
        guard.shown(request),
      );
    },
  );
}

function lossesElement({ currency }: Plant): MakeElement<LossesElement> {
  return (answered, sums, rated) => ({
    ...answered,
    losses: lossesOf(sums.components(), rated),
    lossCosts: inDecimals(lossCostsOf(sums), currency),
    currency,
  });
}

const BY_MACHINE =
  "An element per machine below the scope, unless `by` names another level: what is asked of a line answers its machines, and `by=line` the line itself. `oee-scope` and `oee-by` say what was asked, `oee-hint` how to ask for the scope itself.";

/** Example of the documentation: the answer to `scope=berlin/packing/l1` without `by`. */
const LINE_BY_MACHINE = ["filler", "labeller"].map((machine) => ({
  scope: `berlin/packing/l1/${machine}`,
  from: "2026-03-02T05:00:00.000Z",
  to: "2026-03-02T13:00:00.000Z",
  product: null,
  shift: null,
  shiftDate: null,
  crew: null,
  components: { runTime: 25_200_000, unplannedStopTime: 3_600_000, goodCount: 20_000 },
  kpis: { availability: 0.875 },
}));

/** Sets headers with what was asked, for answers that are lists have no place for it. */
function tellAsked(reply: FastifyReply, scope: Scope, { by, every }: KpiQuery): void {
  const path = encodeURI(scope.path);
  void reply.header("oee-scope", path).header("oee-by", by);
  if (every !== undefined) void reply.header("oee-every", every);
  if (by === scope.kind || by === "product") return;
  void reply.header("oee-hint", `each element is one ${by} of ${path}; by=${scope.kind} is ${path} itself`);
}

function stopKeyOf(after: string, now: number): StopKey {
  const at = after.indexOf("@");
  if (at <= 0 || at === after.length - 1) {
    throw new HttpProblem("OEE_HTTP_INVALID_PARAMETER", "after is no key; expected the oee-next of the page before", {
      parameter: "after",
    });
  }
  return { from: instantOf("after", after.slice(0, at), now), machine: after.slice(at + 1) };
}

function stringsOf(query: object): Record<string, string> {
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]));
}
