/**
 * `POST /corrections` puts a correction on the log; `GET /corrections/{id}` waits for its effect. Delivery: an answer of 202 means that the correction
 * is durable; one that is sent again with the same `id` changes nothing.
 */
import { randomUUID } from "node:crypto";
import { type CorrectionEvent, durationMsOf, formatInstant, isRefusal, type Plant } from "@oee/model";
import { closedOf, refusalOfClosed } from "@oee/review";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { HttpProblem } from "../problems.ts";
import {
  CORRECTION,
  CORRECTION_STATUS,
  CORRECTION_TAKEN,
  CORRECTION_WAIT_PARAMS,
  CORRECTION_WAIT_QUERY,
  type CorrectionStatus,
  type CorrectionTaken,
  type CorrectionWaitParams,
  type CorrectionWaitQuery,
} from "@oee/protocol";
import { decoded as storedEvents, decoderOf as storedDecoder } from "../review/stored-events.ts";
import { answers } from "../schemas.ts";
import { tellReflects } from "../tabular/send-table.ts";
import { isNdjson, JSON_TYPE, objectIn, unchecked } from "./bodies.ts";
import type { RouteContext } from "./context.ts";
import { givesState } from "./given-states.ts";

const WAIT_MS_MAX = 60_000;
/** So many corrections of states are remembered, for they may not be stored yet. */
const UNDER_WAY_MAX = 1_000;

const PROBLEM_STATUSES = [400, 401, 403, 413, 415, 429, 500, 503];

export function correctionRoutes(app: FastifyInstance, context: RouteContext): void {
  const { options, plantOf, wholePlant, guard, note, limits, metrics, waits, decoderOf, review } = context;
  const { log, topics, clock } = options;
  const rateLimit = { max: limits.postsPerMinute, timeWindow: 60_000, groupId: "post" };
  /** The newest corrections that gave a state or took one back, in the order of the log. */
  let underWay: readonly CorrectionEvent[] = [];

  /** Throws `HttpProblem` where a correction is of closed time, and its caller is no supervisor or it has no note. */
  const expectOpen = async (request: FastifyRequest, correction: CorrectionEvent): Promise<void> => {
    const { machine, from } = correction;
    const { programme } = await review.entries.programmeOf(wholePlant().plant);
    const closed = closedOf(programme.book.inForce("closing"), machine);
    if (closed === null || from >= closed.end) return;
    guard.expectRole(request, "supervisor", machine.path);
    const refusal = refusalOfClosed(programme.book, correction, Infinity);
    if (refusal !== null) throw new HttpProblem("OEE_HTTP_TIME_CLOSED", refusal.detail);
  };

  app.post<{ Body: Buffer | undefined }>(
    "/corrections",
    {
      config: { rateLimit },
      bodyLimit: Math.min(limits.correctionBytesMax, limits.bodyBytesMax),
      schema: {
        summary: "A person's word on a span of a machine (TL-7)",
        consumes: [JSON_TYPE],
        body: CORRECTION,
        response: answers(
          {
            202: {
              description:
                "Safe in the log. It shows on `GET /stops` and on the live channel when it has taken effect, which `wait` tells",
              schema: CORRECTION_TAKEN,
            },
          },
          [...PROBLEM_STATUSES, 422],
        ),
      },
      validatorCompiler: unchecked,
    },
    async (request, reply) => {
      if (isNdjson(request)) {
        throw new HttpProblem("OEE_HTTP_UNSUPPORTED_BODY", `expected ${JSON_TYPE}: one correction at a time`);
      }
      const now = clock();
      const given = guard.signed(request, objectIn(request.body, "a correction without type"));
      const correction = {
        ...given,
        type: "correction",
        at: given["at"] ?? formatInstant(now),
        id: given["id"] ?? randomUUID(),
      };
      const raw = Buffer.from(JSON.stringify(correction));
      const { plant } = plantOf(request);
      const decoded = decoderOf(plant).decode(raw, 0, raw.length, now);
      if (isRefusal(decoded)) {
        throw new HttpProblem("OEE_HTTP_CORRECTION_REFUSED", decoded.detail, { refusal: decoded.code });
      }
      const machine = decoded.machine.path;
      const id = decoded.id ?? "";
      if (decoded.type === "correction") {
        if (!guard.holds(request, "supervisor", machine) && (await changesState(context, plant, decoded, underWay))) {
          guard.expectRole(request, "supervisor", machine);
        }
        await expectOpen(request, decoded);
      }
      const before = guard.isOn && decoded.type === "correction" ? await segmentsIn(context, decoded) : null;
      // The line of the audit comes first: whenever the process is killed, nothing was done that the audit was not told of.
      await note(request, { kind: "correction", what: id, scope: machine, before, after: correction });
      // Before it is in the log, so that nobody who comes between finds neither.
      if (decoded.type === "correction" && (decoded.state !== null || decoded.clear)) {
        underWay = [...underWay, decoded].slice(-UNDER_WAY_MAX);
      }
      try {
        await log.append(topics.events.name, [{ key: decoded.machine.id, value: raw }]);
      } catch (error) {
        underWay = underWay.filter((each) => each !== decoded);
        throw error;
      }
      metrics.corrections.inc();
      const wait = `/api/v1/corrections/${encodeURIComponent(id)}?${new URLSearchParams({ machine }).toString()}`;
      tellReflects(reply, now);
      const taken: CorrectionTaken = { id, machine, at: formatInstant(decoded.at), wait };
      return reply.code(202).header("location", wait).send(taken);
    },
  );

  app.get<{ Params: CorrectionWaitParams; Querystring: CorrectionWaitQuery }>(
    "/corrections/:id",
    {
      schema: {
        summary: "Waits until a correction has taken effect",
        params: CORRECTION_WAIT_PARAMS,
        querystring: CORRECTION_WAIT_QUERY,
        response: answers(
          {
            200: { description: "In effect: answers and the live channel show it", schema: CORRECTION_STATUS },
            202: {
              description: "Not in effect within the time, or not among the machine's newest; ask again",
              schema: CORRECTION_STATUS,
            },
          },
          [400, 401, 403, 404, 429, 500, 503],
        ),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { machine, timeout } = request.query;
      const known = plantOf(request).plant.machineById.get(machine);
      if (known === undefined) {
        throw new HttpProblem(
          "OEE_HTTP_UNKNOWN_SCOPE",
          `the plant has no machine ${JSON.stringify(machine.slice(0, 200))}`,
        );
      }
      const timeoutMs = durationMsOf(timeout);
      if (timeoutMs === null || timeoutMs > WAIT_MS_MAX) {
        throw new HttpProblem(
          "OEE_HTTP_INVALID_PARAMETER",
          "expected timeout to be a duration such as 10s, at most 60s",
        );
      }
      const gone = new AbortController();
      reply.raw.on("close", () => gone.abort());
      const inEffect = await waits.wait(known.id, id, timeoutMs, gone.signal);
      tellReflects(reply, clock());
      const status: CorrectionStatus = { id, machine, inEffect };
      return reply.code(inEffect ? 200 : 202).send(status);
    },
  );
}

/**
 * Whether a correction gives a state, or takes back one that was given, as far as that is stored or came by this gateway: to do so is a
 * supervisor's. An operator gives reasons, and takes them back: a tablet does so with an undo, and behind the end of a stop whose reason
 * reaches on.
 */
async function changesState(
  { options, turnstile }: RouteContext,
  plant: Plant,
  correction: CorrectionEvent,
  underWay: readonly CorrectionEvent[],
): Promise<boolean> {
  const { machine, state, clear, from, to } = correction;
  if (state !== null || !clear) return state !== null;
  const records = await turnstile.run(() => options.store.corrections([machine.id]));
  const said = storedEvents(storedDecoder(plant), records).filter((event) => event.type === "correction");
  const known = new Set(said.map(({ id }) => id));
  const later = underWay.filter((each) => each.machine.id === machine.id && !known.has(each.id));
  return givesState([...said, ...later], from, to);
}

const SEGMENTS_MAX = 20;

/** The stops of a correction's span before it, for the audit; `null`: the store does not answer, which does not hinder the correction. */
async function segmentsIn(
  { options, turnstile }: RouteContext,
  { machine, from, to }: CorrectionEvent,
): Promise<Readonly<Record<string, unknown>> | null> {
  try {
    const question = { machines: [machine.id], period: { from, to }, limit: SEGMENTS_MAX };
    const { stops } = await turnstile.run(() => options.store.stops(question));
    return {
      stops: stops.map((stop) => ({
        from: formatInstant(stop.from),
        to: formatInstant(stop.to),
        state: stop.state,
        reason: stop.reason,
      })),
    };
  } catch {
    return null;
  }
}
