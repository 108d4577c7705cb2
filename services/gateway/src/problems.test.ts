import { expect, test } from "vitest";
import { HttpProblem, PROBLEMS } from "./problems.ts";

test("RFC 9457: a problem has the status and title of its code, its own detail, and what is more", () => {
  const problem = new HttpProblem("OEE_HTTP_CONFLICT", "rev: found 2, expected 3", { rev: 2 });
  expect([problem.status, problem.reason]).toEqual([409, "Conflict"]);
  expect(problem.body()).toEqual({
    type: "/api/docs#OEE_HTTP_CONFLICT",
    title: "Another revision came first",
    status: 409,
    code: "OEE_HTTP_CONFLICT",
    detail: "rev: found 2, expected 3",
    rev: 2,
  });
});

test("codes are named alike, and each status is one of errors", () => {
  for (const [code, { status }] of Object.entries(PROBLEMS)) {
    expect(code).toMatch(/^OEE_HTTP_[A-Z_]+$/);
    expect(status).toBeGreaterThanOrEqual(400);
  }
});
