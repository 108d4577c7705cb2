/** `oee gateway`: API, websocket and dashboards alone, beside workers in processes of their own. Any number of them. */
import { PlantModel } from "@oee/engine";
import { buildGateway, followLiveTopic } from "@oee/gateway";
import { type Command, Option } from "commander";
import { Failure, reasonOf } from "../failure.ts";
import { signInOf } from "../live/access.ts";
import { accessOptions, type AccessSettings, readOnlyOption } from "../live/access-settings.ts";
import { loggerOf } from "../live/connections.ts";
import { dashboardsFolder } from "../live/dashboards-folder.ts";
import { allowedHostsOf, portOf, urlOf } from "../live/listening.ts";
import { watchPlant } from "../live/plant-watch.ts";
import { endInOrder, untilAsked } from "../live/running.ts";
import { scaleOut } from "../live/scale-out.ts";
import {
  alertOptions,
  type AlertSettings,
  applySettingsFile,
  type CommonSettings,
  commonOptions,
  keeperOf,
  type NetworkSettings,
  networkOptions,
  type ReceiverSettings,
  receiverOptions,
} from "../live/settings.ts";
import { redirectServer, renewTls, tlsOf } from "../live/tls.ts";
import { VERSION } from "../version.ts";

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
  const tls = tlsOf(asked);
  const signIn = await signInOf(asked, loggerOf(asked));
  const { plantFile, plant, zones, logger, connections, registry, wait } = await scaleOut(asked);
  const settings = await wait.leave(asked);
  const { log, topics, store } = connections;
  const keeper = keeperOf(settings, logger);
  let inForce = { plant, model: new PlantModel(plant) };
  const live = followLiveTopic(log, topics);
  const dashboards = dashboardsFolder();
  const gateway = await buildGateway({
    plant: () => inForce,
    store,
    log,
    topics,
    live,
    clock: Date.now,
    logger,
    metrics: registry,
    version: VERSION,
    allowedHosts: allowedHostsOf(settings),
    keeper,
    ...(signIn.options === null ? {} : { access: signIn.options }),
    ...(tls === null ? {} : { tls }),
    trustProxy: settings.trustProxy ?? [],
    readOnly: settings.readOnly === true,
    limits: { maxFutureMs: settings.maxFuture, maxPastMs: settings.maxPast },
    ...(dashboards === undefined ? {} : { dashboards }),
  });
  try {
    await gateway.listen({ host: settings.host, port: settings.port });
  } catch (error) {
    await connections.close();
    throw new Failure(`cannot listen on ${settings.host}:${settings.port}: ${reasonOf(error)}`, { cause: error });
  }
  const stopRenewing = renewTls(gateway.server, settings, logger);
  const redirecting = await redirectServer(settings, portOf(settings, gateway.server));
  const watch = watchPlant(
    plantFile,
    zones,
    logger,
    (changed) => {
      inForce = { plant: changed, model: new PlantModel(changed) };
    },
    () => undefined,
  );
  logger.info({ zones: inForce.plant.zoneRelease, url: urlOf(settings, gateway.server, tls !== null) }, "gateway runs");
  await untilAsked();
  await endInOrder([
    () => watch.stop(),
    stopRenewing,
    () => void redirecting?.close(),
    () => signIn.stop(),
    () => gateway.close(),
    () => connections.close(),
  ]);
  process.exit(process.exitCode ?? 0);
}
