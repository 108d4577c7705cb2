/**
 * One embedded process on two cores: events in over HTTP, live figures out over websockets. Starts the real `oee start` with
 * many machines, sends events at a steady rate, and measures the time from an event's own instant to a websocket client: alone,
 * with queries of history, and with the requests of ten desks. Then it measures how long a reason takes from the tablet to the
 * wall, memory, processor time when idle, and the time until a restart shows figures.
 *
 *     npm run build && npx tsx -C @oee/source benchmarks/live.ts [machines] [events a second] [seconds a phase] [seconds idle]
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadMachineId, loadPlantYaml } from "@oee/simulator";
import { io, type Socket } from "socket.io-client";
import { postEvents, quantileOf, type Running, sendEvents, startOee, stopOee, usageOf } from "./loaded.ts";

const [machines = 10_000, perSecond = 20_000, seconds = 20, idleSeconds = 240] = process.argv.slice(2).map(Number);
const CLIENTS = 40;
const DESKS = 10;
/** Between the questions of somebody who looks at what they were answered. */
const LOOK_MS = 2_000;
const TAPS = 20;
const REASON = "jam";
const WARM_UP_MS = 10_000;
/** The pause after which machines that changed have their checkpoints, and the store has merged the parts that were written. */
const AT_REST_AFTER_MS = 60_000;
/** How long the idle process is measured: within a shorter time the garbage collector may run once or never. */
const IDLE_MS = idleSeconds * 1000;
const folder = mkdtempSync(join(tmpdir(), "oee-live-"));
const plant = join(folder, "plant.yaml");
writeFileSync(plant, `${loadPlantYaml(machines + 1)}\nreasons: { ${REASON}: { failure: true } }\n`);

interface Update {
  readonly elements: readonly {
    readonly scope: string;
    readonly machine: {
      readonly lastEventAt: number | null;
      readonly state: string;
      readonly reason: string | null;
    } | null;
  }[];
}

function clientOf(url: string, machine: string, latencies: number[]): Socket {
  const socket = io(`${url}/live`, { transports: ["websocket"] });
  let newest = 0;
  socket.on("connect", () => socket.emit("subscribe", { scopes: [machine], windows: ["shift"] }));
  socket.on("update", (update: Update) => {
    for (const { machine: state } of update.elements) {
      const at = state?.lastEventAt ?? 0;
      if (at > newest) {
        newest = at;
        latencies.push(Date.now() - at);
      }
    }
  });
  return socket;
}

const send = (url: string, ms: number): Promise<number> => sendEvents(url, machines, perSecond, ms);

async function query(url: string, ms: number): Promise<number> {
  const end = Date.now() + ms;
  let asked = 0;
  while (Date.now() < end) {
    const response = await fetch(`${url}/api/v1/kpis?by=area&from=now-1h&every=hour`);
    if (!response.ok) throw new Error(`${response.status}: ${(await response.text()).slice(0, 500)}`);
    await response.arrayBuffer();
    asked++;
  }
  return asked;
}

/** What the desk's views ask, of one area after the other. */
const DESK_QUESTIONS = [
  "/kpis?by=line&from=now-8h&scope=",
  "/kpis?by=machine&every=hour&from=now-8h&scope=",
  "/losses?by=line&from=now-8h&scope=",
  "/pareto?by=reason&from=now-8h&scope=",
  "/stops?from=now-8h&scope=",
  "/targets?scope=",
  "/live?scope=",
  "/assets?scope=",
  "/reasons/missing?scope=",
] as const;

async function lookAround(url: string, scopes: readonly string[], desk: number, ms: number): Promise<number> {
  const end = Date.now() + ms;
  await new Promise((resolve) => setTimeout(resolve, (desk * LOOK_MS) / DESKS));
  let asked = 0;
  while (Date.now() < end) {
    const scope = scopes[(desk + asked) % scopes.length] ?? "*";
    const path = `${DESK_QUESTIONS[asked % DESK_QUESTIONS.length]}${encodeURIComponent(scope)}`;
    const response = await fetch(`${url}/api/v1${path}`);
    if (!response.ok) throw new Error(`${path}: ${response.status}: ${(await response.text()).slice(0, 500)}`);
    await response.arrayBuffer();
    asked++;
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
  return asked;
}

/** A machine stops, and its reason is tapped on the tablet; answers how long (ms) after each tap a wall has it. */
async function tap(url: string): Promise<number[]> {
  // The one of which nothing else is sent.
  const machine = loadMachineId(machines);
  const socket = io(`${url}/live`, { transports: ["websocket"] });
  socket.on("connect", () => socket.emit("subscribe", { scopes: [machine], windows: ["shift"] }));
  const shown = (state: string, reason: string | null): Promise<void> =>
    new Promise((resolve) => {
      const look = ({ elements }: Update): void => {
        if (!elements.some((one) => one.machine?.state === state && one.machine.reason === reason)) return;
        socket.off("update", look);
        resolve();
      };
      socket.on("update", look);
    });
  const took: number[] = [];
  for (let i = 0; i < TAPS; i++) {
    const from = Date.now();
    const stopped = shown("down", null);
    await postEvents(url, `{"type":"state","machine":"${machine}","at":${from},"state":"down"}`);
    await stopped;
    const [to, onWall] = [Date.now(), shown("down", REASON)];
    await postEvents(
      url,
      `{"type":"correction","machine":"${machine}","at":${to},"from":${from},"to":${to + 60_000},"reason":"${REASON}","by":"anna","id":"tap-${i}"}`,
    );
    await onWall;
    took.push(Date.now() - to);
    await postEvents(
      url,
      `{"type":"correction","machine":"${machine}","at":${Date.now()},"from":${from},"to":${to + 60_000},"clear":true,"by":"anna"}`,
    );
    const runs = shown("running", null);
    await postEvents(url, `{"type":"state","machine":"${machine}","at":${Date.now()},"state":"running"}`);
    await runs;
  }
  socket.close();
  return took;
}

function tell(name: string, latencies: number[]): void {
  const sorted = latencies.toSorted((a, b) => a - b);
  const at = (share: number): number => quantileOf(sorted, share);
  console.log(
    `${name}: event to websocket client p50 ${at(0.5)} ms, p90 ${at(0.9)} ms, p99 ${at(0.99)} ms (${sorted.length} updates)`,
  );
}

async function idle(name: string): Promise<void> {
  const from = usageOf(pid());
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  const to = usageOf(pid());
  console.log(
    `${name}: ${(((to.cpu - from.cpu) / (IDLE_MS / 1000)) * 100).toFixed(1)} % of a core, ${to.rss.toFixed(0)} MB`,
  );
}

async function firstFigures(url: string): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/api/v1/live?scope=${encodeURIComponent(loadMachineId(machines - 1))}`).catch(
      () => null,
    );
    const answer =
      response?.ok === true ? ((await response.json()) as { elements?: { machine?: { state?: string } }[] }) : null;
    const state = answer?.elements?.[0]?.machine?.state;
    if (state !== undefined && state !== "unknown") return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const start = (): Promise<Running> => startOee(plant, join(folder, "data"));
let running = await start();
const pid = (): number => running.child.pid ?? 0;
const latencies: number[] = [];
const sockets = Array.from({ length: CLIENTS }, (_, i) =>
  clientOf(running.url, loadMachineId(Math.floor((i * machines) / CLIENTS)), latencies),
);
await send(running.url, WARM_UP_MS);
latencies.length = 0;

let before = usageOf(pid());
let sent = await send(running.url, seconds * 1000);
let after = usageOf(pid());
console.log(
  `${machines} machines, ${Math.round(sent / seconds)} events/s: ${(((after.cpu - before.cpu) / seconds) * 100).toFixed(0)} % of a core, ${after.rss.toFixed(0)} MB`,
);
tell("without queries", latencies.splice(0));
if (process.env["HOPS"] !== undefined) console.log(await (await fetch(`${running.url}/api/v1/latency`)).text());

before = usageOf(pid());
const [alsoSent, asked] = await Promise.all([send(running.url, seconds * 1000), query(running.url, seconds * 1000)]);
after = usageOf(pid());
sent += alsoSent;
console.log(
  `with ${asked} queries over an hour of all machines: ${(((after.cpu - before.cpu) / seconds) * 100).toFixed(0)} % of a core, ${after.rss.toFixed(0)} MB`,
);
tell("with queries", latencies.splice(0));

const scopes = [
  ...new Set(Array.from({ length: machines }, (_, i) => loadMachineId(i).split("/").slice(0, 2).join("/"))),
];
before = usageOf(pid());
const [sentToo, askedByDesks, taps] = await Promise.all([
  send(running.url, seconds * 1000),
  Promise.all(Array.from({ length: DESKS }, (_, desk) => lookAround(running.url, scopes, desk, seconds * 1000))),
  tap(running.url),
]);
after = usageOf(pid());
sent += sentToo;
console.log(
  `with ${DESKS} desks (${askedByDesks.reduce((sum, count) => sum + count, 0)} questions): ${(((after.cpu - before.cpu) / seconds) * 100).toFixed(0)} % of a core, ${after.rss.toFixed(0)} MB`,
);
tell("with desks", latencies.splice(0));
const sorted = taps.toSorted((a, b) => a - b);
console.log(
  `a reason from the tap to the wall: median ${sorted[TAPS >> 1]} ms, at most ${sorted.at(-1)} ms, of ${TAPS}`,
);

await new Promise((resolve) => setTimeout(resolve, AT_REST_AFTER_MS));
await idle(`idle, ${CLIENTS} clients`);
for (const socket of sockets) socket.close();
await idle("idle, no clients");
let at = Date.now();
await stopOee(running);
console.log(`stopped in ${((Date.now() - at) / 1000).toFixed(1)} s`);
at = Date.now();
running = await start();
await firstFigures(running.url);
console.log(`first live figures ${((Date.now() - at) / 1000).toFixed(1)} s after the start`);
await stopOee(running);
rmSync(folder, { recursive: true, force: true });
