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
  /** The authority's list of certificates that it revoked (PEM): none, or the one of this run. Returns its path. */
  revoked(isRevoked: boolean): string;
  /** OCSP's answer, signed by the authority, that the certificate is not revoked (DER). Returns its path. */
  ocspAnswer(): string;
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
  const serial = execFileSync("openssl", ["x509", "-noout", "-serial", "-in", file("server.pem")], {
    encoding: "utf8",
  });
  /** Writes the authority's index, as `openssl ca` keeps it. */
  const index = (isRevoked: boolean): void => {
    const until = "350101000000Z";
    const state = isRevoked ? ["R", until, "260101000000Z"] : ["V", until, ""];
    writeFileSync(file("index"), `${[...state, serial.trim().split("=")[1], "unknown", "/CN=localhost"].join("\t")}\n`);
    writeFileSync(file("ca.conf"), "[ca]\ndefault_ca=own\n[own]\ndatabase=index\ndefault_md=sha256\n");
  };
  return {
    revoked: (isRevoked) => {
      index(isRevoked);
      const name = isRevoked ? "revoked.pem" : "none-revoked.pem";
      openssl(..."ca -config ca.conf -gencrl -crldays 2 -keyfile ca.key -cert ca.pem -out".split(" "), name);
      return file(name);
    },
    ocspAnswer: () => {
      index(false);
      openssl(..."ocsp -no_nonce -issuer ca.pem -cert server.pem -reqout asked.der".split(" "));
      openssl(
        ..."ocsp -index index -CA ca.pem -rsigner ca.pem -rkey ca.key -ndays 2 -reqin asked.der -respout ocsp.der".split(
          " ",
        ),
      );
      return file("ocsp.der");
    },
    ca: file("ca.pem"),
    cert: file("server.pem"),
    key: file("server.key"),
    pem: file("both.pem"),
    strangerCa: file("stranger.pem"),
    strangerKey: file("stranger.key"),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
