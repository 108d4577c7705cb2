/** The machines and the span of time that a command on stored history speaks of. */
import { type Machine, type Plant, scopeAt } from "@oee/model";
import { type Command, Option } from "commander";
import { UsageError } from "../failure.ts";
import { instantOption } from "../option-values.ts";
import { commonOptions } from "./settings.ts";

export interface SpanSettings {
  readonly plant?: string;
  readonly from?: number;
  readonly to?: number;
  readonly scope: string;
}

export const MINUTE_MS = 60_000;
/** Before the oldest event that is valid (DI-2). */
const EARLIEST = Date.UTC(2000, 0, 1);

export function spanOptions(command: Command): Command {
  return commonOptions(
    command
      .addOption(new Option("--plant <file>", "plant file (YAML) (default: a demo plant)").env("OEE_PLANT"))
      .option("--from <instant>", "start of the span (default: the beginning)", instantOption)
      .option("--to <instant>", "end of the span, itself not in it (default: now)", instantOption)
      .option("--scope <scope>", "site, area, line or machine by its path; * is all", "*"),
  );
}

/** Whole minutes. Throws `UsageError`. */
export function spanOf(settings: SpanSettings): { readonly from: number; readonly to: number } {
  const from = Math.floor((settings.from ?? EARLIEST) / MINUTE_MS) * MINUTE_MS;
  const to = Math.ceil((settings.to ?? Date.now()) / MINUTE_MS) * MINUTE_MS;
  if (from >= to) throw new UsageError("the span has no length: --from is not before --to");
  return { from, to };
}

/** Throws `UsageError` where the plant has no such scope. */
export function machinesBelow(plant: Plant, path: string): readonly Machine[] {
  const scope = scopeAt(plant, path);
  if (scope === undefined) throw new UsageError(`the plant has no scope ${JSON.stringify(path)}`);
  return scope.machines;
}

/** The likeliest mistake behind it is another plant file or store than was meant, so that it is no job done. */
export function nothingStored(machines: readonly Machine[]): string {
  const some = machines.slice(0, 3).map(({ id }) => id);
  const rest = machines.length > some.length ? " …" : "";
  return `nothing is stored of ${some.join(", ")}${rest} in this span: are --plant and the store those that were meant?`;
}

/** Raw events of before are gone: what was computed from them cannot be computed again, and stays. */
export function tellGone(machine: string): (from: number) => void {
  return (from) => {
    process.stderr.write(`${machine}: older raw events are gone, begun at ${new Date(from).toISOString()}\n`);
  };
}
