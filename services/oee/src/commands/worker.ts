/** `oee worker`: the stream worker alone: log → engine → store and live. Any number of them share the machines. */
import { createServer } from "node:http";
import { Strangers } from "@oee/gateway";
import { systemScheduler } from "@oee/pacing";
import { Worker, workerMetrics } from "@oee/worker";
import { type Command, Option } from "commander";
import type { Registry } from "prom-client";
import { Failure } from "../failure.ts";
import { allowedHostsOf, urlOf } from "../live/listening.ts";
import { LiveTopicSink } from "../live/live-topic.ts";
import { ClosedTime } from "../live/closed-time.ts";
import { PlantTakenUp } from "../live/plant-taken-up.ts";
import { watchPlant } from "../live/plant-watch.ts";
import { endInOrder, untilAsked } from "../live/running.ts";
import { scaleOut } from "../live/scale-out.ts";
import {
  applySettingsFile,
  type CommonSettings,
  commonOptions,
  type NetworkSettings,
  type IntakeSettings,
  intakeOptions,
  networkOptions,
  retentionOptions,
  workerSettings,
} from "../live/settings.ts";

interface WorkerCommandSettings extends CommonSettings, NetworkSettings, IntakeSettings {
  readonly plant?: string;
}

export function define(command: Command): void {
  command
    .description("The stream worker alone. Needs --kafka and --clickhouse, which it shares with gateways.")
    .addOption(new Option("--plant <file>", "plant file (YAML)").env("OEE_PLANT"));
  retentionOptions(intakeOptions(networkOptions(commonOptions(command), 9464)), true).action(async () => {
    applySettingsFile(command);
    await work(command.opts<WorkerCommandSettings>());
  });
}

async function work(asked: WorkerCommandSettings): Promise<void> {
  const { plantFile, plant, zones, logger, connections, registry, wait } = await scaleOut(asked);
  const { log, topics, store } = connections;
  const metrics = workerMetrics(registry);
  const live = new LiveTopicSink(log, topics, logger);
  let inForce = plant;
  const closedTime = new ClosedTime(log, topics, () => inForce);
  const worker = new Worker({
    refusalOfClosed: (correction) => closedTime.refusalOf(correction),
    log,
    topics,
    store,
    plant,
    live,
    scheduler: systemScheduler(),
    logger,
    metrics,
    settings: workerSettings(asked),
  });
  const takenUp = new PlantTakenUp({ file: plantFile, log, topics, store, clock: Date.now, logger, registry });
  await takenUp.take(plant);
  await wait.until(() => closedTime.ready());
  await wait.until(() => worker.start());
  const settings = await wait.leave(asked);
  const watch = watchPlant(
    plantFile,
    zones,
    logger,
    (changed) => {
      inForce = changed;
      void takenUp.take(changed);
      worker.setPlant(changed);
    },
    () => metrics.plantRefused.inc(),
  );
  const strangers = new Strangers(allowedHostsOf(settings));
  const server = createServer((request, response) => {
    if (strangers.knowsHost(request.headers)) return void answer(request.url ?? "", worker, registry, response);
    response.statusCode = 421;
    response.end("OEE_HTTP_UNKNOWN_HOST: expected an IP address, localhost, or a name that --allowed-hosts lists\n");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(new Failure(`cannot listen: ${error.message}`, { cause: error })));
    server.listen(settings.port, settings.host, resolve);
  });
  logger.info(
    { machines: plant.machines.length, zones: plant.zoneRelease, url: urlOf(settings, server) },
    "worker runs",
  );
  await untilAsked();
  await endInOrder([
    () => watch.stop(),
    () => takenUp.close(),
    () => worker.close(),
    () => closedTime.close(),
    () => connections.close(),
    () => void server.close(),
  ]);
  process.exit(process.exitCode ?? 0);
}

async function answer(
  path: string,
  worker: Worker,
  registry: Registry,
  response: import("node:http").ServerResponse,
): Promise<void> {
  const status = worker.status();
  if (path === "/metrics") response.setHeader("content-type", registry.contentType).end(await registry.metrics());
  else if (path === "/health/live") response.end("alive\n");
  else if (path === "/health/ready") {
    response.statusCode = status.ready ? 200 : 503;
    response.setHeader("content-type", "application/json").end(`${JSON.stringify(status)}\n`);
  } else {
    response.statusCode = 404;
    response.end("found no such path, expected /metrics, /health/live or /health/ready\n");
  }
}
