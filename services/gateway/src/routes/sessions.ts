/** `/session`: signing in with a password, signing out, and who the caller is. */
import { formatInstant } from "@oee/model";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Access } from "../access/access.ts";
import type { Person } from "../access/principal.ts";
import type { User } from "../access/users.ts";
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
      const { name, password, code } = objectIn(request.body, "name and password");
      if (typeof name !== "string" || typeof password !== "string") {
        throw new HttpProblem("OEE_HTTP_INVALID_BODY", "expected name and password as texts");
      }
      if (code !== undefined && typeof code !== "string") {
        throw new HttpProblem("OEE_HTTP_INVALID_BODY", "code: expected a text");
      }
      const { accountAttempts, attempts, sessions, names, notices, passwords, secrets } = access;
      const user = access.userOf(name);
      const isRight = await isRightPassword(access, request, reply, name, user, password);
      if (!isRight || user === undefined) {
        await context.note(request, {
          kind: "sign-in-failed",
          what: "",
          scope: "*",
          // An unknown name is not written to the audit: it may be a password that was typed into the wrong field.
          who: user?.id ?? null,
          before: null,
          after: null,
        });
        throw new HttpProblem("OEE_HTTP_SIGN_IN_FAILED", "the name or the password is not right");
      }
      if (user.secondFactor !== undefined) {
        if (code === undefined || code === "") {
          attempts.withdrew(name, request.ip);
          throw new HttpProblem("OEE_HTTP_SECOND_FACTOR", "code: expected the one that the authenticator app shows");
        }
        const checked = await checkCode(access, request, reply, user, code);
        if (checked !== "right") {
          const facts = { kind: "sign-in-failed", what: "", scope: "*", who: user.id } as const;
          await context.note(request, { ...facts, before: null, after: { code: checked } });
          throw new HttpProblem("OEE_HTTP_SIGN_IN_FAILED", "the code is not right, or was used already");
        }
      }
      attempts.succeeded(name, request.ip);
      if (isToDigestAnew(user.password, secrets)) {
        await passwords.redigest(name, await digestOfPassword(password, secrets));
      }
      await names.note(user.id, user.name);
      await context.note(request, { kind: "sign-in", what: "", scope: "*", who: user.id, before: null, after: null });
      const { secret, id } = await sessions.begin({ person: user.id, name: user.name, grants: null, from: request.ip });
      await changeSession(access, request, reply, secret);
      // After the session has begun, in which it is not shown.
      if (await accountAttempts.signedIn(user.id, request.ip)) await notices.add(user.id, "new-place", request.ip);
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
      await context.note(request, { kind: "sign-out", what: "", scope: "*", before: null, after: null });
      await access.sessions.end(who.session);
      return reply.send({ signedOut: true, leave });
    },
  );
}

/**
 * Whether a password is that of a user, who is told where the attempts of an hour are used up. It counts as a failed attempt of
 * name and address until `attempts.succeeded`. Throws `HttpProblem` where too many have failed, and `LogError`.
 */
export async function isRightPassword(
  { accountAttempts, attempts, notices, secrets }: Access,
  { ip }: FastifyRequest,
  reply: FastifyReply,
  name: string,
  user: User | undefined,
  password: string,
): Promise<boolean> {
  expectWait(attempts.waitMs(name, ip), reply, "this address has failed too often");
  attempts.began(name, ip);
  const attempt = await accountAttempts.begin(user?.id ?? null, name, ip);
  if (attempt.waitMs > 0) attempts.withdrew(name, ip);
  expectWait(attempt.waitMs, reply, "too many attempts with this name have failed, from this and other addresses");
  const isRight = await isPassword(user?.password ?? null, password, secrets).catch(async (error: unknown) => {
    // Too many wait: it was not compared.
    await accountAttempts.withdraw(attempt.id);
    throw error;
  });
  if (isRight) await accountAttempts.withdraw(attempt.id);
  else if (user !== undefined && accountAttempts.isUsedUp(attempt)) await notices.add(user.id, "guessing", ip);
  return isRight;
}

function expectWait(waitMs: number, reply: FastifyReply, why: string): void {
  if (waitMs === 0) return;
  const seconds = Math.ceil(waitMs / 1_000);
  void reply.header("retry-after", String(seconds));
  throw new HttpProblem("OEE_HTTP_SIGN_IN_DELAYED", `${why}; try again in ${seconds} s`);
}

/**
 * Whether a code of the second factor that a person has is right; the person is told of a used one, and of many wrong ones.
 * Throws `HttpProblem` where too many were wrong, and `LogError`.
 */
export async function checkCode(
  access: Access,
  { ip }: FastifyRequest,
  reply: FastifyReply,
  user: User,
  code: string,
): Promise<"right" | "used" | "wrong"> {
  const checked = await countedCode(access, reply, user, code);
  if (checked === "used") await access.notices.add(user.id, "code-again", ip);
  else if (checked === "wrong" && access.codeAttempts.isFirstWait(user.id))
    await access.notices.add(user.id, "codes-wrong", ip);
  return checked;
}

/**
 * Whether a code of a person's second factor is right. Counted by person, from whichever address: who gets here knows the
 * password, so that nobody else is kept out. Throws `HttpProblem` where too many were wrong, and `LogError`.
 */
export async function countedCode(
  { factors, codeAttempts }: Access,
  reply: FastifyReply,
  user: User,
  code: string,
): Promise<"right" | "used" | "wrong"> {
  const why = "the code was wrong too often";
  expectWait(codeAttempts.waitMs(user.id), reply, why);
  expectWait(await codeAttempts.begin(user.id), reply, why);
  const checked = user.secondFactor === undefined ? "wrong" : await factors.check(user, user.secondFactor, code);
  if (checked === "right") await codeAttempts.succeeded(user.id);
  return checked;
}

/**
 * Gives the browser a new session, and ends the one that it came with, so that a session that an attacker put into the browser
 * is of no use to the attacker.
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
    useNotice: access?.options.useNotice ?? null,
  };
  if (who === null) {
    const all = access === null ? ["*"] : [];
    const nobody = { kind: null, name: null, by: null, roles: [], scopes: all, until: null };
    return { ...signIn, ...nobody, password: false, secondFactor: null, notices: [] };
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
      secondFactor: null,
      notices: [],
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
    secondFactor: access === null ? null : factorStateOf(access, who),
    notices: access === null ? [] : noticesOf(access, who),
  };
}

/** What a person has not been told by mail of what was done with their account before they signed in. */
function noticesOf({ notices, sessions }: Access, { id: person, session }: Person): readonly object[] {
  return notices.of(person, sessions.signedInAt(session)).map(({ id, about, at, from }) => ({
    id: id.slice(person.length + 1),
    about,
    at: formatInstant(at),
    from,
  }));
}

/** `null`: who asks has no password here, or there is no secret to seal a factor with. */
function factorStateOf(access: Access, { name, session }: Person): "none" | "needed" | "set" | null {
  const user = access.userOf(name);
  if (user === undefined || access.secrets === null || !access.sessions.isByPassword(session)) return null;
  if (user.secondFactor !== undefined) return "set";
  return access.factors.isLacking(user) ? "needed" : "none";
}
