/**
 * `oee worker` runs the stream worker alone: log → engine → store and live records. Any number of workers share the
 * machines.
 */
import { systemScheduler } from "@oee/pacing";
import type { LiveSink } from "@oee/protocol";
import { createServer } from "node:http";
import { Strangers } from "@oee/gateway";
import type { Worker } from "@oee/worker";
import { type Command, Option } from "commander";
import type { Registry } from "prom-client";
import { Failure } from "../failure.ts";
import { endSoon } from "../live/connections.ts";
import { allowedHostsOf, urlsOf, type NetworkSettings } from "../live/listening.ts";
import { CHALLENGE, checkGuarded, guardOptions, type GuardSettings, mayAsk } from "../live/guarded.ts";
import { LiveTopicSink } from "../live/live-topic.ts";
import { ShownTopic } from "../live/shown-topic.ts";
import { PlantWorker } from "../live/plant-worker.ts";
import { OrderlyEnd } from "../live/running.ts";
import { scaleOut } from "../live/scale-out.ts";
import {
  applySettingsFile,
  type CommonSettings,
  commonOptions,
  type IntakeSettings,
  intakeOptions,
  networkOptions,
  retentionOptions,
} from "../live/settings.ts";

interface WorkerCommandSettings extends CommonSettings, NetworkSettings, IntakeSettings, GuardSettings {
  readonly plant?: string;
}

export function define(command: Command): void {
  command
    .description("The stream worker alone. Needs --kafka and --clickhouse, which it shares with gateways.")
    .addOption(new Option("--plant <file>", "plant file (YAML)").env("OEE_PLANT"));
  guardOptions(retentionOptions(intakeOptions(networkOptions(commonOptions(command), 9464)), true)).action(async () => {
    applySettingsFile(command);
    await work(command.opts<WorkerCommandSettings>());
  });
}

async function work(asked: WorkerCommandSettings): Promise<void> {
  checkGuarded(asked.host, asked);
  const end = new OrderlyEnd(asked.endWithin);
  let { plant, ...begun } = await scaleOut(asked);
  const { plantFile, zones, logger, connections, registry, wait } = begun;
  const { log, topics } = connections;
  const topic = new LiveTopicSink(log, topics, logger);
  const shownTopic = new ShownTopic({ log, topics, scheduler: systemScheduler(), logger });
  const live: LiveSink = {
    publish: (records) => topic.publish(records),
    onShown: (listener) => {
      listener({ machines: new Set(), complete: false });
      return shownTopic.follow((machines) => listener({ machines, complete: false }));
    },
  };
  const running = new PlantWorker({
    ...{ command: "worker", settings: asked, plantFile, plant, zones, connections, live, logger, registry },
    clock: Date.now,
  });
  await running.start(wait);
  const settings = await wait.leave(asked);
  running.watch((changed) => {
    plant = changed;
  });
  const strangers = new Strangers(allowedHostsOf(settings));
  const server = createServer((request, response) => {
    if (strangers.knowsHost(request.headers)) {
      const sees = mayAsk(request.headers, asked);
      return void answer(request.url ?? "", running.worker, registry, sees, response);
    }
    response.statusCode = 421;
    response.end("OEE_HTTP_UNKNOWN_HOST: expected an IP address, localhost, or a name that --allowed-hosts lists\n");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(new Failure(`cannot listen: ${error.message}`, { cause: error })));
    server.listen(settings.port, settings.host, resolve);
  });
  const [url, ...also] = urlsOf(settings, server);
  logger.info({ machines: plant.machines.length, zones: plant.zoneRelease, url, also }, "worker runs");
  await end.asked;
  endSoon(log);
  await end.inOrder([
    ...running.ending,
    ["what screens show", () => shownTopic.close()],
    ["the connections", () => connections.close()],
    ["the server", () => void server.close()],
  ]);
  process.exit(process.exitCode ?? 0);
}

async function answer(
  path: string,
  worker: Worker,
  registry: Registry,
  sees: boolean,
  response: import("node:http").ServerResponse,
): Promise<void> {
  const status = worker.status();
  if (path === "/metrics" && !sees) {
    response.writeHead(401, CHALLENGE).end("expected the token of --listen-token (Authorization: Bearer …)\n");
  } else if (path === "/metrics")
    response.setHeader("content-type", registry.contentType).end(await registry.metrics());
  else if (path === "/health/live") response.end("alive\n");
  else if (path === "/health/ready") {
    response.statusCode = status.ready ? 200 : 503;
    // The rest names machines, and what does not answer.
    const shown = sees ? status : { ready: status.ready };
    response.setHeader("content-type", "application/json").end(`${JSON.stringify(shown)}\n`);
  } else {
    response.statusCode = 404;
    response.end("found no such path, expected /metrics, /health/live or /health/ready\n");
  }
}
