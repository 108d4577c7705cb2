/**
 * The whole API, as its document says it is, tried by schemathesis against the real server: every parameter at its bounds and
 * beyond, bodies that the document allows and others, methods that are not there. `OEE_API_EXAMPLES` is how many requests
 * of each kind are made (default 6); `tests/prepare.sh` installs the pinned version.
 */
import { spawn } from "node:child_process";
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { newFolder, serve, type Served, until } from "../live/oee-process.ts";
import { cached } from "../support/cached.ts";
import { credentialsFor, suitePerson } from "../support/sign-in.ts";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const PROGRAM = cached("schemathesis-4.32.5/bin/schemathesis");
const PLANT = fileURLToPath(new URL("../conformance/b-three-machines-weighted/plant.yaml", import.meta.url));
const EXAMPLES = process.env["OEE_API_EXAMPLES"] ?? "6";

const folder = newFolder();
const served: Served[] = [];

afterAll(async () => {
  for (const one of served) await one.end("SIGKILL");
  folder.remove();
});

/** Runs schemathesis; returns what it printed and its exit code. */
async function run(
  args: readonly string[],
  cookie: string,
): Promise<{ readonly code: number | null; readonly text: string }> {
  // schemathesis keeps its findings in the working directory.
  const child = spawn(PROGRAM, [`--config-file=${join(HERE, "schemathesis.toml")}`, ...args], {
    cwd: folder.path("."),
    env: {
      ...process.env,
      ...{ SCHEMATHESIS_HOOKS: join(HERE, "hooks.py"), PYTHONDONTWRITEBYTECODE: "1", OEE_API_COOKIE: cookie },
      OEE_API_PERSON: suitePerson.id,
    },
  });
  let text = "";
  for (const out of [child.stdout, child.stderr]) out.on("data", (piece: Buffer) => (text += piece.toString()));
  const code = await new Promise<number | null>((resolve, reject) => child.on("error", reject).on("close", resolve));
  return { code, text };
}

test("every documented request is answered as the document says, and every other one is refused", {
  timeout: 1_800_000,
}, async () => {
  expect(existsSync(PROGRAM), `${PROGRAM} is there; run tests/prepare.sh`).toBe(true);
  const server = await serve(["start", "--plant", PLANT, "--data", folder.path("data")]);
  served.push(server);
  await until("readiness", async () => ((await fetch(`${server.url}/health/ready`)).ok ? true : undefined));
  const { cookie = "" } = credentialsFor(server.url);
  // The API's document needs sign-in, so that it is fetched here and read from a file.
  const document = folder.path("openapi.json");
  writeFileSync(document, await (await fetch(`${server.url}/api/docs/json`)).text());
  const options = [
    "run",
    document,
    `--url=${server.url}`,
    "--phases=examples,coverage,fuzzing",
    `--max-examples=${EXAMPLES}`,
    "--seed=1",
    "--generation-deterministic",
    "--suppress-health-check=all",
    "--continue-on-failure",
    "--request-timeout=240",
  ];
  const { code, text } = await run(options, cookie);
  expect(code, text).toBe(0);
  expect(text).toMatch(/Selected: (\d+)\/\1\n\s+Tested: \1\n/);
});
