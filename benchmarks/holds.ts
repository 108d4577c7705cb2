/**
 * How long live figures wait for other work. `oee start` with 5,000 machines takes events and shows some of them, while each
 * route is asked the question that costs it most, while events with extreme values and of the oldest and newest instants come,
 * and while machines are recomputed. For each phase it prints the time from event to websocket client, and the longest time that
 * the event loop was held up in one go, as processor time of its thread. At the end it prints, over all phases beside live
 * traffic, the p99 from event to client, memory before and after, and how busy the machine was, by which times of the clock must
 * be judged. Memory after is measured when what the phases had recomputed is done.
 *
 *     npm run build && npx tsx -C @oee/source benchmarks/holds.ts [--events 1000] [--phase 2] [--minutes 5] [--only TEXT]
 *
 * Events a second, seconds a phase at least, minutes in all, and a part of the names of the phases to run. `OEE_HOLDS_PROFILE=1`
 * prints the stacks of the longest holds too, and makes all of it slower. Linux.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { io } from "socket.io-client";
import { bigPlantText, dearestQuestions, type Question } from "../services/gateway/test/requests.ts";
import { extremeEvents, instantEvents } from "./rare-events.ts";

const { values: given } = parseArgs({
  options: {
    events: { type: "string", default: "1000" },
    phase: { type: "string", default: "2" },
    minutes: { type: "string", default: "5" },
    only: { type: "string", default: "" },
  },
});
const perSecond = Number(given.events);
const phaseMs = Number(given.phase) * 1_000;
const { only } = given;
const TARGET_MS = 250;
const MACHINES = Array.from(
  { length: 5_000 },
  (_, i) => `s${i % 50}/a/l${Math.floor(i / 50) % 10}/m${Math.floor(i / 500)}`,
);
const CLIENTS = 20;
/** A sender may post 1,200 times a minute; one that is refused for a second would look like a stall. */
const TICK_MS = 60;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A question that takes longer is aborted, and reported. */
const ANSWER_MS = 45_000;
/** How long recomputes that phases began may go on after the last of them. */
const REST_MS = 300_000;
const SETTLE_MS = 20_000;
/** Two machines of the plant that are recomputed: one by its states, one by its pulses (TL-9). */
const ALONE = "alone";
const [BY_STATES, BY_PULSES] = ["s0/a/l0/m0", "s0/a/l1/m0"];

const folder = mkdtempSync(join(tmpdir(), "oee-holds-"));
const holdsFile = join(folder, "holds.ndjson");
const pulses = bigPlantText().replace(/( {10}l1: *\n.*\n *m0: \{ idealCycleSeconds: 1.2) \}/, "$1, pulseGap: 6m }");
writeFileSync(join(folder, "plant.yaml"), pulses);

const probe = fileURLToPath(new URL("hold-probe.ts", import.meta.url));
const args = [
  "--plant",
  join(folder, "plant.yaml"),
  "--data",
  join(folder, "data"),
  "--port",
  "0",
  "--log-level",
  "warn",
];
const child: ChildProcess = spawn("node_modules/.bin/oee", ["start", ...args], {
  stdio: ["ignore", "pipe", "inherit"],
  env: { ...process.env, OEE_HOLDS: holdsFile, NODE_OPTIONS: `--import tsx --import ${probe}` },
});
const url = await new Promise<string>((resolve, reject) => {
  child.stdout?.on("data", (chunk: Buffer) => {
    const found = /wall\s+(http:\S+)\/wall/.exec(chunk.toString());
    if (found?.[1] !== undefined) resolve(found[1]);
  });
  child.once("exit", (code) => reject(new Error(`oee start ended with ${code}`)));
});

interface Update {
  readonly elements: readonly { readonly machine: { readonly lastEventAt: number | null } | null }[];
}

/** The version of build and plant file, by the last message of the live channel. */
let version = "";
const latencies: number[] = [];
/** Latencies (ms) of all phases except the first, which has live traffic alone. */
const besides: number[] = [];
const sockets = Array.from({ length: CLIENTS }, (_, i) => {
  const socket = io(`${url}/live`, { transports: ["websocket"] });
  let newest = 0;
  const scope = MACHINES[i * 7 + 100] ?? "";
  socket.on("connect", () => socket.emit("subscribe", { scopes: [scope], windows: ["shift"] }));
  socket.on("snapshot", (of: { readonly version: string }) => (version = of.version));
  socket.on("update", ({ elements }: Update) => {
    const at = elements[0]?.machine?.lastEventAt ?? 0;
    if (at <= newest) return;
    newest = at;
    latencies.push(Date.now() - at);
  });
  return socket;
});

let sending = true;
const sender = (async () => {
  let next = 0;
  const began = Date.now();
  while (sending) {
    const due = Math.floor(((Date.now() - began) * perSecond) / 1_000);
    const lines: string[] = [];
    // Half of the events are of machines that a client shows.
    for (; next < due; next++) {
      const machine = MACHINES[next % 2 === 0 ? ((next / 2) % CLIENTS) * 7 + 100 : next % MACHINES.length];
      lines.push(JSON.stringify({ type: "count", machine, at: Date.now(), good: 1 }));
    }
    if (lines.length > 0) void post(lines).catch((error: unknown) => console.error(reasonOf(error)));
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
})();

async function post(lines: readonly string[]): Promise<void> {
  const headers = { "content-type": "application/x-ndjson" };
  const response = await fetch(`${url}/api/v1/events`, { method: "POST", headers, body: lines.join("\n") });
  const text = await response.text();
  if (response.status === 429) {
    await new Promise((resolve) => setTimeout(resolve, 1_000 * Number(response.headers.get("retry-after") ?? 1)));
    return post(lines);
  }
  if (response.status !== 202) throw new Error(`${response.status}: ${text.slice(0, 300)}`);
}

function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message}: ${cause.message}` : message;
}

interface Told {
  readonly over: readonly number[];
  readonly holds: readonly { readonly ms: number; readonly stack: readonly string[] }[];
}

let lines = 0;
async function holds(): Promise<Told> {
  child.kill("SIGUSR2");
  for (;;) {
    const all = existsSync(holdsFile) ? readFileSync(holdsFile, "utf8").split("\n").slice(0, -1) : [];
    if (all.length > lines) {
      lines = all.length;
      return JSON.parse(all.at(-1) ?? "") as Told;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

function percentile(sorted: readonly number[], share: number): number | undefined {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Resident memory of the measured process (MiB). */
function memory(): number {
  const [, kib = "0"] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${child.pid}/status`, "latin1")) ?? [];
  return Math.round(Number(kib) / 1024);
}

/** Resident memory by owner (MiB). Mapped files are the log's (LMDB), and code, most of it ClickHouse's. */
async function memoryByOwner(): Promise<string> {
  const status = readFileSync(`/proc/${child.pid}/status`, "latin1");
  const inMiB = (field: string): number =>
    Math.round(Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1]) / 1024);
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const metric = (name: string): number =>
    Math.round(Number(new RegExp(`^${name} (\\S+)`, "m").exec(metrics)?.[1]) / 1024 ** 2);
  const heap = [metric("nodejs_heap_size_used_bytes"), metric("nodejs_heap_size_total_bytes")];
  const external = metric("nodejs_external_memory_bytes");
  const others = inMiB("RssAnon") - (heap[1] ?? 0) - external;
  const map = statSync(join(folder, "data", "log", "log", "data.mdb")).size / 1024 ** 2;
  return `${memory()} MiB (${inMiB("RssFile")} of files, of which the log's has ${Math.round(map)}; V8's heap ${heap[1]}, of which ${heap[0]} are used; buffers ${external}; ${others} of others: ClickHouse and the allocator)`;
}

function load(): string {
  return readFileSync("/proc/loadavg", "latin1").split(" ").slice(0, 2).join(" and ");
}

let memoryMost = 0;
let passedOver = 0;
let longestHold = 0;

async function phase(name: string, work: () => Promise<string>): Promise<void> {
  // The first phase always runs: the others are compared with it, and it warms up the code that they share.
  if (name !== ALONE && !name.includes(only)) return;
  if (performance.now() > endsAt) {
    passedOver++;
    return;
  }
  await holds();
  latencies.length = 0;
  const began = performance.now();
  const did = await work();
  const tookMs = performance.now() - began;
  if (tookMs < phaseMs) await pause(Math.min(2_000, phaseMs - tookMs));
  const { over, holds: longest } = await holds();
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number): string => String(percentile(sorted, share) ?? "-");
  const [first] = longest;
  if (name !== ALONE) {
    for (const latency of latencies) besides.push(latency);
    longestHold = Math.max(longestHold, first?.ms ?? 0);
  }
  memoryMost = Math.max(memoryMost, memory());
  const long = [20, 50, 100].map((ms) => `${over.filter((each) => each > ms).length} over ${ms} ms`).join(", ");
  console.log(
    `${name}: ${did} ${(tookMs / 1_000).toFixed(1)} s; event to client p50 ${at(0.5)}, p99 ${at(0.99)}, longest ${at(1)} ms; held up for at most ${first?.ms.toFixed(0)} ms (${long})`,
  );
  for (const { ms, stack } of longest)
    if (ms > 20) for (const frame of [`  ${ms.toFixed(0)} ms`, ...stack]) console.log(`    ${frame}`);
}

async function asked({ url: path, init }: Question): Promise<string> {
  let bytes = 0;
  try {
    const response = await fetch(`${url}/api/v1${path}`, { ...init, signal: AbortSignal.timeout(ANSWER_MS) });
    for await (const piece of response.body ?? []) bytes += (piece as Uint8Array).length;
    return `${response.status}, ${bytes} bytes in`;
  } catch (error) {
    return `${error instanceof Error ? error.name : String(error)} after ${bytes} bytes in`;
  }
}

/** Sends events, some at a time, for the length of a phase; returns as text how often each HTTP status came. */
async function sendEvents(eventsOf: (machine: string, now: number, i: number) => readonly object[]): Promise<string> {
  const until = performance.now() + phaseMs;
  const answers = new Map<number, number>();
  for (let i = 0; performance.now() < until; i++) {
    // Machines that no screen shows, for latency is measured by the events of those that are shown.
    const machine = MACHINES[(i * 61) % MACHINES.length] ?? "";
    const body = eventsOf(machine, Date.now(), i)
      .map((event) => JSON.stringify(event))
      .join("\n");
    const headers = { "content-type": "application/x-ndjson" };
    const { status } = await fetch(`${url}/api/v1/events`, { method: "POST", headers, body });
    answers.set(status, (answers.get(status) ?? 0) + 1);
    await pause(TICK_MS);
  }
  return `${[...answers].map(([status, times]) => `${times} times ${status}`).join(", ")} in`;
}

/** Sends a machine's history, and then one late event, which has all of the history recomputed. */
async function recompute(machine: string, days: number): Promise<string> {
  const before = await recomputes();
  const from = Date.now() - days * DAY_MS;
  const texts: string[] = [JSON.stringify({ type: "state", machine, at: from, state: "running" })];
  for (let at = from + 60_000; at < Date.now() - HOUR_MS; at += 60_000) {
    texts.push(JSON.stringify({ type: "count", machine, at, good: 10 }));
  }
  for (let i = 0; i < texts.length; i += 5_000) await post(texts.slice(i, i + 5_000));
  // Some pieces of the history may have been recomputed before all of it was sent.
  return (await waitForRecompute(before)) && (await comesToRest()) ? `${days} days,` : `${days} days, not done`;
}

/** Waits for one more recompute than before; `false` where it takes too long. */
async function waitForRecompute(before: number): Promise<boolean> {
  const until = performance.now() + ANSWER_MS;
  while (performance.now() < until) {
    if ((await recomputes()) > before) return true;
    await pause(200);
  }
  return false;
}

async function recomputes(): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^oee_worker_recomputes_total (\d+)/m.exec(text)?.[1] ?? 0);
}

/** Waits until no machine is being computed again, as readiness tells, for a few minutes at most. */
async function comesToRest(): Promise<boolean> {
  const until = performance.now() + REST_MS;
  while (performance.now() < until) {
    const ready = await (await fetch(`${url}/health/ready`)).text();
    if (!ready.includes("being computed again")) return true;
    await pause(1_000);
  }
  return false;
}

/** Sends a pulse that is late by some days, of a machine whose state is running: production between its neighbouring pulses is judged anew (TL-9). */
async function latePulse(days: number): Promise<string> {
  const before = await recomputes();
  await post([JSON.stringify({ type: "count", machine: BY_PULSES, at: Date.now() - days * DAY_MS + 30_000, good: 1 })]);
  return (await waitForRecompute(before)) ? `${days} days back,` : `${days} days back, not done`;
}

/** Changes the plant file, and waits while machines go over to it one after the other. */
async function plantChanged(text: string): Promise<string> {
  writeFileSync(join(folder, "plant.yaml"), text);
  const [old, until] = [version, performance.now() + ANSWER_MS];
  while (version === old && performance.now() < until) await pause(100);
  await pause(2 * phaseMs);
  return version === old ? "not taken up in" : "";
}

// Waits until figures reach the clients.
while (latencies.length < 10 * CLIENTS) await pause(100);
const before = { memory: await memoryByOwner(), load: load() };
const endsAt = performance.now() + Number(given.minutes) * 60_000;
console.log(
  `5,000 machines, ${perSecond} events/s, ${CLIENTS} clients; load average ${before.load} on ${availableParallelism()} cores`,
);
await phase(ALONE, async () => {
  await pause(phaseMs);
  return "";
});
await phase("extreme values", () => sendEvents(extremeEvents));
await phase("oldest and newest instants", () => sendEvents(instantEvents));
for (const [route, questions] of Object.entries(dearestQuestions(Date.now()))) {
  for (const question of questions) {
    const path = question.url.length > 90 ? `${question.url.slice(0, 90)}…` : question.url;
    await phase(`${route.split(" ")[0]} ${path}`, () => asked(question));
  }
}
await phase("recompute by states", () => recompute(BY_STATES ?? "", 120));
await phase("recompute by pulses", () => recompute(BY_PULSES ?? "", 60));
await phase("recompute late pulse", () => latePulse(40));
const cycles = pulses.replace("idealCycleSeconds: 1.2", "idealCycleSeconds: 1.3");
await phase("plant file changed", () => plantChanged(cycles));
// After the change other machines stand for the line (DI-3): a question about the past has the whole plant with its past made.
await phase("machine added to the plant file", async () => {
  const did = await plantChanged(cycles.replace(/( +)m9: (.*)\n/, "$1m9: $2\n$1m10: $2\n"));
  return `${did} ${await asked({ url: "/kpis?from=now-1h&by=line", status: 200 })}`;
});
sending = false;
await sender;
const atRest = await comesToRest();
await pause(SETTLE_MS);
const all = besides.toSorted((a, b) => a - b);
const p99 = percentile(all, 0.99) ?? Infinity;
console.log(
  `beside all of it: event to client p50 ${percentile(all, 0.5)}, p99 ${p99}, longest ${all.at(-1)} ms of ${all.length} (p99 of at most ${TARGET_MS} ms: ${p99 <= TARGET_MS ? "met" : "missed"}); held up for at most ${longestHold.toFixed(0)} ms; ${passedOver} phases passed over, for the time was up`,
);
console.log(
  `memory ${before.memory} before, ${memoryMost} MiB at most after a phase, ${await memoryByOwner()} ${SETTLE_MS / 1_000} s after ${atRest ? "all recomputes" : "the last, recomputes not done"}; load average ${before.load} before, ${load()} after`,
);
for (const socket of sockets) socket.close();
const ended = new Promise((resolve) => child.once("exit", resolve));
child.kill("SIGTERM");
await ended;
rmSync(folder, { recursive: true, force: true });
