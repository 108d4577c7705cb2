import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { freePort } from "../../../tests/support/free-port.ts";
import { whyUnreachable } from "./why-unreachable.ts";

const failureAt = (url: string): Promise<unknown> => fetch(url).catch((error: unknown) => error);

test("of a failed fetch it has the address and why, also where a name has several addresses", async () => {
  const port = await freePort();
  for (const host of ["127.0.0.1", "localhost"]) {
    const why = whyUnreachable(await failureAt(`http://${host}:${port}`));
    expect(why).toContain(`connect ECONNREFUSED 127.0.0.1:${port}`);
    expect(why).not.toContain("fetch failed");
  }
});

test("of a server whose certificate is not trusted it says how it is", async () => {
  const folder = mkdtempSync(join(tmpdir(), "oee-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"];
  const made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", cert, "-days", "1"];
  execFileSync("openssl", [...made, ...subject], { stdio: "ignore" });
  const server = createServer({ key: readFileSync(key), cert: readFileSync(cert) }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  expect(whyUnreachable(await failureAt(`https://127.0.0.1:${port}`))).toMatch(
    /^self-signed certificate \(NODE_EXTRA_CA_CERTS=FILE names/,
  );
});

test("what an error repeats of its cause is said once; what is no error is its text", () => {
  const cause = new Error("the disk is full");
  expect(whyUnreachable(new Error("not written: the disk is full", { cause }))).toBe("not written: the disk is full");
  expect(whyUnreachable("gone")).toBe("gone");
});
