/** Routes by which people change their own password, and see and end their own sessions elsewhere. */
import { formatInstant } from "@oee/model";
import { ID_PARAMS, NO_QUERY } from "@oee/protocol";
import type { FastifyInstance, FastifyRequest } from "fastify";
import type { Access } from "../access/access.ts";
import { onlyFields } from "../access/given.ts";
import { digestOfPassword, faultOfPassword, isPassword } from "../access/passwords.ts";
import type { Person } from "../access/principal.ts";
import { DONE, NEW_PASSWORD, OWN_SESSIONS } from "../access/schemas.ts";
import { HttpProblem } from "../problems.ts";
import { answers } from "../schemas.ts";
import { objectIn, unchecked } from "./bodies.ts";
import type { RouteContext } from "./context.ts";
import { changeSession, expectTurn } from "./sessions.ts";

const BODY_BYTES_MAX = 4_096;

export function ownAccessRoutes(app: FastifyInstance, { note, limits }: RouteContext, access: Access): void {
  const { sessions, passwords, attempts, secrets } = access;
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
      expectTurn(access, request, reply, name);
      attempts.began(name, request.ip);
      const about = { what: person, scope: "*", before: null, after: null };
      if (!(await isPassword(user.password, old, secrets))) {
        await note(request, { kind: "password-refused", ...about });
        throw new HttpProblem("OEE_HTTP_PASSWORD_REFUSED", "old: it is not the password of now");
      }
      attempts.succeeded(name, request.ip);
      const fault = old === wanted ? "expected another one than before" : await faultOfPassword(wanted, name);
      if (fault !== null) throw new HttpProblem("OEE_HTTP_PASSWORD_REFUSED", `new: ${fault}`);
      const digest = await digestOfPassword(wanted, secrets);
      await note(request, { kind: "password-changed", ...about });
      await passwords.set(name, digest);
      for (const { id } of sessions.of(person)) await sessions.end(id);
      const { secret } = await sessions.begin({ person, name, grants: null, from: request.ip });
      await changeSession(access, request, reply, secret);
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
      await sessions.end(id);
      await note(request, { kind: "session-ended", what: person.id, scope: "*", before: null, after: null });
      return reply.send({ done: true });
    },
  );
}

/** Tokens do not pass the row of these routes. */
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
