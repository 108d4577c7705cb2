/**
 * TLS of a gateway: certificate, key, the OCSP answer for the certificate, the authority of client certificates and its list
 * of revoked ones, from files that are read again when they were renewed; and the redirect from plain HTTP.
 */
import { readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { createSecureContext, type SecureContextOptions, type Server as TlsServer } from "node:tls";
import { type GatewayTls, Strangers } from "@oee/gateway";
import type { Logger } from "pino";
import { Failure, reasonOf, UsageError } from "../failure.ts";
import type { AccessSettings } from "./access-settings.ts";
import { allowedHostsOf } from "./listening.ts";
import type { NetworkSettings } from "./listening.ts";

const LOOK_EVERY_MS = 5_000;

type TlsFiles = Pick<AccessSettings, "tlsCert" | "tlsKey" | "tlsClientCa" | "tlsClientCrl">;

/** What the files hold; `null`: it serves without. Throws `UsageError` where one cannot be read or is no PEM. */
export function tlsOf({ tlsCert, tlsKey, tlsClientCa, tlsClientCrl }: TlsFiles): GatewayTls | null {
  if (tlsCert === undefined || tlsKey === undefined) return null;
  const [cert, key] = [read(tlsCert), read(tlsKey)];
  const clientCa = tlsClientCa === undefined ? null : read(tlsClientCa);
  const clientCrl = tlsClientCrl === undefined ? null : read(tlsClientCrl);
  check({ cert, key }, `--tls-cert ${tlsCert} and --tls-key ${tlsKey}`);
  if (clientCa !== null) check({ ca: clientCa }, `--tls-client-ca ${tlsClientCa}`);
  if (clientCrl !== null) check({ crl: clientCrl }, `--tls-client-crl ${tlsClientCrl}`);
  return { cert, key, clientCa, clientCrl };
}

function check(files: SecureContextOptions, what: string): void {
  try {
    createSecureContext(files);
  } catch (error) {
    throw new UsageError(`${what}: expected PEM: ${reasonOf(error)}`, { cause: error });
  }
}

function read(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`cannot read ${file}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Has new connections served with what the files hold now, whenever they have changed. Throws `UsageError`. */
export function renewTls(server: unknown, settings: AccessSettings, logger: Logger): () => void {
  const { tlsCert, tlsKey, tlsClientCa, tlsClientCrl, tlsOcsp } = settings;
  if (tlsCert === undefined || tlsKey === undefined) return () => undefined;
  const files = [tlsCert, tlsKey, tlsClientCa, tlsClientCrl, tlsOcsp].filter((file) => file !== undefined);
  let stapled = tlsOcsp === undefined ? null : read(tlsOcsp);
  if (stapled !== null) {
    (server as TlsServer).on("OCSPRequest", (_certificate, _issuer, answer) => answer(null, stapled));
  }
  const sign = (): string => {
    try {
      return files.map((file) => `${statSync(file).mtimeMs} ${statSync(file).ino}`).join();
    } catch {
      return "gone";
    }
  };
  let seen = sign();
  const timer = setInterval(() => {
    const now = sign();
    if (now === seen || now === "gone") return;
    try {
      const tls = tlsOf(settings);
      if (tls === null) return;
      const { cert, key, clientCa, clientCrl } = tls;
      const crl = clientCrl === null ? {} : { crl: clientCrl };
      (server as TlsServer).setSecureContext({ cert, key, ...(clientCa === null ? {} : { ca: clientCa, ...crl }) });
      if (tlsOcsp !== undefined) stapled = read(tlsOcsp);
      seen = now;
      logger.info({ tlsCert }, "certificate taken up");
    } catch (error) {
      // Renewed one after the other: certificate and key belong together in a moment.
      logger.warn({ code: "OEE_TLS_REFUSED", tlsCert }, `${reasonOf(error)}; the certificate before stays in force`);
    }
  }, LOOK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** A server that leads browsers to the same address with TLS. Throws `Failure`. */
export async function redirectServer(
  settings: AccessSettings & NetworkSettings,
  securePort: number,
): Promise<Server | null> {
  const { httpRedirectPort: port, host } = settings;
  if (port === undefined) return null;
  const strangers = new Strangers(allowedHostsOf(settings));
  const server = createServer((request, response) => {
    const name = request.headers.host?.replace(/:\d+$/, "");
    if (name === undefined || !strangers.knowsHost(request.headers)) return void response.writeHead(421).end();
    // What was sent in the clear is not sent again by itself.
    if (request.method !== "GET" && request.method !== "HEAD") return void response.writeHead(403).end();
    const address = `https://${name}${securePort === 443 ? "" : `:${securePort}`}${request.url ?? "/"}`;
    response.writeHead(308, { location: address }).end();
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(new Failure(`cannot listen on ${host}:${port}: ${reasonOf(error)}`)));
    server.listen(port, host, resolve);
  });
  return server;
}
