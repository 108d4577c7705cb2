/** Ends the work of an answer that nobody waits for any more. */
import type { FastifyReply } from "fastify";
import { HttpProblem } from "../problems.ts";

/** A signal that is aborted when the client's connection closes. */
export function clientSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.on("close", () => gone.abort(new HttpProblem("OEE_HTTP_BUSY", "nobody waits for the answer")));
  return gone.signal;
}
