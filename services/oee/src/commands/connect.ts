/**
 * `oee connect`: reads machines by their protocols and sends events to a gateway. What was read and not yet delivered waits
 * on disk, over restarts too.
 */
import { Connector, gatewayReceiver } from "@oee/connectors";
import { type Command, Option } from "commander";
import pino from "pino";
import { dataOption } from "../connect/data-option.ts";
import { defineTrust } from "../connect/trust.ts";
import { connectionsFromFile } from "../connections-from-file.ts";
import { UsageError } from "../failure.ts";
import { endInOrder, untilAsked } from "../live/running.ts";
import { plantFromFile } from "../plant-from-file.ts";
import { type ZoneSettings, zoneOption, zonesOf } from "../zone-folder.ts";

interface ConnectOptions extends ZoneSettings {
  readonly connections?: string;
  readonly plant?: string;
  readonly url: string;
  readonly data: string;
  readonly once?: boolean;
}

const OUTBOX_BYTES_MAX = 1024 ** 3;

export function define(command: Command): void {
  command
    .description(
      "Reads machines by their protocols (MQTT, Sparkplug B, OPC UA, Modbus TCP, SHDR, files) and sends events to a gateway.\n" +
        "What was read and is not delivered yet waits on disk, over restarts too.",
    )
    .addOption(new Option("--connections <file>", "connections file (YAML)").env("OEE_CONNECTIONS"))
    .addOption(new Option("--plant <file>", "plant file, to check the machines' names against").env("OEE_PLANT"))
    .addOption(zoneOption())
    .addOption(new Option("--url <url>", "the gateway").env("OEE_URL").default("http://127.0.0.1:8080"))
    .addOption(dataOption())
    .option("--once", "ends when all files that there are were read and delivered")
    .action(run);
  defineTrust(command.command("trust"));
}

async function run(options: ConnectOptions): Promise<void> {
  if (options.connections === undefined) throw new UsageError("expected --connections FILE");
  if (!URL.canParse(options.url))
    throw new UsageError(`--url: found ${JSON.stringify(options.url)}, expected an address`);
  const plant = options.plant === undefined ? null : await plantFromFile(options.plant, zonesOf(options));
  const machines = plant === null ? null : new Set(plant.machines.map(({ id }) => id));
  const connections = await connectionsFromFile(options.connections, machines);
  const endless = connections.find(({ protocol }) => protocol.name !== "files");
  if (options.once === true && endless !== undefined) {
    throw new UsageError(`--once: expected files alone, found ${endless.name}, which is ${endless.protocol.name}`);
  }
  const logger = pino(pino.destination({ dest: 2, sync: true }));
  const connector = new Connector({
    connections,
    receiver: gatewayReceiver(new URL(options.url)),
    folder: options.data,
    outboxBytesMax: OUTBOX_BYTES_MAX,
    clock: Date.now,
    log: (level, message, fields) => logger[level](fields, message),
  });
  await (options.once === true ? connector.finished() : untilAsked());
  await endInOrder([() => connector.close()]);
}
