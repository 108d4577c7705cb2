/** Tests the checks of check.ts and http.ts, by which all tests hold answers and messages to the schemas of packages/protocol: they must fail. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { EVENTS_TAKEN, HEALTH } from "@oee/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkLiveMessage, checkLiveRecord } from "./check.ts";
import { documents } from "./documents.ts";

const DOCUMENT = {
  paths: {
    "/api/v1/health/live": { get: { responses: { 200: { content: { "application/json": { schema: HEALTH } } } } } },
    "/api/v1/events": { post: { responses: { 202: { content: { "application/json": { schema: EVENTS_TAKEN } } } } } },
  },
};
const PROBLEM = { type: "t", title: "T", status: 404, code: "C", detail: "d" };

/** The next answer of the server. */
let answer: { readonly status: number; readonly body: unknown } = { status: 200, body: {} };
/** Whom the server lets read its document: all, or a cookie. */
let reader: string | null = null;
const server = createServer((request, response) => {
  const mayRead = reader === null || request.headers.cookie === reader;
  const isDocument = request.url === "/api/docs/json" && mayRead;
  response.writeHead(isDocument ? 200 : answer.status, { "content-type": "application/json" });
  response.end(JSON.stringify(isDocument ? DOCUMENT : answer.body));
});
let url = "";

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/v1`;
});

afterAll(() => new Promise((resolve) => server.close(resolve)));

async function read(path: string, status: number, body: unknown, init?: RequestInit): Promise<unknown> {
  answer = { status, body };
  return (await fetch(`${url}${path}`, init)).json();
}

test("an answer that fits its schema can be read", async () => {
  expect(await read("/health/live", 200, { status: "live" })).toEqual({ status: "live" });
  const taken = { accepted: 1, refused: 0, refusals: [] };
  expect(await read("/events", 202, taken, { method: "POST", body: "{}" })).toEqual(taken);
});

test.each([
  ["a field that is missing", {}],
  ["another type", { status: 5 }],
  ["a field that is not documented", { status: "live", more: 1 }],
])("reading an answer with %s fails", async (_name, body) => {
  await expect(read("/health/live", 200, body)).rejects.toThrow("answer 200 of GET /api/v1/health/live is not as its");
});

test("an answer of an undocumented route or status must be a problem document", async () => {
  expect(await read("/nothing", 404, PROBLEM)).toEqual(PROBLEM);
  await expect(read("/nothing", 404, { error: "none" })).rejects.toThrow("is not as its schema says");
  await expect(read("/health/live", 418, { status: "live" })).rejects.toThrow("is not as its schema says");
});

test("the document of a gateway with sign-in is read as who asked, and that of a gateway in the process of a test is known", async () => {
  documents.clear();
  reader = "session=a";
  const wrong = () => read("/health/live", 401, { more: 1 });
  // Nobody may read the document: there is nothing to hold the answer to.
  expect(await wrong()).toEqual({ more: 1 });
  const as = read("/health/live", 200, { more: 1 }, { headers: { cookie: reader } });
  await expect(as).rejects.toThrow("answer 200 of GET /api/v1/health/live is not as its schema says");
  await expect(wrong()).rejects.toThrow("is not as its schema says");
  documents.clear();
  documents.set(new URL(url).origin, DOCUMENT);
  await expect(wrong()).rejects.toThrow("is not as its schema says");
});

test("live messages and live records that lack fields are refused", () => {
  expect(() => checkLiveMessage({ sequence: 1 })).toThrow("the live message is not as its schema says");
  expect(() => checkLiveRecord({ kind: "machine", machine: "a" })).toThrow("the live record of a");
  expect(() => checkLiveRecord({ kind: "timeline", machine: "a" })).toThrow("the live record of a");
  checkLiveMessage({ sequence: 1, emittedAt: 5, reflects: null, version: "1", elements: [] });
});
