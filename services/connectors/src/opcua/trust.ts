/**
 * The certificates of OPC UA servers in a folder: a server whose certificate is not trusted is refused, and its
 * certificate set aside until a person accepts it (`oee connect trust`). The folder also holds our own certificate,
 * made at the first start.
 */
import { X509Certificate } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { retryForEver, sleepTimer } from "@oee/pacing";
import type { OPCUACertificateManager } from "node-opcua-certificate-manager";

export interface KnownCertificate {
  readonly trusted: boolean;
  readonly subject: string;
  /** SHA-256, as `AB:CD:…`. */
  readonly fingerprint: string;
  readonly validTo: string;
  readonly der: Buffer;
}

const OWNER_ONLY = 0o700;
const ACCEPTED = "accepted";

/** Of all connections of a connector. */
export function certificatesFolder(data: string): string {
  return join(data, "opcua", "certificates");
}

/** Folders that are being made: several connections share one, and its key is made once. */
const opening = new Map<string, Promise<OPCUACertificateManager>>();

export async function certificatesIn(folder: string): Promise<OPCUACertificateManager> {
  const earlier = opening.get(folder) ?? Promise.resolve();
  const made = earlier
    .catch(() => {})
    .then(async () => {
      await mkdir(folder, { recursive: true, mode: OWNER_ONLY });
      // Half a second to load, and only who speaks OPC UA needs it.
      const { OPCUACertificateManager } = await import("node-opcua-certificate-manager");
      const manager = new OPCUACertificateManager({
        rootFolder: folder,
        automaticallyAcceptUnknownCertificate: false,
        // Read anew at each connection, so that what was accepted meanwhile counts.
        disableFileWatchers: true,
      });
      await manager.initialize();
      mendEnvironment();
      for (const der of await acceptedIn(folder)) await manager.trustCertificate(der);
      return manager;
    });
  opening.set(folder, made);
  return made;
}

/** Deletes the variable of the environment that node-opcua-crypto 5.10.1 sets to the text `undefined`: every `openssl` that we start would fail by it. */
export function mendEnvironment(): void {
  if (process.env["OPENSSL_CONF"] === "undefined") delete process.env["OPENSSL_CONF"];
}

/** Servers that were seen, trusted or not. */
export async function knownCertificates(folder: string): Promise<readonly KnownCertificate[]> {
  const found = new Map<string, KnownCertificate>();
  // A connection that began before its server was trusted may set the certificate aside afterwards: the trusted one counts.
  for (const [place, trusted] of [
    ["rejected", false],
    [join("trusted", "certs"), true],
    [ACCEPTED, true],
  ] as const) {
    const names: string[] = await readdir(join(folder, place)).catch(() => []);
    for (const name of names.toSorted()) {
      const certificate = await certificateIn(join(folder, place, name));
      if (certificate === null) continue;
      const { subject, fingerprint256: fingerprint, validTo, raw: der } = certificate;
      found.set(fingerprint, { trusted, subject: subject.replaceAll("\n", ", "), fingerprint, validTo, der });
    }
  }
  return [...found.values()];
}

/** Accepts a certificate by writing it to a folder of ours: in the library's own folder a connection attempt that is under way would set it aside again. */
export async function trust(folder: string, { der, fingerprint }: KnownCertificate): Promise<void> {
  const accepted = join(folder, ACCEPTED);
  await mkdir(accepted, { recursive: true, mode: OWNER_ONLY });
  await writeFile(join(accepted, `${fingerprint.replaceAll(":", "")}.pem`), new X509Certificate(der).toString());
}

async function acceptedIn(folder: string): Promise<readonly Buffer[]> {
  const names: string[] = await readdir(join(folder, ACCEPTED)).catch(() => []);
  const certificates = await Promise.all(names.map((name) => certificateIn(join(folder, ACCEPTED, name))));
  return certificates.flatMap((certificate) => certificate?.raw ?? []);
}

/** How often, and how far apart, a certificate is read that is half written: that of a refused server is written anew each second. */
const READ_TIMES = 5;
const READ_AGAIN = { firstDelayMs: 50, delayMsMax: 50 };

/** The certificate in a file; `null`: the file holds none, or was moved. */
async function certificateIn(file: string): Promise<X509Certificate | null> {
  const read = async (): Promise<X509Certificate> => new X509Certificate(await readFile(file));
  const onFailure = (error: unknown, _delayMs: number, attempts: number): void => {
    if (attempts === READ_TIMES) throw error;
  };
  return retryForEver(read, onFailure, sleepTimer, READ_AGAIN).catch(() => null);
}
