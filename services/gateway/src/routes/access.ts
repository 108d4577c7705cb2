/** Routes for administrators: sessions of other people, names of people, tokens of machines, and displays. */
import { isInScope, formatInstant } from "@oee/model";
import { ID_PARAMS, NO_QUERY } from "@oee/protocol";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Access } from "../access/access.ts";
import { cookieIn, setCookie } from "../access/cookies.ts";
import { expiryIn, fingerprintIn, nameIn, onlyFields, powersIn, scopesIn } from "../access/given.ts";
import {
  DONE,
  ENDED,
  NEW_DISPLAY,
  NEW_TOKEN,
  PAIRING,
  PAIRING_STATE,
  PEOPLE,
  SESSIONS,
  TOKEN_MADE,
  TOKENS,
} from "../access/schemas.ts";
import { HttpProblem } from "../problems.ts";
import { answers } from "../schemas.ts";
import { objectIn, unchecked } from "./bodies.ts";
import type { RouteContext } from "./context.ts";
import { isSecure } from "./sessions.ts";

const STATUSES = [401, 403, 404, 429, 500, 503];
const POST_STATUSES = [400, 401, 403, 413, 415, 429, 500, 503];
const BODY_BYTES_MAX = 16 * 1024;
const DISPLAY_SECONDS_MAX = 400 * 86_400;

interface ById {
  readonly Params: { readonly id: string };
}

export function accessRoutes(app: FastifyInstance, context: RouteContext, access: Access): void {
  const { limits, note } = context;
  const { sessions, tokens, pairings, names, clock } = access;
  const rateLimit = { max: limits.postsPerMinute, timeWindow: 60_000, groupId: "post" };
  const bodyLimit = Math.min(BODY_BYTES_MAX, limits.bodyBytesMax);
  const posts = { config: { rateLimit }, bodyLimit, validatorCompiler: unchecked };

  app.get(
    "/sessions",
    {
      schema: {
        summary: "Sessions of people that are not over",
        querystring: NO_QUERY,
        response: answers({ 200: { description: "The oldest first", schema: SESSIONS } }, [401, 403, 429, 500]),
      },
    },
    (request, reply) => {
      const open = sessions.open().map((session) => ({
        ...session,
        ...(names.hidden ? { name: session.person } : {}),
        since: formatInstant(session.since),
        until: formatInstant(session.until),
      }));
      // Sent past the hook that replaces identifiers by names: by `person` the sessions of a person are ended.
      request.who = null;
      return reply.send(open);
    },
  );

  app.delete<ById>(
    "/sessions/:id",
    {
      config: { rateLimit },
      schema: {
        summary: "Ends a session, on every gateway",
        params: ID_PARAMS,
        response: answers({ 200: { description: "It is over", schema: ENDED } }, STATUSES),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const known = sessions.all().find((session) => session.id === id);
      if (known === undefined) throw unknown("session", id);
      await note(request, { kind: "session-ended", what: known.person, scope: "*", before: null, after: null });
      await sessions.end(id);
      return reply.send({ ended: 1 });
    },
  );

  app.get(
    "/people",
    {
      schema: {
        summary: "Names that are known of people, with the identifiers that events and the audit have",
        querystring: NO_QUERY,
        response: answers(
          { 200: { description: "`seen`: their last sign-in", schema: PEOPLE } },
          [401, 403, 429, 500, 503],
        ),
      },
    },
    async (request, reply) => {
      await note(request, {
        kind: "personal-data-exported",
        what: "",
        scope: "*",
        before: null,
        after: { table: "people" },
      });
      // Sent past the hook that replaces identifiers by names.
      const people = names.all().map(({ id, name, seen }) => ({ id, name, seen: formatInstant(seen) }));
      request.who = null;
      return reply.send(people);
    },
  );

  app.delete<ById>(
    "/people/:id",
    {
      config: { rateLimit },
      schema: {
        summary: "Erases a person's name and ends their sessions; what they did keeps their identifier",
        params: ID_PARAMS,
        response: answers({ 200: { description: "Nobody knows the name any more", schema: DONE } }, STATUSES),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const isKnown = names.of(id) !== null;
      if (isKnown) await note(request, { kind: "person-erased", what: id, scope: "*", before: null, after: null });
      await sessions.endAllOf(id);
      await access.erase(id);
      if (!isKnown) throw unknown("person", id);
      return reply.send({ done: true });
    },
  );

  app.delete<ById>(
    "/people/:id/sessions",
    {
      config: { rateLimit },
      schema: {
        summary: "Ends all sessions of a person, on every gateway",
        params: ID_PARAMS,
        response: answers({ 200: { description: "They are over", schema: ENDED } }, STATUSES),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const after = { ended: sessions.of(id).length };
      if (after.ended === 0 && names.of(id) === null) throw unknown("person", id);
      await note(request, { kind: "sessions-ended", what: id, scope: "*", before: null, after });
      const ended = await sessions.endAllOf(id);
      return reply.send({ ended });
    },
  );

  app.get(
    "/tokens",
    {
      schema: {
        summary: "Tokens of machines and displays within one's scopes, with their last use",
        querystring: NO_QUERY,
        response: answers({ 200: { description: "Without their secrets", schema: TOKENS } }, [401, 403, 429, 500]),
      },
    },
    (request, reply) => {
      const own = tokens.all().filter(({ scopes }) => isHeld(request, scopes));
      return reply.send(
        own.map((token) => ({
          ...token,
          made: formatInstant(token.made),
          expires: token.expires === null ? null : formatInstant(token.expires),
          lastUse: token.lastUse === null ? null : formatInstant(token.lastUse),
        })),
      );
    },
  );

  app.post<{ Body: Buffer | undefined }>(
    "/tokens",
    {
      ...posts,
      schema: {
        summary: "Makes a token, which is shown this once",
        body: NEW_TOKEN,
        response: answers({ 201: { description: "Keep it", schema: TOKEN_MADE } }, POST_STATUSES),
      },
    },
    async (request, reply) => {
      const given = objectIn(request.body, "name, scopes, may, expires");
      onlyFields(given, ["name", "scopes", "may", "expires", "certificate"]);
      const token = {
        name: nameIn(given),
        scopes: scopesIn(given),
        may: powersIn(given),
        expires: expiryIn(given, clock()),
        certificate: fingerprintIn(given),
        by: request.who?.id ?? "",
      };
      expectHeld(request, token.scopes);
      if (token.certificate !== null && tokens.hasCertificate(token.certificate)) {
        throw new HttpProblem(
          "OEE_HTTP_INVALID_BODY",
          "certificate: found one that stands for another token; expected one that does not, or that token revoked first",
        );
      }
      const about = { kind: "token-created", scope: scopeOf(token.scopes), before: null, after: token };
      const made = await tokens.create(token, (what) => note(request, { ...about, what }));
      return reply.code(201).send(made);
    },
  );

  app.delete<ById>(
    "/tokens/:id",
    {
      config: { rateLimit },
      schema: {
        summary: "Revokes a token, on every gateway",
        params: ID_PARAMS,
        response: answers({ 200: { description: "Nobody gets in with it any more", schema: DONE } }, STATUSES),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const known = tokens.all().find((token) => token.id === id);
      if (known === undefined || !isHeld(request, known.scopes)) throw unknown("token", id);
      const { name, scopes, may } = known;
      await note(request, {
        kind: "token-revoked",
        what: id,
        scope: scopeOf(scopes),
        before: { name, scopes, may },
        after: null,
      });
      await tokens.revoke(id);
      return reply.send({ done: true });
    },
  );

  app.post(
    "/displays/pairings",
    {
      ...posts,
      schema: {
        summary:
          "Begins the pairing of the display that asks: it shows the code until an administrator has confirmed it",
        response: answers({ 201: { description: "The code", schema: PAIRING } }, [403, 413, 415, 429, 500, 503]),
      },
    },
    async (request, reply) => {
      const begun = await pairings.begin();
      if (begun === null)
        throw new HttpProblem("OEE_HTTP_BUSY", "too many displays wait to be confirmed; try again later");
      const { code, secret, validSeconds } = begun;
      void reply.header("set-cookie", setCookie("pairing", secret, isSecure(request), validSeconds));
      return reply.code(201).send({ code, validSeconds });
    },
  );

  app.get(
    "/displays/pairings/mine",
    {
      schema: {
        summary: "Whether the display that asks was confirmed; its token is then in a cookie",
        querystring: NO_QUERY,
        response: answers({ 200: { description: "`over`: begin again", schema: PAIRING_STATE } }, [429, 500, 503]),
      },
    },
    async (request, reply) => {
      const secure = isSecure(request);
      const secret = cookieIn(request.headers.cookie, "pairing", secure);
      const pairing = secret === null ? null : pairings.stateOf(secret);
      if (pairing === null) return reply.send({ state: "over", scopes: [] });
      if (pairing.confirmed === null) return reply.send({ state: "waiting", scopes: [] });
      const { name, scopes, expires, by } = pairing.confirmed;
      const after = { name, scopes, expires };
      const about = { kind: "display-paired", scope: scopeOf(scopes), who: by, before: null, after };
      const { token } = await tokens.create({ name, scopes, may: ["wall"], expires, by, certificate: null }, (what) =>
        note(request, { ...about, what }),
      );
      await pairings.done(pairing.id);
      const left = expires === null ? DISPLAY_SECONDS_MAX : Math.floor((expires - clock()) / 1_000);
      const cookies = [
        setCookie("display", token, secure, Math.min(DISPLAY_SECONDS_MAX, left)),
        setCookie("pairing", "", secure, 0),
      ];
      void reply.header("set-cookie", cookies);
      return reply.send({ state: "paired", scopes });
    },
  );

  app.post<{ Body: Buffer | undefined }>(
    "/displays",
    {
      ...posts,
      schema: {
        summary: "Confirms the display that shows a code: what it may show, and until when",
        body: NEW_DISPLAY,
        response: answers({ 200: { description: "The display shows it in a moment", schema: DONE } }, [
          ...POST_STATUSES,
          404,
        ]),
      },
    },
    async (request, reply) => {
      const given = objectIn(request.body, "code, name, scopes, expires");
      onlyFields(given, ["code", "name", "scopes", "expires"]);
      const confirmed = {
        name: nameIn(given),
        scopes: scopesIn(given),
        expires: expiryIn(given, clock()),
        by: request.who?.id ?? "",
      };
      expectHeld(request, confirmed.scopes);
      const code = typeof given["code"] === "string" ? given["code"] : "";
      const after = { name: confirmed.name, scopes: confirmed.scopes };
      const scope = scopeOf(confirmed.scopes);
      const tell = (): Promise<void> =>
        note(request, { kind: "display-confirmed", what: "", scope, before: null, after });
      if (!(await pairings.confirm(code, confirmed, tell))) throw unknown("display that shows", code);
      return reply.send({ done: true });
    },
  );
}

/** Whether the caller is an administrator of all of these scopes. */
function isHeld({ reach }: FastifyRequest, scopes: readonly string[]): boolean {
  return scopes.every((scope) => reach.some((held) => isInScope(scope, held)));
}

function expectHeld(request: FastifyRequest, scopes: readonly string[]): void {
  if (isHeld(request, scopes)) return;
  throw new HttpProblem(
    "OEE_HTTP_FORBIDDEN",
    `scopes: expected those that you administer: ${request.reach.join(", ")}`,
  );
}

/** The scope of the audit's line: a line has one scope. */
function scopeOf(scopes: readonly string[]): string {
  const [first] = scopes;
  return scopes.length === 1 && first !== undefined ? first : "*";
}

function unknown(what: string, id: string): HttpProblem {
  return new HttpProblem("OEE_HTTP_UNKNOWN_ENTRY", `there is no ${what} ${JSON.stringify(id.slice(0, 100))}`);
}
