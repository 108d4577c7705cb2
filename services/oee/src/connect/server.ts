/**
 * What a connector serves: its state as JSON and as a page, metrics, and `POST /ingest/NAME` for what can send JSON. Problems are
 * told as RFC 9457 has it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Connector } from "@oee/connectors";
import type { Registry } from "prom-client";
import { connectionsPage } from "./page.ts";

const BODY_BYTES_MAX = 4 * 1024 * 1024;
const RETRY_AFTER_SECONDS = "1";

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

export function connectServer(connector: Connector, metrics: Registry): Server {
  return createServer((request, response) => {
    answerOf(connector, metrics, request).then(
      (answer) => send(response, answer),
      (error: unknown) => send(response, problem(500, error instanceof Error ? error.message : String(error))),
    );
  });
}

async function answerOf(connector: Connector, metrics: Registry, request: IncomingMessage): Promise<Answer> {
  const { pathname } = new URL(request.url ?? "/", "http://connector");
  const ingest = /^\/ingest\/([^/]+)$/.exec(pathname)?.[1];
  if (ingest !== undefined) {
    if (request.method !== "POST") return problem(405, "expected POST");
    return await ingested(connector, decodeURIComponent(ingest), request);
  }
  if (request.method !== "GET") return problem(405, "expected GET");
  switch (pathname) {
    case "/":
    case "/connections":
      return (request.headers.accept ?? "").includes("text/html")
        ? { status: 200, type: "text/html; charset=utf-8", body: connectionsPage(connector.status(), Date.now()) }
        : { status: 200, type: "application/json", body: JSON.stringify(connector.status()) };
    case "/metrics":
      return { status: 200, type: metrics.contentType, body: await metrics.metrics() };
    case "/health/live":
      return { status: 200, type: "application/json", body: '{"status":"live"}' };
    default:
      return problem(404, `expected /connections, /metrics, /health/live or /ingest/NAME, found ${pathname}`);
  }
}

async function ingested(connector: Connector, name: string, request: IncomingMessage): Promise<Answer> {
  const body = await bodyOf(request);
  if (body === null) return problem(413, `expected at most ${BODY_BYTES_MAX} bytes`);
  const documents = documentsIn(body);
  if (documents === null) return problem(400, "expected JSON: an object, a list of them, or one a line");
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? null;
  const received = await connector.receive(name, documents, token);
  if (received === null) return problem(404, `expected the name of a connection by http, found ${name}`);
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

function problem(status: number, detail: string): Answer {
  const body = JSON.stringify({ type: "about:blank", status, title: TITLES[status] ?? "Error", detail });
  return { status, type: "application/problem+json", body };
}

const TITLES: Readonly<Record<number, string>> = {
  400: "Bad Request",
  401: "Unauthorized",
  404: "Not Found",
  405: "Method Not Allowed",
  413: "Content Too Large",
  500: "Internal Server Error",
  503: "Service Unavailable",
};

function send(response: ServerResponse, { status, type, body }: Answer): void {
  const headers: Record<string, string> = { "content-type": type, "x-content-type-options": "nosniff" };
  if (status === 503) headers["retry-after"] = RETRY_AFTER_SECONDS;
  if (status === 413) headers["connection"] = "close";
  response.writeHead(status, headers);
  response.end(body);
}
