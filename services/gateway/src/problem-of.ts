/** Whatever was thrown on the way to an answer, as a problem: fastify's errors, the store's and the log's by their codes. */
import { LogError } from "@oee/event-log";
import { StoreError } from "@oee/store";
import { HttpProblem } from "./problems.ts";

export function problemOf(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof StoreError) {
    if (error.retryable || error.code === "OEE_STORE_BUSY" || error.code === "OEE_STORE_CLOSED") {
      return new HttpProblem("OEE_HTTP_STORE_UNAVAILABLE", `${error.code}: try again later`, {}, error);
    }
    return new HttpProblem("OEE_HTTP_INTERNAL", `the store refused the question (${error.code})`, {}, error);
  }
  if (error instanceof LogError) {
    if (error.code === "OEE_LOG_RECORD_TOO_LARGE") {
      return new HttpProblem("OEE_HTTP_BODY_TOO_LARGE", "an event is larger than the log takes", {}, error);
    }
    return new HttpProblem(
      "OEE_HTTP_LOG_UNAVAILABLE",
      `${error.code}: nothing is certain to be in the log; try again`,
      {},
      error,
    );
  }
  return problemOfFastify(error) ?? new HttpProblem("OEE_HTTP_INTERNAL", "see the gateway's log", {}, error);
}

function problemOfFastify(error: unknown): HttpProblem | null {
  if (!(error instanceof Error)) return null;
  const { code, statusCode, validation } = error as Error & {
    readonly code?: string;
    readonly statusCode?: number;
    readonly validation?: unknown;
  };
  if (validation !== undefined) return new HttpProblem("OEE_HTTP_INVALID_PARAMETER", error.message);
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") return new HttpProblem("OEE_HTTP_BODY_TOO_LARGE", error.message);
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") return new HttpProblem("OEE_HTTP_UNSUPPORTED_BODY", error.message);
  if (statusCode === 404) return new HttpProblem("OEE_HTTP_NOT_FOUND", error.message);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new HttpProblem("OEE_HTTP_INVALID_BODY", error.message);
  }
  return null;
}
