/**
 * `oee replay`: KPIs or stops straight from files of events, through the engine that serves live data too; no server, no
 * store. What can be read is answered; a file that is missing or damaged is told, and makes the exit code 1.
 */
import { type ReportQuery, scopesOf } from "@oee/answers";
import { PlantModel } from "@oee/engine";
import { type By, type Every, formatInstant, LEVELS, PERIODS, type Plant, type Scope, scopeAt } from "@oee/model";
import { Replay } from "../replay.ts";
import { type Command, Option } from "commander";
import { EventSpool } from "../event-spool/event-spool.ts";
import { Failure, UsageError } from "../failure.ts";
import { ReplayInput } from "../replay-input.ts";
import { instantOption } from "../option-values.ts";
import { amount, counted, size } from "../output/for-people.ts";
import { unknownFieldLines } from "../output/unknown-field-lines.ts";
import { kpiLayout } from "../output/kpi-layout.ts";
import { type OutputFormat, rendered } from "../output/rendered.ts";
import { writeResults } from "../output/standard-output.ts";
import { stopLayout } from "../output/stop-layout.ts";
import { plantFromFile } from "../plant-from-file.ts";
import { Progress, sizeOf } from "../progress.ts";
import { STANDARD_INPUT } from "../reading/bytes.ts";
import { readEvents } from "../reading/read-events.ts";
import { Refusals } from "../refusals.ts";
import { elementsOf, segmentsOf } from "../replay-answers.ts";
import { type ZoneSettings, zoneOption, zonesOf } from "../zone-folder.ts";

const FORMATS: readonly OutputFormat[] = ["table", "json", "csv", "arrow"];

interface ReplayOptions extends ZoneSettings {
  readonly plant: string;
  readonly events: readonly string[];
  readonly from?: number;
  readonly to?: number;
  readonly at?: number;
  readonly scope: string;
  readonly by?: By;
  readonly every?: Every;
  readonly stops?: true;
  readonly format: OutputFormat;
  readonly refused?: string;
}

export function define(command: Command): void {
  command
    .description(
      "Computes KPIs or stops straight from files of events: no server, no store. Results go to standard output;\n" +
        "what was read, corrected and refused is told on standard error.",
    )
    .addOption(new Option("--plant <file>", "plant file (YAML)").env("OEE_PLANT").makeOptionMandatory())
    .addOption(zoneOption())
    .requiredOption("--events <file...>", "NDJSON (also .gz), Arrow IPC or Parquet, in log order; - is standard input")
    .option("--from <instant>", "start of the period (default: the oldest event)", instantOption)
    .option("--to <instant>", "end of the period, itself not in it (default: --at)", instantOption)
    .option(
      "--at <instant>",
      "what counts as now: nothing is known from then on (default: the later of --to and 1 ms after the newest event)",
      instantOption,
    )
    .option("--scope <scope>", "site, site/area, site/area/line or site/area/line/machine; * is all", "*")
    .addOption(new Option("--by <level>", "what there is an answer for (default: machine)").choices(LEVELS))
    .addOption(new Option("--every <period>", "an answer per period, in local time of the scope").choices(PERIODS))
    .addOption(new Option("--stops", "stops instead of KPIs, a row per segment").conflicts(["by", "every"]))
    .addOption(new Option("--format <format>", "of the results").choices(FORMATS).default("table"))
    .option("--refused <file>", "write refused events there, as NDJSON {error, detail, file, line, event}")
    .action(replay);
}

async function replay(options: ReplayOptions): Promise<void> {
  const { from, to, at } = options;
  checkPeriod(from ?? -Infinity, Math.min(to ?? Infinity, at ?? Infinity));
  if (options.events.filter((name) => name === STANDARD_INPUT).length > 1) {
    throw new UsageError("--events names standard input (-) more than once; it can be read only once");
  }
  if (options.format === "arrow" && process.stdout.isTTY) {
    throw new UsageError("--format arrow is binary and standard output is a terminal; send it to a file or a program");
  }
  const plant = await plantFromFile(options.plant, zonesOf(options));
  const scope = scopeNamed(plant, options.scope);
  const by = options.by ?? "machine";
  if (options.stops === undefined && scopesOf(plant, { scope, by, from: 0, to: Infinity }) === null) {
    throw new UsageError(`--by ${by} is above the scope ${scope.path}, which is of kind ${scope.kind}`);
  }

  const model = new PlantModel(plant);
  const spool = new EventSpool(model);
  try {
    const run = new Replay(plant, spool);
    await readAll(options, plant, run);
    const period = periodOf(options, run);
    const query: ReportQuery = { ...period, scope, by, every: options.every ?? null };
    await writeResults(
      options.stops === undefined
        ? await rendered(elementsOf(run, query, period.now), options.format, kpiLayout(plant))
        : await rendered(segmentsOf(run, query, period.now), options.format, stopLayout(plant)),
    );
    for (const [machine, instant] of run.tooLarge) {
      const what = "counts nothing: no sum could hold it (a counter that was reset or replaced?)";
      process.stderr.write(`${machine}: a quantity of ${formatInstant(instant)} ${what}\n`);
    }
    if (run.doubts > 0)
      process.stderr.write(`doubted ${counted(run.doubts, "total")} that the machine cannot have made (CN-8)\n`);
  } finally {
    spool.dispose();
  }
}

function scopeNamed(plant: Plant, path: string): Scope {
  const scope = scopeAt(plant, path);
  if (scope !== undefined) return scope;
  throw new UsageError(
    `the plant has no scope ${JSON.stringify(path)}; expected * or one such as ${someScopes(plant)}`,
  );
}

function someScopes(plant: Plant): string {
  return [...plant.scopes.keys()].slice(1, 6).join(", ");
}

/** Takes in every input that can be read. Throws `Failure` if there was no event in them. */
async function readAll(options: ReplayOptions, plant: Plant, run: Replay): Promise<void> {
  const progress = new Progress(await sizeOf(options.events));
  const refusals = new Refusals(options.refused ?? null, progress.tell);
  const input = new ReplayInput(plant, run, refusals);
  for (const name of options.events) {
    try {
      await readEvents(name, input.sinkFor(name), (bytes) => progress.advance(bytes, input.accepted));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      progress.tell(`${name}: ${error.message}`);
      process.exitCode = 1;
    }
  }
  refusals.close();
  progress.end();
  tellWhatWasRead(options, input, refusals, progress);
  if (input.accepted === 0) throw new Failure("there was no event that could be read");
}

function tellWhatWasRead(options: ReplayOptions, input: ReplayInput, refusals: Refusals, progress: Progress): void {
  const { states, counts, jobs, corrections, repeats } = input.account;
  const kinds = Object.entries({ state: states, count: counts, job: jobs, correction: corrections });
  const ofKinds = kinds.map(([kind, count]) => `${amount(count, 0)} ${kind}`).join(", ");
  const files = `${counted(options.events.length, "file")} (${size(progress.readBytes)})`;
  progress.tell(`read ${counted(input.accepted, "event")} from ${files}: ${ofKinds}`);
  if (repeats > 0) progress.tell(`ignored ${counted(repeats, "repeat")} of events by their id`);
  for (const line of [...input.withoutZone, ...unknownFieldLines(input.unknownFields)]) progress.tell(line);
  if (refusals.total === 0) return;
  const byCode = [...refusals.counts].map(([code, count]) => `${amount(count, 0)} ${code}`).join(", ");
  const where = options.refused === undefined ? "" : `; written to ${options.refused}`;
  progress.tell(`refused ${amount(refusals.total, 0)}: ${byCode}${where}`);
}

/** The period asked for, cut at now (CO-2). Throws `UsageError` if nothing is left of it. */
function periodOf(
  options: ReplayOptions,
  run: Replay,
): { readonly from: number; readonly to: number; readonly now: number } {
  const { first, last } = run;
  const now = options.at ?? Math.max(options.to ?? -Infinity, last + 1);
  const to = Math.min(options.to ?? now, now);
  const from = options.from ?? first;
  if (!Number.isFinite(from) || !Number.isFinite(to)) {
    throw new UsageError("there are only corrections, which say nothing of the period; expected --from and --to");
  }
  checkPeriod(from, to);
  return { from, to, now };
}

function checkPeriod(from: number, to: number): void {
  if (from < to) return;
  const [start, end] = [from, to].map(formatInstant);
  throw new UsageError(`the period has no length: it would be from ${start} to ${end}`);
}
