/** `oee connect trust` lists the certificates of OPC UA servers that were seen, and accepts one of them. */
import type { Command } from "commander";
import { Failure } from "../failure.ts";
import { dataOption } from "./data-option.ts";

interface TrustOptions {
  readonly data: string;
}

export function defineTrust(command: Command): void {
  command
    .description(
      "Lists the certificates of OPC UA servers that were seen, or accepts those whose SHA-256 fingerprint begins as given.\n" +
        "Compare it with what the server shows. `oee connect` takes it up at its next attempt.",
    )
    .argument("[fingerprint]", "the fingerprint, or its beginning of at least 8 digits")
    .addOption(dataOption())
    .action(run);
}

const DIGITS_MIN = 8;

async function run(fingerprint: string | undefined, { data }: TrustOptions): Promise<void> {
  const { certificatesFolder, knownCertificates, trust } = await import("@oee/connectors");
  const folder = certificatesFolder(data);
  if (fingerprint === undefined) {
    const known = await knownCertificates(folder);
    if (known.length === 0) process.stderr.write(`no certificate of a server is in ${folder}\n`);
    for (const { trusted, fingerprint: digits, subject, validTo } of known) {
      process.stdout.write(`${trusted ? "trusted" : "refused"}  ${digits}  ${subject}, valid until ${validTo}\n`);
    }
    return;
  }
  const wanted = digitsOf(fingerprint);
  if (wanted.length < DIGITS_MIN)
    throw new Failure(`expected at least ${DIGITS_MIN} digits of a fingerprint, found ${fingerprint}`);
  const found = (await knownCertificates(folder)).filter((known) => digitsOf(known.fingerprint).startsWith(wanted));
  const [certificate] = found;
  if (certificate === undefined || found.length > 1) {
    throw new Failure(`${found.length} certificates in ${folder} begin with ${fingerprint}, expected one`);
  }
  if (!certificate.trusted) await trust(folder, certificate);
  process.stdout.write(`trusted  ${certificate.fingerprint}  ${certificate.subject}\n`);
}

function digitsOf(fingerprint: string): string {
  return fingerprint.replaceAll(/[:\s]/g, "").toUpperCase();
}
