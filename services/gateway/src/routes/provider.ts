/**
 * Routes of sign-in at an OpenID provider: the redirect there, the callback, and the provider's message that a person
 * signed out there.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Access } from "../access/access.ts";
import { cookieIn, setCookie } from "../access/cookies.ts";
import type { Flow, Provider } from "../access/provider.ts";
import { HttpProblem } from "../problems.ts";
import type { RouteContext } from "./context.ts";
import { changeSession, isSecure } from "./sessions.ts";

const FLOW_SECONDS = 600;
const BODY_BYTES_MAX = 16 * 1024;
const FORM_TYPE = "application/x-www-form-urlencoded";

export function providerRoutes(app: FastifyInstance, context: RouteContext, access: Access, provider: Provider): void {
  const { limits, note } = context;
  const rateLimit = { max: limits.postsPerMinute, timeWindow: 60_000, groupId: "post" };
  const options = { config: { rateLimit }, schema: { hide: true } };

  app.get<{ Querystring: { readonly next?: unknown } }>("/sign-in/provider", options, async (request, reply) => {
    const { address, flow } = await provider.begin(localPath(request.query.next)).catch((error: unknown) => {
      request.log.error({ err: error }, "the OpenID provider does not answer");
      throw new HttpProblem(
        "OEE_HTTP_PROVIDER_UNAVAILABLE",
        "the provider does not answer; the gateway's log says why",
      );
    });
    const value = Buffer.from(JSON.stringify(flow)).toString("base64url");
    void reply
      .header("set-cookie", setCookie("flow", value, isSecure(request), FLOW_SECONDS))
      .header("cache-control", "no-store");
    return reply.redirect(address, 303);
  });

  app.get("/sign-in/callback", options, async (request, reply) => {
    void reply.header("cache-control", "no-store");
    const flow = flowIn(request);
    try {
      if (flow === null) throw new Error("the browser began no sign-in");
      const { person, name, grants, sid, idToken } = await provider.finish(queryOf(request), flow);
      if (grants.length === 0) return await failed(request, reply, "no-role", person);
      await access.names.note(person, name);
      await note(request, { kind: "sign-in", what: "provider", scope: "*", who: person, before: null, after: null });
      const { secret } = await access.sessions.begin({
        person,
        name,
        grants,
        from: request.ip,
        provider: { sid, idToken },
      });
      await changeSession(access, request, reply, secret);
      void reply.header("set-cookie", setCookie("flow", "", isSecure(request), 0));
      return await reply.redirect(flow.next, 303);
    } catch (error) {
      request.log.warn({ err: error }, "a sign-in at the provider failed");
      return failed(request, reply, "provider", null);
    }
  });

  app.register(async (forms) => {
    forms.removeAllContentTypeParsers();
    forms.addContentTypeParser(FORM_TYPE, { parseAs: "string", bodyLimit: BODY_BYTES_MAX }, (_request, body, done) =>
      done(null, body),
    );
    forms.post<{ Body: string | undefined }>("/api/v1/session/provider-sign-outs", options, async (request, reply) => {
      const token = new URLSearchParams(request.body ?? "").get("logout_token") ?? "";
      try {
        const { sid, person } = await provider.signedOut(token);
        const ended = await access.sessions.endOfProvider(sid, person);
        await note(request, {
          kind: "sign-out",
          what: "provider",
          scope: "*",
          who: person,
          before: null,
          after: { ended },
        });
        return await reply.header("cache-control", "no-store").send();
      } catch (error) {
        request.log.warn({ err: error }, "a sign-out of the provider was refused");
        throw new HttpProblem("OEE_HTTP_INVALID_BODY", "expected a logout_token that the provider signed, of now");
      }
    });
  });

  async function failed(
    request: FastifyRequest,
    reply: FastifyReply,
    why: string,
    who: string | null,
  ): Promise<FastifyReply> {
    await note(request, { kind: "sign-in-failed", what: "provider", scope: "*", who, before: null, after: { why } });
    void reply.header("set-cookie", setCookie("flow", "", isSecure(request), 0));
    return reply.redirect(`/sign-in?failed=${why}`, 303);
  }
}

function queryOf({ url }: FastifyRequest): string {
  return url.split("?", 2)[1] ?? "";
}

function flowIn(request: FastifyRequest): Flow | null {
  const text = cookieIn(request.headers.cookie, "flow", isSecure(request));
  if (text === null) return null;
  try {
    const { state, nonce, verifier, next } = JSON.parse(Buffer.from(text, "base64url").toString("utf8")) as Record<
      string,
      unknown
    >;
    if (typeof state !== "string" || typeof nonce !== "string" || typeof verifier !== "string") return null;
    return { state, nonce, verifier, next: localPath(next) };
  } catch {
    return null;
  }
}

/** The path of this gateway that a redirect leads to; any other address becomes the wall's, so that no redirect leads to another site. */
export function localPath(next: unknown): string {
  if (typeof next !== "string" || next.length > 1_024 || !/^\/[!-~]*$/.test(next) || /^\/[/\\]|\\/.test(next))
    return "/wall";
  const base = "http://gateway.invalid";
  return URL.canParse(next, base) && new URL(next, base).origin === base ? next : "/wall";
}
