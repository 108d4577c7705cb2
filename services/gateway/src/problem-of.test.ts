import { LogError } from "@oee/event-log";
import { StoreError } from "@oee/store";
import fastify from "fastify";
import { expect, test } from "vitest";
import { problemOf } from "./problem-of.ts";

/** The problem of a request to a route whose parameters are `by` and `limit`. */
async function problemOfAsking(url: string): Promise<string> {
  const app = fastify({ ajv: { customOptions: { removeAdditional: false } } });
  const querystring = {
    type: "object",
    additionalProperties: false,
    properties: { by: { enum: ["machine", "line"] }, limit: { type: "integer" } },
  };
  app.setErrorHandler((error, request, reply) => {
    const { code, message } = problemOf(error, 1_000, request.routeOptions.schema);
    return reply.code(400).send(`${code}: ${message}`);
  });
  app.get("/kpis", { schema: { querystring } }, async () => "answer");
  const { body } = await app.inject(url);
  await app.close();
  return body;
}

test("a parameter that a route does not have is named, with those that it has", async () => {
  expect(await problemOfAsking("/kpis?window=today")).toBe(
    'OEE_HTTP_INVALID_PARAMETER: found the unknown parameter "window", expected one of by, limit',
  );
});

test("a value that is none of a list is refused with the list, and others in the validator's words", async () => {
  expect(await problemOfAsking("/kpis?by=plant")).toBe("OEE_HTTP_INVALID_PARAMETER: by: expected one of machine, line");
  expect(await problemOfAsking("/kpis?limit=many")).toBe(
    "OEE_HTTP_INVALID_PARAMETER: querystring/limit must be integer",
  );
});

test("errors of the store and of the log are told by what the caller can do", () => {
  const codeOf = (error: unknown): string => problemOf(error, 1_000).code;
  expect(codeOf(new StoreError("OEE_STORE_BUSY", "busy"))).toBe("OEE_HTTP_STORE_UNAVAILABLE");
  expect(codeOf(new StoreError("OEE_STORE_REFUSED", "memory", { retryable: true }))).toBe("OEE_HTTP_STORE_UNAVAILABLE");
  expect(codeOf(new StoreError("OEE_STORE_TOO_LARGE", "rows"))).toBe("OEE_HTTP_TOO_MANY_ELEMENTS");
  expect(codeOf(new StoreError("OEE_STORE_REFUSED", "syntax"))).toBe("OEE_HTTP_INTERNAL");
  expect(codeOf(new LogError("OEE_LOG_RECORD_TOO_LARGE", "large"))).toBe("OEE_HTTP_BODY_TOO_LARGE");
  expect(codeOf(Object.assign(new Error("write"), { code: "ENOSPC" }))).toBe("OEE_HTTP_SYSTEM_REFUSED");
  expect(codeOf(new Error("something"))).toBe("OEE_HTTP_INTERNAL");
});
