/**
 * `oee connect`: reads machines by their protocols and sends events to a gateway, or to Kafka. What was read and not yet delivered
 * waits on disk, over restarts too.
 */
import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { type Connection, gatewayReceiver, type Receiver } from "@oee/connectors";
import { allTopics, topics } from "@oee/event-log";
import type { Plant } from "@oee/model";
import { WORKER_DEFAULTS } from "@oee/worker/settings";
import { type Command, Option } from "commander";
import pino, { type Logger } from "pino";
import { defineBrowse, defineDraft } from "../connect/browse.ts";
import { type Connecting, startConnecting } from "../connect/connecting.ts";
import { dataOption } from "../connect/data-option.ts";
import { decoderOf, logReceiver } from "../connect/log-receiver.ts";
import { printMapped } from "../connect/print-mapped.ts";
import { connectMetrics } from "../connect/metrics.ts";
import { defineProducts } from "../connect/products.ts";
import { defineRecord, defineReplay } from "../connect/recording.ts";
import { defineResults } from "../connect/results.ts";
import { connectServer } from "../connect/server.ts";
import { defineTrust } from "../connect/trust.ts";
import { connectionsFromFile } from "../connections-from-file.ts";
import { Failure, reasonOf, UsageError } from "../failure.ts";
import { endSoon, openLog } from "../live/connections.ts";
import { makeDataFolder } from "../live/data-folder.ts";
import { checkGuarded, guardOptions, type GuardSettings } from "../live/guarded.ts";
import { urlsOf } from "../live/listening.ts";
import { watchPlant } from "../live/plant-watch.ts";
import { type EndSettings, endWithinOption, OrderlyEnd } from "../live/running.ts";
import { kafkaOptions, type LogSettings } from "../live/settings.ts";
import { wholeNumber } from "../live/whole-number.ts";
import { plantFromFile } from "../plant-from-file.ts";
import { type ZoneSettings, zoneOption, zonesOf } from "../zone-folder.ts";

interface ConnectOptions extends ZoneSettings, LogSettings, GuardSettings, EndSettings {
  readonly connections?: string;
  readonly plant?: string;
  readonly url?: string;
  readonly token?: string;
  readonly data: string;
  readonly once?: boolean;
  readonly dryRun?: boolean;
  readonly host: string;
  readonly port?: number;
  readonly allowedHosts?: readonly string[];
}

const URL_DEFAULT = "http://127.0.0.1:8080";

export function define(command: Command): void {
  // What follows the name of a subcommand is that one's.
  guardOptions(kafkaOptions(command))
    .enablePositionalOptions()
    .description(
      "Reads machines by their protocols (MQTT, Sparkplug B, OPC UA, MTConnect, Modbus TCP, SHDR, files, HTTP, SQL) and sends events to a gateway, or to Kafka.\n" +
        "What was read and is not delivered yet waits on disk, over restarts too.",
    )
    .addOption(new Option("--connections <file>", "connections file (YAML)").env("OEE_CONNECTIONS"))
    .addOption(new Option("--plant <file>", "plant file, to check the machines' names against").env("OEE_PLANT"))
    .addOption(zoneOption())
    .addOption(new Option("--url <url>", `the gateway (default: ${URL_DEFAULT})`).env("OEE_URL"))
    .addOption(
      new Option("--token <text>", "for a gateway at which people sign in; better as environment variable").env(
        "OEE_CONNECT_TOKEN",
      ),
    )
    .addOption(dataOption())
    .addOption(new Option("--host <address>", "where to listen").env("OEE_CONNECT_HOST").default("127.0.0.1"))
    .addOption(
      new Option("--port <number>", "of /connections, /metrics and /ingest; nothing is served without it")
        .env("OEE_CONNECT_PORT")
        .argParser(wholeNumber(0, 65_535)),
    )
    .addOption(
      new Option("--allowed-hosts <names>", "names it may be called by, a,b besides IP addresses; * for any")
        .env("OEE_ALLOWED_HOSTS")
        .argParser((text) => text.split(",").map((name) => name.trim())),
    )
    .addOption(endWithinOption())
    .option("--dry-run", "prints what was read and the events made of it, and sends nothing")
    .option("--once", "ends when all files and rows that there are were read and delivered")
    .action(run);
  defineTrust(command.command("trust"));
  defineBrowse(command.command("browse"));
  defineDraft(command.command("draft"));
  defineProducts(command.command("products"));
  defineRecord(command.command("record"));
  defineReplay(command.command("replay"));
  defineResults(command.command("results"));
}

async function run(options: ConnectOptions): Promise<void> {
  const { connections: file } = options;
  if (file === undefined) throw new UsageError("expected --connections FILE");
  const end = new OrderlyEnd(options.endWithin);
  const logger = pino(pino.destination({ dest: 2, sync: true }));
  if (options.port !== undefined) checkGuarded(options.host, options);
  const zones = zonesOf(options);
  let plant = options.plant === undefined ? null : await plantFromFile(options.plant, zones);
  const load = async (): Promise<readonly Connection[]> => {
    const machines = plant === null ? null : new Set(plant.machineById.keys());
    const connections = await connectionsFromFile(file, machines);
    checkOptions(options, connections);
    return connections;
  };
  await load();
  const dry = options.dryRun === true ? await mkdtemp(join(tmpdir(), "oee-connect-dry-")) : null;
  const target = dry === null ? await targetOf(options, () => plant, logger) : NOWHERE;
  const watch =
    options.plant === undefined
      ? null
      : watchPlant(
          options.plant,
          zones,
          logger,
          (changed) => void (plant = changed),
          () => {},
        );
  if (dry === null) makeDataFolder(options.data);
  const connecting = await startConnecting({
    file,
    load,
    plant: () => plant,
    receiver: target.receiver,
    folder: options.data,
    logger,
    ...(dry === null ? {} : { outboxFolder: dry, onMapped: printMapped }),
  });
  const server = options.port === undefined ? null : await listening(connecting, options, options.port);
  if (server !== null) {
    const [url, ...also] = urlsOf({ host: options.host, port: 0 }, server);
    logger.info({ url, also }, "listening");
  }
  await (options.once === true ? Promise.race([connecting.connector.finished(), end.asked]) : end.asked);
  target.endSoon();
  await end.inOrder([
    ["the look at the plant file", () => watch?.stop()],
    ["the server", () => closed(server)],
    ["the connector", () => connecting.close()],
    ["the connections", () => target.close()],
    ["the folder of a dry run", () => (dry === null ? undefined : rm(dry, { recursive: true, force: true }))],
  ]);
}

interface Target {
  readonly receiver: Receiver;
  /** The process is told to end. */
  endSoon(): void;
  close(): Promise<void>;
}

const NOTHING = { endSoon: () => undefined, close: () => Promise.resolve() };
const NOWHERE: Target = { receiver: { deliver: () => Promise.resolve([]) }, ...NOTHING };

/** Throws `UsageError` or `Failure`. */
async function targetOf(options: ConnectOptions, plant: () => Plant | null, logger: Logger): Promise<Target> {
  const { kafka, url, token = null, topicPrefix, partitions } = options;
  if (kafka === undefined) {
    const address = url ?? URL_DEFAULT;
    if (!URL.canParse(address)) throw new UsageError(`--url: found ${JSON.stringify(address)}, expected an address`);
    return { receiver: gatewayReceiver(new URL(address), token), ...NOTHING };
  }
  if (url !== undefined) throw new UsageError("expected --url or --kafka, found both");
  try {
    const log = await openLog(options, options.data, logger, Date.now);
    const of = topics(topicPrefix, partitions);
    await log.ensureTopics(allTopics(of));
    const decoder = decoderOf(plant, WORKER_DEFAULTS);
    const receiver = logReceiver({ log, topic: of.events.name, decoder, clock: Date.now });
    return { receiver, endSoon: () => endSoon(log), close: () => log.close() };
  } catch (error) {
    throw error instanceof UsageError ? error : new Failure(`Kafka at ${kafka}: ${reasonOf(error)}`, { cause: error });
  }
}

function checkOptions({ once, port, dryRun }: ConnectOptions, connections: readonly Connection[]): void {
  const endless = connections.find(({ protocol }) => !["files", "sql"].includes(protocol.name));
  if (once === true && endless !== undefined) {
    throw new UsageError(
      `--once: expected files and sql alone, found ${endless.name}, which is ${endless.protocol.name}`,
    );
  }
  const served = connections.find(({ protocol }) => protocol.name === "http");
  if (port === undefined && served !== undefined && dryRun !== true) {
    throw new UsageError(`expected --port, for ${served.name} is sent to by HTTP`);
  }
}

async function listening(connecting: Connecting, options: ConnectOptions, port: number): Promise<Server> {
  const { host, allowedHosts = [] } = options;
  const names = [hostname(), ...allowedHosts];
  const server = connectServer(connecting.connector, connectMetrics(connecting), names, options);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(new Failure(`cannot listen on ${host}:${port}: ${reasonOf(error)}`)));
    server.listen(port, host, resolve);
  });
  return server;
}

async function closed(server: Server | null): Promise<void> {
  if (server === null) return;
  server.closeIdleConnections();
  await new Promise((resolve) => server.close(resolve));
}
