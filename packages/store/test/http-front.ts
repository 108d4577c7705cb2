/**
 * A small ClickHouse HTTP interface before the engine in this process, so that the way over HTTP runs against a real
 * ClickHouse where no server can be had: statements in the body, in the `query` parameter before a streamed body, or as
 * multipart; `param_…` in the address or in parts; errors as text with their code header. On demand it fails as
 * networks and servers do.
 */
import { once } from "node:events";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { join } from "node:path";
import { TLSSocket } from "node:tls";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import { drainPending } from "chdb";
import { createChdbConnection } from "chdb/connection";

export type Fault =
  /** The connection is closed before anything is done. */
  | "refuse"
  /** 500 without a code, as a proxy gives it. */
  | "500"
  /** ClickHouse says that its disk is full. */
  | "disk-full"
  /** The work is done, and never answered. */
  | "time-out"
  /** The work is done, and the connection is cut before the answer. */
  | "cut-after"
  /** The work is done, and the connection is cut within the answer. */
  | "cut-within";

export interface HttpFront {
  readonly url: string;
  /** The next requests meet these, one each, in this order. */
  fail(...faults: Fault[]): void;
  /** From now on no request is answered, until it is back. */
  away(is: boolean): void;
  /** How many requests have come since the start. */
  requests(): number;
  /** Statements that came and are no questions, by their beginnings. */
  changes(): readonly string[];
  close(): Promise<void>;
}

/** As a server over https that knows one user. */
export interface FrontDoor {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** Who shows a certificate that this authority signed needs no password. */
  readonly clientCa: Buffer;
  readonly user: string;
  readonly password: string;
}

export async function startHttpFront(folder: string, door?: FrontDoor, port: number = 0): Promise<HttpFront> {
  await mkdir(folder, { recursive: true });
  const connection = createChdbConnection({ path: join(folder, "clickhouse") });
  const faults: Fault[] = [];
  let requests = 0;
  const changes: string[] = [];
  let away = false;
  let last: Promise<unknown> = Promise.resolve();

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const number = ++requests;
    const fault = away ? "refuse" : faults.shift();
    if (fault === "refuse") return void request.socket.destroy();
    const { sql, parameters, body } = await statementOf(request, join(folder, `body-${number}`));
    if (fault === "500") return void response.writeHead(500).end("upstream is away");
    if (fault === "disk-full")
      return refuse(
        response,
        "Code: 243. DB::Exception: Cannot reserve 1.00 MiB, not enough space. (NOT_ENOUGH_SPACE)",
      );
    if (!/^\s*(?:SELECT|WITH|SHOW|DESCRIBE)\b/i.test(sql)) changes.push(sql.slice(0, 80));
    const settings = [...parameters].map(([name, value]) => `SET ${name} = ${literal(value)}; `);
    const statement = body === null ? sql : sql.replace(/\sSETTINGS\s/, ` FROM INFILE ${literal(body)} SETTINGS `);
    let bytes: Uint8Array;
    try {
      bytes = (await connection.chdb.queryAsync(settings.join("") + statement, { format: "TabSeparated" })).bytes();
    } catch (error) {
      return refuse(response, error instanceof Error ? error.message : String(error));
    } finally {
      if (body !== null) await rm(body, { force: true });
    }
    if (fault === "time-out") return;
    if (fault === "cut-after") return void request.socket.destroy();
    response.writeHead(200, { "X-ClickHouse-Summary": "{}", "transfer-encoding": "chunked" });
    if (fault === "cut-within") {
      const part = bytes.length === 0 ? " " : bytes.subarray(0, Math.ceil(bytes.length / 2));
      response.write(part, () => request.socket.destroy());
      return;
    }
    // Large answers go out in pieces, as a server's do.
    const file = join(folder, `answer-${number}`);
    await writeFile(file, bytes);
    await pipeline(createReadStream(file), response);
    await rm(file);
  };

  const take = (request: IncomingMessage, response: ServerResponse): void => {
    if (door !== undefined && !knows(door, request)) {
      request.resume();
      // Word for word what ClickHouse 26.7 says.
      const said = `Code: 516. DB::Exception: ${door.user}: Authentication failed: password is incorrect, or there is no user with such name. (AUTHENTICATION_FAILED)`;
      return refuse(response, said, 403);
    }
    // One after another: parameters are settings of the one session.
    last = last.then(() => answer(request, response)).catch(() => response.destroy());
  };
  const options = { maxHeaderSize: 512 * 1024 };
  const server =
    door === undefined
      ? createServer(options, take)
      : createTlsServer(
          {
            ...options,
            cert: door.cert,
            key: door.key,
            ca: door.clientCa,
            requestCert: true,
            rejectUnauthorized: false,
          },
          take,
        );
  server.listen(port, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a port was expected");
  return {
    url: `${door === undefined ? "http" : "https"}://127.0.0.1:${address.port}`,
    fail: (...next) => void faults.push(...next),
    away: (is) => void (away = is),
    requests: () => requests,
    changes: () => changes,
    async close() {
      server.closeAllConnections();
      server.close();
      await last;
      await connection.close();
      await drainPending();
    },
  };
}

async function statementOf(
  request: IncomingMessage,
  file: string,
): Promise<{ sql: string; parameters: Map<string, string>; body: string | null }> {
  const search = new URL(request.url ?? "/", "http://front").searchParams;
  const parameters = new Map([...search].filter(([name]) => name.startsWith("param_")));
  const query = search.get("query");
  if (query !== null) {
    await pipeline(request, createWriteStream(file));
    return { sql: query, parameters, body: file };
  }
  const type = request.headers["content-type"] ?? "";
  const bytes = await buffer(request);
  if (!type.startsWith("multipart/form-data")) return { sql: bytes.toString(), parameters, body: null };
  const form = await new Response(bytes, { headers: { "content-type": type } }).formData();
  for (const [name, value] of form) if (typeof value === "string") parameters.set(name, value);
  const sql = parameters.get("query") ?? "";
  parameters.delete("query");
  return { sql, parameters, body: null };
}

/** By name and password, or by name and certificate. */
function knows({ user, password }: FrontDoor, { headers, socket }: IncomingMessage): boolean {
  const name = headers["x-clickhouse-user"];
  if (name === undefined) {
    return headers.authorization === `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
  }
  const certified = headers["x-clickhouse-ssl-certificate-auth"] === "on";
  const known = certified ? socket instanceof TLSSocket && socket.authorized : headers["x-clickhouse-key"] === password;
  return name === user && known;
}

function refuse(response: ServerResponse, message: string, status = 500): void {
  const code = /Code: (\d+)/.exec(message)?.[1] ?? "1";
  response.writeHead(status, { "X-ClickHouse-Exception-Code": code }).end(`${message} (version 26.7.2.1)\n`);
}

function literal(text: string): string {
  return `'${text.replace(/[\\']/g, "\\$&")}'`;
}
