/** Bodies come as bytes: the event decoder reads them, and refuses with the words of DI-2. */
import type { Readable } from "node:stream";
import { errorCodes, type FastifyInstance, type FastifyRequest } from "fastify";
import { HttpProblem } from "../problems.ts";

export const JSON_TYPE = "application/json";
export const NDJSON_TYPE = "application/x-ndjson";

/** A browser asks before it sends these from a page of another origin; other types are not taken. */
export function acceptBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(JSON_TYPE, { parseAs: "buffer" }, async (request: FastifyRequest, body: Buffer) => {
    checkEncoding(request);
    return body;
  });
  // As it comes: joining megabytes a second would be a copy, and work for the collector.
  app.addContentTypeParser(NDJSON_TYPE, async (request: FastifyRequest, payload: Readable) => {
    checkEncoding(request);
    const { bodyLimit } = request.routeOptions;
    const announced = Number(request.headers["content-length"] ?? Number.NaN);
    if (announced > bodyLimit) throw errorCodes.FST_ERR_CTP_BODY_TOO_LARGE();
    const pieces: Buffer[] = [];
    let bytes = 0;
    try {
      // What is too large is answered; to end the stream would end the connection first.
      for await (const piece of payload.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        bytes += piece.length;
        if (bytes > bodyLimit) break;
        pieces.push(piece);
      }
    } catch (error) {
      throw new HttpProblem("OEE_HTTP_INVALID_BODY", `the body broke off after ${bytes} bytes`, {}, error);
    }
    if (bytes > bodyLimit) throw errorCodes.FST_ERR_CTP_BODY_TOO_LARGE();
    return pieces;
  });
}

function checkEncoding({ headers }: FastifyRequest): void {
  const encoding = headers["content-encoding"] ?? "identity";
  if (encoding === "identity") return;
  throw new HttpProblem("OEE_HTTP_UNSUPPORTED_BODY", `content-encoding is ${encoding.slice(0, 40)}; expected none`);
}

export function isNdjson({ headers }: FastifyRequest): boolean {
  return headers["content-type"]?.split(";", 1)[0]?.trim().toLowerCase() === NDJSON_TYPE;
}

/** For routes whose schema of the body only documents. */
export const unchecked = (): (() => boolean) => () => true;
