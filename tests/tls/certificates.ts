/** Makes a certificate authority and a certificate of 127.0.0.1 that it signed, by openssl, for one test run. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Certificates {
  /** Paths of PEM files: the authority, the certificate that it signed, and that one's key. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Certificate and key in one file. */
  readonly pem: string;
  /** Another authority, which signed none of these, and its key. */
  readonly strangerCa: string;
  readonly strangerKey: string;
  remove(): void;
}

/** Throws if openssl is not installed. */
export function makeCertificates(): Certificates {
  const folder = mkdtempSync(join(tmpdir(), "oee-tls-"));
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync("openssl", args, { cwd: folder, stdio: ["ignore", "ignore", "pipe"] });
  };
  const authority = (name: string): void =>
    openssl(
      ...`req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=${name} -keyout ${name}.key -out ${name}.pem`.split(" "),
    );
  authority("ca");
  authority("stranger");
  openssl(..."req -newkey rsa:2048 -nodes -subj /CN=localhost -keyout server.key -out server.csr".split(" "));
  writeFileSync(file("names"), "subjectAltName=IP:127.0.0.1,DNS:localhost\n");
  openssl(
    ..."x509 -req -in server.csr -days 2 -CA ca.pem -CAkey ca.key -CAcreateserial -extfile names -out server.pem".split(
      " ",
    ),
  );
  writeFileSync(file("both.pem"), readFileSync(file("server.pem"), "utf8") + readFileSync(file("server.key"), "utf8"));
  return {
    ca: file("ca.pem"),
    cert: file("server.pem"),
    key: file("server.key"),
    pem: file("both.pem"),
    strangerCa: file("stranger.pem"),
    strangerKey: file("stranger.key"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
