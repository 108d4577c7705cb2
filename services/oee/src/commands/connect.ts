/**
 * `oee connect`: reads machines by their protocols and sends events to a gateway. What was read and not yet delivered waits
 * on disk, over restarts too.
 */
import { mkdtemp, rm } from "node:fs/promises";
import type { Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Connection, Connector, gatewayReceiver, type Observation } from "@oee/connectors";
import { formatInstant } from "@oee/model";
import { type Command, Option } from "commander";
import pino from "pino";
import { defineBrowse, defineDraft } from "../connect/browse.ts";
import { dataOption } from "../connect/data-option.ts";
import { connectMetrics } from "../connect/metrics.ts";
import { defineProducts } from "../connect/products.ts";
import { connectServer } from "../connect/server.ts";
import { defineTrust } from "../connect/trust.ts";
import { connectionsFromFile } from "../connections-from-file.ts";
import { Failure, reasonOf, UsageError } from "../failure.ts";
import { endInOrder, untilAsked } from "../live/running.ts";
import { wholeNumber } from "../live/settings.ts";
import { plantFromFile } from "../plant-from-file.ts";
import { type ZoneSettings, zoneOption, zonesOf } from "../zone-folder.ts";

interface ConnectOptions extends ZoneSettings {
  readonly connections?: string;
  readonly plant?: string;
  readonly url: string;
  readonly data: string;
  readonly once?: boolean;
  readonly dryRun?: boolean;
  readonly host: string;
  readonly port?: number;
}

const OUTBOX_BYTES_MAX = 1024 ** 3;

export function define(command: Command): void {
  // What follows the name of a subcommand is that one's.
  command
    .enablePositionalOptions()
    .description(
      "Reads machines by their protocols (MQTT, Sparkplug B, OPC UA, MTConnect, Modbus TCP, SHDR, files, HTTP, SQL) and sends events to a gateway.\n" +
        "What was read and is not delivered yet waits on disk, over restarts too.",
    )
    .addOption(new Option("--connections <file>", "connections file (YAML)").env("OEE_CONNECTIONS"))
    .addOption(new Option("--plant <file>", "plant file, to check the machines' names against").env("OEE_PLANT"))
    .addOption(zoneOption())
    .addOption(new Option("--url <url>", "the gateway").env("OEE_URL").default("http://127.0.0.1:8080"))
    .addOption(dataOption())
    .addOption(new Option("--host <address>", "where to listen").env("OEE_CONNECT_HOST").default("127.0.0.1"))
    .addOption(
      new Option("--port <number>", "of /connections, /metrics and /ingest; nothing is served without it")
        .env("OEE_CONNECT_PORT")
        .argParser(wholeNumber(0, 65_535)),
    )
    .option("--dry-run", "prints what was read and the events made of it, and sends nothing")
    .option("--once", "ends when all files and rows that there are were read and delivered")
    .action(run);
  defineTrust(command.command("trust"));
  defineBrowse(command.command("browse"));
  defineDraft(command.command("draft"));
  defineProducts(command.command("products"));
}

async function run(options: ConnectOptions): Promise<void> {
  if (options.connections === undefined) throw new UsageError("expected --connections FILE");
  if (!URL.canParse(options.url))
    throw new UsageError(`--url: found ${JSON.stringify(options.url)}, expected an address`);
  const plant = options.plant === undefined ? null : await plantFromFile(options.plant, zonesOf(options));
  const machines = plant === null ? null : new Set(plant.machines.map(({ id }) => id));
  const connections = await connectionsFromFile(options.connections, machines);
  checkOptions(options, connections);
  const logger = pino(pino.destination({ dest: 2, sync: true }));
  const dry = options.dryRun === true ? await mkdtemp(join(tmpdir(), "oee-connect-dry-")) : null;
  const connector = new Connector({
    connections,
    receiver: dry === null ? gatewayReceiver(new URL(options.url)) : { deliver: () => Promise.resolve([]) },
    folder: options.data,
    outboxBytesMax: OUTBOX_BYTES_MAX,
    clock: Date.now,
    log: (level, message, fields) => logger[level](fields, message),
    ...(dry === null ? {} : { outboxFolder: dry, onMapped: printMapped }),
  });
  const server = options.port === undefined ? null : await listening(connector, options.host, options.port);
  if (server !== null) logger.info({ url: urlOf(options.host, server) }, "listening");
  await (options.once === true ? connector.finished() : untilAsked());
  await endInOrder([
    () => closed(server),
    () => connector.close(),
    () => (dry === null ? Promise.resolve() : rm(dry, { recursive: true, force: true })),
  ]);
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

/** What was read beside what was made of it, a line each. */
function printMapped(observations: readonly Observation[], events: readonly string[]): void {
  for (const { machine, signal, value, quality, at, stamped } of observations) {
    const read = { machine, signal, value, quality, at: formatInstant(at), stamped };
    process.stdout.write(`read  ${JSON.stringify(read)}\n`);
  }
  for (const event of events) process.stdout.write(`event ${event}\n`);
}

async function listening(connector: Connector, host: string, port: number): Promise<Server> {
  const server = connectServer(connector, connectMetrics(connector));
  await new Promise<void>((resolve, reject) => {
    server.once("error", (error) => reject(new Failure(`cannot listen on ${host}:${port}: ${reasonOf(error)}`)));
    server.listen(port, host, resolve);
  });
  return server;
}

function urlOf(host: string, server: Server): string {
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return `http://${host.includes(":") ? `[${host}]` : host}:${port}`;
}

async function closed(server: Server | null): Promise<void> {
  if (server === null) return;
  server.closeIdleConnections();
  await new Promise((resolve) => server.close(resolve));
}
