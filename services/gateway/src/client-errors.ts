/**
 * Answers what Node's HTTP parser refuses before there is a request: too many headers, no HTTP at all, a request that takes
 * too long. The answer is a problem like every other, written to the socket directly, since there is no reply object.
 */
import type { Socket } from "node:net";
import { HttpProblem, PROBLEM_TYPE, type ProblemCode } from "./problems.ts";

const CODES: Readonly<Record<string, ProblemCode>> = {
  ERR_HTTP_REQUEST_TIMEOUT: "OEE_HTTP_REQUEST_TIMEOUT",
  HPE_HEADER_OVERFLOW: "OEE_HTTP_HEADERS_TOO_LARGE",
  HPE_CHUNK_EXTENSIONS_OVERFLOW: "OEE_HTTP_BODY_TOO_LARGE",
};

/** The problem of Node's event `clientError`; `null`: the client closed the connection. */
export function problemOfClientError({ code, message }: Error & { readonly code?: string }): HttpProblem | null {
  if (code === "ECONNRESET" || code === "EPIPE") return null;
  const known = CODES[code ?? ""];
  if (known === "OEE_HTTP_REQUEST_TIMEOUT") return new HttpProblem(known, "the request did not come whole in time");
  if (known === "OEE_HTTP_HEADERS_TOO_LARGE") {
    return new HttpProblem(known, "expected a request line and headers of at most 16 KiB together");
  }
  return new HttpProblem(known ?? "OEE_HTTP_MALFORMED_REQUEST", `expected a request of HTTP/1.1: ${message}`);
}

/** Writes the answer, unless one has begun, and ends the connection. */
export function answerOnSocket(socket: Socket, problem: HttpProblem, headers: Readonly<Record<string, string>>): void {
  const begun = (socket as Socket & { readonly _httpMessage?: { readonly headersSent: boolean } })._httpMessage;
  if (!socket.writable || begun?.headersSent === true) {
    socket.destroy();
    return;
  }
  const body = JSON.stringify(problem.body());
  const lines = Object.entries({
    ...headers,
    "content-type": PROBLEM_TYPE,
    "content-length": Buffer.byteLength(body),
    connection: "close",
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${problem.status} ${problem.reason}\r\n${lines.join("")}\r\n${body}`);
  socket.destroySoon();
}
