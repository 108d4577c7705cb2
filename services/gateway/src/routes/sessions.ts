/** `/session`: signing in with a password, signing out, and who the caller is. */
import { formatInstant } from "@oee/model";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Access } from "../access/access.ts";
import { cookieIn, setCookie } from "../access/cookies.ts";
import { digestOfPassword, isPassword, isToDigestAnew } from "../access/passwords.ts";
import { SESSION, SIGN_IN, SIGNED_OUT } from "../access/schemas.ts";
import { digestOf } from "../access/secrets.ts";
import { HttpProblem } from "../problems.ts";
import { answers } from "../schemas.ts";
import { objectIn, unchecked } from "./bodies.ts";
import type { RouteContext } from "./context.ts";

const BODY_BYTES_MAX = 4_096;

export function sessionRoutes(app: FastifyInstance, context: RouteContext): void {
  const { access, limits } = context;
  const rateLimit = { max: limits.postsPerMinute, timeWindow: 60_000, groupId: "post" };

  app.get(
    "/session",
    {
      schema: {
        summary: "Who asks, with which roles; and whether there is a sign-in",
        response: answers({ 200: { description: "Also of nobody who is known", schema: SESSION } }, [429]),
      },
    },
    (request, reply) => reply.send(sessionOf(access, request)),
  );
  if (access === null) return;

  app.post<{ Body: Buffer | undefined }>(
    "/session",
    {
      config: { rateLimit },
      bodyLimit: Math.min(BODY_BYTES_MAX, limits.bodyBytesMax),
      schema: {
        summary: "Signs in with a name and a password: the session is in a cookie",
        body: SIGN_IN,
        response: answers(
          { 200: { description: "As `GET /session`", schema: SESSION } },
          [400, 401, 403, 413, 415, 429, 500, 503],
        ),
      },
      validatorCompiler: unchecked,
    },
    async (request, reply) => {
      const { name, password } = objectIn(request.body, "name and password");
      if (typeof name !== "string" || typeof password !== "string") {
        throw new HttpProblem("OEE_HTTP_INVALID_BODY", "expected name and password as texts");
      }
      const { attempts, sessions, names, passwords, secrets } = access;
      expectTurn(access, request, reply, name);
      attempts.began(name, request.ip);
      const user = passwords.user(name);
      const isRight = await isPassword(user?.password ?? null, password, secrets);
      if (!isRight || user === undefined) {
        await context.note(request, {
          kind: "sign-in-failed",
          what: "",
          scope: "*",
          // An unknown name may be a password that was typed into the wrong field.
          who: user?.id ?? null,
          before: null,
          after: null,
        });
        throw new HttpProblem("OEE_HTTP_SIGN_IN_FAILED", "the name or the password is not right");
      }
      attempts.succeeded(name, request.ip);
      if (isToDigestAnew(user.password, secrets)) {
        await passwords.redigest(name, await digestOfPassword(password, secrets));
      }
      await names.note(user.id, user.name);
      const { secret, id } = await sessions.begin({ person: user.id, name: user.name, grants: null, from: request.ip });
      await changeSession(access, request, reply, secret);
      await context.note(request, { kind: "sign-in", what: "", scope: "*", who: user.id, before: null, after: null });
      request.who = sessions.personIn(id);
      return reply.send(sessionOf(access, request));
    },
  );

  app.delete(
    "/session",
    {
      config: { rateLimit },
      schema: {
        summary: "Signs out",
        response: answers({ 200: { description: "The session is over", schema: SIGNED_OUT } }, [403, 429, 500, 503]),
      },
    },
    async (request, reply) => {
      const { who } = request;
      void reply.header("set-cookie", setCookie("session", "", isSecure(request), 0));
      if (who?.kind !== "person") return reply.send({ signedOut: false, leave: null });
      const idToken = access.sessions.idTokenOf(who.session);
      const leave = idToken === null ? null : ((await access.provider?.leaveAddress(idToken)) ?? null);
      await access.sessions.end(who.session);
      await context.note(request, { kind: "sign-out", what: "", scope: "*", before: null, after: null });
      return reply.send({ signedOut: true, leave });
    },
  );
}

/** Throws `HttpProblem` where this address has failed with this name so often that it has to wait. */
export function expectTurn({ attempts }: Access, { ip }: FastifyRequest, reply: FastifyReply, name: string): void {
  const waitMs = attempts.waitMs(name, ip);
  if (waitMs === 0) return;
  const seconds = Math.ceil(waitMs / 1_000);
  void reply.header("retry-after", String(seconds));
  const detail = `this address has failed too often; try again in ${seconds} s`;
  throw new HttpProblem("OEE_HTTP_SIGN_IN_DELAYED", detail);
}

/**
 * Gives the browser a new session, and ends the one that it came with: a session that an attacker put into the browser
 * is of no use to them.
 */
export async function changeSession(
  access: Access,
  request: FastifyRequest,
  reply: FastifyReply,
  secret: string,
): Promise<void> {
  const secure = isSecure(request);
  const former = cookieIn(request.headers.cookie, "session", secure);
  if (former !== null && access.sessions.personOf(former) !== null) await access.sessions.end(digestOf(former));
  void reply.header("set-cookie", setCookie("session", secret, secure, access.sessions.lastsSeconds));
}

export function isSecure({ protocol }: FastifyRequest): boolean {
  return protocol === "https";
}

function sessionOf(access: Access | null, { who }: FastifyRequest): object {
  const signIn = {
    signIn: access !== null,
    passwords: access !== null && access.options.users().size > 0,
    provider: access !== null && access.provider !== null,
  };
  if (who === null) {
    const all = access === null ? ["*"] : [];
    return { ...signIn, kind: null, name: null, by: null, roles: [], scopes: all, until: null, password: false };
  }
  if (who.kind === "token") {
    return {
      ...signIn,
      kind: "token",
      name: who.name,
      by: null,
      roles: [],
      scopes: who.scopes,
      until: null,
      password: false,
    };
  }
  const until = access?.sessions.untilOf(who.session) ?? null;
  return {
    ...signIn,
    kind: "person",
    name: who.name,
    by: access?.names.hidden === true ? who.id : who.name,
    roles: who.grants,
    scopes: [...new Set(who.grants.map(({ scope }) => scope))],
    until: until === null ? null : formatInstant(until),
    password: access?.sessions.isByPassword(who.session) === true,
  };
}
