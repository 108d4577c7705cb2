/**
 * The share of each step of the worker in its main thread's time, from a profile (`--cpu-prof`): a sample counts for the step of
 * the innermost function that belongs to one. A profile measures time of the clock, in which a busy machine also runs other
 * processes; so shares are of the time in which the thread was not idle, to be multiplied with its processor time.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { sourceStack } from "../../services/oee/src/output/source-stack.ts";

/** Steps by the functions that do them; the first that matches `function file`, our own files as their sources are called. */
const STEPS: readonly (readonly [step: string, pattern: RegExp])[] = [
  ["collecting", /^\(garbage collector\)/],
  ["start: modules", /(cjs|esm)\/(loader|module_job|translators|utils|resolve)/],
  ["start: partitions", /^#(assigned|newRunner|askStoredTo|recallIds) |^PlantModel /],
  ["metrics", /prom-client\/|operations\.ts/],
  [
    "receive: socket to batch",
    /event-log\/src\/(kafka\/(fetch|answer|internals)|record-|batch-memory|partition-queue)|kafkajs\/src\/network|stream_base_commons/,
  ],
  ["decode: bytes to events", /model\/src\/event-decoder|decode-batch\.ts/],
  ["checkpoints", /^#checkpointsOf |encodeCheckpoint|event-log\/src\/(kafka\/producer|append|record-encoding)/],
  ["raw: copies for the store", /store\/src\/(event-batch|word-column)/],
  ["store: Arrow and inserts", /store\/src\/|apache-arrow|chdb/],
  ["compute: rows and stops", /^(#some|moveOn|computeOne|#slice|#show|#moveOnAll) |worker\/src\/changes\.ts/],
  ["engine: events placed", /^(accept|place|add|addCount) .*(stream|engine|columns|worker)\/src/],
  ["take: bookkeeping of an event", /worker\/src\/(worker|by-machine)\.ts/],
  ["displays", /gateway\/src|socket\.io|engine\.io|live-topic/],
];
const OTHER = "other";
const IDLE = "(idle)";

interface Profile {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: {
      readonly functionName: string;
      readonly url: string;
      readonly lineNumber: number;
      readonly columnNumber: number;
    };
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  /** µs since the sample before. */
  readonly timeDeltas: readonly number[];
}

/** The share of each step in the time in which the thread was not idle, over the first `seconds` of the profile in a folder. */
export function sharesOfSteps(folder: string, seconds: number): ReadonlyMap<string, number> {
  const file = readdirSync(folder)
    .filter((name) => name.endsWith(".cpuprofile"))
    .toSorted()
    .at(-1);
  if (file === undefined) throw new Error(`found no profile in ${folder}, expected a file *.cpuprofile`);
  // The profile was written by Node.js.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  const { nodes, samples, timeDeltas } = JSON.parse(readFileSync(join(folder, file), "utf8")) as Profile;
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id] as const)));
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const steps = new Map<number, string>();
  const stepOf = (id: number): string => {
    const known = steps.get(id);
    if (known !== undefined) return known;
    const frame = byId.get(id)?.callFrame;
    const text =
      frame === undefined
        ? ""
        : sourceStack(`${frame.functionName} ${frame.url}:${frame.lineNumber + 1}:${frame.columnNumber + 1}`);
    const own = STEPS.find(([, pattern]) => pattern.test(text))?.[0];
    const parent = parents.get(id);
    const step = text.startsWith(IDLE) ? IDLE : (own ?? (parent === undefined ? OTHER : stepOf(parent)));
    steps.set(id, step);
    return step;
  };
  const times = new Map<string, number>();
  let [at, busy] = [0, 0];
  for (const [i, id] of samples.entries()) {
    const delta = timeDeltas[i] ?? 0;
    at += delta;
    if (at > seconds * 1e6) break;
    const step = stepOf(id);
    if (step === IDLE) continue;
    busy += delta;
    times.set(step, (times.get(step) ?? 0) + delta);
  }
  return new Map([...times].toSorted(([, a], [, b]) => b - a).map(([step, time]) => [step, time / busy]));
}
