/**
 * docker-compose.yml and deploy/ name what exists: services, volumes, files, commands, options and metrics. The image is
 * built and run by tests/image, send-lines.mjs here.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { collectDefaultMetrics, Registry } from "prom-client";
import { describe, expect, onTestFinished, test } from "vitest";
import { parse } from "yaml";
import { addMetrics } from "../support/metrics.ts";
import { commands } from "./commands.ts";
import { files, ROOT, textOf } from "./repository.ts";

interface Service {
  readonly image?: string;
  readonly build?: { readonly context: string; readonly target: string };
  readonly command?: readonly string[];
  readonly entrypoint?: readonly string[];
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly volumes?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: unknown;
}

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

const compose = parse(textOf("docker-compose.yml"), { merge: true }) as Compose;

describe("docker-compose.yml", () => {
  test("has the parts of a plant that is scaled out", () => {
    expect(Object.keys(compose.services)).toEqual(
      expect.arrayContaining(["kafka", "clickhouse", "worker-1", "worker-2", "gateway-1", "gateway-2", "simulator"]),
    );
  });

  test.each(Object.entries(compose.services))("%s names what exists", async (_, service) => {
    expect(service.image).toBeTypeOf("string");
    const needed = Array.isArray(service.depends_on) ? service.depends_on : Object.keys(service.depends_on ?? {});
    for (const name of needed) expect(compose.services).toHaveProperty([name]);
    for (const volume of service.volumes ?? []) {
      const source = volume.replace(/^\$\{\w+:-([^}]*)\}/, "$1").split(":")[0] ?? "";
      if (source.startsWith(".")) expect(existsSync(join(ROOT, source)), source).toBe(true);
      else expect(compose.volumes).toHaveProperty([source]);
    }
    if (service.build === undefined) return;
    expect(textOf("Dockerfile")).toMatch(new RegExp(`^FROM \\S+ AS ${service.build.target}$`, "m"));
    const known = await commands();
    const name = service.command?.[0] ?? "";
    const command = known.get(name.includes(" simulate ") ? "simulate" : name);
    expect(command, name).toBeDefined();
    const variables = command?.options.map(({ envVar }) => envVar) ?? [];
    const given = Object.keys(service.environment ?? {});
    if (service.entrypoint === undefined) expect(variables).toEqual(expect.arrayContaining(given));
  });

  test("Prometheus asks the processes that there are", () => {
    const { scrape_configs } = parse(textOf("deploy/prometheus/prometheus.yml")) as {
      scrape_configs: { static_configs: { targets: string[] }[] }[];
    };
    const targets = scrape_configs.flatMap((job) => job.static_configs.flatMap((at) => at.targets));
    for (const target of targets) {
      const [host = "", port] = target.split(":");
      expect(compose.services[host]?.environment?.["OEE_PORT"], target).toBe(port);
    }
    expect(targets).toHaveLength(4);
  });
});

test("alerts and the dashboard ask for metrics that exist", () => {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  addMetrics(registry);
  const known = new Set(registry.getMetricsAsArray().map(({ name }) => name));
  const asked = files("deploy/**/*.json", "deploy/**/alerts.yml").flatMap(
    (path) => textOf(path).match(/\b(?:oee_(?:worker|gateway)|process)_[a-z_]+/g) ?? [],
  );
  expect(asked.length).toBeGreaterThan(15);
  expect(asked.filter((name) => !known.has(name.replace(/_(bucket|sum|count)$/, "")))).toEqual([]);
  registry.clear();
});

test("the dashboard names the data sources that are provisioned", () => {
  const { datasources } = parse(textOf("deploy/grafana/provisioning/datasources/open-oee.yml")) as {
    datasources: { uid: string }[];
  };
  const { panels } = JSON.parse(textOf("deploy/grafana/dashboards/open-oee.json")) as {
    panels: { datasource: { uid: string } }[];
  };
  const uids = datasources.map(({ uid }) => uid);
  for (const { datasource } of panels) expect(uids).toContain(datasource.uid);
});

test("the Dockerfile copies what there is", () => {
  const sources = [...textOf("Dockerfile").matchAll(/^COPY (?!--from)(\S+)/gm)].map(([, source = ""]) => source);
  expect(sources.length).toBeGreaterThan(0);
  expect(sources.filter((source) => !existsSync(join(ROOT, source)))).toEqual([]);
});

test("the image runs in production mode, as a user without rights", () => {
  const image = textOf("Dockerfile");
  expect(image).toMatch(/^ENV NODE_ENV=production\b/m);
  expect(image).toMatch(/^USER node$/m);
});

test("the image begins with the command itself, which brings Node's settings with it", () => {
  const [, command = ""] = /^ENTRYPOINT \["\/app\/([^"]+)"\]/m.exec(textOf("Dockerfile")) ?? [];
  expect(statSync(join(ROOT, command)).mode & 0o111).toBe(0o111);
  const [, variables = "", options = ""] =
    /^#!\/usr\/bin\/env -S ((?:\S+=\S+ )+)node (.+)$/m.exec(textOf(command)) ?? [];
  const settings = [...variables.trim().split(" "), ...options.split(" ")];
  expect(settings).toHaveLength(4);
  for (const setting of settings) expect(textOf("docs/production.md")).toContain(`\`${setting}\``);
});

test("send-lines.mjs sends every line, and again what was not taken", async () => {
  const taken: string[] = [];
  let requests = 0;
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (piece: Buffer) => (body += piece.toString("utf8")));
    request.on("end", () => {
      requests++;
      if (requests === 1) response.writeHead(503).end("not yet");
      else {
        taken.push(...body.split("\n"));
        response.writeHead(202).end("{}");
      }
    });
  }).listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const sender = spawn(process.execPath, [join(ROOT, "deploy/send-lines.mjs"), `http://127.0.0.1:${port}`]);
  const lines = Array.from({ length: 100 }, (_, i) => `{"n":${i}}`);
  sender.stdin.end(`${lines.join("\n")}\n`);
  const [code] = (await once(sender, "exit")) as [number];
  expect(code).toBe(0);
  expect(taken).toEqual(lines);
});
