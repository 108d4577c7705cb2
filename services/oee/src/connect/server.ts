/**
 * The HTTP server of `oee connect`: its state as JSON and as a page, metrics, and `POST /ingest/NAME` for senders of
 * JSON. Problems are RFC 9457 documents. Requests that a page of another site made a browser send are refused, as at
 * the gateway.
 */
import {
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from "node:http";
import type { Connector, Sender } from "@oee/connectors";
import { type OtherAnswer, type OtherRequest, type OtherRoute, Strangers } from "@oee/gateway";
import type { Registry } from "prom-client";
import { CHALLENGE, type GuardSettings, mayAsk } from "../live/guarded.ts";
import { connectionsPage } from "./page.ts";

const BODY_BYTES_MAX = 4 * 1024 * 1024;
const RETRY_AFTER_SECONDS = "1";
/** The page is text and its style. */
const PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'";

/** By a server of its own. `names`: under which it may be called besides IP addresses and `localhost`. */
export function connectServer(
  connector: Connector,
  metrics: Registry,
  names: readonly string[],
  guard: GuardSettings = {},
): Server {
  const strangers = new Strangers(names);
  return createServer((request, response) => {
    answerOf(connector, metrics, strangers, guard, request).then(
      (answer) => send(response, answer),
      (error: unknown) => send(response, problem(500, error instanceof Error ? error.message : String(error))),
    );
  });
}

/**
 * The same at a gateway of this process. Where people sign in, what is sent has a token of the gateway that may send events of all
 * machines of the connection; where nobody does, that of the connection, if it has one.
 */
export function connectRoutes(connector: Connector): readonly OtherRoute[] {
  return [
    { method: "GET", path: "/connections", answer: (request) => stateOf(connector, request) },
    {
      method: "POST",
      path: `${INGEST}*`,
      answer: async (request) => {
        const name = nameIn(request.url);
        const machines = name === null ? null : connector.machinesOf(name);
        // Of one that has machines of others too there is nothing to know.
        const mayUse = name !== null && machines !== null && request.maySend(machines);
        return ingested(connector, mayUse ? name : null, await request.body(BODY_BYTES_MAX), {
          token: bearerIn(request.headers),
          admitted: request.isSigned,
        });
      },
    },
  ];
}

const INGEST = "/ingest/";

/** The connection's name; `null`: it is none that could be one. */
function nameIn(url: string): string | null {
  const { pathname } = new URL(url, "http://connector");
  try {
    return pathname.startsWith(INGEST) ? decodeURIComponent(pathname.slice(INGEST.length)) : null;
  } catch {
    return null;
  }
}

async function answerOf(
  connector: Connector,
  metrics: Registry,
  strangers: Strangers,
  guard: GuardSettings,
  request: IncomingMessage,
): Promise<OtherAnswer> {
  const { method = "GET", url = "/", headers } = request;
  if (!strangers.knowsHost(headers) || (method !== "GET" && !strangers.knowsOrigin(headers))) {
    const expected = "an IP address, localhost, or a name that --allowed-hosts lists, and a page of it";
    return problem(403, `found ${JSON.stringify(headers.host?.slice(0, 80))}, expected ${expected}`);
  }
  const name = nameIn(url);
  if (name !== null) {
    if (method !== "POST") return problem(405, "expected POST");
    if (connector.isOpen(name) && !mayAsk(headers, guard)) return UNKNOWN;
    return await ingested(connector, name, await bodyOf(request), { token: bearerIn(headers), admitted: false });
  }
  if (method !== "GET") return problem(405, "expected GET");
  const { pathname } = new URL(url, "http://connector");
  if (pathname !== "/health/live" && !mayAsk(headers, guard)) return UNKNOWN;
  switch (pathname) {
    case "/":
    case "/connections":
      return stateOf(connector, { url, headers });
    case "/metrics":
      return { status: 200, type: metrics.contentType, body: await metrics.metrics() };
    case "/health/live":
      return { status: 200, type: "application/json", body: '{"status":"live"}' };
    default:
      return problem(404, `expected /connections, /metrics, /health/live or /ingest/NAME, found ${pathname}`);
  }
}

function stateOf(connector: Connector, { headers }: Pick<OtherRequest, "url" | "headers">): OtherAnswer {
  return (headers.accept ?? "").includes("text/html")
    ? { status: 200, type: "text/html; charset=utf-8", body: connectionsPage(connector.status(), Date.now()) }
    : { status: 200, type: "application/json", body: JSON.stringify(connector.status()) };
}

async function ingested(
  connector: Connector,
  name: string | null,
  body: string | null,
  sender: Sender,
): Promise<OtherAnswer> {
  if (body === null) return problem(413, `expected at most ${BODY_BYTES_MAX} bytes`);
  const documents = documentsIn(body);
  if (documents === null) return problem(400, "expected JSON: an object, a list of them, or one a line");
  const received = name === null ? null : await connector.receive(name, documents, sender);
  if (received === null) return problem(404, `expected the name of a connection by http, found ${name ?? "none"}`);
  switch (received.kind) {
    case "unauthorized":
      return problem(401, "expected the connection's token (Authorization: Bearer …)");
    case "full":
      return problem(503, "there is no room on disk: send it again later");
    case "taken": {
      const { observations, refused } = received;
      return { status: 202, type: "application/json", body: JSON.stringify({ observations, refused }) };
    }
  }
}

function bearerIn({ authorization }: IncomingHttpHeaders): string | null {
  return /^Bearer (.+)$/.exec(authorization ?? "")?.[1] ?? null;
}

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function documentsIn(body: string): readonly unknown[] | null {
  try {
    const parsed: unknown = JSON.parse(body);
    return Array.isArray(parsed) ? parsed : [parsed];
  } catch {
    try {
      const lines = body.split("\n").filter((line) => line.trim() !== "");
      return lines.length === 0 ? null : lines.map((line): unknown => JSON.parse(line));
    } catch {
      return null;
    }
  }
}

function problem(status: number, detail: string): OtherAnswer {
  const body = JSON.stringify({ type: "about:blank", status, title: TITLES[status] ?? "Error", detail });
  return { status, type: "application/problem+json", body };
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Content Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

const UNKNOWN: OtherAnswer = problem(401, "expected the token of --listen-token (Authorization: Bearer …)");

function send(response: ServerResponse, { status, type, body }: OtherAnswer): void {
  const headers: Record<string, string> = {
    "content-type": type,
    "x-content-type-options": "nosniff",
    "content-security-policy": PAGE_POLICY,
    "referrer-policy": "no-referrer",
  };
  if (status === 503) headers["retry-after"] = RETRY_AFTER_SECONDS;
  if (status === 401) Object.assign(headers, CHALLENGE);
  if (status === 413) headers["connection"] = "close";
  response.writeHead(status, headers);
  response.end(body);
}
