/**
 * Runs before each test file: JSON that a test reads from the HTTP API by `fetch` is checked against the OpenAPI document of the
 * server that answered, and reading fails where it differs. Answers that the document does not name must be problem documents.
 */
interface Described {
  readonly content?: Readonly<Record<string, { readonly schema?: object }>>;
}

interface OpenApi {
  readonly paths: Readonly<
    Record<string, Readonly<Record<string, { readonly responses: Readonly<Record<string, Described>> }>>>
  >;
}

const API = "/api/v1/";
const DOCUMENT = "/api/docs/json";
const JSON_TYPE = /^application\/(?:problem\+)?json\b/;

/** The `fetch` of Node.js; files that share a process run this before each of them. */
const REAL = Symbol.for("@oee/real-fetch");
const shared = globalThis as { [REAL]?: typeof fetch };
const realFetch = (shared[REAL] ??= globalThis.fetch);
const documents = new Map<string, OpenApi>();

/** The OpenAPI document of a server; `null` if it has none, as a server that a test puts in the gateway's place. */
async function documentOf(origin: string): Promise<OpenApi | null> {
  const known = documents.get(origin);
  if (known !== undefined) return known;
  const response = await realFetch(`${origin}${DOCUMENT}`).catch(() => null);
  if (response?.ok !== true) return null;
  const document = (await response.json()) as OpenApi;
  documents.set(origin, document);
  return document;
}

/** Throws if a JSON answer differs from the schema that the document has for its route, method and status. */
async function checkAnswer(
  document: OpenApi,
  method: string,
  path: string,
  status: number,
  value: unknown,
): Promise<void> {
  // Imported here because most test files read nothing by HTTP.
  const { checkAgainst, PROBLEM } = await import("./check.ts");
  const what = `the answer ${status} of ${method} ${path}`;
  const route = Object.entries(document.paths).find(([template]) => patternOf(template).test(path))?.[1];
  const content = route?.[method.toLowerCase()]?.responses[String(status)]?.content ?? {};
  const schema = content["application/json"]?.schema ?? content["application/problem+json"]?.schema ?? PROBLEM;
  checkAgainst(schema, value, what);
}

function patternOf(template: string): RegExp {
  return new RegExp(`^${template.replaceAll(/[.*+?^$()|[\]\\]/g, "\\$&").replaceAll(/\{\w+\}/g, "[^/]+")}$`);
}

async function checked(response: Response, method: string, value: unknown): Promise<void> {
  const { origin, pathname } = new URL(response.url);
  const document = await documentOf(origin);
  if (document !== null) await checkAnswer(document, method, pathname, response.status, value);
}

globalThis.fetch = async (input, init) => {
  const response = await realFetch(input, init);
  const url = new URL(response.url);
  if (!url.pathname.startsWith(API) || !JSON_TYPE.test(response.headers.get("content-type") ?? "")) return response;
  const method = init?.method ?? (input instanceof Request ? input.method : "GET");
  const readText = response.text.bind(response);
  const text = async (): Promise<string> => {
    const read = await readText();
    if (read !== "") await checked(response, method, JSON.parse(read));
    return read;
  };
  return Object.assign(response, { text, json: async () => JSON.parse(await text()) as unknown });
};
