/**
 * Every error of the HTTP API, in one place: its code, its status and its title. They leave as RFC 9457 problem details
 * (`application/problem+json`) with the code besides, and a `detail` that says what was found and what was expected.
 */
import { STATUS_CODES } from "node:http";

export const PROBLEMS = {
  OEE_HTTP_INVALID_PARAMETER: { status: 400, title: "A parameter is not valid" },
  OEE_HTTP_INVALID_BODY: { status: 400, title: "The body is not valid" },
  OEE_HTTP_MALFORMED_REQUEST: { status: 400, title: "The request is no HTTP" },
  OEE_HTTP_EMPTY_PERIOD: { status: 400, title: "The period has no length" },
  OEE_HTTP_BY_ABOVE_SCOPE: { status: 400, title: "The level asked for lies above the scope" },
  OEE_HTTP_TOO_MANY_ELEMENTS: { status: 400, title: "The answer would be too long" },
  OEE_HTTP_SIGN_IN: { status: 401, title: "Sign in first" },
  OEE_HTTP_SIGN_IN_FAILED: { status: 401, title: "The sign-in failed" },
  OEE_HTTP_SECOND_FACTOR: { status: 401, title: "A code is needed besides" },
  OEE_HTTP_FORBIDDEN: { status: 403, title: "Not allowed" },
  OEE_HTTP_FOREIGN_ORIGIN: { status: 403, title: "A page of another origin asks" },
  OEE_HTTP_READ_ONLY: { status: 403, title: "This gateway changes nothing" },
  OEE_HTTP_NOT_FOUND: { status: 404, title: "Nothing is there" },
  OEE_HTTP_UNKNOWN_ENTRY: { status: 404, title: "There is no such entry" },
  OEE_HTTP_UNKNOWN_SCOPE: { status: 404, title: "The plant has no such scope" },
  OEE_HTTP_METHOD_NOT_ALLOWED: { status: 405, title: "Not with this method" },
  OEE_HTTP_NOT_ACCEPTABLE: { status: 406, title: "No such format" },
  OEE_HTTP_CONFLICT: { status: 409, title: "Another revision came first" },
  OEE_HTTP_REQUEST_TIMEOUT: { status: 408, title: "The request took too long to come" },
  OEE_HTTP_EVENTS_GONE: { status: 410, title: "Raw events that it rests on are not kept any more" },
  OEE_HTTP_BODY_TOO_LARGE: { status: 413, title: "The body is too large" },
  OEE_HTTP_UNSUPPORTED_BODY: { status: 415, title: "No such type of body" },
  OEE_HTTP_UNKNOWN_HOST: { status: 421, title: "Called by a name that is not known" },
  OEE_HTTP_TIME_CLOSED: { status: 422, title: "The time is closed" },
  OEE_HTTP_CORRECTION_REFUSED: { status: 422, title: "The correction is refused" },
  OEE_HTTP_ENTRY_REFUSED: { status: 422, title: "The entry is refused" },
  OEE_HTTP_BY_REFUSED: { status: 422, title: "Who did it is not for the sender to say" },
  OEE_HTTP_SECOND_FACTOR_REFUSED: { status: 422, title: "The second factor is not set" },
  OEE_HTTP_PASSWORD_REFUSED: { status: 422, title: "The password is not taken" },
  OEE_HTTP_SIGN_IN_DELAYED: { status: 429, title: "Too many failed sign-ins" },
  OEE_HTTP_TOO_MANY_REQUESTS: { status: 429, title: "Too many requests" },
  OEE_HTTP_HEADERS_TOO_LARGE: { status: 431, title: "The headers are too large" },
  OEE_HTTP_INTERNAL: { status: 500, title: "The gateway failed" },
  OEE_HTTP_STORE_UNAVAILABLE: { status: 503, title: "The store does not answer" },
  OEE_HTTP_LOG_UNAVAILABLE: { status: 503, title: "The log does not take events" },
  OEE_HTTP_AUDIT_LOST: { status: 503, title: "The audit cannot be written" },
  OEE_HTTP_POSITION_NOT_REACHED: { status: 503, title: "The store has not come that far" },
  OEE_HTTP_FIGURES_MOVING: { status: 503, title: "Figures that would be frozen are on their way" },
  OEE_HTTP_SYSTEM_REFUSED: { status: 503, title: "The operating system refuses" },
  OEE_HTTP_PROVIDER_UNAVAILABLE: { status: 503, title: "The OpenID provider does not answer" },
  OEE_HTTP_BUSY: { status: 503, title: "Too much at a time" },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

export const PROBLEM_TYPE = "application/problem+json";

/** A problem that a route throws; the fields of `more` become members of the problem. */
export class HttpProblem extends Error {
  override readonly name = "HttpProblem";
  readonly code: ProblemCode;
  readonly more: Readonly<Record<string, unknown>>;

  constructor(code: ProblemCode, detail: string, more: Readonly<Record<string, unknown>> = {}, cause?: unknown) {
    super(detail, cause === undefined ? undefined : { cause });
    this.code = code;
    this.more = more;
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  /** The standard phrase of the status. */
  get reason(): string {
    return STATUS_CODES[this.status] ?? "";
  }

  /** The problem as JSON; its `type` is the address at which the code is explained. */
  body(): Readonly<Record<string, unknown>> {
    const { status, title } = PROBLEMS[this.code];
    return { type: `/api/docs#${this.code}`, title, status, code: this.code, detail: this.message, ...this.more };
  }
}

/** The problem of a request before which too many wait already. */
export function busy(waiting: number): HttpProblem {
  return new HttpProblem("OEE_HTTP_BUSY", `${waiting} questions wait already; try again in a moment`);
}
