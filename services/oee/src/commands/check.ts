/** `oee check`: whether plant files are sound, and where they are not. */
import type { Command } from "commander";
import { Failure } from "../failure.ts";
import { counted } from "../output/for-people.ts";
import { plantFromFile } from "../plant-from-file.ts";
import { type ZoneSettings, zoneOption, zonesOf } from "../zone-folder.ts";

export function define(command: Command): void {
  command
    .description("Validates plant files. Each problem names file, line, column, what was found and what was expected.")
    .argument("<plant...>", "plant files (YAML)")
    .addOption(zoneOption())
    .action(check);
}

async function check(files: readonly string[], settings: ZoneSettings): Promise<void> {
  const zones = zonesOf(settings);
  for (const file of files) {
    try {
      const plant = await plantFromFile(file, zones);
      const machines = counted(plant.machines.length, "machine");
      process.stdout.write(`${file}: ${plant.name}, ${machines}, version ${plant.version}\n`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      process.stderr.write(`${error.message}\n`);
      process.exitCode = 1;
    }
  }
}
