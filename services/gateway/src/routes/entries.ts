/**
 * `POST /entries` appends entries to the log (RE-1); `GET /entries` lists those in force, or all revisions of one. Delivery: an
 * answer of 202 means that the entries are durable and have their place in the one order.
 */
import { ENTRY_TYPES, type EntryType, formatInstant, isJsonObject, type Plant } from "@oee/model";
import { ENTRIES, ENTRIES_QUERY, ENTRIES_TAKEN, type EntriesQuery, ENTRY, type EntryTaken } from "@oee/protocol";
import type { Entry } from "@oee/review";
import { GiveWay } from "@oee/pacing";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { checkEntryReach } from "../access/entry-reach.ts";
import { checkSignOffs } from "../access/sign-offs.ts";
import { HttpProblem } from "../problems.ts";
import type { Taken } from "../review/new-entries.ts";
import { concerns } from "../review/concerns.ts";
import { answers } from "../schemas.ts";
import { tellReflects } from "../tabular/send-table.ts";
import { isNdjson, JSON_TYPE, unchecked } from "./bodies.ts";
import { type RouteContext, scopeNamed } from "./context.ts";
import { tellingOf } from "./entry-lines.ts";

const ENTRIES_MAX = 1_000;

export function entryRoutes(
  app: FastifyInstance,
  { options, pastOf, wholePlant, guard, note, limits, review }: RouteContext,
): void {
  const { clock } = options;
  const rateLimit = { max: limits.postsPerMinute, timeWindow: 60_000, groupId: "post" };

  /** A given entry with the caller's name in it. Throws `HttpProblem` where the caller may not put it in. */
  async function allowed(request: FastifyRequest, plant: Plant, given: unknown): Promise<unknown> {
    if (!isJsonObject(given)) return given;
    const own = guard.signed(request, given);
    // The product makes entries of structure when a plant file changes; one that is made by hand changes the past.
    if (own["type"] === "structure") guard.expectRole(request, "engineer", "*");
    await checkEntryReach((await pastOf(request)).plant, plant, review.entries, own);
    if (guard.isOn) await checkSignOffs(plant, review.entries, own);
    return own;
  }

  app.post<{ Body: Buffer | undefined }>(
    "/entries",
    {
      config: { rateLimit },
      schema: {
        summary: "Baselines, targets, pilots, actions, reviews and acknowledgements (RE-1): one, or an array",
        description:
          "Each is whole, and replaces its former revision. Of an array they are taken one after the other; those before one that is refused are in. Where two gateways take revisions of one entry at once, some after it may be in too: `entries` lists all that are.",
        consumes: [JSON_TYPE],
        body: ENTRIES,
        response: answers(
          { 202: { description: "Safe in the log, in their order", schema: ENTRIES_TAKEN } },
          [400, 401, 403, 409, 413, 415, 422, 429, 500, 503],
        ),
      },
      validatorCompiler: unchecked,
    },
    async (request, reply) => {
      if (isNdjson(request)) throw new HttpProblem("OEE_HTTP_UNSUPPORTED_BODY", `expected ${JSON_TYPE}`);
      const given = entriesIn(request.body);
      const { plant } = await review.pasts.of(wholePlant());
      const own: unknown[] = [];
      let unheld: unknown = null;
      const giveWay = new GiveWay();
      for (const entry of given) {
        if (giveWay.due) await giveWay.now();
        try {
          own.push(await allowed(request, plant, entry));
        } catch (error) {
          unheld = error;
          break;
        }
      }
      const entries: EntryTaken[] = [];
      try {
        const telling = tellingOf(note, request, lineOf);
        for await (const taken of review.newEntries.takeAll(plant, own, telling)) {
          for (const { entry } of taken) entries.push(takenOf(entry));
        }
      } catch (error) {
        if (!(error instanceof HttpProblem)) throw error;
        const { index, ...more } = error.more;
        throw new HttpProblem(error.code, error.message, given.length === 1 ? more : { ...more, index, entries });
      }
      if (unheld !== null) throw unheld;
      const { offset } = await review.entries.programmeOf(plant);
      tellReflects(reply, clock());
      void reply.header("oee-position", JSON.stringify({ [options.topics.entries.name]: { 0: offset } }));
      return reply.code(202).send({ accepted: entries.length, entries });
    },
  );

  app.get<{ Querystring: EntriesQuery }>(
    "/entries",
    {
      schema: {
        summary: "Entries in force, or with `revisions=all` the trail of each, withdrawn ones too (RE-3)",
        description:
          "In the order in which they came. What the server froze (`frozen`, `document`) and the `lines` of a structure are left out where no `id` is asked for.",
        querystring: ENTRIES_QUERY,
        response: answers(
          { 200: { description: "As they were given, with what the server added", schema: ENTRY_LIST } },
          [400, 401, 403, 404, 429, 500, 503],
        ),
      },
    },
    async (request, reply) => {
      const { type, scope: path, id, revisions } = request.query;
      const { plant } = await pastOf(request);
      const scope = path === undefined ? null : scopeNamed(plant, path);
      const { programme, offset } = await review.entries.programmeOf(plant);
      const all = revisions === "all" ? programme.book.all() : ENTRY_TYPES.flatMap((name) => inForce(programme, name));
      const asked = all.filter(
        (entry) =>
          (type === undefined || entry.type === type) &&
          (id === undefined || entry.id === id) &&
          (scope === null || concerns(entry, scope.path)),
      );
      tellReflects(reply, clock());
      void reply
        .header("oee-position", JSON.stringify({ [options.topics.entries.name]: { 0: offset } }))
        .header("oee-plant", plant.version);
      return reply.send(asked.map(({ raw }) => (id === undefined ? withoutFigures(raw) : raw)));
    },
  );
}

const ENTRY_LIST = { type: "array", items: ENTRY };

function inForce(programme: { readonly book: { inForce(type: EntryType): readonly Entry[] } }, type: EntryType) {
  return programme.book.inForce(type);
}

/** The line of the audit for an entry. */
function lineOf({ entry, former }: Taken) {
  return {
    scope: "scope" in entry ? entry.scope.path : "*",
    before: former === null ? null : withoutFigures(former.raw),
    after: withoutFigures(entry.raw),
  };
}

function takenOf({ type, id, rev, at }: Entry): EntryTaken {
  return { type, id, rev, at: at === null ? null : formatInstant(at) };
}

/** An entry without its frozen figures and document, and without the list of machines of a structure. */
export function withoutFigures(raw: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { frozen: _, document: __, lines: ___, ...rest } = raw;
  return rest;
}

/** The entries of a body: an object, or an array of them. Throws `HttpProblem` where it is neither. */
function entriesIn(body: Buffer | undefined): readonly unknown[] {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new HttpProblem("OEE_HTTP_INVALID_BODY", "expected one entry, or an array of them, as JSON in UTF-8");
  }
  if (!Array.isArray(value)) return [value];
  if (value.length <= ENTRIES_MAX) return value;
  throw new HttpProblem("OEE_HTTP_BODY_TOO_LARGE", `expected at most ${ENTRIES_MAX} entries in one body`);
}
