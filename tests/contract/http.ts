/**
 * Runs before each test file: JSON that a test reads from the HTTP API by `fetch` is checked against the OpenAPI document of the
 * server that answered, and reading fails where it differs. Answers that the document does not name must be problem documents.
 */
import { documents } from "./documents.ts";
import type { OpenApi } from "./openapi.ts";

const API = "/api/v1/";
const DOCUMENT = "/api/docs/json";
const JSON_TYPE = /^application\/(?:problem\+)?json\b/;

/** The `fetch` of Node.js; files that share a process run this before each of them. */
const REAL = Symbol.for("@oee/real-fetch");
const shared = globalThis as { [REAL]?: typeof fetch };
const realFetch = (shared[REAL] ??= globalThis.fetch);

/** By these headers a gateway knows who asks, and lets them read its document. */
const WHO = ["cookie", "authorization"];

/**
 * The OpenAPI document of a server; `null` if it has none, as a server that a test puts in the gateway's place, or lets nobody with
 * these headers read it.
 */
async function documentOf(origin: string, asked: Headers): Promise<OpenApi | null> {
  const known = documents.get(origin);
  if (known !== undefined) return known;
  const headers = WHO.flatMap((name): [string, string][] => {
    const value = asked.get(name);
    return value === null ? [] : [[name, value]];
  });
  const response = await realFetch(`${origin}${DOCUMENT}`, { headers }).catch(() => null);
  if (response?.ok !== true) return null;
  const document = (await response.json()) as OpenApi;
  documents.set(origin, document);
  return document;
}

async function checked(response: Response, method: string, asked: Headers, value: unknown): Promise<void> {
  const { origin, pathname } = new URL(response.url);
  const document = await documentOf(origin, asked);
  if (document === null) return;
  // Imported here because most test files read nothing by HTTP.
  const { checkAnswer } = await import("./openapi.ts");
  checkAnswer(document, method, pathname, response.status, value);
}

globalThis.fetch = async (input, init) => {
  const response = await realFetch(input, init);
  const url = new URL(response.url);
  if (!url.pathname.startsWith(API) || !JSON_TYPE.test(response.headers.get("content-type") ?? "")) return response;
  const method = init?.method ?? (input instanceof Request ? input.method : "GET");
  const asked = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
  const readText = response.text.bind(response);
  const text = async (): Promise<string> => {
    const read = await readText();
    if (read !== "") await checked(response, method, asked, JSON.parse(read));
    return read;
  };
  return Object.assign(response, { text, json: async () => JSON.parse(await text()) as unknown });
};
