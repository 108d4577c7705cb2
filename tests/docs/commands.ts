/** The commands of `oee` as they are defined, with their options. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Command } from "commander";
import { ROOT } from "./repository.ts";

const FOLDER = "services/oee/src/commands";

export async function commands(): Promise<ReadonlyMap<string, Command>> {
  const names = readdirSync(join(ROOT, FOLDER))
    .filter((file) => file.endsWith(".ts") && !file.endsWith(".test.ts"))
    .map((file) => file.slice(0, -".ts".length));
  const found = new Map<string, Command>();
  for (const name of names) {
    const module = (await import(join(ROOT, FOLDER, `${name}.ts`))) as { define(command: Command): void };
    const command = new Command(name);
    module.define(command);
    found.set(name, command);
  }
  return found;
}
