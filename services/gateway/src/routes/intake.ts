/**
 * Events and corrections on their way into the log. Delivery: an answer of 202 means that what it counts as accepted is
 * durable; after any other answer some of it may be in the log, so that a sender repeats it (with `id`s, or totals, that
 * changes nothing: CN-4). What is refused is told to the sender and goes nowhere else.
 */
import { randomUUID } from "node:crypto";
import type { AppendRecord } from "@oee/event-log";
import {
  durationMsOf,
  EventDecoder,
  formatInstant,
  isRefusal,
  NdjsonSplitter,
  type Plant,
  type PlantEvent,
  type Refusal,
} from "@oee/model";
import type { FastifyInstance } from "fastify";
import { HttpProblem } from "../problems.ts";
import {
  answers,
  CORRECTION,
  CORRECTION_STATUS,
  CORRECTION_TAKEN,
  CORRECTION_WAIT_PARAMS,
  CORRECTION_WAIT_QUERY,
  EVENTS,
  EVENTS_TAKEN,
} from "../schemas.ts";
import { tellReflects } from "../tabular/send-table.ts";
import type { RouteContext } from "./context.ts";

export const JSON_TYPE = "application/json";
export const NDJSON_TYPE = "application/x-ndjson";

/** Events of one machine go into one record up to this. */
const RECORD_BYTES_MAX = 256 * 1024;
const WAIT_MS_MAX = 60_000;

const PROBLEM_STATUSES = [400, 401, 403, 413, 415, 429, 500, 503];

interface ListedRefusal extends Refusal {
  readonly index: number;
  readonly line?: number;
}

/** The events of one body, by machine, in their order. */
class Intake {
  readonly #refusalsListedMax: number;
  readonly #eventsMax: number;
  readonly #byMachine = new Map<string, Buffer[]>();
  readonly refusals: ListedRefusal[] = [];
  readonly refusedByCode = new Map<string, number>();
  accepted = 0;
  refused = 0;

  constructor(eventsMax: number, refusalsListedMax: number) {
    this.#eventsMax = eventsMax;
    this.#refusalsListedMax = refusalsListedMax;
  }

  accept({ machine }: PlantEvent, raw: Uint8Array): void {
    this.#checkCount();
    this.accepted++;
    const events = this.#byMachine.get(machine.id);
    // The bytes may be of a buffer that is used again.
    const kept = Buffer.from(raw);
    if (events === undefined) this.#byMachine.set(machine.id, [kept]);
    else events.push(kept);
  }

  refuse({ code, detail }: Refusal, line?: number): void {
    this.#checkCount();
    const index = this.accepted + this.refused++;
    this.refusedByCode.set(code, (this.refusedByCode.get(code) ?? 0) + 1);
    if (this.refusals.length >= this.#refusalsListedMax) return;
    this.refusals.push({ index, ...(line === undefined ? {} : { line }), code, detail });
  }

  /** Records of one event, or of an array of events. */
  *records(): Iterable<AppendRecord> {
    for (const [key, events] of this.#byMachine) {
      let batch: Buffer[] = [];
      let bytes = 0;
      for (const event of events) {
        if (batch.length > 0 && bytes + event.length > RECORD_BYTES_MAX) {
          yield { key, value: valueOf(batch) };
          batch = [];
          bytes = 0;
        }
        batch.push(event);
        bytes += event.length + 1;
      }
      yield { key, value: valueOf(batch) };
    }
  }

  #checkCount(): void {
    if (this.accepted + this.refused < this.#eventsMax) return;
    throw new HttpProblem("OEE_HTTP_BODY_TOO_LARGE", `expected at most ${this.#eventsMax} events in one body`);
  }
}

function valueOf(events: readonly Buffer[]): Buffer {
  const [first] = events;
  if (events.length === 1 && first !== undefined) return first;
  return Buffer.from(`[${events.map((event) => event.toString("utf8")).join(",")}]`);
}

export function intakeRoutes(app: FastifyInstance, context: RouteContext): void {
  const { options, limits, metrics, waits } = context;
  const { log, topics, clock } = options;
  const decoders = new WeakMap<Plant, EventDecoder>();
  const decoderOf = (plant: Plant): EventDecoder => {
    let decoder = decoders.get(plant);
    if (decoder === undefined)
      decoders.set(plant, (decoder = new EventDecoder(plant, { maxFutureMs: limits.maxFutureMs })));
    return decoder;
  };
  const rateLimit = { max: limits.postsPerMinute, timeWindow: 60_000, groupId: "post" };

  app.removeAllContentTypeParsers();
  app.addContentTypeParser([JSON_TYPE, NDJSON_TYPE], { parseAs: "buffer" }, (request, body, done) => {
    const encoding = request.headers["content-encoding"] ?? "identity";
    if (encoding === "identity") done(null, body);
    else
      done(new HttpProblem("OEE_HTTP_UNSUPPORTED_BODY", `content-encoding is ${encoding.slice(0, 40)}; expected none`));
  });

  app.post<{ Body: Buffer | undefined }>(
    "/events",
    {
      config: { access: "send", rateLimit },
      schema: {
        summary: "Events into the log: one, an array, or NDJSON",
        consumes: [JSON_TYPE, NDJSON_TYPE],
        body: EVENTS,
        response: answers(
          {
            202: {
              description: "What was accepted is safe in the log; each refused one with why (DI-2)",
              schema: EVENTS_TAKEN,
            },
          },
          PROBLEM_STATUSES,
        ),
      },
      validatorCompiler: unchecked,
    },
    async (request, reply) => {
      const body = request.body ?? Buffer.alloc(0);
      const now = clock();
      const decoder = decoderOf(options.plant().plant);
      const intake = new Intake(limits.eventsMax, limits.refusalsListedMax);
      if (isNdjson(request.headers["content-type"])) takeLines(decoder, body, now, intake);
      else takeRecord(decoder, body, now, intake);
      await log.append(topics.events.name, [...intake.records()]);
      metrics.acceptedEvents.inc(intake.accepted);
      for (const [code, count] of intake.refusedByCode) metrics.refusedEvents.inc({ code }, count);
      tellReflects(reply, now);
      const { accepted, refused, refusals } = intake;
      return reply.code(202).send({ accepted, refused, refusals });
    },
  );

  app.post<{ Body: Buffer | undefined }>(
    "/corrections",
    {
      config: { access: "correct", rateLimit },
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
      if (isNdjson(request.headers["content-type"])) {
        throw new HttpProblem("OEE_HTTP_UNSUPPORTED_BODY", `expected ${JSON_TYPE}: one correction at a time`);
      }
      const now = clock();
      const given = objectIn(request.body);
      const id = given["id"] ?? randomUUID();
      const correction = { ...given, type: "correction", at: given["at"] ?? formatInstant(now), id };
      const raw = Buffer.from(JSON.stringify(correction));
      const decoded = decoderOf(options.plant().plant).decode(raw, 0, raw.length, now);
      if (isRefusal(decoded)) {
        throw new HttpProblem("OEE_HTTP_CORRECTION_REFUSED", decoded.detail, { refusal: decoded.code });
      }
      const machine = decoded.machine.id;
      await log.append(topics.events.name, [{ key: machine, value: raw }]);
      metrics.corrections.inc();
      const wait = `/api/v1/corrections/${encodeURIComponent(String(id))}?${new URLSearchParams({ machine }).toString()}`;
      tellReflects(reply, now);
      return reply
        .code(202)
        .header("location", wait)
        .send({ id, machine, at: formatInstant(decoded.at), wait });
    },
  );

  app.get<{ Params: { readonly id: string }; Querystring: { readonly machine: string; readonly timeout: string } }>(
    "/corrections/:id",
    {
      config: { access: "view" },
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
      if (!options.plant().plant.machineById.has(machine)) {
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
      const inEffect = await waits.wait(machine, id, timeoutMs, gone.signal);
      tellReflects(reply, clock());
      return reply.code(inEffect ? 200 : 202).send({ id, machine, inEffect });
    },
  );
}

/** The schema of a body only documents: the decoder reads the bytes, and refuses with the words of DI-2. */
const unchecked = () => () => true;

function isNdjson(type: string | undefined): boolean {
  return type?.split(";", 1)[0]?.trim().toLowerCase() === NDJSON_TYPE;
}

function takeRecord(decoder: EventDecoder, body: Buffer, now: number, intake: Intake): void {
  decoder.decodeRecord(
    body,
    now,
    (event, start, end) => intake.accept(event, body.subarray(start, end)),
    (refusal, start, end) => {
      if (refusal.code === "malformed" && start === 0 && end === body.length) {
        throw new HttpProblem("OEE_HTTP_INVALID_BODY", refusal.detail);
      }
      intake.refuse(refusal);
    },
  );
}

function takeLines(decoder: EventDecoder, body: Buffer, now: number, intake: Intake): void {
  const lines = new NdjsonSplitter(
    (bytes, start, end, line) => {
      const decoded = decoder.decode(bytes, start, end, now);
      if (isRefusal(decoded)) intake.refuse(decoded, line);
      else intake.accept(decoded, bytes.subarray(start, end));
    },
    (refusal, line) => intake.refuse(refusal, line),
  );
  lines.push(body);
  lines.finish();
}

function objectIn(body: Buffer | undefined): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body?.toString("utf8") ?? "");
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // told below
  }
  throw new HttpProblem("OEE_HTTP_INVALID_BODY", "expected one JSON object: a correction without type");
}
