/**
 * ClickHouse as a server, over HTTP or HTTPS. Idle connections are given up before a server would (its default is 10 s,
 * 3 s in old ones), and long parameter lists travel in the body.
 */
import { Readable } from "node:stream";
import { ClickHouseLogLevel, createClient } from "@clickhouse/client";
import { foldLines, rowsOfLines } from "./json-lines.ts";
import {
  type ExportFormat,
  type Fold,
  INSERT_SETTINGS,
  type BoundParameters,
  READ_SETTINGS,
  type Transport,
} from "./transport.ts";

export interface ServerOptions {
  /** `http://host:8123` or `https://host:8443`. */
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  /** PEM texts; `cert` and `key` for mutual TLS. */
  readonly tls?: { readonly caCert: Buffer; readonly cert?: Buffer; readonly key?: Buffer };
  readonly requestTimeoutMs?: number;
}

const REQUEST_TIMEOUT_MS = 120_000;
const CONNECTIONS_MAX = 16;

export function connectServer(options: ServerOptions): Transport {
  const client = createClient({
    url: options.url,
    ...(options.username === undefined ? {} : { username: options.username }),
    ...(options.password === undefined ? {} : { password: options.password }),
    ...(options.tls === undefined ? {} : { tls: tlsOf(options.tls) }),
    application: "open-oee",
    request_timeout: options.requestTimeoutMs ?? REQUEST_TIMEOUT_MS,
    max_open_connections: CONNECTIONS_MAX,
    use_multipart_params_auto: true,
    log: { level: ClickHouseLogLevel.OFF },
  });
  return {
    kind: "server",
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
    async fold<T extends unknown[], R>(sql: string, parameters: BoundParameters, fold: Fold<T, R>): Promise<R> {
      const result = await client.query({
        query: `${sql}\nSETTINGS ${READ_SETTINGS}`,
        format: "JSONCompactEachRow",
        ...bound(parameters),
      });
      return foldLines(await result.text(), fold);
    },
    async insert(into, arrow) {
      const { stream } = await client.exec({
        query: `INSERT INTO ${into} SETTINGS ${INSERT_SETTINGS} FORMAT ArrowStream`,
        values: Readable.from(arrow),
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

function tlsOf(
  tls: NonNullable<ServerOptions["tls"]>,
): { ca_cert: Buffer } | { ca_cert: Buffer; cert: Buffer; key: Buffer } {
  const { caCert, cert, key } = tls;
  return cert === undefined || key === undefined ? { ca_cert: caCert } : { ca_cert: caCert, cert, key };
}
