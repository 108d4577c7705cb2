/**
 * Runs our own services of docker-compose.yml by podman with what the file says: image, command lines, environment, mounted files,
 * read-only root, health checks, time to end. `OEE_IMAGE_TEST=1 npx vitest run tests/image/compose.test.ts` (needs what image.test.ts
 * needs; `OEE_IMAGE_SCALED_OUT=name` tests an existing image). It differs from the file in this: Kafka is the tests' own broker, and
 * ClickHouse is chdb behind an HTTP interface, because a registry of images cannot be reached everywhere; and all services share the
 * host's network, so they have other addresses and ports.
 */
import type { Element } from "@oee/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { type HttpFront, startHttpFront } from "../../packages/store/test/http-front.ts";
import { textOf } from "../docs/repository.ts";
import { type SharedBroker, sharedBroker } from "../kafka/broker.ts";
import { getJson, newFolder, until } from "../live/oee-process.ts";
import { podman } from "./podman.ts";

const WANTED = process.env["OEE_IMAGE_TEST"] === "1";
const GIVEN = process.env["OEE_IMAGE_SCALED_OUT"];
const IMAGE = GIVEN ?? "localhost/open-oee-scaled-out:test";
const BUILD_MS = 1_800_000;
const READY_MS = 180_000;

interface Service {
  readonly build?: { readonly target: string };
  readonly entrypoint?: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly volumes: readonly string[];
  readonly read_only?: boolean;
  readonly healthcheck?: { readonly disable?: boolean };
  readonly stop_grace_period?: string;
}

/** The compose file, with the default of each variable in its place. */
const compose = parse(textOf("docker-compose.yml").replaceAll(/\$\{\w+:-([^}]*)\}/g, "$1"), { merge: true }) as {
  readonly services: Readonly<Record<string, Service>>;
};
const OURS = Object.entries(compose.services).filter(([, { build }]) => build !== undefined);
/** A port for each service, since all share the host's network; in the file each container has a network address of its own. */
const PORTS: Readonly<Record<string, number>> = {
  "worker-1": 19_464,
  "worker-2": 19_465,
  "gateway-1": 18_081,
  "gateway-2": 18_082,
};
const container = (service: string): string => `oee-compose-test-${service}`;
const urlOf = (service: string): string => `http://127.0.0.1:${PORTS[service]}`;

describe.runIf(WANTED)("docker-compose.yml", () => {
  const folder = newFolder();
  const started: string[] = [];
  let broker: SharedBroker;
  let store: HttpFront;

  beforeAll(async () => {
    [broker, store] = await Promise.all([sharedBroker(), startHttpFront(folder.path("clickhouse"))]);
    if (GIVEN !== undefined) return;
    const options = (process.env["OEE_IMAGE_BUILD_OPTIONS"] ?? "").split(" ").filter((option) => option !== "");
    const isolated = ["--isolation", "chroot", "--network", "host", "--format", "docker"];
    await podman("build", ...isolated, ...options, "--target", "scaled-out", "-t", IMAGE, ".");
  }, BUILD_MS);
  afterAll(async () => {
    for (const name of started) await podman("rm", "-f", "-t", "0", "-v", name);
    await store.close();
    folder.remove();
  });

  async function start(name: string, service: Service): Promise<void> {
    const elsewhere: Readonly<Record<string, string>> = {
      OEE_KAFKA: broker.brokers.join(","),
      OEE_CLICKHOUSE: store.url,
      OEE_TOPIC_PREFIX: `compose-${process.pid}.`,
      ...(PORTS[name] === undefined ? {} : { OEE_PORT: String(PORTS[name]) }),
    };
    const environment = { ...service.environment, ...elsewhere };
    const [entrypoint] = service.entrypoint ?? [];
    const command = [...(service.entrypoint ?? []).slice(1), ...service.command];
    await podman(
      ...["run", "-d", "--name", container(name), "--network", "host"],
      ...["--ulimit", "nofile=1024:1024", "--ulimit", "nproc=4096:4096"],
      ...Object.entries(environment).flatMap(([variable, value]) => ["-e", `${variable}=${value}`]),
      ...service.volumes.flatMap((volume) => ["-v", volume]),
      ...(service.read_only === true ? ["--read-only"] : []),
      ...(service.healthcheck?.disable === true ? ["--no-healthcheck"] : []),
      ...(entrypoint === undefined ? [] : ["--entrypoint", entrypoint]),
      IMAGE,
      ...command.map((part) => part.replace("http://gateway-1:8080", urlOf("gateway-1"))),
    );
    started.push(container(name));
  }

  async function isReady(service: string): Promise<true | undefined> {
    return (await fetch(`${urlOf(service)}/health/ready`).catch(() => null))?.status === 200 ? true : undefined;
  }

  test("two workers, two gateways and the simulator work together, and a worker that ends leaves its machines to the other", {
    timeout: 4 * READY_MS,
  }, async () => {
    expect(OURS.map(([name]) => name)).toEqual(["worker-1", "worker-2", "gateway-1", "gateway-2", "simulator"]);
    for (const [name, service] of OURS) if (name !== "simulator") await start(name, service);
    for (const name of Object.keys(PORTS)) {
      await until(`${name} to be ready`, () => isReady(name), READY_MS);
      // The image's HEALTHCHECK passes, run by the image's user with a read-only root.
      await podman("healthcheck", "run", container(name));
      expect(await podman("exec", container(name), "id", "-u")).toBe("1000");
      const written = await podman("exec", container(name), "touch", "/home/node/x").catch(() => "refused");
      expect([name, written]).toEqual([name, "refused"]);
    }
    for (const [name, service] of OURS) if (name === "simulator") await start(name, service);

    const stored = async (service: string): Promise<number> => {
      const { body } = await getJson<Element[]>(urlOf(service), "/api/v1/kpis?from=now-1h");
      // Of all machines: at night some of them are not planned to run.
      return body.reduce((sum, { components }) => sum + components.runTime, 0);
    };
    for (const service of ["gateway-1", "gateway-2"]) {
      await until(
        `run time of the simulated plant at ${service}`,
        async () => ((await stored(service)) > 0 ? true : undefined),
        READY_MS,
      );
    }

    const seconds = Number.parseInt(compose.services["worker-1"]?.stop_grace_period ?? "", 10);
    await podman("stop", "-t", String(seconds), container("worker-1"));
    expect(await podman("inspect", "--format", "{{.State.ExitCode}}", container("worker-1"))).toBe("0");
    const partitions = async (): Promise<true | undefined> => {
      const { body } = await getJson<{ readonly partitions: number }>(urlOf("worker-2"), "/health/ready");
      return body.partitions === Number(compose.services["worker-2"]?.environment["OEE_PARTITIONS"]) ? true : undefined;
    };
    await until("the other worker to have all partitions", partitions, READY_MS);
    const before = await stored("gateway-2");
    await until("run time to grow", async () => ((await stored("gateway-2")) > before ? true : undefined), READY_MS);
  });
});
