/**
 * `oee simulate`: the digital twin as NDJSON, either a span of time as fast as it can be computed, or live, as fast as life
 * or faster. The same plant, seed and options give the same events of the same time.
 */
import { setTimeout as wait } from "node:timers/promises";
import type { Plant } from "@oee/model";
import { LivePlant, type LivePlantOptions, simulateLines } from "@oee/simulator";
import { type Command, Option } from "commander";
import { UsageError } from "../failure.ts";
import { durationOption, factorOption, instantOption, probabilityOption } from "../option-values.ts";
import { LineWriter, STANDARD_OUTPUT } from "../output/line-writer.ts";
import { demoPlantFile, plantFromFile } from "../plant-from-file.ts";
import { type ZoneSettings, zoneOption, zonesOf } from "../zone-folder.ts";

const POLL_MS = 250;
const REORDERED_WITHIN = 20;

interface SimulateOptions extends ZoneSettings {
  readonly plant?: string;
  readonly seed: string;
  readonly from?: number;
  readonly to?: number;
  readonly for?: number;
  readonly speed: number;
  readonly output: string;
  readonly countEvery: number;
  readonly ids: boolean;
  readonly late: number;
  readonly lateBy: number;
  readonly doubled: number;
  readonly reordered: number;
  readonly malformed: number;
}

export function define(command: Command): void {
  command
    .description(
      "Emits the events of a simulated plant as NDJSON: with --from and --to (or --for) that span at once, else live\n" +
        "until it is interrupted. The same seed gives the same events.",
    )
    .addOption(new Option("--plant <file>", "plant file (YAML) (default: a demo plant)").env("OEE_PLANT"))
    .addOption(zoneOption())
    .addOption(new Option("--seed <text>", "what all chance is drawn from").env("OEE_SEED").default("1"))
    .option("--from <instant>", "where simulated time starts (default: now)", instantOption)
    .option("--to <instant>", "where it ends, itself not in it", instantOption)
    .addOption(new Option("--for <duration>", "how long, instead of --to").argParser(durationOption).conflicts("to"))
    .addOption(
      new Option("--speed <factor>", "simulated per real seconds, when live")
        .env("OEE_SPEED")
        .argParser(factorOption)
        .default(1),
    )
    .option("--output <file>", "where to; .gz compresses, - is standard output", STANDARD_OUTPUT)
    .addOption(
      new Option("--count-every <duration>", "how often a running machine tells its counts, in whole seconds")
        .argParser(durationOption)
        .default(5000, "5s"),
    )
    .option("--no-ids", "events without ids")
    .option("--late <probability>", "events that come late", probabilityOption, 0)
    .addOption(
      new Option("--late-by <duration>", "by how much at most").argParser(durationOption).default(600_000, "10m"),
    )
    .option("--doubled <probability>", "events that come twice", probabilityOption, 0)
    .option("--reordered <probability>", "events that others overtake", probabilityOption, 0)
    .option("--malformed <probability>", "broken lines, besides the events", probabilityOption, 0)
    .action(simulate);
}

async function simulate(options: SimulateOptions): Promise<void> {
  const { from } = options;
  const to = options.to ?? (options.for === undefined ? undefined : (from ?? Date.now()) + options.for);
  if (to !== undefined && from === undefined)
    throw new UsageError("a span needs --from, or its events would differ each time");
  if (to !== undefined && from !== undefined && to <= from) throw new UsageError("--to is not after --from");
  if (options.countEvery % 1000 !== 0) throw new UsageError("--count-every is no whole number of seconds");
  const plant = await plantFromFile(options.plant ?? demoPlantFile(), zonesOf(options));
  const writer = new LineWriter(options.output);
  const common = {
    seed: options.seed,
    countEverySeconds: options.countEvery / 1000,
    ids: options.ids,
    disturbances: disturbancesOf(options),
  };
  if (from !== undefined && to !== undefined) {
    for (const line of simulateLines(plant, { ...common, from, to })) await writer.write(line);
  } else {
    const startedAt = Date.now();
    await live(plant, { ...common, from: from ?? startedAt, startedAt, speed: options.speed }, writer);
  }
  await writer.end();
}

/** Until it is interrupted, which is how it ends well. */
async function live(plant: Plant, options: LivePlantOptions, writer: LineWriter): Promise<void> {
  const stopping = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stopping.abort());
  const simulation = new LivePlant(plant, options);
  while (!stopping.signal.aborted) {
    const { lines, behindMs } = simulation.poll(Date.now());
    for (const { text } of lines) await writer.write(text);
    await writer.flush();
    await wait(behindMs > 0 ? 0 : POLL_MS, undefined, { signal: stopping.signal }).catch(() => {});
  }
}

function disturbancesOf(options: SimulateOptions): NonNullable<LivePlantOptions["disturbances"]> {
  const { late, lateBy, doubled, reordered, malformed } = options;
  return {
    late: { probability: late, delayMaxMs: lateBy },
    doubled,
    reordered: { probability: reordered, within: REORDERED_WITHIN },
    malformed,
  };
}
