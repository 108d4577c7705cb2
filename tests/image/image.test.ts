/**
 * Builds the images of the Dockerfile and runs them, by podman: `OEE_IMAGE_TEST=1 npx vitest run tests/image` (as root, with podman,
 * buildah and runc; ten minutes; no part of `npm test`). `OEE_IMAGE=name` tests an existing image instead of building one. Where no
 * registry of images can be reached, run tests/image/base-image.sh first: it makes a substitute for the base image.
 * `OEE_IMAGE_BUILD_OPTIONS` are further options of `podman build`, such as a mounted .npmrc.
 */
import type { LiveElement } from "@oee/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { getJson, post, until } from "../live/oee-process.ts";
import { podman } from "./podman.ts";

const WANTED = process.env["OEE_IMAGE_TEST"] === "1";
const PORT = 18_080;
const URL_OF = `http://127.0.0.1:${PORT}`;
const BUILD_MS = 1_800_000;
const FILLER = "aurora/filling/l1/filler";

async function build(name: string, target: string): Promise<string> {
  const options = (process.env["OEE_IMAGE_BUILD_OPTIONS"] ?? "").split(" ").filter((option) => option !== "");
  const isolated = ["--isolation", "chroot", "--network", "host", "--format", "docker"];
  await podman("build", ...isolated, ...options, "--target", target, "-t", name, ".");
  return name;
}

const LIMITS = ["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"];
const started: string[] = [];

async function start(name: string, image: string, ...args: readonly string[]): Promise<void> {
  await podman(
    "run",
    "-d",
    "--name",
    name,
    "--network",
    "host",
    ...LIMITS,
    ...args.slice(0, -1),
    image,
    args.at(-1) ?? "",
  );
  started.push(name);
}

async function sizeMiB(image: string): Promise<number> {
  return Number(await podman("image", "inspect", "--format", "{{.Size}}", image)) / 2 ** 20;
}

describe.runIf(WANTED)("the images", () => {
  let image: string;
  let scaledOut: string;
  beforeAll(async () => {
    const given = process.env["OEE_IMAGE"];
    image = given ?? (await build("localhost/open-oee:test", "embedded"));
    scaledOut =
      process.env["OEE_IMAGE_SCALED_OUT"] ?? (await build("localhost/open-oee-scaled-out:test", "scaled-out"));
  }, 2 * BUILD_MS);
  afterAll(async () => {
    for (const name of started) await podman("rm", "-f", "-t", "0", name);
  });

  test("all in one: becomes ready as user node, is healthy, takes an event, ends with code 0 and starts again on its volume", async () => {
    await start(
      "oee-image-test",
      image,
      "-e",
      `OEE_PORT=${PORT}`,
      "-e",
      "OEE_HOST=127.0.0.1",
      "-e",
      "OEE_SIMULATED_PAST=8h",
      "-v",
      "oee-image-test:/data",
      "start",
    );
    const ready = async (): Promise<true | undefined> =>
      (await fetch(`${URL_OF}/health/ready`).catch(() => null))?.status === 200 ? true : undefined;
    await until("the container to be ready", ready);
    expect(await podman("exec", "oee-image-test", "id", "-u")).toBe("1000");
    // The image's own HEALTHCHECK.
    await podman("healthcheck", "run", "oee-image-test");
    const plant = await getJson<{ readonly scopes: readonly { readonly kind: string; readonly path: string }[] }>(
      URL_OF,
      "/api/v1/plant",
    );
    const machine = plant.body.scopes.find(({ kind }) => kind === "machine")?.path ?? FILLER;
    const sent = await post(
      URL_OF,
      "/api/v1/events",
      JSON.stringify({ type: "state", machine, at: Date.now(), state: "maintenance" }),
    );
    expect(sent.status).toBe(202);
    const live = await getJson<{ readonly elements: readonly LiveElement[] }>(URL_OF, `/api/v1/live?scope=${machine}`);
    expect(live.body.elements[0]?.scope).toBe(machine);
    expect((await fetch(`${URL_OF}/wall`)).status).toBe(200);

    await podman("stop", "-t", "60", "oee-image-test");
    expect(await podman("inspect", "--format", "{{.State.ExitCode}}", "oee-image-test")).toBe("0");
    await podman("start", "oee-image-test");
    await until("the container to be ready again", ready);
    await podman("stop", "-t", "60", "oee-image-test");
    await podman("rm", "oee-image-test");
    await podman("volume", "rm", "oee-image-test");
    started.splice(0);
  });

  test("scaled out: has neither ClickHouse nor build tools; `start`, which needs the embedded store, says that it cannot open it; `simulate` runs", async () => {
    const run = ["run", "--rm", "--network", "host", ...LIMITS, scaledOut];
    const failed = async (...options: readonly string[]): Promise<string> =>
      podman(...run, "start", ...options).catch((error: unknown) => String((error as { stderr?: string }).stderr));
    expect(await failed()).toContain("OEE_LISTEN_OPEN");
    expect(await failed("--insecure-open")).toContain("OEE_STORE_OPEN_FAILED");
    expect(await podman(...run, "--version")).toMatch(/^\d+\.\d+\.\d+/);
    const lines = await podman(...run, "simulate", "--for", "10m", "--from", "2026-03-02T06:00:00Z");
    expect(lines.split("\n").length).toBeGreaterThan(1_000);
    const contents = await podman(...run.slice(0, -1), "--entrypoint", "ls", scaledOut, "/app/node_modules");
    for (const tool of ["vitest", "typescript", "vite", "react", "@chdb"])
      expect(contents.split("\n")).not.toContain(tool);
  });

  test("beside the base image the scaled out image has less than 100 MiB, the all in one less than 640 MiB", async () => {
    const [whole, part] = [await sizeMiB(image), await sizeMiB(scaledOut)];
    const base = await sizeMiB("docker.io/library/node:24-bookworm-slim");
    console.log(`image ${Math.round(whole)} MiB, scaled out ${Math.round(part)} MiB, base ${Math.round(base)} MiB`);
    // ClickHouse's library has 540 MiB.
    expect(part - base).toBeLessThan(100);
    expect(whole - base).toBeLessThan(640);
  });
});
