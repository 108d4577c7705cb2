/**
 * Routes of presented reviews (RV-3, RV-4): presenting stores the document as it is, sign-offs refer to the stored
 * document, and `differences` compares it with one computed again.
 */
import { randomUUID } from "node:crypto";
import { formatInstant, type Plant, type Scope } from "@oee/model";
import {
  DIFFERENCES,
  DIFFERENCES_QUERY,
  type DifferencesQuery,
  ENTRIES_TAKEN,
  type EntriesTaken,
  ID_PARAMS,
  type IdParams,
  NO_QUERY,
  PRESENTED,
  REVIEW_ENTRY,
  SIGN_OFF,
} from "@oee/protocol";
import {
  type EntryBook,
  type Facts,
  type NamedPeriod,
  periodNamed,
  periodOf,
  type Programme,
  presentedDocument,
  reviewDocument,
  type ReviewEntry,
  withMoney,
} from "@oee/review";
import type { FastifyInstance } from "fastify";
import { checkEntryReach } from "../access/entry-reach.ts";
import { checkFourEyes, checkSignOffs } from "../access/sign-offs.ts";
import { clientSignal } from "../answers/client-signal.ts";
import { HttpProblem } from "../problems.ts";
import { cameOf, correctionsArrived } from "../review/corrections-came.ts";
import { computedAgain } from "../review/at-position.ts";
import { tellPeriod } from "../review/parameters.ts";
import { canonicalOf, differencesOf, digestOf } from "../review/presented.ts";
import { answers } from "../schemas.ts";
import { isNdjson, JSON_TYPE, objectIn, unchecked } from "./bodies.ts";
import type { RouteContext } from "./context.ts";
import { tellingOf } from "./entry-lines.ts";

const PROBLEM_STATUSES = [400, 401, 403, 404, 429, 500, 503];
const POST_STATUSES = [400, 401, 403, 409, 413, 415, 422, 429, 500, 503];
const DIFFERENCES_MAX = 10_000;

export function presentedReviewRoutes(
  app: FastifyInstance,
  { options, pastOf, wholePlant, guard, note, limits, review, turnstile }: RouteContext,
): void {
  const { clock, store, topics } = options;
  const rateLimit = { max: limits.postsPerMinute, timeWindow: 60_000, groupId: "post" };
  const bodyLimit = Math.min(limits.correctionBytesMax, limits.bodyBytesMax);
  const taken = ({ id, rev, at, digest }: ReviewEntry): EntriesTaken => ({
    accepted: 1,
    entries: [{ type: "review", id, rev, at: at === null ? null : formatInstant(at), digest }],
  });

  const documentAtPosition = (plant: Plant, entry: ReviewEntry, signal: AbortSignal): Promise<string> =>
    computedAgain(
      { store, turnstile, topics, entries: review.entries, refused: review.refused },
      plant,
      entry,
      signal,
      (facts, programme, scope) => documentOf(facts, programme, scope, entry),
    );
  const lateEventsSince = (entry: ReviewEntry, since: number, before: number): Promise<number> => {
    const machines = entry.scope.machines.map(({ id }) => id);
    return turnstile.run(() => store.eventsAfter({ machines, before, since }));
  };

  app.post<{ Body: Buffer | undefined }>(
    "/reviews",
    {
      config: { rateLimit },
      bodyLimit,
      schema: {
        summary: "Presents the review of a scope and a period: it is frozen as it is now (RV-3)",
        description:
          "An entry of the type `review`; the server adds position, instant, plant version, document and digest.",
        consumes: [JSON_TYPE],
        body: REVIEW_ENTRY,
        response: answers({ 202: { description: "Safe in the log", schema: ENTRIES_TAKEN } }, POST_STATUSES),
      },
      validatorCompiler: unchecked,
    },
    async (request, reply) => {
      if (isNdjson(request)) throw new HttpProblem("OEE_HTTP_UNSUPPORTED_BODY", `expected ${JSON_TYPE}`);
      const given = guard.signed(request, objectIn(request.body, "a review without type"));
      const entry = { id: randomUUID(), rev: 1, ...given, type: "review" };
      const whole = (await review.pasts.of(wholePlant())).plant;
      await checkEntryReach((await pastOf(request)).plant, whole, review.entries, entry);
      if (guard.isOn) await checkSignOffs(whole, review.entries, entry);
      const telling = tellingOf(note, request, ({ entry: presented }) => {
        const { rev, digest, scope } = presented as ReviewEntry;
        return { scope: scope.path, before: null, after: { rev, digest } };
      });
      const presented = (await review.newEntries.take(whole, entry, telling)).entry as ReviewEntry;
      void reply.header("oee-reflects", formatInstant(clock()));
      return reply.code(202).send(taken(presented));
    },
  );

  app.post<{ Params: IdParams; Body: Buffer | undefined }>(
    "/reviews/:id/sign-offs",
    {
      config: { rateLimit },
      bodyLimit,
      schema: {
        summary: "Signs a review off as it was presented; another document's digest is refused (RV-3)",
        consumes: [JSON_TYPE],
        params: ID_PARAMS,
        querystring: NO_QUERY,
        body: SIGN_OFF,
        response: answers({ 202: { description: "A further revision of the review", schema: ENTRIES_TAKEN } }, [
          ...POST_STATUSES,
          404,
        ]),
      },
      validatorCompiler: unchecked,
    },
    async (request, reply) => {
      if (isNdjson(request)) throw new HttpProblem("OEE_HTTP_UNSUPPORTED_BODY", `expected ${JSON_TYPE}`);
      const given = guard.signed(request, objectIn(request.body, "by, role and digest"));
      const { by = null, role = null, digest = null, note: noted, rev } = given;
      const { plant } = await pastOf(request);
      const { programme } = await review.entries.programmeOf(plant);
      const known = presentedIn(programme.book, request.params.id);
      if (digest !== known.digest) {
        const detail = `digest: expected that of the document as it was presented last, ${known.digest ?? "none"}`;
        throw new HttpProblem("OEE_HTTP_ENTRY_REFUSED", detail, { refusal: "invalid" });
      }
      if (guard.fourEyes) checkFourEyes(programme.book, known, by);
      const signOff = { by, role, at: formatInstant(clock()), digest };
      const former = Array.isArray(known.raw["signOffs"]) ? (known.raw["signOffs"] as readonly unknown[]) : [];
      const { at: _, note: __, ...fields } = known.raw;
      const next = {
        ...fields,
        by,
        rev: rev ?? known.rev + 1,
        signOffs: [...former, signOff],
        ...(noted != null && { note: noted }),
      };
      const telling = tellingOf(note, request, ({ entry }) => ({
        scope: known.scope.path,
        before: { rev: known.rev },
        after: { rev: entry.rev, signOff },
      }));
      const whole = (await review.pasts.of(wholePlant())).plant;
      const signed = (await review.newEntries.take(whole, next, telling)).entry as ReviewEntry;
      void reply.header("oee-reflects", formatInstant(clock()));
      return reply.code(202).send(taken(signed));
    },
  );

  app.get<{ Params: IdParams }>(
    "/reviews/:id",
    {
      schema: {
        summary: "A review as it was presented, with its sign-offs (RV-3)",
        params: ID_PARAMS,
        querystring: NO_QUERY,
        response: answers(
          {
            200: {
              description: "`digest` is the SHA-256 of `document` in the canonical form of RFC 8785",
              schema: PRESENTED,
            },
          },
          PROBLEM_STATUSES,
        ),
      },
    },
    async (request, reply) => {
      const { plant } = await pastOf(request);
      const { programme } = await review.entries.programmeOf(plant);
      const entry = presentedIn(programme.book, request.params.id);
      void reply.header("oee-reflects", formatInstant(clock())).header("oee-plant", plant.version);
      tellPeriod(reply, namedIn(entry), entry.scope);
      const { type: _, signOffs = [], ...raw } = entry.raw;
      return reply.send({ ...raw, signOffs, document: JSON.parse(entry.document ?? "null") as unknown });
    },
  );

  app.get<{ Params: IdParams; Querystring: DifferencesQuery }>(
    "/reviews/:id/differences",
    {
      schema: {
        summary: "What of a presented review would differ now, figure by figure, and what came since (RV-4)",
        description:
          "With `at=position` it is computed again from the raw events and entries before its position, as known at its instant: with the plant file that it was presented with it is the same, byte for byte, as long as the events are kept.",
        params: ID_PARAMS,
        querystring: DIFFERENCES_QUERY,
        response: answers(
          { 200: { description: "`figure` is a JSON pointer into the document", schema: DIFFERENCES } },
          [...PROBLEM_STATUSES, 410],
        ),
      },
    },
    async (request, reply) => {
      const { plant: seen } = await pastOf(request);
      const { book } = (await review.entries.programmeOf(seen)).programme;
      const entry = presentedIn(book, request.params.id);
      const { since, ends } = whenOf(book, entry);
      const lateEvents = await lateEventsSince(entry, since, ends);
      // From all time on: a review tells of the period before and of its baseline too.
      const { machines } = entry.scope;
      const arrived = await correctionsArrived({ store, turnstile }, seen, machines, since);
      const corrections = cameOf(arrived, machines, since, () => ({ from: -Infinity, to: ends }));
      const again =
        request.query.at === "now" ? null : await documentAtPosition(wholePlant().plant, entry, clientSignal(reply));
      const document = await review.answers.of(request, reply, (facts, { programme, plant, position }) => {
        // Looked up in the facts' own plant, whose scopes are other objects than those of the request's plant.
        const { scope } = presentedIn(programme.book, entry.id);
        const now = again ?? documentOf(facts, programme, scope, entry);
        const before = JSON.parse(entry.document ?? "null") as unknown;
        return {
          id: entry.id,
          at: request.query.at,
          digest: entry.digest,
          digestNow: digestOf(now),
          differences: differencesOf(before, JSON.parse(now), DIFFERENCES_MAX),
          since: {
            lateEvents,
            corrections: corrections.count,
            by: corrections.by,
            position: { presented: entry.raw["position"] ?? {}, now: position },
            plant: { presented: entry.raw["plant"] ?? null, now: plant.version },
          },
        };
      });
      return reply.send(document);
    },
  );
}

/** When a review was first presented, and where its period ended then (epoch ms): later events and corrections are not in it. */
function whenOf(book: EntryBook, entry: ReviewEntry): { readonly since: number; readonly ends: number } {
  const instant = Date.parse(String(entry.raw["instant"]));
  const presented = book.revisionsOf("review", entry.id).find(({ digest }) => digest === entry.digest);
  return {
    since: presented?.at ?? instant,
    ends: Math.min(instant, periodOf(entry.scope.timezone, namedIn(entry)).to),
  };
}

function namedIn({ id, period, scope }: ReviewEntry): NamedPeriod {
  const named = periodNamed(period, scope.periods);
  if (named === null) throw new Error(`review ${id} has no period`);
  return named;
}

/** The canonical document of a review, made from some facts; without the rows of its scorecard where an older release presented it. */
function documentOf(facts: Facts, programme: Programme, scope: Scope, entry: ReviewEntry): string {
  const named = namedIn(entry);
  const document = hasScorecardRows(entry)
    ? presentedDocument(facts, programme, scope, named)
    : reviewDocument(facts, programme, scope, named, null, null);
  return canonicalOf(withMoney(document, facts.plant.currency));
}

function hasScorecardRows({ document }: ReviewEntry): boolean {
  const { scorecard } = JSON.parse(document ?? "{}") as { readonly scorecard?: { readonly rows?: unknown } };
  return scorecard?.rows !== undefined;
}

/** The presented review of an id. Throws `HttpProblem` where there is none. */
function presentedIn(book: EntryBook, id: string): ReviewEntry {
  const entry = book.newestOf("review", id);
  if (entry !== null && !entry.withdrawn && entry.document !== null) return entry;
  throw new HttpProblem("OEE_HTTP_UNKNOWN_ENTRY", `there is no review ${JSON.stringify(id.slice(0, 200))} in force`);
}
