/**
 * `oee check` checks plant files and connections files and names the place of each problem; with `--events` it shows
 * what a plant makes of a sample of events.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import type { Machine, Plant } from "@oee/model";
import type { Command } from "commander";
import { checkEvents } from "../events-check.ts";
import { Failure, reasonOf, UsageError } from "../failure.ts";
import { goneMachines, goneMachinesText } from "../live/gone-machines.ts";
import { clickhouseOf } from "../live/servers.ts";
import { clickhouseOptions, type StoreSettings } from "../live/settings.ts";
import { counted } from "../output/for-people.ts";
import { plantFromFile } from "../plant-from-file.ts";
import { hintsOf } from "../plant-hints.ts";
import { Refusals } from "../refusals.ts";
import { type ZoneSettings, zoneOption, zonesOf } from "../zone-folder.ts";

interface CheckOptions extends ZoneSettings, StoreSettings {
  readonly data?: string;
  readonly events?: readonly string[];
}

export function define(command: Command): void {
  clickhouseOptions(command)
    .description(
      "Validates plant files and connections files. Each problem names file, line, column, what was found and what was expected.\n" +
        "Settings that work against each other are hinted at. With --events, tells what the plant makes of a sample:\n" +
        "refused events, fields that mean nothing, and of each machine states, counts, settings to try, what is doubted.\n" +
        "With --data or --clickhouse, tells which machines have history there and are in no plant file.",
    )
    .argument("<file...>", "plant files, and connections files, whose machines are those of the plants (YAML)")
    .option("--events <file...>", "a sample of events (as `oee replay` reads them), with one plant file")
    .option("--data <folder>", "a data folder that nothing runs on: machines with history that the plant file drops")
    .option("--clickhouse <url>", "the same of a server")
    .addOption(zoneOption())
    .action(check);
}

async function check(named: readonly string[], options: CheckOptions): Promise<void> {
  const { events = [] } = options;
  const connections: string[] = [];
  for (const file of named) if (await isConnectionsFile(file)) connections.push(file);
  const files = named.filter((file) => !connections.includes(file));
  const machines = new Map<string, Machine>();
  if (events.length > 0 && files.length > 1) {
    throw new UsageError(`expected one plant file with --events, found ${files.length}; write it before --events`);
  }
  const zones = zonesOf(options);
  for (const file of files) {
    await unlessRefused(async () => {
      const plant = await plantFromFile(file, zones);
      for (const [path, machine] of plant.machineById) machines.set(path, machine);
      const count = counted(plant.machines.length, "machine");
      process.stdout.write(`${file}: ${plant.name}, ${count}, version ${plant.version}\n`);
      for (const hint of [...hintsOf(plant), ...(await goneIn(options, plant))])
        process.stdout.write(`${file}: hint: ${hint}\n`);
      for (const sample of events) await unlessRefused(() => checkSample(sample, plant));
    });
  }
  for (const file of connections) {
    await unlessRefused(() => checkConnections(file, files.length === 0 ? null : machines));
  }
}

/** What the plant file drops of the history that is stored. Throws `Failure`. */
async function goneIn(options: CheckOptions, plant: Plant): Promise<readonly string[]> {
  const { data, clickhouse } = options;
  if (data === undefined && clickhouse === undefined) return [];
  const folder = resolve(data ?? ".");
  if (clickhouse === undefined && !existsSync(join(folder, "store"))) {
    throw new Failure(`there is no store in ${folder}; expected --data to name a folder that oee start has filled`);
  }
  try {
    const { openStore } = await import("@oee/store");
    const store = await openStore(
      clickhouse === undefined ? { embedded: { path: join(folder, "store") } } : clickhouseOf(options, clickhouse),
    );
    try {
      const gone = await goneMachines(store, plant);
      return gone.length === 0 ? [] : [goneMachinesText(gone, plant)];
    } finally {
      await store.close();
    }
  } catch (error) {
    throw new Failure(`cannot look at what is stored: ${reasonOf(error)}`, { cause: error });
  }
}

async function checkConnections(file: string, machines: ReadonlyMap<string, Machine> | null): Promise<void> {
  const { connectionsFromFile } = await import("../connections-from-file.ts");
  const found = await connectionsFromFile(file, machines === null ? null : new Set(machines.keys()));
  const connected = new Set(found.flatMap(({ mappings }) => mappings.map(({ machine }) => machine)));
  process.stdout.write(`${file}: ${counted(found.length, "connection")}, ${counted(connected.size, "machine")}\n`);
  if (machines === null) process.stdout.write(`${file}: hint: name the plant file too, to check the machines' names\n`);
  for (const { protocol, signals } of found) {
    for (const { machine, signal, address, counts } of signals) {
      const hint = counts === "total" ? (protocol.totalHint?.(address) ?? null) : null;
      if (hint !== null) process.stdout.write(`${file}: hint: ${machine}: the total ${signal} ${hint}\n`);
      const wrapsAt = counts === "total" ? (protocol.wrapsAt?.(address) ?? null) : null;
      if (wrapsAt === null || machines?.get(machine)?.rolloverAt !== null) continue;
      const why = `the total ${signal} starts again at 0 after ${wrapsAt - 1}, which counts as a reset`;
      process.stdout.write(
        `${file}: hint: ${machine}: ${why}: rolloverAt: ${wrapsAt} in the plant file says that it goes on\n`,
      );
    }
  }
}

/** By its one key; a file that cannot be read is reported as a plant file is. */
async function isConnectionsFile(file: string): Promise<boolean> {
  const text = await readFile(file, "utf8").catch(() => "");
  return /^(?:\{\s*)?connections\s*:/m.test(text);
}

async function checkSample(file: string, plant: Plant): Promise<void> {
  const refusals = new Refusals(null, (line) => process.stderr.write(`${line}\n`));
  try {
    for (const line of await checkEvents(file, plant, refusals)) process.stdout.write(`${file}: ${line}\n`);
  } catch (error) {
    throw error instanceof Failure ? new Failure(`${file}: ${error.message}`, { cause: error }) : error;
  }
  if (refusals.total === 0) return;
  const byCode = [...refusals.counts].map(([code, count]) => `${count} ${code}`).join(", ");
  throw new Failure(`${file}: refused ${counted(refusals.total, "event")}: ${byCode}`);
}

/** A file that cannot be checked is reported and makes the exit code 1; the others are checked all the same. */
async function unlessRefused(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
