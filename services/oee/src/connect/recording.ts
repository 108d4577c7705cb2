/**
 * `oee connect record` writes what peers send to a file; `oee connect replay` reads it from there in place of the
 * peers.
 */
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { Connector, type ConnectorOptions, type Recorded, replayed } from "@oee/connectors";
import { SHIPPED_ZONES } from "@oee/model";
import { type Command, Option } from "commander";
import pino from "pino";
import { connectionsFromFile } from "../connections-from-file.ts";
import { Failure, reasonOf, UsageError } from "../failure.ts";
import { plantFromFile } from "../plant-from-file.ts";
import { endAtOnce, OrderlyEnd } from "../live/running.ts";
import { wholeNumber } from "../live/whole-number.ts";
import { counted } from "../output/for-people.ts";
import { dataOption } from "./data-option.ts";
import { printMapped } from "./print-mapped.ts";

interface RecordSettings {
  readonly connections?: string;
  readonly plant?: string;
  readonly output: string;
  readonly seconds?: number;
  readonly all?: boolean;
  readonly data: string;
}

const OUTBOX_BYTES_MAX = 1024 ** 3;

export function defineRecord(command: Command): void {
  command
    .description(
      "Keeps in a file what peers say, for whoever looks into it without having them: NDJSON, a line each. It takes nothing from\n" +
        "the connector that runs. Addresses, users and passwords are not in it, nor texts that the mapping does not use.",
    )
    .addOption(connectionsOption())
    .addOption(plantOption())
    .option("--output <file>", "the file to write", "recording.ndjson")
    .addOption(
      new Option("--seconds <number>", "how long (default: until it is ended)").argParser(wholeNumber(1, 86_400)),
    )
    .option("--all", "texts that the mapping does not use too; they may name people")
    .addOption(dataOption())
    .action(record);
}

export function defineReplay(command: Command): void {
  command
    .description(
      "Says again what was recorded, and prints what is read of it and the events made of that. Sends nothing.",
    )
    .argument("<file>", "what oee connect record wrote")
    .addOption(connectionsOption())
    .addOption(plantOption())
    .action(replay);
}

/** A connections file may stand for machines of the plant by the form of their ids. */
function plantOption(): Option {
  return new Option("--plant <file>", "plant file (YAML), where the connections file stands for its machines").env(
    "OEE_PLANT",
  );
}

async function machinesOf(plant: string | undefined): Promise<ReadonlySet<string> | null> {
  return plant === undefined ? null : new Set((await plantFromFile(plant, SHIPPED_ZONES)).machineById.keys());
}

function connectionsOption(): Option {
  return new Option("--connections <file>", "connections file (YAML)").env("OEE_CONNECTIONS");
}

async function record({ connections: file, plant, output, seconds, all = false, data }: RecordSettings): Promise<void> {
  if (file === undefined) throw new UsageError("expected --connections FILE");
  const connections = await connectionsFromFile(file, await machinesOf(plant));
  const written = createWriteStream(output, { flags: "wx" });
  await new Promise<void>((resolve, reject) => {
    written.once("open", () => resolve());
    written.once("error", (error) => reject(new Failure(`cannot write ${output}: ${reasonOf(error)}`)));
  });
  let lines = 0;
  const take = (recorded: Recorded): void => {
    lines++;
    written.write(`${JSON.stringify(recorded)}\n`);
  };
  await asIfDry({ connections, folder: data, clock: Date.now, recording: { all, take }, onMapped: () => {} }, () =>
    seconds === undefined ? new Promise(() => {}) : wait(1_000 * seconds),
  );
  await new Promise((resolve) => written.end(resolve));
  process.stdout.write(`${output}: ${counted(lines, "line")}\n`);
  process.exit(process.exitCode ?? 0);
}

type ReplaySettings = Pick<RecordSettings, "connections" | "plant">;

async function replay(recording: string, { connections: file, plant }: ReplaySettings): Promise<void> {
  if (file === undefined) throw new UsageError("expected --connections FILE");
  const connections = await connectionsFromFile(file, await machinesOf(plant));
  const text = await readFile(recording, "utf8").catch((error: unknown) => {
    throw new Failure(`cannot read ${recording}: ${reasonOf(error)}`, { cause: error });
  });
  const lines = text
    .split("\n")
    .filter((line) => line !== "")
    .map((line, i) => recordedIn(line, `${recording}:${i + 1}`));
  const known = new Set(connections.map(({ name }) => name));
  const unknown = lines.find(({ connection }) => !known.has(connection));
  if (unknown !== undefined) throw new Failure(`${file} has no connection ${unknown.connection}, which was recorded`);
  let now = lines[0]?.clock ?? 0;
  const said = connections.map((connection) => replayed(connection, lines, (clock) => (now = clock)));
  await asIfDry({ connections: said, folder: "", clock: () => now, onMapped: printMapped }, (connector) =>
    connector.finished(),
  );
}

/** With an outbox of its own, which is thrown away, and nowhere to send to; until what is awaited, or a signal. */
async function asIfDry(
  options: Pick<ConnectorOptions, "connections" | "folder" | "clock" | "recording" | "onMapped">,
  until: (connector: Connector) => Promise<unknown>,
): Promise<void> {
  const end = new OrderlyEnd();
  const logger = pino(pino.destination({ dest: 2, sync: true }));
  const folder = await mkdtemp(join(tmpdir(), "oee-connect-dry-"));
  const connector = new Connector({
    ...options,
    receiver: { deliver: () => Promise.resolve([]) },
    outboxFolder: folder,
    outboxBytesMax: OUTBOX_BYTES_MAX,
    onMemoryDamaged: endAtOnce,
    log: (level, message, fields) => logger[level](fields, message),
  });
  await Promise.race([until(connector), end.asked]);
  await end.inOrder([
    ["the connector", () => connector.close()],
    ["its folder", () => rm(folder, { recursive: true, force: true })],
  ]);
}

/** Throws `Failure`. */
function recordedIn(line: string, where: string): Recorded {
  try {
    const found = JSON.parse(line) as Partial<Recorded>;
    if (typeof found.connection === "string" && typeof found.clock === "number" && found.said !== undefined) {
      return found as Recorded;
    }
  } catch {
    // Told below.
  }
  throw new Failure(`${where}: found ${JSON.stringify(line.slice(0, 80))}, expected a line of oee connect record`);
}
