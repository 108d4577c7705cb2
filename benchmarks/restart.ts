/**
 * How long a restart takes: `oee start --kafka` with the embedded store and many machines, of which each sends one event a second. It
 * runs, is stopped in order or killed (`--kill`: some seconds after it has caught up), and is started again with a minute of events that
 * nobody has read. Printed are the time until it listens, until it shows live figures, and until it has read, computed and stored all
 * of the minute, beside it the processor time up to each, how many events it read for it, and how long stopping took. With `--embedded`
 * its log is the embedded one: events come over HTTP while it runs, and nothing waits when it starts.
 * Needs what `tests/prepare.sh` installs.
 *
 *     npm run build && npm run bench -- benchmarks/restart.ts [--machines 10000] [--seconds 60] [--rounds 3] [--embedded] [--kill 30] [--profile FOLDER]
 */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { parseArgs } from "node:util";
import { allTopics, topics } from "@oee/event-log";
import { openKafkaLog } from "@oee/event-log/kafka";
import { loadMachineId, loadPlantYaml } from "@oee/simulator";
import { startBroker } from "../tests/kafka/broker.ts";
import { freePort } from "../tests/support/free-port.ts";
import { firstLineOf, ROOT } from "./peers/contestants.ts";
import { spreadOf } from "./peers/stage.ts";
import { fill } from "./peers/topic.ts";
import { usageOfTree } from "./peers/usage.ts";

const { values } = parseArgs({
  options: {
    machines: { type: "string", default: "10000" },
    seconds: { type: "string", default: "60" },
    rounds: { type: "string", default: "3" },
    embedded: { type: "boolean", default: false },
    kill: { type: "string" },
    profile: { type: "string" },
  },
});
const machines = Number(values.machines);
const seconds = Number(values.seconds);
const LOOK_EVERY_MS = 50;
/** Metrics are some milliseconds of work. */
const METRICS_EVERY_MS = 250;
const PATIENCE_MS = 600_000;
/** After this time what was sent is computed and stored. */
const STORED_AFTER_MS = 10_000;

interface Taken {
  readonly seconds: number;
  readonly cpu: number;
}

interface Start {
  readonly url: string;
  readonly child: ChildProcess;
  readonly listening: Taken;
  readonly figures: Taken;
  readonly caughtUp: Taken;
  readonly read: number;
}

const of = topics("restart.");
const broker = values.embedded ? null : await startBroker();
const log = broker === null ? null : openKafkaLog({ client: { brokers: broker.brokers } });
const folder = mkdtempSync(join(tmpdir(), "oee-restart-"));
const plant = join(folder, "plant.yaml");
writeFileSync(plant, loadPlantYaml(machines));

/** Appends what all machines sent in the last seconds. */
async function produce(): Promise<number> {
  if (log === null) return 0;
  const { partitions, name } = of.events;
  const from = Date.now() - seconds * 1000;
  return (await fill(log, name, { machines, seconds, from, perRecord: 1, arrow: false, partitions })).events;
}

/** Sends a state and a count of each machine to the one that runs. */
async function send({ url }: Start): Promise<void> {
  for (const rest of [`"state","state":"running"`, `"count","good":1`]) {
    const at = Date.now();
    const lines = Array.from(
      { length: machines },
      (_, i) => `{"machine":"${loadMachineId(i)}","at":${at},"type":${rest}}\n`,
    );
    const headers = { "content-type": "application/x-ndjson" };
    const answer = await fetch(`${url}/api/v1/events`, { method: "POST", headers, body: lines.join("") });
    if (answer.status !== 202) throw new Error(`${answer.status}: ${await answer.text()}`);
  }
  await wait(STORED_AFTER_MS);
}

let running: Start | null = null;

async function start(events: number, profile: string | undefined, isNew = false): Promise<Start> {
  const main = join(ROOT, "services/oee/bin/oee.js");
  const { environment, options } = firstLineOf(main);
  const port = await freePort();
  const began = Date.now();
  const child = spawn(
    process.execPath,
    [
      ...options,
      ...(profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profile}`]),
      ...[main, "start", "--plant", plant, "--data", join(folder, "data"), "--port", String(port)],
      ...(broker === null ? [] : ["--kafka", broker.brokers.join(), "--topic-prefix", "restart."]),
      ...["--log-level", "warn"],
    ],
    { env: { ...process.env, ...environment }, stdio: ["ignore", "ignore", "inherit"] },
  );
  const url = `http://127.0.0.1:${port}`;
  const ask = async (path: string): Promise<string | null> => {
    const response = await fetch(`${url}${path}`).catch(() => null);
    return response === null || !response.ok ? null : response.text();
  };
  const until = async (done: () => Promise<boolean>, everyMs: number = LOOK_EVERY_MS): Promise<Taken> => {
    while (!(await done())) {
      if (child.exitCode !== null) throw new Error(`oee start ended with ${child.exitCode}`);
      if (Date.now() - began > PATIENCE_MS) throw new Error("it took too long");
      await wait(everyMs);
    }
    return { seconds: (Date.now() - began) / 1000, cpu: usageOfTree(child.pid ?? 0).cpu };
  };
  const listening = await until(async () => (await ask("/health/live")) !== null);
  const scope = encodeURIComponent(loadMachineId(machines - 1));
  const figures = await until(async () => {
    // Without events there are none.
    if (isNew && log === null) return true;
    const answer = JSON.parse((await ask(`/api/v1/live?scope=${scope}`)) ?? "{}") as {
      readonly elements?: readonly { readonly machine: { readonly state: string } | null }[];
    };
    const state = answer.elements?.[0]?.machine?.state;
    return state !== undefined && state !== "unknown";
  });
  let read = 0;
  let rowsBefore = 0;
  const caughtUp = await until(async () => {
    const text = (await ask("/metrics")) ?? "";
    const sumOf = (name: string): number =>
      [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)`, "gm"))].reduce(
        (sum, at) => sum + Number(at[1]),
        0,
      );
    read = sumOf("oee_worker_events_total");
    const rows = sumOf("oee_worker_rows_stored_total");
    const isRead = read >= events && sumOf("oee_worker_lag_records") === 0;
    if (!isRead) rowsBefore = rows;
    // Raw events may be written before the rows that include them, of which each machine has one at least.
    const isStored = sumOf("oee_worker_waiting_events") === 0 && (events === 0 || rows - rowsBefore >= machines);
    return isRead && isStored;
  }, METRICS_EVERY_MS);
  return { url, child, listening, figures, caughtUp, read };
}

async function end({ child }: Start, signal: NodeJS.Signals): Promise<number> {
  const began = Date.now();
  const ended = once(child, "exit");
  child.kill(signal);
  const [code] = (await ended) as [number | null];
  if (signal === "SIGTERM" && code !== 0) console.log(`ended with ${code}`);
  return (Date.now() - began) / 1000;
}

const told = ({ seconds: took, cpu }: Taken): string => `${took.toFixed(1)} s (${cpu.toFixed(1)} s of processor time)`;
try {
  await log?.ensureTopics(allTopics(of));
  running = await start(await produce(), undefined, true);
  console.log(
    `${machines} machines; a new one listens after ${told(running.listening)}, figures after ${told(running.figures)}, caught up after ${told(running.caughtUp)}`,
  );
  const starts: Start[] = [];
  for (let round = 1; round <= Number(values.rounds); round++) {
    if (log === null) await send(running);
    if (values.kill !== undefined) await wait(Number(values.kill) * 1000);
    const took = await end(running, values.kill === undefined ? "SIGTERM" : "SIGKILL");
    running = null;
    const events = await produce();
    running = await start(events, values.profile);
    starts.push(running);
    const { listening, figures, caughtUp, read } = running;
    console.log(
      `  ${round}: ended in ${took.toFixed(1)} s; listens after ${told(listening)}, figures after ${told(figures)}, caught up after ${told(caughtUp)}, ${read} events read of ${events}; load ${loadavg()[0]?.toFixed(0)}`,
    );
  }
  for (const step of ["listening", "figures", "caughtUp"] as const) {
    const took = spreadOf(starts.map((one) => one[step].seconds));
    const cpu = spreadOf(starts.map((one) => one[step].cpu));
    console.log(
      `${step}: ${took.middle.toFixed(1)} s (${took.least.toFixed(1)} to ${took.most.toFixed(1)}), processor time ${cpu.middle.toFixed(1)} s (${cpu.least.toFixed(1)} to ${cpu.most.toFixed(1)})`,
    );
  }
  await end(running, "SIGTERM");
  running = null;
} finally {
  running?.child.kill("SIGKILL");
  await log?.close();
  await broker?.stop();
  rmSync(folder, { recursive: true, force: true });
}
