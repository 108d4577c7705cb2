/**
 * Hands request bodies to routes as bytes, unparsed: the event decoder parses them, and refuses events with the codes
 * of DI-2.
 */
import type { Readable } from "node:stream";
import { isJsonObject } from "@oee/model";
import { errorCodes, type FastifyInstance, type FastifyRequest } from "fastify";
import type { BodyBudget } from "../body-budget.ts";
import { HttpProblem } from "../problems.ts";

export const JSON_TYPE = "application/json";
export const NDJSON_TYPE = "application/x-ndjson";

/** Accepts only media types for which a browser sends a preflight from a page of another origin. */
export function acceptBodies(app: FastifyInstance, budget: BodyBudget): void {
  const receive = async (request: FastifyRequest, payload: Readable): Promise<Buffer[]> => {
    checkEncoding(request);
    const { bodyLimit } = request.routeOptions;
    if (Number(request.headers["content-length"]) > bodyLimit) throw new errorCodes.FST_ERR_CTP_BODY_TOO_LARGE();
    const { pieces, release } = budget.receive(payload, bodyLimit);
    releases.set(request, release);
    return pieces;
  };
  const releases = new WeakMap<FastifyRequest, () => void>();
  app.addHook("onResponse", (request, _reply, done) => {
    releases.get(request)?.();
    done();
  });
  app.addHook("onRequestAbort", (request, done) => {
    releases.get(request)?.();
    done();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_TYPE, async (request: FastifyRequest, payload: Readable) =>
    Buffer.concat(await receive(request, payload)),
  );
  // NDJSON is handed on in the pieces that came: joining them would copy megabytes a second.
  app.addContentTypeParser(NDJSON_TYPE, receive);
}

function checkEncoding({ headers }: FastifyRequest): void {
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding === "identity") return;
  throw new HttpProblem("OEE_HTTP_UNSUPPORTED_BODY", `content-encoding is ${encoding.slice(0, 40)}; expected none`);
}

export function isNdjson({ headers }: FastifyRequest): boolean {
  return headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() === NDJSON_TYPE;
}

/** A validator that accepts everything, for routes whose body schema is documentation alone. */
export const unchecked = (): (() => boolean) => () => true;

/** The JSON object of a body. Throws `HttpProblem` where it is none. */
export function objectIn(body: Buffer | undefined, what: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
    if (isJsonObject(value)) return value;
  } catch {
    // Malformed JSON: refused below.
  }
  throw new HttpProblem("OEE_HTTP_INVALID_BODY", `expected one JSON object in UTF-8: ${what}`);
}
