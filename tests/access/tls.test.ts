/** TLS of `oee start`: the real command, certificates by openssl, clients of Node.js. */
import { X509Certificate } from "node:crypto";
import { execFileSync } from "node:child_process";
import { copyFileSync, readFileSync, writeFileSync } from "node:fs";
import { request as requestPlain } from "node:http";
import { connect as connectHttp2, type ClientHttp2Session } from "node:http2";
import { request } from "node:https";
import { fileURLToPath } from "node:url";
import { connect as connectTls, type ConnectionOptions, type PeerCertificate, type TLSSocket } from "node:tls";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { freePort } from "../support/free-port.ts";
import { suitePerson, suiteUsersFile } from "../support/sign-in.ts";
import { type Certificates, makeCertificates } from "../tls/certificates.ts";
import { type Folder, newFolder, type Served, serve } from "../live/oee-process.ts";

const POLL = { interval: 200 };
const PLANT = fileURLToPath(new URL("../conformance/b-three-machines-weighted/plant.yaml", import.meta.url));
const HSTS = "max-age=63072000; includeSubDomains";

let folder: Folder;
let first: Certificates;
let second: Certificates;
let served: Served;
let redirectPort: number;
let port: number;
/** The files that `--tls-cert`, `--tls-key`, `--tls-client-ca`, `--tls-client-crl` and `--tls-ocsp` name. */
let files: Record<"cert" | "key" | "ca" | "crl" | "ocsp", string>;

beforeAll(async () => {
  folder = newFolder();
  [first, second] = [makeCertificates(), makeCertificates()];
  files = {
    cert: folder.path("cert.pem"),
    key: folder.path("key.pem"),
    ca: folder.path("clients.pem"),
    crl: folder.path("revoked.pem"),
    ocsp: folder.path("ocsp.der"),
  };
  copyFileSync(first.cert, files.cert);
  copyFileSync(first.key, files.key);
  copyFileSync(first.ca, files.ca);
  copyFileSync(first.revoked(false), files.crl);
  copyFileSync(first.ocspAnswer(), files.ocsp);
  redirectPort = await freePort();
  served = await serve([
    ...["start", "--plant", PLANT, "--data", folder.path("data"), "--users", suiteUsersFile(), "--log-level", "info"],
    ...["--tls-cert", files.cert, "--tls-key", files.key, "--tls-client-ca", files.ca],
    ...["--tls-client-crl", files.crl, "--tls-ocsp", files.ocsp],
    ...["--http-redirect-port", String(redirectPort)],
  ]);
  port = Number(new URL(served.url).port);
});
afterAll(async () => {
  await served?.end("SIGKILL");
  for (const made of [first, second]) made?.remove();
  folder.remove();
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly text: string;
}

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly ca?: string;
  readonly client?: Certificates;
}

/** Sends a request by HTTP/1.1 with TLS. */
function ask(path: string, { method = "GET", headers = {}, body, ca = first.ca, client }: Sent = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const shown = client === undefined ? {} : { cert: readFileSync(client.cert), key: readFileSync(client.key) };
    const options = { host: "127.0.0.1", port, path, method, headers, agent: false, ca: readFileSync(ca), ...shown };
    request(options, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      response.on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    })
      .on("error", reject)
      .end(body);
  });
}

/** Sends a request by plain HTTP/1.1, to the port that redirects to TLS. */
function askPlain(method: string, path: string, host = `127.0.0.1:${redirectPort}`): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port: redirectPort, method, path, headers: { host }, agent: false };
    requestPlain(options, (response) => {
      response
        .resume()
        .on("end", () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text: "" }));
    })
      .on("error", reject)
      .end();
  });
}

/** OCSP's answer that the server gives with its certificate. */
function ocspGiven(): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { host: "127.0.0.1", port, rejectUnauthorized: false, requestOCSP: true };
    const socket = connectTls(options as ConnectionOptions);
    socket.on("OCSPResponse", (answer: Buffer) => {
      resolve(answer);
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

/** The answer to bytes that are no request. */
function answerToGarbage(): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false }, () =>
      socket.write("no request\r\n\r\n"),
    );
    socket.setEncoding("utf8").on("data", (piece: string) => (text += piece));
    socket.on("end", () => resolve(text)).on("error", reject);
  });
}

/** The certificate that the server shows to a new connection. */
function certificateShown(): Promise<PeerCertificate> {
  return new Promise((resolve, reject) => {
    const socket: TLSSocket = connectTls({ host: "127.0.0.1", port, rejectUnauthorized: false }, () => {
      resolve(socket.getPeerCertificate());
      socket.destroy();
    });
    socket.on("error", reject);
  });
}

const fingerprintOf = async (): Promise<string> => (await certificateShown()).fingerprint256;

function statusBy(
  session: ClientHttp2Session,
  path: string,
): Promise<{ readonly status: number; readonly hsts: unknown }> {
  return new Promise((resolve, reject) => {
    const stream = session.request({ ":path": path });
    stream.on("response", (headers) => {
      resolve({ status: Number(headers[":status"]), hsts: headers["strict-transport-security"] });
    });
    stream.on("error", reject).resume().end();
  });
}

function openHttp2(ca: string): ClientHttp2Session {
  const session = connectHttp2(`https://127.0.0.1:${port}`, { ca: readFileSync(ca) });
  session.on("error", () => undefined);
  onTestFinished(() => session.close());
  return session;
}

describe("TLS", () => {
  test("HTTP/1.1 and HTTP/2 are served, each with HSTS", async () => {
    const { status, headers } = await ask("/health/live");
    expect([status, headers["strict-transport-security"]]).toEqual([200, HSTS]);
    expect(await statusBy(openHttp2(first.ca), "/health/live")).toEqual({ status: 200, hsts: HSTS });
  });

  test("every answer has HSTS, for names below this one too: also of the live channel, and to what is no request", async () => {
    for (const [path, status] of [
      ["/", 302],
      ["/no/such/page", 404],
      ["/api/v1/plant", 401],
      ["/%zz", 400],
      ["/socket.io/?EIO=4&transport=polling", 200],
      ["/socket.io/?EIO=4&transport=none", 400],
    ] as const) {
      const { status: found, headers } = await ask(path);
      expect([path, found, headers["strict-transport-security"]]).toEqual([path, status, HSTS]);
    }
    expect(await answerToGarbage()).toMatch(
      new RegExp(`^HTTP/1.1 400 .*\r\nstrict-transport-security: ${HSTS}\r\n`, "s"),
    );
  });

  test("clients are given OCSP's answer that the certificate is not revoked", async () => {
    const given = folder.path("given.der");
    writeFileSync(given, await ocspGiven());
    const asked = ["-no_nonce", "-respin", given, "-CAfile", first.ca, "-issuer", first.ca, "-cert", first.cert];
    expect(execFileSync("openssl", ["ocsp", ...asked], { encoding: "utf8", stdio: "pipe" })).toContain(
      "server.pem: good",
    );
  });

  test("versions before TLS 1.2 are not spoken", async () => {
    const protocolOf = (
      minVersion: "TLSv1" | "TLSv1.2",
      maxVersion: "TLSv1.1" | "TLSv1.2" | "TLSv1.3",
    ): Promise<string> =>
      new Promise((resolve) => {
        const ciphers = "DEFAULT:@SECLEVEL=0";
        const socket = connectTls(
          { host: "127.0.0.1", port, rejectUnauthorized: false, minVersion, maxVersion, ciphers },
          () => {
            resolve(socket.getProtocol() ?? "none");
            socket.destroy();
          },
        );
        socket.on("error", (error) => resolve((error as NodeJS.ErrnoException).code ?? error.message));
      });
    expect(await protocolOf("TLSv1", "TLSv1.1")).toBe("ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION");
    expect(await protocolOf("TLSv1.2", "TLSv1.2")).toBe("TLSv1.2");
    expect(await protocolOf("TLSv1.2", "TLSv1.3")).toBe("TLSv1.3");
  });

  test("a request without TLS is led to the same address with it; what is sent in the clear is not, nor to another name", async () => {
    const led = await askPlain("GET", "/wall/berlin?lang=de");
    expect([led.status, led.headers["location"]]).toEqual([308, `https://127.0.0.1:${port}/wall/berlin?lang=de`]);
    expect((await askPlain("POST", "/api/v1/session")).status).toBe(403);
    const elsewhere = await askPlain("GET", "/wall", "evil.example");
    expect([elsewhere.status, elsewhere.headers["location"]]).toEqual([421, undefined]);
  });
});

test("a certificate that is renewed on disk is served by the same process; connections of before go on", async () => {
  const before = await fingerprintOf();
  const session = openHttp2(first.ca);
  expect((await statusBy(session, "/health/live")).status).toBe(200);

  // Certificate and key are written one after the other: while they do not fit, the former ones stay in force.
  copyFileSync(second.cert, files.cert);
  await expect.poll(() => served.stderr(), POLL).toContain("OEE_TLS_REFUSED");
  expect(await fingerprintOf()).toBe(before);
  copyFileSync(second.key, files.key);
  await expect.poll(fingerprintOf, POLL).not.toBe(before);

  expect((await ask("/health/live", { ca: second.ca })).status).toBe(200);
  await expect(ask("/health/live", { ca: first.ca })).rejects.toThrow(/certificate|signature/);
  expect((await statusBy(openHttp2(second.ca), "/health/live")).status).toBe(200);
  expect((await statusBy(session, "/health/live")).status).toBe(200);
  expect(served.stderr()).toContain("certificate taken up");

  const answer = readFileSync(second.ocspAnswer());
  expect((await ocspGiven()).equals(answer)).toBe(false);
  copyFileSync(second.ocspAnswer(), files.ocsp);
  await expect.poll(async () => (await ocspGiven()).equals(readFileSync(files.ocsp)), POLL).toBe(true);
});

/** Signs in over TLS and returns the cookie. */
async function signedIn(ca: string): Promise<string> {
  const body = JSON.stringify(suitePerson);
  const headers = { "content-type": "application/json" };
  const { headers: set } = await ask("/api/v1/session", { method: "POST", headers, body, ca });
  return String([set["set-cookie"]].flat()[0]).split(";")[0] ?? "";
}

test("who signs certificates of machines is read again too: a machine of the new authority comes in, one of the old does not", async () => {
  const ca = second.ca;
  const cookie = await signedIn(ca);
  const headers = { "content-type": "application/json" };
  for (const [name, made] of [
    ["old", first],
    ["new", second],
  ] as const) {
    const certificate = new X509Certificate(readFileSync(made.cert)).fingerprint256;
    const token = JSON.stringify({ name, scopes: ["*"], may: ["events:write"], certificate });
    const sent = { method: "POST", headers: { ...headers, cookie, "oee-request": "test" }, body: token, ca };
    expect((await ask("/api/v1/tokens", sent)).status).toBe(201);
  }
  const as = async (client: Certificates): Promise<number> =>
    (await ask("/api/v1/events", { method: "POST", headers, body: "[]", ca, client })).status;
  expect([await as(first), await as(second)]).toEqual([202, 401]);
  copyFileSync(second.revoked(false), files.crl);
  copyFileSync(second.ca, files.ca);
  await expect.poll(() => as(second), POLL).toBe(202);
  expect(await as(first)).toBe(401);

  // The authority revokes it: its token is as it was.
  copyFileSync(second.revoked(true), files.crl);
  await expect.poll(() => as(second), POLL).toBe(401);
});

test("a change of who signs certificates of machines, and of the list of revoked ones, is in the audit", async () => {
  const cookie = await signedIn(second.ca);
  const told = async (): Promise<readonly string[]> => {
    const { text } = await ask("/api/v1/audit?kind=settings", { headers: { cookie }, ca: second.ca });
    return (JSON.parse(text) as readonly Record<"before" | "after", object | null>[]).flatMap(({ before, after }) =>
      before === null ? [] : Object.keys(after ?? {}),
    );
  };
  await expect.poll(told, POLL).toEqual(expect.arrayContaining(["tlsClientCaSha256", "tlsClientCrlSha256"]));
});
