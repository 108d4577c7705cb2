/**
 * `oee gateway` runs API, websocket and dashboards without a worker, beside workers in processes of their own. Any
 * number of gateways may run.
 */
import { systemScheduler } from "@oee/pacing";
import { PlantModel } from "@oee/engine";
import { AuditLog, followLiveTopic } from "@oee/gateway";
import { type Command, Option } from "commander";
import { signInOf } from "../live/access.ts";
import { accessOptions, type AccessSettings, readOnlyOption } from "../live/access-settings.ts";
import { AuditChanges } from "../live/audit-changes.ts";
import { endSoon, loggerOf } from "../live/connections.ts";
import type { NetworkSettings } from "../live/listening.ts";
import { watchPlant } from "../live/plant-watch.ts";
import { OrderlyEnd } from "../live/running.ts";
import { scaleOut } from "../live/scale-out.ts";
import { ShownTopic } from "../live/shown-topic.ts";
import { serveGateway } from "../live/served-gateway.ts";
import {
  alertOptions,
  type AlertSettings,
  applySettingsFile,
  type CommonSettings,
  commonOptions,
  keeperOf,
  networkOptions,
  type ReceiverSettings,
  receiverOptions,
} from "../live/settings.ts";
import { tlsOf } from "../live/tls.ts";
import { plantOfText } from "../plant-reader/read-plant.ts";

interface GatewayCommandSettings
  extends CommonSettings,
    NetworkSettings,
    ReceiverSettings,
    AlertSettings,
    AccessSettings {
  readonly plant?: string;
}

export function define(command: Command): void {
  command
    .description("API, websocket and dashboards alone. Needs --kafka and --clickhouse, which it shares with workers.")
    .addOption(new Option("--plant <file>", "plant file (YAML)").env("OEE_PLANT"));
  accessOptions(alertOptions(receiverOptions(networkOptions(commonOptions(command)))))
    .addOption(readOnlyOption())
    .action(async () => {
      applySettingsFile(command);
      await serve(command.opts<GatewayCommandSettings>());
    });
}

async function serve(asked: GatewayCommandSettings): Promise<void> {
  const end = new OrderlyEnd(asked.endWithin);
  const tls = tlsOf(asked);
  const signIn = await signInOf(asked, loggerOf(asked));
  let { plant, ...begun } = await scaleOut(asked);
  const { plantFile, zones, logger, connections, registry, wait } = begun;
  const settings = await wait.leave(asked);
  const { log, topics, store } = connections;
  const keeper = keeperOf(settings, logger);
  const audit = new AuditLog({ log, topic: topics.audit.name, store, clock: Date.now, logger });
  const changes = settings.readOnly === true ? null : new AuditChanges(audit, logger);
  if (changes !== null) {
    audit.start();
    changes.settings("gateway", { ...asked });
    changes.schema(connections.schema);
    changes.plant(plant, plantFile);
    signIn.tellTo(changes);
  }
  let inForce = { plant, model: new PlantModel(plant) };
  // One that changes nothing does not write there: the machines on its screens are computed as those that nobody is known to show.
  const shownTopic =
    settings.readOnly === true ? null : new ShownTopic({ log, topics, scheduler: systemScheduler(), logger });
  const live = followLiveTopic(log, topics, (machines) => shownTopic?.tell(machines));
  const { ending, url, also } = await serveGateway(settings, connections, signIn, {
    plant: () => inForce,
    parsePlant: (text) => plantOfText(text, zones),
    ...{ live, clock: Date.now, logger, metrics: registry, audit, keeper },
    ...(tls === null ? {} : { tls }),
    readOnly: settings.readOnly === true,
  }).catch(async (error: unknown) => {
    await connections.close();
    throw error;
  });
  const watch = watchPlant(
    plantFile,
    zones,
    logger,
    (changed) => {
      changes?.plant(changed, plantFile);
      plant = changed;
      inForce = { plant, model: new PlantModel(plant) };
    },
    () => undefined,
  );
  logger.info({ zones: inForce.plant.zoneRelease, url, also }, "gateway runs");
  await end.asked;
  endSoon(log);
  await end.inOrder([
    ["the look at the plant file", () => watch.stop()],
    ...ending,
    ["what screens show", () => shownTopic?.close()],
    ["the audit of settings", () => changes?.close()],
    ["the audit", () => audit.close()],
    ["the connections", () => connections.close()],
  ]);
  process.exit(process.exitCode ?? 0);
}
