/** The programs that are compared: how each is started, and how it reports the number of events that it has taken. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadPlantYaml } from "@oee/simulator";
import { freePort } from "../../tests/support/free-port.ts";
import type { Sums } from "./topic.ts";

/** The input of a run of a contestant. Its folder and topics are its own; the events topic is shared by all. */
export interface Task {
  readonly brokers: string;
  readonly prefix: string;
  readonly events: string;
  readonly rows: string;
  readonly group: string;
  readonly folder: string;
  readonly machines: number;
  readonly from: number;
  readonly to: number;
  /** The checkout whose `oee` runs. */
  readonly root: string;
  /** A folder for a profile of the main thread of `oee`. */
  readonly profile: string | undefined;
}

export interface Started {
  readonly process: ChildProcess;
  /** The number of events that were taken, and, where the contestant stores rows, stored. */
  taken(): Promise<number>;
  /** Reads the contestant's sums; `null`: they are read from its rows topic. */
  readonly sums: (() => Promise<Sums>) | null;
}

const HERE = fileURLToPath(new URL(".", import.meta.url));
/** This checkout. */
export const ROOT: string = join(HERE, "../..");
const DAY_MS = 24 * 3_600_000;

export const CONTESTANTS: Readonly<Record<string, (task: Task) => Promise<Started>>> = {
  "kafkajs-plain": (of) =>
    tells(process.execPath, [
      "--import",
      "tsx",
      join(HERE, "kafkajs-plain.ts"),
      of.brokers,
      of.events,
      of.rows,
      of.group,
    ]),
  "kafka-streams-memory": (of) =>
    java("kafka-streams", [of.brokers, of.events, of.rows, of.group, of.folder, "memory"]),
  "kafka-streams-rocksdb": (of) =>
    java("kafka-streams", [of.brokers, of.events, of.rows, of.group, of.folder, "rocksdb"]),
  flink: (of) => java("flink", [of.brokers, of.events, of.rows, of.group, of.folder]),
  oee: (of) => oee(of),
  // The peers' job alone.
  "oee-rows": (of) => oee(of, ["--import", join(HERE, "rows-alone.mjs")]),
};

function java(peer: string, args: readonly string[]): Promise<Started> {
  const classPath = execFileSync("bash", [join(HERE, "java.sh"), peer], {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  const opens = ["java.base/java.util=ALL-UNNAMED", "java.base/java.lang=ALL-UNNAMED"];
  const options = ["-Xmx1g", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"];
  return tells("java", [
    ...options,
    ...opens.flatMap((name) => ["--add-opens", name]),
    ...["-cp", classPath.trim(), "Peer", ...args],
  ]);
}

/** Starts a program that prints `taken N`. */
async function tells(command: string, args: readonly string[]): Promise<Started> {
  const child = spawn(command, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  let taken = 0;
  child.stdout.on("data", (text: Buffer) => {
    const last = [...text.toString().matchAll(/^taken (\d+)$/gm)].at(-1);
    if (last !== undefined) taken = Number(last[1]);
  });
  return { process: child, taken: async () => taken, sums: null };
}

/** The whole product in one process, its rows, stops and raw events in the embedded ClickHouse. */
async function oee(of: Task, further: readonly string[] = []): Promise<Started> {
  const plant = join(of.folder, "plant.yaml");
  writeFileSync(plant, loadPlantYaml(of.machines));
  const port = await freePort();
  const args = ["start", "--plant", plant, "--data", join(of.folder, "data"), "--port", String(port)];
  const topics = ["--kafka", of.brokers, "--topic-prefix", of.prefix];
  const profile = of.profile === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${of.profile}`];
  const main = join(of.root, "services/oee/bin/oee.js");
  const { environment, options } = firstLineOf(main);
  const command = [...options, ...further, ...profile, main, ...args, ...topics, "--log-level", "warn"];
  const child = spawn(process.execPath, command, {
    cwd: of.root,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "inherit"],
  });
  const url = `http://127.0.0.1:${port}`;
  const taken = async (): Promise<number> => {
    const text = await fetch(`${url}/metrics`)
      .then((response) => response.text())
      .catch(() => "");
    const sumOf = (name: string): number =>
      [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\d+)`, "gm"))].reduce(
        (sum, at) => sum + Number(at[1]),
        0,
      );
    return sumOf("oee_worker_events_total") - sumOf("oee_worker_waiting_events");
  };
  const sums = async (): Promise<Sums> => {
    // Begins a day earlier, so that the hour of the oldest event is in it whole.
    const period = `from=${new Date(of.from - DAY_MS).toISOString()}&to=${new Date(of.to).toISOString()}`;
    const response = await fetch(`${url}/api/v1/kpis?${period}`);
    if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
    const elements = (await response.json()) as {
      readonly components: { readonly goodCount: number; readonly runTime: number };
    }[];
    return elements.reduce(
      ({ good, runMs }, { components }) => ({ good: good + components.goodCount, runMs: runMs + components.runTime }),
      { good: 0, runMs: 0 },
    );
  };
  return { process: child, taken, sums };
}

/** What a script's first line, `#!/usr/bin/env -S NAME=VALUE … node OPTION …`, says of its environment and of the options of Node.js. */
export function firstLineOf(script: string): { environment: Record<string, string>; options: readonly string[] } {
  const words = readFileSync(script, "utf8").split("\n", 1)[0]?.split(" ").slice(2) ?? [];
  const node = words.indexOf("node");
  if (node < 0) throw new Error(`found no node in the first line of ${script}`);
  return {
    environment: Object.fromEntries(words.slice(0, node).map((word) => word.split("=", 2))),
    options: words.slice(node + 1),
  };
}
