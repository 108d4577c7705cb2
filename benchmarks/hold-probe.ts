/**
 * Loaded into the product (`--import`) by `holds.ts`: measures how long the event loop was held up in one go, in processor time
 * of its thread, which a busy machine does not lengthen. On SIGUSR2 it writes what it measured since the last signal as a line
 * of JSON to the file `OEE_HOLDS`. With `OEE_HOLDS_PROFILE` it also samples stacks and adds those of the longest holds. Linux only.
 */
import { appendFileSync, readFileSync } from "node:fs";
import { type Profiler, Session } from "node:inspector";
import { PerformanceObserver } from "node:perf_hooks";
import { sourceStack } from "../services/oee/src/output/source-stack.ts";

const EVERY_MS = 1;
const KEPT = 5;
const FRAMES = 30;

interface Hold {
  readonly ms: number;
  readonly fromUs: number;
  readonly toUs: number;
}

const file = process.env["OEE_HOLDS"] ?? "";
/** Kinds of garbage collection by the numbers of `perf_hooks`. */
const KINDS: Readonly<Record<number, string>> = { 1: "young", 4: "all", 8: "step of marking", 16: "weak callbacks" };
const session = process.env["OEE_HOLDS_PROFILE"] === undefined ? null : new Session();
/** Recent garbage collections, with times of `performance.now()`. */
let collections: (PerformanceEntry & { readonly detail?: unknown })[] = [];
let over: number[] = [];
let longest: Hold[] = [];
let last = read();

function read(): { readonly cpuMs: number; readonly us: number } {
  const [ns = "0"] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, "latin1").split(" ");
  return { cpuMs: Number(ns) / 1e6, us: Number(process.hrtime.bigint() / 1000n) };
}

function tick(): void {
  const now = read();
  const ms = now.cpuMs - last.cpuMs;
  if (ms > 5) over.push(ms);
  if (longest.length < KEPT || ms > (longest.at(-1)?.ms ?? 0)) {
    longest = [...longest, { ms, fromUs: last.us, toUs: now.us }].sort((a, b) => b.ms - a.ms).slice(0, KEPT);
  }
  last = now;
}

/** The stack of a hold: from the outermost frame on, as far as at least half of the samples within the hold agree. */
function stackOf(profile: Profiler.Profile, { fromUs, toUs }: Hold): string[] {
  const parents = new Map(profile.nodes.flatMap(({ id, children }) => (children ?? []).map((child) => [child, id])));
  const byId = new Map(profile.nodes.map((node) => [node.id, node]));
  const stacks: string[][] = [];
  let at = profile.startTime;
  profile.samples?.forEach((sample, i) => {
    at += profile.timeDeltas?.[i] ?? 0;
    if (at < fromUs || at > toUs) return;
    const frames: string[] = [];
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      const frame = byId.get(id)?.callFrame;
      if (frame !== undefined && frame.functionName !== "(root)") {
        frames.unshift(`${frame.functionName} ${frame.url}:${frame.lineNumber + 1}:${frame.columnNumber + 1}`);
      }
    }
    stacks.push(frames);
  });
  const told: string[] = [];
  let alike = stacks;
  while (told.length < FRAMES) {
    const depth = told.length;
    const counts = new Map<string, number>();
    for (const { [depth]: frame } of alike) if (frame !== undefined) counts.set(frame, (counts.get(frame) ?? 0) + 1);
    const [most] = [...counts].sort((a, b) => b[1] - a[1]);
    if (most === undefined || most[1] * 3 < stacks.length) break;
    const place = sourceStack(most[0]).replace(/ \S*?([^/]+\/[^/]+:\d+):\d+$/, " $1");
    told.push(`${place} (${most[1]}/${stacks.length})`);
    alike = alike.filter(({ [depth]: frame }) => frame === most[0]);
  }
  return told;
}

/** The garbage collections within a hold, in ms of the clock. */
function collectedIn({ fromUs, toUs }: Hold): string[] {
  const offsetUs = Number(process.hrtime.bigint() / 1000n) - performance.now() * 1_000;
  return collections
    .filter(({ startTime, duration }) => {
      const us = startTime * 1_000 + offsetUs;
      return us < toUs && us + duration * 1_000 > fromUs;
    })
    .map(({ duration, detail }) => {
      const { kind, flags } = detail as { readonly kind: number; readonly flags: number };
      return `collection: ${KINDS[kind] ?? kind} (flags ${flags}), ${duration.toFixed(1)} ms`;
    });
}

function tell(profile: Profiler.Profile | null): void {
  const holds = longest.map((hold) => ({
    ms: hold.ms,
    stack: profile === null ? [] : [...collectedIn(hold), ...stackOf(profile, hold)],
  }));
  appendFileSync(file, `${JSON.stringify({ over, holds })}\n`);
  [over, longest, last, collections] = [[], [], read(), []];
}

function begin(): void {
  if (session === null) return;
  session.post("Profiler.enable");
  session.post("Profiler.setSamplingInterval", { interval: 1_000 });
  session.post("Profiler.start");
}

if (file !== "") {
  session?.connect();
  if (session !== null) {
    new PerformanceObserver((list) => collections.push(...list.getEntries())).observe({ entryTypes: ["gc"] });
  }
  begin();
  setInterval(tick, EVERY_MS).unref();
  process.on("SIGUSR2", () => {
    tick();
    if (session === null) tell(null);
    else
      session.post("Profiler.stop", (_error, { profile }) => {
        tell(profile);
        begin();
        last = read();
      });
  });
}
