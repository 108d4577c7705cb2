/** `npm run check:vulnerabilities` against registries of the test: one that knows of vulnerabilities, and one that answers no such question. */
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { lockedPackages } from "./support/shipped.ts";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const SHIPPED = "@node-rs/argon2";
const TOOL = "knip";

interface Registry {
  readonly url: string;
  /** The packages that were asked about, with their versions. */
  readonly asked: Record<string, readonly string[]>;
}

/** `vulnerable`: all versions of these packages are; `null`: the registry answers 405, as mirrors do. */
async function registry(vulnerable: readonly string[] | null): Promise<Registry> {
  const asked: Record<string, readonly string[]> = {};
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const answer = (status: number, value: object): void => {
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
      };
      if (vulnerable === null) return answer(405, { message: "there are no advisories here" });
      if (request.method === "POST") {
        const text = request.headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
        Object.assign(asked, JSON.parse(text.toString("utf8")));
        const advisory = { id: 1, url: "https://advisories.example/1", title: "it leaks", severity: "high" };
        const known = vulnerable.filter((name) => name in asked);
        return answer(
          200,
          Object.fromEntries(known.map((name) => [name, [{ ...advisory, vulnerable_versions: "*" }]])),
        );
      }
      const name = decodeURIComponent((request.url ?? "").slice(1));
      const versions = Object.fromEntries((asked[name] ?? []).map((version) => [version, { name, version }]));
      return answer(200, { name, "dist-tags": {}, versions });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, asked };
}

async function check(url: string, more: object = {}): Promise<{ readonly code: number | null; readonly said: string }> {
  const { OEE_AUDIT_REQUIRED: _, ...rest } = process.env;
  const env = { ...rest, npm_config_registry: url, npm_config_fetch_retries: "0", ...more };
  const child = spawn(process.execPath, ["node_modules/tsx/dist/cli.mjs", "tests/vulnerabilities.ts"], {
    cwd: ROOT,
    env,
  });
  let said = "";
  for (const out of [child.stdout, child.stderr]) out.on("data", (piece: Buffer) => (said += piece.toString()));
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  return { code, said };
}

test("a known vulnerability of what is shipped fails the check, and is named; tools of development are not asked about", async () => {
  const { url, asked } = await registry([SHIPPED, TOOL]);
  expect(await check(url)).toEqual({
    code: 1,
    said: expect.stringMatching(new RegExp(`^${SHIPPED} .*: high\n$`)) as unknown,
  });
  const all = Object.entries(asked).flatMap(([name, versions]) => versions.map((version) => `${name}@${version}`));
  const { shipped } = lockedPackages();
  expect([...shipped].filter((one) => !all.includes(one))).toEqual([]);
  expect(Object.keys(asked)).not.toContain(TOOL);
});

test("a registry that answers no such question is told as not checked; where the answer is required, that fails", async () => {
  const { url } = await registry(null);
  const said = expect.stringContaining("NOT CHECKED for known vulnerabilities") as unknown;
  expect(await check(url)).toEqual({ code: 0, said });
  expect(await check(url, { OEE_AUDIT_REQUIRED: "1" })).toEqual({ code: 1, said });
});
