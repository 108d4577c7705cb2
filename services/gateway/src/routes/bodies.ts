/** Bodies come as bytes: the event decoder reads them, and refuses with the words of DI-2. */
import type { FastifyInstance, FastifyRequest } from "fastify";
import { HttpProblem } from "../problems.ts";

export const JSON_TYPE = "application/json";
export const NDJSON_TYPE = "application/x-ndjson";

/** A browser asks before it sends these from a page of another origin; other types are not taken. */
export function acceptBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser([JSON_TYPE, NDJSON_TYPE], { parseAs: "buffer" }, (request, body, done) => {
    const encoding = request.headers["content-encoding"] ?? "identity";
    if (encoding === "identity") done(null, body);
    else
      done(new HttpProblem("OEE_HTTP_UNSUPPORTED_BODY", `content-encoding is ${encoding.slice(0, 40)}; expected none`));
  });
}

export function isNdjson({ headers }: FastifyRequest): boolean {
  return headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() === NDJSON_TYPE;
}

/** For routes whose schema of the body only documents. */
export const unchecked = (): (() => boolean) => () => true;
