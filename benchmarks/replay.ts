/**
 * Measures `oee replay` as a process that reads NDJSON from a file and prints the KPIs of every machine. Each machine of the
 * file sends a state every minute and a count every 5 s. Prints median and spread of millions of events a second, by the clock
 * and by processor time (all threads), and the most memory that was used.
 *
 *     npm run build && npx tsx -C @oee/source benchmarks/replay.ts [events] [machines] [runs]
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadEvents, loadPlantYaml } from "@oee/simulator";

const [events = 10_000_000, machines = 1000, runs = 5] = process.argv.slice(2).map(Number);
const OEE = fileURLToPath(new URL("../services/oee/bin/oee.js", import.meta.url));
/** A module by which the process prints its resource usage when it ends. */
const SAYS_ITS_USAGE = `data:text/javascript,process.on("exit",()=>process.stderr.write("\\n"+JSON.stringify(process.resourceUsage())))`;

interface Run {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly rssMegabytes: number;
}

function run(plant: string, file: string): Run {
  const args = ["--import", SAYS_ITS_USAGE, OEE, "replay", "--plant", plant, "--events", file, "--format", "json"];
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { maxBuffer: 1 << 30, encoding: "utf8" });
  const wallSeconds = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(stderr);
  const elements: unknown[] = JSON.parse(stdout);
  if (elements.length !== machines) throw new Error(`expected ${machines} elements, found ${elements.length}`);
  const usage: NodeJS.ResourceUsage = JSON.parse(stderr.slice(stderr.lastIndexOf("\n")));
  const cpuSeconds = (usage.userCPUTime + usage.systemCPUTime) / 1e6;
  return { wallSeconds, cpuSeconds, rssMegabytes: usage.maxRSS / 1000 };
}

function print(name: string, values: readonly number[], decimals: number): void {
  const sorted = values.toSorted((a, b) => a - b);
  const [lowest = Number.NaN, highest = Number.NaN] = [sorted[0], sorted.at(-1)];
  const median = sorted[sorted.length >> 1] ?? Number.NaN;
  console.log(`${name}: ${median.toFixed(decimals)} (${lowest.toFixed(decimals)} to ${highest.toFixed(decimals)})`);
}

const folder = mkdtempSync(join(tmpdir(), "oee-benchmark-"));
try {
  const plant = join(folder, "plant.yaml");
  const file = join(folder, "events.ndjson");
  writeFileSync(plant, loadPlantYaml(machines));
  const descriptor = openSync(file, "w");
  for (const chunk of loadEvents({ machines, events, from: Date.UTC(2026, 2, 2, 5) })) writeSync(descriptor, chunk);
  closeSync(descriptor);
  console.log(`${events} events of ${machines} machines, ${(statSync(file).size / 1e6).toFixed(0)} MB, ${runs} runs`);
  const measured = Array.from({ length: runs }, () => run(plant, file));
  print(
    "million events a second",
    measured.map(({ wallSeconds }) => events / wallSeconds / 1e6),
    2,
  );
  print(
    "million events a second of processor time",
    measured.map(({ cpuSeconds }) => events / cpuSeconds / 1e6),
    2,
  );
  print(
    "megabytes",
    measured.map(({ rssMegabytes }) => rssMegabytes),
    0,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
