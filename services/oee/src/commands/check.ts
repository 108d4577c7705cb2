/** `oee check`: whether plant files are sound, and where they are not; with `--events`, what they make of a sample of events. */
import type { Plant } from "@oee/model";
import type { Command } from "commander";
import { checkEvents } from "../events-check.ts";
import { Failure, UsageError } from "../failure.ts";
import { counted } from "../output/for-people.ts";
import { plantFromFile } from "../plant-from-file.ts";
import { hintsOf } from "../plant-hints.ts";
import { Refusals } from "../refusals.ts";
import { type ZoneSettings, zoneOption, zonesOf } from "../zone-folder.ts";

interface CheckOptions extends ZoneSettings {
  readonly events?: readonly string[];
}

export function define(command: Command): void {
  command
    .description(
      "Validates plant files. Each problem names file, line, column, what was found and what was expected.\n" +
        "Settings that work against each other are hinted at. With --events, tells what the plant makes of a sample:\n" +
        "refused events, fields that mean nothing, and of each machine states, counts, settings to try, what is doubted.",
    )
    .argument("<plant...>", "plant files (YAML)")
    .option("--events <file...>", "a sample of events (as `oee replay` reads them), with one plant file")
    .addOption(zoneOption())
    .action(check);
}

async function check(files: readonly string[], options: CheckOptions): Promise<void> {
  const { events = [] } = options;
  if (events.length > 0 && files.length > 1) {
    throw new UsageError(`expected one plant file with --events, found ${files.length}; write it before --events`);
  }
  const zones = zonesOf(options);
  for (const file of files) {
    await unlessRefused(async () => {
      const plant = await plantFromFile(file, zones);
      const machines = counted(plant.machines.length, "machine");
      process.stdout.write(`${file}: ${plant.name}, ${machines}, version ${plant.version}\n`);
      for (const hint of hintsOf(plant)) process.stdout.write(`${file}: hint: ${hint}\n`);
      for (const sample of events) await unlessRefused(() => checkSample(sample, plant));
    });
  }
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

/** A failure is told, makes the exit code 1, and does not keep the others from being looked at. */
async function unlessRefused(action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
