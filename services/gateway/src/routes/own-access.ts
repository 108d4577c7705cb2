/** Routes by which people change their own password, and see and end their own sessions elsewhere. */
import { formatInstant } from "@oee/model";
import { ID_PARAMS, NO_QUERY } from "@oee/protocol";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Access } from "../access/access.ts";
import { onlyFields } from "../access/given.ts";
import { digestOfPassword, faultOfPassword } from "../access/passwords.ts";
import type { Person } from "../access/principal.ts";
import { DONE, FACTOR_OFFER, NEW_FACTOR, NEW_PASSWORD, OWN_SESSIONS } from "../access/schemas.ts";
import { offerFactor } from "../access/second-factors.ts";
import type { User } from "../access/users.ts";
import type { UsersSecrets } from "../access/users-secret.ts";
import { HttpProblem } from "../problems.ts";
import { answers } from "../schemas.ts";
import { objectIn, unchecked } from "./bodies.ts";
import type { RouteContext } from "./context.ts";
import { changeSession, checkCode, countedCode, isRightPassword } from "./sessions.ts";

const BODY_BYTES_MAX = 4_096;

export function ownAccessRoutes(app: FastifyInstance, { note, limits }: RouteContext, access: Access): void {
  const { sessions, passwords, attempts, secrets, factors, notices } = access;
  const rateLimit = { max: limits.postsPerMinute, timeWindow: 60_000, groupId: "post" };

  app.post<{ Body: Buffer | undefined }>(
    "/session/password",
    {
      config: { rateLimit },
      bodyLimit: Math.min(BODY_BYTES_MAX, limits.bodyBytesMax),
      schema: {
        summary: "Changes the password of who asks, and ends their other sessions, on every gateway",
        body: NEW_PASSWORD,
        response: answers({ 200: { description: "This session goes on, in a new cookie", schema: DONE } }, [
          ...[400, 401, 403, 413, 415, 422, 429, 500, 503],
        ]),
      },
      validatorCompiler: unchecked,
    },
    async (request, reply) => {
      const given = objectIn(request.body, "old and new");
      onlyFields(given, ["old", "new"]);
      const { old, new: wanted } = given;
      if (typeof old !== "string" || typeof wanted !== "string") {
        throw new HttpProblem("OEE_HTTP_INVALID_BODY", "expected old and new as texts");
      }
      const { id: person, name, session } = personIn(request);
      const user = passwords.user(name);
      if (user?.id !== person || !sessions.isByPassword(session)) {
        throw new HttpProblem(
          "OEE_HTTP_FORBIDDEN",
          "expected a password of this gateway's; a provider changes its own",
        );
      }
      const about = { what: person, scope: "*", before: null, after: null };
      if (!(await isRightPassword(access, request, reply, name, user, old))) {
        await note(request, { kind: "password-refused", ...about });
        throw new HttpProblem("OEE_HTTP_PASSWORD_REFUSED", "old: it is not the password of now");
      }
      attempts.succeeded(name, request.ip);
      const fault = old === wanted ? "expected another one than before" : await faultOfPassword(wanted, name);
      if (fault !== null) throw new HttpProblem("OEE_HTTP_PASSWORD_REFUSED", `new: ${fault}`);
      const digest = await digestOfPassword(wanted, secrets);
      await note(request, { kind: "password-changed", ...about });
      await notices.add(person, "password", request.ip);
      await passwords.set(name, digest);
      await beginAlone(request, reply);
      return reply.send({ done: true });
    },
  );

  /** Ends all sessions of who asks and gives this browser a new one. Throws `LogError`. */
  async function beginAlone(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const { id: person, name, session } = personIn(request);
    const signedIn = sessions.signedInAt(session);
    for (const { id } of sessions.of(person)) await sessions.end(id);
    const { secret } = await sessions.begin({ person, name, grants: null, from: request.ip, signedIn });
    await changeSession(access, request, reply, secret);
  }

  /** Who asks, if they can have a second factor here. Throws `HttpProblem`. */
  function userIn(request: FastifyRequest): { readonly user: User; readonly secrets: UsersSecrets } {
    const { id, name, session } = personIn(request);
    const user = access.userOf(name);
    if (user?.id !== id || !sessions.isByPassword(session)) {
      throw new HttpProblem(
        "OEE_HTTP_FORBIDDEN",
        "expected a password of this gateway's; a provider has factors of its own",
      );
    }
    if (secrets === null) {
      throw new HttpProblem(
        "OEE_HTTP_SECOND_FACTOR_REFUSED",
        "expected a gateway with --users-secret, which seals the key",
      );
    }
    return { user, secrets };
  }

  app.get(
    "/session/second-factor",
    {
      schema: {
        summary: "The key of a new second factor, for the authenticator app of who asks; nothing is kept of it",
        querystring: NO_QUERY,
        response: answers(
          { 200: { description: "Another one each time", schema: FACTOR_OFFER } },
          [403, 422, 429, 500],
        ),
      },
    },
    (request, reply) => {
      const { user, secrets: sealing } = userIn(request);
      return reply.send(offerFactor(user, sealing));
    },
  );

  app.post<{ Body: Buffer | undefined }>(
    "/session/second-factor",
    {
      config: { rateLimit },
      bodyLimit: Math.min(BODY_BYTES_MAX, limits.bodyBytesMax),
      schema: {
        summary: "Sets the second factor of who asks, and ends their other sessions, on every gateway",
        body: NEW_FACTOR,
        response: answers({ 200: { description: "This session goes on, in a new cookie", schema: DONE } }, [
          ...[400, 403, 413, 415, 422, 429, 500, 503],
        ]),
      },
      validatorCompiler: unchecked,
    },
    async (request, reply) => {
      const given = objectIn(request.body, "password, sealed and code");
      onlyFields(given, ["password", "sealed", "code", "current"]);
      const { password, sealed, code, current = "" } = given;
      if (![password, sealed, code, current].every((one): one is string => typeof one === "string")) {
        throw new HttpProblem("OEE_HTTP_INVALID_BODY", "expected password, sealed, code and current as texts");
      }
      const { user } = userIn(request);
      const { id: person, name } = user;
      const about = { what: person, scope: "*", before: null, after: null };
      const refuse = async (why: string): Promise<never> => {
        await note(request, { kind: "second-factor-refused", ...about });
        throw new HttpProblem("OEE_HTTP_SECOND_FACTOR_REFUSED", why);
      };
      const isRight = await isRightPassword(access, request, reply, name, user, String(password));
      if (!isRight) await refuse("password: it is not right");
      attempts.succeeded(name, request.ip);
      const isOfNow =
        user.secondFactor === undefined || (await checkCode(access, request, reply, user, String(current))) === "right";
      if (!isOfNow) {
        await refuse("current: expected a code of the factor until now, not used yet");
      }
      const next = { ...user, secondFactor: String(sealed) };
      if ((await countedCode(access, reply, next, String(code))) !== "right") {
        await refuse("code: expected the one that the app shows for the new key, not used yet");
      }
      await note(request, { kind: "second-factor-set", ...about });
      await notices.add(person, "second-factor", request.ip);
      await factors.set(name, next.secondFactor);
      await beginAlone(request, reply);
      return reply.send({ done: true });
    },
  );

  app.delete<{ Params: { readonly id: string } }>(
    "/session/notices/:id",
    {
      config: { rateLimit },
      schema: {
        summary: "Who asks has seen a notice about their account, which is then shown no more",
        params: ID_PARAMS,
        response: answers({ 200: { description: "It is gone", schema: DONE } }, [400, 403, 404, 429, 500, 503]),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const { id: person, session } = personIn(request);
      const seen = notices.of(person, sessions.signedInAt(session)).find((one) => one.id === `${person}/${id}`);
      if (seen === undefined) {
        throw new HttpProblem("OEE_HTTP_UNKNOWN_ENTRY", `there is no notice ${JSON.stringify(id.slice(0, 100))}`);
      }
      const { about } = seen;
      await note(request, { kind: "notice-seen", what: person, scope: "*", before: null, after: { about } });
      await notices.remove(seen.id);
      return reply.send({ done: true });
    },
  );

  app.get(
    "/session/others",
    {
      schema: {
        summary: "Other sessions of who asks",
        querystring: NO_QUERY,
        response: answers({ 200: { description: "Oldest first", schema: OWN_SESSIONS } }, [401, 403, 429, 500]),
      },
    },
    (request, reply) => reply.send(othersOf(access, personIn(request)).map(shown)),
  );

  app.delete<{ Params: { readonly id: string } }>(
    "/session/others/:id",
    {
      config: { rateLimit },
      schema: {
        summary: "Ends another session of who asks, on every gateway",
        params: ID_PARAMS,
        response: answers({ 200: { description: "It is over", schema: DONE } }, [400, 401, 403, 404, 429, 500, 503]),
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const person = personIn(request);
      if (!othersOf(access, person).some((session) => session.id === id)) {
        throw new HttpProblem(
          "OEE_HTTP_UNKNOWN_ENTRY",
          `there is no other session ${JSON.stringify(id.slice(0, 100))}`,
        );
      }
      await note(request, { kind: "session-ended", what: person.id, scope: "*", before: null, after: null });
      await sessions.end(id);
      return reply.send({ done: true });
    },
  );
}

/** The person who makes a request; the rows of these routes accept no token. */
function personIn({ who }: FastifyRequest): Person {
  if (who?.kind === "person") return who;
  throw new HttpProblem("OEE_HTTP_FORBIDDEN", "expected a person");
}

function othersOf({ sessions }: Access, { id: person, session }: Person): ReturnType<typeof sessions.open> {
  return sessions.open().filter((other) => other.person === person && other.id !== session);
}

function shown({ id, since, until, from }: ReturnType<typeof othersOf>[number]): object {
  return { id, since: formatInstant(since), until: formatInstant(until), from };
}
