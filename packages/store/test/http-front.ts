/**
 * An HTTP server that answers as ClickHouse's HTTP interface does, by the ClickHouse engine in this process (chdb): for tests of
 * the way over HTTP where no ClickHouse server is at hand. It takes statements in the body, in the parameter `query` before a
 * streamed body, or as multipart, and parameters as `param_…` in the address or in parts; errors are texts with their code
 * in a header. `fail` and `away` make it fail as networks and servers do.
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

/** What happens to one request. */
export type Fault =
  /** The connection is closed before anything is done. */
  | "refuse"
  /** It is answered with status 500 and without ClickHouse's code, as by a proxy. */
  | "500"
  /** It is answered with ClickHouse's error that its disk is full. */
  | "disk-full"
  /** Its statement is run, and it is never answered. */
  | "time-out"
  /** Its statement is run, and the connection is closed before the answer. */
  | "cut-after"
  /** Its statement is run, and the connection is closed in the middle of the answer. */
  | "cut-within";

export interface HttpFront {
  readonly url: string;
  /** Each of the next requests meets one of these faults, in this order. */
  fail(...faults: Fault[]): void;
  /** `true`: connections are closed without an answer, until it is called with `false`. */
  away(is: boolean): void;
  /** How many requests have come since the start. */
  requests(): number;
  /** The first 80 characters of each statement that changes something, in the order in which they came. */
  changes(): readonly string[];
  close(): Promise<void>;
}

/** Makes it a server over https that knows one user. */
export interface FrontDoor {
  readonly cert: Buffer;
  readonly key: Buffer;
  /** A client with a certificate that this authority signed needs no password. */
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
    // Requests run one after the other, because the parameters of each are set in the one session.
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

/** Whether a request names the user, with the password or with a certificate that was accepted. */
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
