/**
 * Turns an error that was thrown while a request was answered into a problem: errors of fastify, the store and the log
 * by their codes.
 */
import { LogError } from "@oee/event-log";
import { StoreError } from "@oee/store";
import type { FastifyError, FastifySchema } from "fastify";
import type { FastifySchemaValidationError } from "fastify/types/schema.js";
import { HttpProblem } from "./problems.ts";
import { JSON_TYPE, NDJSON_TYPE } from "./routes/bodies.ts";

/** Errors of the store that make it unavailable, until someone mends them or the question is repeated. */
const STORE_AWAY: ReadonlySet<string> = new Set([
  "OEE_STORE_BUSY",
  "OEE_STORE_CLOSED",
  "OEE_STORE_ACCESS_DENIED",
  "OEE_STORE_TLS_FAILED",
]);

/** Errors of the operating system, in words for the administrator of the machine. */
const SYSTEM_CODES: ReadonlyMap<string, string> = new Map([
  ["EACCES", "a file may not be read or written"],
  ["EPERM", "a file may not be read or written"],
  ["EROFS", "the file system is read-only"],
  ["ENOSPC", "the disk is full"],
  ["EDQUOT", "the disk quota is used up"],
  ["EIO", "the disk does not answer"],
  ["EMFILE", "too many files are open"],
  ["ENFILE", "too many files are open"],
]);

/** `schema`: of the route that was asked. */
export function problemOf(error: unknown, bodyBytesMax: number, schema: FastifySchema = {}): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (error instanceof StoreError) {
    if (error.retryable || STORE_AWAY.has(error.code)) {
      return new HttpProblem("OEE_HTTP_STORE_UNAVAILABLE", `${error.code}: try again later`, {}, error);
    }
    if (error.code === "OEE_STORE_TOO_LARGE") {
      const detail = `${error.message}: ask for a shorter period, longer steps, or fewer scopes`;
      return new HttpProblem("OEE_HTTP_TOO_MANY_ELEMENTS", detail, {}, error);
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
  const { code } = (error instanceof Error ? error : {}) as { readonly code?: string };
  const refused = SYSTEM_CODES.get(code ?? "");
  if (refused !== undefined) return new HttpProblem("OEE_HTTP_SYSTEM_REFUSED", `${code}: ${refused}`, {}, error);
  return (
    problemOfFastify(error, bodyBytesMax, schema) ??
    new HttpProblem("OEE_HTTP_INTERNAL", "see the gateway's log", {}, error)
  );
}

function problemOfFastify(error: unknown, bodyBytesMax: number, schema: FastifySchema): HttpProblem | null {
  if (!(error instanceof Error)) return null;
  const { code, statusCode, validation, validationContext } = error as FastifyError;
  if (validation !== undefined) {
    const detail = detailOf(validation, schema[validationContext ?? "querystring"]) ?? error.message;
    return new HttpProblem("OEE_HTTP_INVALID_PARAMETER", detail);
  }
  if (code === "FST_ERR_CTP_BODY_TOO_LARGE") {
    const detail = `found a body of more than ${bodyBytesMax} bytes; send less at a time`;
    return new HttpProblem("OEE_HTTP_BODY_TOO_LARGE", detail);
  }
  if (code === "FST_ERR_CTP_INVALID_MEDIA_TYPE") {
    return new HttpProblem("OEE_HTTP_UNSUPPORTED_BODY", `expected the content-type ${JSON_TYPE} or ${NDJSON_TYPE}`);
  }
  if (code === "FST_ERR_BAD_URL") return new HttpProblem("OEE_HTTP_INVALID_PARAMETER", error.message);
  if (statusCode === 404) return new HttpProblem("OEE_HTTP_NOT_FOUND", error.message);
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new HttpProblem("OEE_HTTP_INVALID_BODY", error.message);
  }
  return null;
}

/** In words, of what the validator says too little about: names that there are not, and values that are none of a list; `null`: its own. */
function detailOf([first]: readonly FastifySchemaValidationError[], schema: unknown): string | null {
  const { additionalProperty, allowedValues } = first?.params ?? {};
  const at = first?.instancePath.slice(1) ?? "";
  if (typeof additionalProperty === "string" && at === "") {
    const { properties = {} } = (schema ?? {}) as { readonly properties?: object };
    const names = Object.keys(properties);
    const expected = names.length === 0 ? "none" : `one of ${names.join(", ")}`;
    return `found the unknown parameter ${JSON.stringify(additionalProperty.slice(0, 80))}, expected ${expected}`;
  }
  return Array.isArray(allowedValues) ? `${at}: expected one of ${allowedValues.join(", ")}` : null;
}
