/**
 * ClickHouse as a server, over HTTP or HTTPS. Idle connections are given up before a server would (its default is 10 s,
 * 3 s in old ones), and long parameter lists travel in the body.
 */
import { Agent } from "node:https";
import { type Duplex, Readable } from "node:stream";
import { type ClickHouseClientConfigOptions, ClickHouseLogLevel, createClient } from "@clickhouse/client";
import { nativeAnswer } from "./native-answer.ts";
import { rowsOfLines } from "./json-lines.ts";
import {
  type ExportFormat,
  INSERT_SETTINGS,
  type BoundParameters,
  READ_SETTINGS,
  type Transport,
} from "./transport.ts";

/** PEM texts. */
export interface ServerTls {
  /** Who signed the server's certificate. */
  readonly ca: Buffer;
  /** The authority's list of revoked certificates, asked for at each new connection; no list: none is revoked. */
  readonly crl?: Buffer;
  /** What is shown to the server, for mutual TLS. */
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

export interface ServerOptions {
  /** `http://host:8123` or `https://host:8443`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly tls?: ServerTls;
  readonly requestTimeoutMs?: number;
}

const REQUEST_TIMEOUT_MS = 120_000;
const CONNECTIONS_MAX = 16;

export function connectServer(options: ServerOptions): Transport {
  const client = createClient({
    url: options.url,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    ...(options.tls === undefined ? {} : secured(options.tls, options)),
    application: "open-oee",
    request_timeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    max_open_connections: CONNECTIONS_MAX,
    use_multipart_params_auto: true,
    log: { level: ClickHouseLogLevel.OFF },
  });
  const ping = async (): Promise<void> => {
    await (await client.query({ query: "SELECT 1" })).text();
  };
  return {
    kind: "server",
    ping,
    async command(sql, parameters) {
      await client.command({ query: sql, ...bound(parameters) });
    },
    async rows<T>(sql: string, parameters?: BoundParameters): Promise<T[]> {
      const result = await client.query({
        query: `${sql}\nSETTINGS ${READ_SETTINGS}`,
        format: "JSONEachRow",
        ...bound(parameters),
      });
      return rowsOfLines<T>(await result.text());
    },
    async columns(sql, parameters) {
      const query = `${sql}\nSETTINGS ${READ_SETTINGS}\nFORMAT Native`;
      const { stream } = await client.exec({ query, ...bound(parameters) });
      return nativeAnswer(stream, "query ClickHouse");
    },
    async insert(into, native) {
      const { stream } = await client.exec({
        query: `INSERT INTO ${into} SETTINGS ${INSERT_SETTINGS} FORMAT Native`,
        values: Readable.from(native),
      });
      // The insert is acknowledged when its answer has come to its end.
      for await (const _ of stream);
    },
    async stream(sql: string, parameters: BoundParameters, format: ExportFormat): Promise<Readable> {
      const query = `${sql}\nSETTINGS ${READ_SETTINGS}\nFORMAT ${format}`;
      return (await client.exec({ query, ...bound(parameters) })).stream;
    },
    close: () => client.close(),
  };
}

function bound(parameters: BoundParameters | undefined): { query_params?: Record<string, unknown> } {
  return parameters === undefined ? {} : { query_params: { ...parameters } };
}

/** The client knows no lists of revoked certificates; with one it gets an agent of its own, and the headers that it sends of a certificate. */
function secured(tls: ServerTls, { url, username }: ServerOptions): Partial<ClickHouseClientConfigOptions> {
  const { ca, cert, key } = tls;
  const isMutual = cert !== undefined && key !== undefined;
  if (!("crl" in tls)) return { tls: isMutual ? { ca_cert: ca, cert, key } : { ca_cert: ca } };
  return {
    http_agent: new CheckingAgent(tls),
    ...(isMutual && {
      set_basic_auth_header: false,
      http_headers: {
        "X-ClickHouse-User": username ?? (decodeURIComponent(new URL(url).username) || "default"),
        "X-ClickHouse-SSL-Certificate-Auth": "on",
      },
    }),
  };
}

/** Connections that end at once where the server's certificate is revoked. */
class CheckingAgent extends Agent {
  readonly #tls: ServerTls;

  constructor(tls: ServerTls) {
    // A resumed session would not look at the certificate again.
    super({ keepAlive: true, maxSockets: CONNECTIONS_MAX, maxCachedSessions: 0 });
    this.#tls = tls;
  }

  override createConnection(...[options, callback]: Parameters<Agent["createConnection"]>): Duplex | null | undefined {
    return super.createConnection({ ...options, ...this.#tls }, callback);
  }
}
