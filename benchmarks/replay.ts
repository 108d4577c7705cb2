/**
 * Measures `oee replay` as a process that reads NDJSON from a file and prints the KPIs of every machine, and in turn with it
 * a process that only calls `JSON.parse` on each line of the same file (`json-lines.mjs`). Each machine of the file sends a
 * state every minute and a count every 5 s. Prints, as median and spread, millions of events a second of both, by the clock
 * and by processor time (all threads, the start included), how many times the peer's rate ours is, and the most memory that
 * was used.
 *
 *     npm run build && npx tsx -C @oee/source benchmarks/replay.ts [events] [machines] [runs]
 */
import { spawnSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { loadEvents, loadPlantYaml } from "@oee/simulator";

const [events = 10_000_000, machines = 1000, runs = 5] = process.argv.slice(2).map(Number);
const OEE = fileURLToPath(new URL("../services/oee/bin/oee.js", import.meta.url));
const PEER = fileURLToPath(new URL("./json-lines.mjs", import.meta.url));
/** A module by which a process says its resource usage when it ends. */
const SAYS_ITS_USAGE = `process.on("exit",()=>process.stderr.write("\\n"+JSON.stringify(process.resourceUsage())))`;

interface Run {
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly rssMegabytes: number;
}

/** Runs a program to its end; the command `oee` by its first line, which names Node.js's options. */
function runOf(command: readonly string[], check: (output: string) => void): Run {
  const [program = "", ...args] = command;
  const path = `${dirname(process.execPath)}${delimiter}${process.env["PATH"] ?? ""}`;
  const env = { ...process.env, PATH: path, NODE_OPTIONS: `--import=${pathToFileURL(usage).href}` };
  const started = performance.now();
  const { status, stdout, stderr } = spawnSync(program, args, { env, maxBuffer: 1 << 30, encoding: "utf8" });
  const wallSeconds = (performance.now() - started) / 1000;
  if (status !== 0) throw new Error(stderr);
  check(stdout);
  const { userCPUTime, systemCPUTime, maxRSS }: NodeJS.ResourceUsage = JSON.parse(
    stderr.slice(stderr.lastIndexOf("\n")),
  );
  return { wallSeconds, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, rssMegabytes: maxRSS / 1000 };
}

function checkEqual(what: string, found: number, expected: number): void {
  if (found !== expected) throw new Error(`expected ${expected} ${what}, found ${found}`);
}

function print(name: string, values: readonly number[], decimals: number): void {
  const sorted = values.toSorted((a, b) => a - b);
  const [lowest = Number.NaN, highest = Number.NaN] = [sorted[0], sorted.at(-1)];
  const median = sorted[sorted.length >> 1] ?? Number.NaN;
  console.log(`${name}: ${median.toFixed(decimals)} (${lowest.toFixed(decimals)} to ${highest.toFixed(decimals)})`);
}

function printRates(name: string, measured: readonly Run[]): void {
  const [clock, cpu] = [measured.map((r) => r.wallSeconds), measured.map((r) => r.cpuSeconds)];
  print(
    `${name}, million events a second`,
    clock.map((seconds) => events / seconds / 1e6),
    2,
  );
  print(
    `${name}, million events a second of processor time`,
    cpu.map((seconds) => events / seconds / 1e6),
    2,
  );
  print(
    `${name}, MB at most`,
    measured.map((r) => r.rssMegabytes),
    0,
  );
}

const folder = mkdtempSync(join(tmpdir(), "oee-benchmark-"));
const usage = join(folder, "usage.mjs");
try {
  const plant = join(folder, "plant.yaml");
  const file = join(folder, "events.ndjson");
  writeFileSync(usage, SAYS_ITS_USAGE);
  writeFileSync(plant, loadPlantYaml(machines));
  const descriptor = openSync(file, "w");
  for (const chunk of loadEvents({ machines, events, from: Date.UTC(2026, 2, 2, 5) })) writeSync(descriptor, chunk);
  closeSync(descriptor);
  const megabytes = (statSync(file).size / 1e6).toFixed(0);
  console.log(
    `Node ${process.version}; ${events} events of ${machines} machines, ${megabytes} MB, ${runs} runs in turn`,
  );
  const [ours, peers]: [Run[], Run[]] = [[], []];
  for (let i = 0; i < runs; i++) {
    peers.push(runOf([process.execPath, PEER, file], (output) => checkEqual("lines", Number(output), events)));
    ours.push(
      runOf([OEE, "replay", "--plant", plant, "--events", file, "--format", "json"], (output) =>
        checkEqual("elements", (JSON.parse(output) as unknown[]).length, machines),
      ),
    );
  }
  printRates("JSON.parse alone", peers);
  printRates("oee replay", ours);
  const timesOf = (of: (run: Run) => number) => ours.map((our, i) => of(peers[i] as Run) / of(our));
  print(
    "times the rate of JSON.parse alone, by the clock (target 1.5)",
    timesOf((r) => r.wallSeconds),
    2,
  );
  print(
    "times the rate of JSON.parse alone, by processor time",
    timesOf((r) => r.cpuSeconds),
    2,
  );
  console.log(
    `load average ${loadavg()
      .map((load) => load.toFixed(1))
      .join(", ")}; the target of memory is 300 MB`,
  );
} finally {
  rmSync(folder, { recursive: true, force: true });
}
