/**
 * `oee start`: everything in one process: worker, gateway and dashboards, on the embedded log and store or on those
 * named. Stopping keeps everything; starting again goes on.
 */
import { existsSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { PlantModel } from "@oee/engine";
import type { PlantInForce, ReadinessCheck } from "@oee/gateway";
import type { Plant, ZoneDatabase } from "@oee/model";
import { systemScheduler } from "@oee/pacing";
import type { LiveSink, LiveSource } from "@oee/protocol";
import { demoEntries, demoFormerPlant, demoReview, demoStory } from "@oee/simulator";
import { type Command, Option } from "commander";
import type { Logger } from "pino";
import type { Connecting, ConnectingOptions } from "../connect/connecting.ts";
import { decoderOf, logReceiver } from "../connect/log-receiver.ts";
import { connectMetrics } from "../connect/metrics.ts";
import { connectRoutes } from "../connect/server.ts";
import { UsageError } from "../failure.ts";
import { signInOf } from "../live/access.ts";
import { accessOptions, type AccessSettings } from "../live/access-settings.ts";
import { processClock } from "../live/clock.ts";
import { connect, type Connections, endSoon, loggerOf, usesDataFolder } from "../live/connections.ts";
import { postingTo } from "../live/demo-entries.ts";
import { restateByFormerPlant } from "../live/former-plant.ts";
import type { NetworkSettings } from "../live/listening.ts";
import { LiveBus } from "../live/live-bus.ts";
import { LiveTopicSink } from "../live/live-topic.ts";
import { logMetrics } from "../live/log-metrics.ts";
import { ShownTopic } from "../live/shown-topic.ts";
import { PlantWorker } from "../live/plant-worker.ts";
import { assertFree } from "../live/port.ts";
import { newRegistry } from "../live/process-metrics.ts";
import { type Ending, OrderlyEnd } from "../live/running.ts";
import {
  alertOptions,
  type AlertSettings,
  applySettingsFile,
  type CommonSettings,
  commonOptions,
  type IntakeSettings,
  intakeOptions,
  keeperOf,
  networkOptions,
  retentionOptions,
} from "../live/settings.ts";
import { serveGateway } from "../live/served-gateway.ts";
import { storedPartsCheck } from "../live/stored-parts.ts";
import { fillPast, type SimulatedPast } from "../live/simulated-past.ts";
import { type SimulatorFeed, startSimulator } from "../live/simulator-feed.ts";
import { presentReview } from "../live/present-review.ts";
import { tlsOf } from "../live/tls.ts";
import { StartWait } from "../live/start-wait.ts";
import { durationOption, factorOption } from "../option-values.ts";
import { demoPlantFile, plantFromFile } from "../plant-from-file.ts";
import { plantOfText } from "../plant-reader/read-plant.ts";
import { counted } from "../output/for-people.ts";
import { VERSION } from "../version.ts";
import { zonesOf } from "../zone-folder.ts";

interface StartSettings extends CommonSettings, NetworkSettings, IntakeSettings, AlertSettings, AccessSettings {
  readonly plant?: string;
  readonly connections?: string;
  readonly simulate?: boolean;
  readonly speed: number;
  readonly seed: string;
  readonly simulatedPast?: number;
}

/** A demo plant that is new has a shift behind it at once, so that there is something to see. */
const SHIFT_MS = 8 * 3_600_000;
/** And a year in the background, unless said otherwise. */
const DEMO_PAST_MS = 366 * 86_400_000;
const SAVE_CLOCK_EVERY_MS = 5_000;

export function define(command: Command): void {
  command
    .description(
      "Runs everything in one process: worker, gateway and dashboards. Without --plant it is a demo plant, simulated.",
    )
    .addOption(new Option("--plant <file>", "plant file (YAML) (default: a demo plant)").env("OEE_PLANT"))
    .addOption(
      new Option("--connections <file>", "connections file (YAML): the plant's machines by their protocols").env(
        "OEE_CONNECTIONS",
      ),
    )
    .addOption(new Option("--simulate", "simulate the plant's machines").env("OEE_SIMULATE"))
    .addOption(
      new Option("--speed <factor>", "simulated per real seconds").env("OEE_SPEED").argParser(factorOption).default(1),
    )
    .addOption(new Option("--seed <text>", "of the simulation").env("OEE_SEED").default("1"))
    .addOption(
      new Option(
        "--simulated-past <duration>",
        "history of a simulated plant whose data folder is new (default: 366d of the demo plant, else none)",
      )
        .env("OEE_SIMULATED_PAST")
        .argParser(durationOption),
    );
  const all = retentionOptions(alertOptions(intakeOptions(networkOptions(commonOptions(command)))), true);
  accessOptions(all).action(async () => {
    applySettingsFile(command);
    await start(command.opts<StartSettings>());
  });
}

async function start(asked: StartSettings): Promise<void> {
  const end = new OrderlyEnd(asked.endWithin);
  let settings = asked;
  const demo = settings.plant === undefined;
  const plantFile = settings.plant ?? demoPlantFile();
  const simulated = demo || settings.simulate === true;
  const { connections: connectionsFile } = settings;
  if (simulated && connectionsFile !== undefined) {
    throw new UsageError("--connections: expected --plant, and no --simulate: its machines are real");
  }
  const zones = zonesOf(settings);
  // No other name holds on to a plant, nor a call made here: it would keep it when the file has changed.
  let inForce = await inForceFrom(plantFile, zones);
  const logger = loggerOf(settings);
  const keeper = keeperOf(settings, logger);
  const data = resolve(settings.data);
  const isNew = !existsSync(data) || readdirSync(data).length === 0;
  const tls = tlsOf(settings);
  const signIn = await signInOf(settings, logger);
  const clock = processClock(usesDataFolder(settings) ? data : null, simulated ? settings.speed : 1);
  await assertFree(settings.host, settings.port);
  const wait = new StartWait(settings, logger);
  const connections = await wait.until(() => connect(settings, logger, clock.now));
  const closing: Ending = ["the connections", () => connections.close()];
  const { log, topics, store } = connections;

  const registry = newRegistry();
  logMetrics(log, registry);
  const { live, shown, stop: stopTelling } = livePaths(connections, settings.kafka !== undefined, logger);
  const running = new PlantWorker({
    ...{ command: "start", settings: asked, plantFile, plant: inForce.plant, zones, connections, live },
    ...{ clock: clock.now, logger, registry },
  });
  const storedParts = await storedPartsCheck(store, logger);
  signIn.tellTo(running.changes);
  await running.start(wait);
  settings = await wait.leave(settings);
  let feeding = simulated;
  let past: SimulatedPast | null = null;

  const limits = { maxFutureMs: settings.maxFuture, maxPastMs: settings.maxPast };
  const connecting: Connecting | null =
    connectionsFile === undefined
      ? null
      : await connectMachines(connectionsFile, () => inForce.plant, {
          receiver: logReceiver({
            log,
            topic: topics.events.name,
            decoder: decoderOf(() => inForce.plant, limits),
            clock: clock.now,
          }),
          folder: join(data, "connect"),
          logger,
        }).catch(async (error: unknown) => {
          await end.inOrder([...running.ending, closing]);
          throw error;
        });
  if (connecting !== null) connectMetrics(connecting, registry);

  const serving = serveGateway(settings, connections, signIn, {
    plant: () => inForce,
    parsePlant: (text) => plantOfText(text, zones),
    ...{ live: shown, clock: clock.now, logger, metrics: registry, audit: running.audit, keeper },
    ...(tls === null ? {} : { tls }),
    others: connecting === null ? [] : connectRoutes(connecting.connector),
    readiness: () => {
      const checks: ReadinessCheck[] = [...running.checks(), storedParts()];
      if (feeding) {
        checks.push({
          ...{ name: "simulation", ok: false, detail: "its history is on the way" },
          ...{ computing: true, progress: { code: "simulation" } },
        });
      }
      const onItsWay = past?.note() ?? null;
      if (onItsWay !== null) checks.push({ name: "simulated past", ok: true, computing: true, ...onItsWay });
      return checks;
    },
  });
  const { gateway, url, also, ending } = await serving.catch(async (error: unknown) => {
    await end.inOrder([["the connector", () => connecting?.close()], ...running.ending, closing]);
    throw error;
  });
  running.watch((changed) => {
    inForce = inForceOf(changed);
  });
  const pastMs = settings.simulatedPast ?? (demo ? DEMO_PAST_MS : 0);
  const begins = clock.now();
  const from = begins - (isNew && simulated && (demo || pastMs > 0) ? Math.min(SHIFT_MS, pastMs) : 0);
  const feed: SimulatorFeed | null = simulated
    ? startSimulator(inForce.plant, { seed: settings.seed, from, clock: clock.now }, log, topics, logger)
    : null;
  const post = postingTo(gateway);
  void feed?.caughtUp.then(() => {
    feeding = false;
    if (!usesDataFolder(settings)) return;
    past = fillPast(isNew ? { from: begins - pastMs, to: from } : null, {
      plant: inForce.plant,
      seed: settings.seed,
      ...(demo
        ? { story: demoStory(begins), entries: pastMs < DEMO_PAST_MS ? [] : demoEntries(begins) }
        : { story: null, entries: [] }),
      ...{ data, log, topics, logger },
      behind: () => running.worker.status(),
      enter: (entry) => post("/api/v1/entries", entry),
      leave: async () => gateway.people?.leave(),
      ...(demo && pastMs >= DEMO_PAST_MS
        ? {
            present: () => presentReview(demoReview(begins), post),
            restate: (since, signal) => {
              const { audit } = running;
              const former = demoFormerPlant(begins);
              return restateByFormerPlant(since, { plantFile, zones, former, store, audit, signal });
            },
          }
        : {}),
    });
  });
  let unsaved: string | null = null;
  const saveClock = (): void => {
    const why = clock.save();
    if (why !== null && why !== unsaved) logger.warn({ why }, "where the simulated clock is cannot be kept");
    unsaved = why;
  };
  const saving = setInterval(saveClock, SAVE_CLOCK_EVERY_MS);

  process.stdout.write(
    [
      `Open OEE ${VERSION}: ${counted(inForce.plant.machines.length, "machine")} of ${inForce.plant.name}${simulated ? ", simulated" : ""}${settings.speed === 1 ? "" : `, ${settings.speed} times as fast as life`}`,
      `  wall     ${url}/wall`,
      `  desk     ${url}/review`,
      `  API      ${url}/api/docs`,
      ...(also.length === 0 ? [] : [`  also at  ${also.join("  ")}`]),
      `  plant    ${plantFile}`,
      ...(connectionsFile === undefined ? [] : [`  machines ${connectionsFile}, seen at ${url}/connections`]),
      `  zones    IANA ${inForce.plant.zoneRelease}`,
      `  log      ${connections.logName}`,
      `  store    ${connections.storeName}`,
      `  sign-in  ${signIn.options === null ? "none: whoever reaches it may do everything (--users)" : "on"}`,
      ...(isNew && pastMs > SHIFT_MS && simulated
        ? [
            `  past     ${Math.round(pastMs / 86_400_000)} days, simulated in the background: newest weeks first, all of it in some minutes`,
          ]
        : []),
      "Ctrl-C ends it; all is kept, and the next start goes on.",
      "",
    ].join("\n"),
  );

  await end.asked;
  endSoon(log);
  clearInterval(saving);
  process.stdout.write("Ending …\n");
  await end.inOrder([
    ["the simulated past", () => past?.stop()],
    ["the simulation", () => feed?.stop()],
    ...ending,
    ["the connector", () => connecting?.close()],
    ...running.ending,
    ["what screens show", stopTelling],
    closing,
    ["the simulated clock", saveClock],
  ]);
  // Native parts of the store may keep the process alive.
  process.exit(process.exitCode ?? 0);
}

interface LivePaths {
  /** What the worker of this process writes to. */
  readonly live: LiveSink;
  /** What the gateway of this process reads. */
  readonly shown: LiveSource;
  readonly stop: () => Promise<void>;
}

/**
 * How live records go from the worker to the gateway of this process, and what the gateway's screens show back to the worker. On
 * Kafka both also go to other processes by topics; an embedded log has no other processes.
 */
function livePaths({ log, topics }: Connections, onKafka: boolean, logger: Logger): LivePaths {
  const bus = new LiveBus(!onKafka);
  if (!onKafka) return { live: bus, shown: bus, stop: async () => {} };
  const topic = new LiveTopicSink(log, topics, logger);
  const shownTopic = new ShownTopic({ log, topics, scheduler: systemScheduler(), logger });
  const unfollow = shownTopic.follow((machines) => bus.othersShow(machines));
  return {
    live: {
      publish: (records) => {
        bus.publish(records);
        topic.publish(records);
      },
      // Not on the topic: gateways that read it find there what was published before.
      recall: (records) => bus.recall(records),
      // Screens of gateways elsewhere do not say when they take a record, so there is no `onTaking`.
      onShown: (listener) => bus.onShown(listener),
    },
    shown: {
      subscribe: (listener) => bus.subscribe(listener),
      show: (machines) => {
        bus.show(machines);
        shownTopic.tell(machines);
      },
      taking: (machine) => bus.taking(machine),
      onWaiting: (listener) => bus.onWaiting(listener),
    },
    stop: async () => {
      unfollow();
      await shownTopic.close();
    },
  };
}

async function inForceFrom(file: string, zones: ZoneDatabase): Promise<PlantInForce> {
  return inForceOf(await plantFromFile(file, zones));
}

function inForceOf(plant: Plant): PlantInForce {
  return { plant, model: new PlantModel(plant) };
}

/** Protocols are loaded only where machines are connected: their modules are a fifth of all. Throws `Failure`. */
async function connectMachines(
  file: string,
  plant: () => Plant,
  options: Pick<ConnectingOptions, "receiver" | "folder" | "logger">,
): Promise<Connecting> {
  const { startConnecting } = await import("../connect/connecting.ts");
  const { connectionsFromFile } = await import("../connections-from-file.ts");
  const load = (): ReturnType<typeof connectionsFromFile> =>
    connectionsFromFile(file, new Set(plant().machineById.keys()));
  return startConnecting({ ...options, file, load, plant });
}
