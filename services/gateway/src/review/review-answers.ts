/**
 * Answers of the review's routes: the programme of the entries, facts of the store, and the rules of packages/review, which
 * `oee review` calls too. Every answer names its position, its instant and the plant version (RV-4).
 */
import type { PlantModel } from "@oee/engine";
import { formatInstant, isJsonObject, type Plant } from "@oee/model";
import { sleepTimer, type Turnstile, within } from "@oee/pacing";
import { type Facts, type Programme, RecordedRefusals } from "@oee/review";
import type { FastifyReply, FastifyRequest } from "fastify";
import { clientSignal } from "../answers/client-signal.ts";
import type { RecordOf } from "../answers/open-stops.ts";
import { isPartial } from "../access/seen-plant.ts";
import { floor } from "../instants.ts";
import type { GatewayOptions, PlantInForce } from "../options.ts";
import { HttpProblem } from "../problems.ts";
import type { EntryLog } from "./entry-log.ts";
import { answerFrom } from "./fact-loader.ts";
import type { FactSources } from "./stored-events.ts";
import type { LastHeard } from "./stored-facts.ts";
import type { RefusedEvents } from "./refused-events.ts";

/** By topic and partition, the offset before which an answer reflects every record (RV-4). */
export type Position = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface Known {
  readonly plant: Plant;
  readonly model: PlantModel;
  readonly programme: Programme;
  /** Epoch ms. */
  readonly now: number;
  readonly position: Position;
}

const NO_REFUSALS = new RecordedRefusals();

/** Request header with the position that the store must have reached before it answers. */
const POSITION_HEADER = "oee-position";
const REACHED_WITHIN_MS = 10_000;
const LOOK_AGAIN_MS = 200;
/** Answers do not wait longer for a log that does not say where it ends. */
const ENDS_WITHIN_MS = 1_000;

export class ReviewAnswers {
  readonly #options: GatewayOptions;
  readonly #pastOf: (request: FastifyRequest) => Promise<PlantInForce>;
  readonly #turnstile: Turnstile;
  readonly #recordOf: RecordOf;
  readonly #entries: EntryLog;
  readonly #refused: RefusedEvents;

  constructor(
    options: GatewayOptions,
    pastOf: (request: FastifyRequest) => Promise<PlantInForce>,
    turnstile: Turnstile,
    recordOf: RecordOf,
    entries: EntryLog,
    refused: RefusedEvents,
  ) {
    this.#options = options;
    this.#pastOf = pastOf;
    this.#turnstile = turnstile;
    this.#recordOf = recordOf;
    this.#entries = entries;
    this.#refused = refused;
  }

  /**
   * What `ask` makes of the facts for a request. Headers of the answer name its position, instant and plant version, and, since
   * the store is written while it is read, the position up to which later events may be in it. `now` is the last whole minute
   * unless another instant is given. Throws `HttpProblem` where the store does not reach the position that the request names
   * within 10 s.
   */
  of<T>(
    request: FastifyRequest,
    reply: FastifyReply,
    ask: (facts: Facts, known: Known) => T,
    now: number = floor(this.#options.clock()),
  ): Promise<T> {
    return this.told(request, reply, now, (known, signal) => this.ask(known, signal, (facts) => ask(facts, known)));
  }

  /** The same for an answer that is made otherwise than from facts. */
  async told<T>(
    request: FastifyRequest,
    reply: FastifyReply,
    now: number,
    make: (known: Known, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const signal = clientSignal(reply);
    await this.#reached(positionIn(request), signal);
    const known = await this.known(await this.#pastOf(request), now);
    const answer = await make(known, signal);
    tellKnown(reply, known, await this.#reach(known));
    return answer;
  }

  /**
   * The log's ends of those partitions that have records after a position. Rows are stored a moment before their events, so an
   * answer may hold figures of events up to there. `null`: no partition has any; without partitions: the log does not answer.
   */
  async #reach({ position }: Known): Promise<Position | null> {
    const { topics, log } = this.#options;
    const { name } = topics.events;
    const known = position[name] ?? {};
    const asked: { ends: Awaited<ReturnType<typeof log.endsOf>> | null } = { ends: null };
    const answered = log.endsOf(name).then(
      (ends) => void (asked.ends = ends),
      () => undefined,
    );
    await within(answered, ENDS_WITHIN_MS);
    if (asked.ends === null) return {};
    const further = asked.ends.filter(({ partition, readableEnd }) => readableEnd > (known[partition] ?? 0));
    if (further.length === 0) return null;
    return { [name]: Object.fromEntries(further.map(({ partition, readableEnd }) => [partition, readableEnd])) };
  }

  /** The plant, the programme, and the position that the store has reached. */
  async known({ plant, model }: PlantInForce, now: number): Promise<Known> {
    const { programme, offset } = await this.#entries.programmeOf(plant);
    const { topics, store } = this.#options;
    const stored = await this.#turnstile.run(() => store.storedPositions(topics.events.name));
    const position = {
      [topics.events.name]: Object.fromEntries(stored),
      [topics.entries.name]: { 0: offset },
    };
    return { plant, model, programme, now, position };
  }

  /** Refused events before a position. */
  refusalsBefore(position: Position): RecordedRefusals {
    return this.#refused.refusals.before(position[this.#options.topics.events.name] ?? {});
  }

  ask<T>(
    {
      model,
      now,
      plant,
      refusals = this.#refused.refusals,
    }: Pick<Known, "model" | "now" | "plant"> & { readonly refusals?: RecordedRefusals },
    signal: AbortSignal,
    ask: (facts: Facts) => T,
    lastHeard: LastHeard = () => "ask",
  ): Promise<T> {
    const sources: FactSources = {
      store: this.#options.store,
      ...(this.#options.parsePlant !== undefined && { parsePlant: this.#options.parsePlant }),
      turnstile: this.#turnstile,
      recordOf: this.#recordOf,
      signal,
      // A person who sees a part of the plant does not see refused events: those of machines that the plant lacks are of no part.
      refusals: isPartial(plant) ? NO_REFUSALS : refusals,
      lastHeard,
    };
    return answerFrom(sources, model, now, ask);
  }

  async #reached(wanted: Position, signal: AbortSignal): Promise<void> {
    const { topics, store } = this.#options;
    const events = Object.entries(wanted[topics.events.name] ?? {});
    const entries = wanted[topics.entries.name]?.["0"] ?? 0;
    const until = performance.now() + REACHED_WITHIN_MS;
    for (;;) {
      const stored =
        events.length === 0
          ? new Map<number, number>()
          : await this.#turnstile.run(() => store.storedPositions(topics.events.name));
      const behind = events.find(([partition, offset]) => (stored.get(Number(partition)) ?? 0) < offset);
      const { offset } = await this.#entries.programmeOf(this.#options.plant().plant);
      if (behind === undefined && offset >= entries) return;
      if (performance.now() > until) {
        const what =
          behind === undefined
            ? `the entries are read up to ${offset}, not ${entries}`
            : `the store has partition ${behind[0]} up to ${stored.get(Number(behind[0])) ?? 0}, not ${behind[1]}`;
        throw new HttpProblem("OEE_HTTP_POSITION_NOT_REACHED", what);
      }
      await sleepTimer(LOOK_AGAIN_MS, signal);
      signal.throwIfAborted();
    }
  }
}

function tellKnown(reply: FastifyReply, { position, now, plant }: Known, reach: Position | null): void {
  if (reach !== null) void reply.header("oee-position-to", JSON.stringify(reach));
  void reply
    .header("oee-position", JSON.stringify(position))
    .header("oee-reflects", formatInstant(now))
    .header("oee-plant", plant.version);
}

/** The position that a request names; `HttpProblem` where the header is malformed. */
function positionIn({ headers }: FastifyRequest): Position {
  const text = headers[POSITION_HEADER];
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(String(text));
    const isPosition =
      isJsonObject(value) &&
      Object.values(value).every(
        (offsets) => isJsonObject(offsets) && Object.values(offsets).every(Number.isSafeInteger),
      );
    if (isPosition) return value as Position;
  } catch {
    // Malformed JSON: refused below.
  }
  throw new HttpProblem(
    "OEE_HTTP_INVALID_PARAMETER",
    `${POSITION_HEADER}: expected offsets by topic and partition such as {"oee.events":{"0":17}}`,
  );
}
