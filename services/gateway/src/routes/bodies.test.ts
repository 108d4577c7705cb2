import fastify from "fastify";
import { expect, onTestFinished, test } from "vitest";
import { BodyBudget } from "../body-budget.ts";
import { HttpProblem } from "../problems.ts";
import { acceptBodies, isNdjson, objectIn } from "./bodies.ts";

test("JSON comes as one buffer, NDJSON in the pieces that came; other types and encodings are refused", async () => {
  const app = fastify({ bodyLimit: 100 });
  onTestFinished(() => app.close());
  const budget = new BodyBudget(1_000);
  acceptBodies(app, budget);
  app.post("/", (request) => [Buffer.isBuffer(request.body), Array.isArray(request.body), isNdjson(request)]);
  const post = async (type: string, body: string, headers: Readonly<Record<string, string>> = {}) => {
    const answer = await app.inject({ method: "POST", url: "/", headers: { "content-type": type, ...headers }, body });
    return answer.statusCode === 200 ? answer.json<unknown>() : answer.statusCode;
  };
  expect(await post("application/json", "{}")).toEqual([true, false, false]);
  expect(await post("application/x-ndjson; charset=utf-8", "{}\n{}")).toEqual([false, true, true]);
  expect(await post("text/plain", "{}")).toBe(415);
  expect(await post("application/json", "x".repeat(101))).toBe(413);
  const code = await post("application/json", "{}", { "content-encoding": "gzip" });
  expect(code).not.toEqual([true, false, false]);
});

test("a body that is no object, or not in UTF-8, is refused with what was expected", () => {
  expect(objectIn(Buffer.from('{"a":1}'), "a")).toEqual({ a: 1 });
  for (const bytes of [
    undefined,
    Buffer.from("[]"),
    Buffer.from("null"),
    Buffer.from("{"),
    Buffer.from([0x7b, 0xff]),
  ]) {
    expect(() => objectIn(bytes, "name and password")).toThrow(HttpProblem);
    expect(() => objectIn(bytes, "name and password")).toThrow("expected one JSON object in UTF-8: name and password");
  }
});
