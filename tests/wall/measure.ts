/** Measures what the wall costs: bytes to load, time to the first figures, processor time with updates, memory. For the tests of budgets and for benchmarks. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { LiveElement, TimelineSegment } from "@oee/protocol";
import type { Browser, CDPSession, Page } from "playwright-core";
import { elementOf, largePlant, machineOf, NOW } from "../../dashboards/test/plant-fixture.ts";
import { DIST } from "../../dashboards/test/scripted-gateway.ts";
import { gatewayOf, openScreen, settled } from "./wall.ts";

export interface Weight {
  readonly scriptBytes: number;
  readonly styleBytes: number;
  readonly fontBytes: number;
}

/** Bytes of all files that the wall may load, in every language and with the set-up page: scripts and styles gzipped, fonts as they are. */
export function weigh(): Weight {
  return weighAssets(assetsOf("index.html"));
}

export function weighAssets(assets: ReadonlySet<string>): Weight {
  const weight = { scriptBytes: 0, styleBytes: 0, fontBytes: 0 };
  for (const name of assets) {
    const bytes = readFileSync(join(DIST, name));
    if (name.endsWith(".js")) weight.scriptBytes += gzipSync(bytes).length;
    if (name.endsWith(".css")) weight.styleBytes += gzipSync(bytes).length;
    if (name.endsWith(".woff2")) weight.fontBytes += bytes.length;
  }
  return weight;
}

/** A chunk in Vite's manifest. */
interface Chunk {
  readonly file: string;
  readonly css?: readonly string[];
  readonly assets?: readonly string[];
  readonly imports?: readonly string[];
  readonly dynamicImports?: readonly string[];
}

/** Names of the files of a page and of all modules that it imports at once or later, except those for which `without` is true. */
export function assetsOf(page: string, without: (module: string) => boolean = () => false): ReadonlySet<string> {
  const manifest = JSON.parse(readFileSync(join(DIST, ".vite/manifest.json"), "utf8")) as Record<string, Chunk>;
  const files = new Set<string>();
  const seen = new Set<string>();
  const visit = (module: string): void => {
    if (seen.has(module) || without(module)) return;
    seen.add(module);
    const { file, css = [], assets = [], imports = [], dynamicImports = [] } = manifest[module] ?? { file: "" };
    for (const name of [file, ...css, ...assets]) if (name !== "") files.add(name);
    for (const other of [...imports, ...dynamicImports]) visit(other);
  };
  visit(page);
  return files;
}

export interface Start {
  /** Time from the request of the page to its first figures, by the clock. */
  readonly elapsedMs: number;
  /** Processor time that the page's main thread took of it: on a slower processor this part grows. */
  readonly processorMs: number;
}

export async function timeToFirstFigures(browser: Browser, url: string): Promise<Start> {
  const { page, close } = await openScreen(browser, "about:blank");
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  const tasks = async (): Promise<number> => {
    const { metrics } = await cdp.send("Performance.getMetrics");
    return (metrics.find((metric) => metric.name === "TaskDuration")?.value ?? Number.NaN) * 1_000;
  };
  const before = await tasks();
  await page.goto(url);
  const figures = await page.waitForFunction(() =>
    document.querySelector(".oee-value") === null ? 0 : performance.now(),
  );
  const processorMs = Math.round((await tasks()) - before);
  const elapsedMs = Math.round(await figures.jsonValue());
  await close();
  return { elapsedMs, processorMs };
}

export interface Work {
  /** Share of one core that the page's main thread was busy. */
  readonly mainThread: number;
  /** Share of one core of the whole renderer process. */
  readonly renderer: number;
  readonly scriptShare: number;
}

/** Work of the page while `update` is called four times a second for some seconds; `step` counts from 1. */
export async function workAtFourUpdatesASecond(
  browser: Browser,
  page: Page,
  seconds: number,
  update: (step: number) => void,
): Promise<Work> {
  const cdp = await page.context().newCDPSession(page);
  // Processor time of the thread, not time on the clock, which other processes lengthen.
  await cdp.send("Performance.enable", { timeDomain: "threadTicks" });
  const browserCdp = await browser.newBrowserCDPSession();
  let step = 0;
  const timer = setInterval(() => update(++step), 250);
  const before = await busy(cdp, browserCdp);
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  const after = await busy(cdp, browserCdp);
  clearInterval(timer);
  const elapsed = after.at - before.at;
  return {
    mainThread: (after.tasks - before.tasks) / elapsed,
    renderer: (after.renderer - before.renderer) / elapsed,
    scriptShare: (after.script - before.script) / elapsed,
  };
}

export interface ScriptedLine {
  /** Address of the line's wall screen. */
  readonly url: string;
  /** Sends all elements, with counts, rate and figures that depend on `step`. */
  readonly update: (step: number) => void;
  readonly close: () => Promise<void>;
}

/** A line of 20 machines at a scripted server in this process. */
export async function scriptedLineOfTwenty(): Promise<ScriptedLine> {
  const scene = largePlant(1, 1, 1, 20);
  const gateway = await gatewayOf(scene);
  return {
    url: `${gateway.url}/wall/site-1/area-1/line-1`,
    update: (step) => gateway.push(scene.elements.map((element, i) => changed(element, step, i))),
    close: gateway.close,
  };
}

/** Work of the line's screen while all 20 machines change four times a second. */
export async function scriptedWork(browser: Browser, line: ScriptedLine, seconds: number): Promise<Work> {
  const { page, close } = await openScreen(browser, line.url, { size: "fullHd" });
  await settled(page);
  const work = await workAtFourUpdatesASecond(browser, page, seconds, line.update);
  await close();
  return work;
}

/**
 * Bound of the processor time of the main thread until the first figures (time on the clock is lengthened by other processes): 2 s on a
 * processor five times slower, of which 500 ms are left for the network.
 */
export const PROCESSOR_MS = (2_000 - 500) / 5;
/** Bound of the share of a core that the main thread is busy. */
export const MAIN_THREAD = 0.1;

const RUNS_MAX = 3;

/** A cost, measured again while it is not below `bound`, at most three times: other work of this computer only adds to a cost. */
export async function leastOf(measure: () => Promise<number>, bound: number): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < RUNS_MAX && least >= bound; run++) least = Math.min(least, await measure());
  return least;
}

async function busy(
  page: CDPSession,
  browser: CDPSession,
): Promise<{ at: number; tasks: number; script: number; renderer: number }> {
  const { metrics } = await page.send("Performance.getMetrics");
  const value = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
  const { processInfo } = await browser.send("SystemInfo.getProcessInfo");
  const renderers = processInfo.filter((each) => each.type === "renderer");
  return {
    at: performance.now() / 1_000,
    tasks: value("TaskDuration"),
    script: value("ScriptDuration"),
    renderer: renderers.reduce((sum, each) => sum + each.cpuTime, 0),
  };
}

/** The element with counts, rate and figures that depend on `step`. */
function changed(element: LiveElement, step: number, index: number): LiveElement {
  const figures = { produced: 9_000 + step + index, availability: 0.8 + ((step + index) % 100) / 1_000 };
  const scope = {
    path: element.scope,
    kind: element.kind,
    name: element.name,
    parent: null,
    timezone: element.timezone,
    rated: true,
    targets: element.targets,
    unit: element.unit,
    decimals: element.decimals,
  };
  if (element.machine === null) return elementOf(scope, {}, figures);
  const machine = { ...element.machine, rate: 2_700 + (step % 50), lastEventAt: NOW + step * 250 };
  return elementOf(scope, { machine }, figures);
}

export interface Heap {
  /** Bytes in use after a garbage collection: after an eighth of the messages, and at the end. */
  readonly earlyBytes: number;
  readonly lateBytes: number;
  readonly messages: number;
  readonly domNodesEarly: number;
  readonly domNodesLate: number;
}

/** After these parts of the day, of which the greater counts: V8 compiles a third of a megabyte more until the evening, however many messages come. */
const FIRST_HOURS = [1 / 8, 1 / 4];

/** Sends a day of updates of a line of five machines, one every `everySeconds` of the server's time, as fast as the screen takes them. */
export async function aDayOfUpdates(browser: Browser, everySeconds: number): Promise<Heap> {
  const scene = largePlant(1, 1, 1, 5);
  let now = NOW;
  const gateway = await gatewayOf(scene, { now: () => now, heartbeatMs: 0 });
  const { page, close } = await openScreen(browser, `${gateway.url}/wall/site-1/area-1/line-1`);
  await settled(page);
  const cdp = await page.context().newCDPSession(page);
  await cdp.send("HeapProfiler.enable");
  await cdp.send("Performance.enable");
  const inUse = async (): Promise<{ bytes: number; nodes: number }> => {
    // One leaves as much as half a megabyte, by chance; after four, runs differ by a few kilobytes.
    for (let i = 0; i < 4; i++) await cdp.send("HeapProfiler.collectGarbage");
    const { usedSize } = await cdp.send("Runtime.getHeapUsage");
    const { metrics } = await cdp.send("Performance.getMetrics");
    return { bytes: usedSize, nodes: metrics.find((metric) => metric.name === "Nodes")?.value ?? Number.NaN };
  };
  const states = ["running", "minor", "running", "noReason", "setup", "running", "noData", "slow"] as const;
  const messages = Math.floor(86_400 / everySeconds);
  let early: { bytes: number; nodes: number } | undefined;
  for (let step = 1; step <= messages; step++) {
    now = NOW + step * everySeconds * 1_000;
    const index = step % scene.elements.length;
    const element = scene.elements[index];
    if (element === undefined) continue;
    const moved = changed(element, step, index);
    const state = states[Math.floor(step / 7 + index) % states.length] ?? "running";
    const machine =
      moved.machine === null ? null : { ...machineOf(state, step % 50), timeline: aged(moved.machine.timeline, now) };
    gateway.push([{ ...moved, machine }]);
    if (step % 200 === 0) await shown(page, step, gateway, scene, now);
    if (FIRST_HOURS.some((part) => step === Math.ceil(part * messages))) {
      const found = await inUse();
      if (early === undefined || found.bytes > early.bytes) early = found;
    }
  }
  await shown(page, messages + 1, gateway, scene, now);
  const late = await inUse();
  await close();
  await gateway.close();
  return {
    messages,
    earlyBytes: early?.bytes ?? Number.NaN,
    lateBytes: late.bytes,
    domNodesEarly: early?.nodes ?? Number.NaN,
    domNodesLate: late.nodes,
  };
}

function aged(timeline: readonly TimelineSegment[], now: number): readonly TimelineSegment[] {
  return timeline.map((segment) => ({ ...segment, from: segment.from - NOW + now, to: segment.to - NOW + now }));
}

/** Sends a number and waits until the screen shows it, so that messages do not pile up on the way. */
async function shown(
  page: Page,
  step: number,
  gateway: Awaited<ReturnType<typeof gatewayOf>>,
  scene: ReturnType<typeof largePlant>,
  now: number,
): Promise<void> {
  const line = scene.elements.find((element) => element.kind === "line");
  if (line === undefined) return;
  gateway.push([
    {
      ...changed(line, step, 0),
      name: `Line at ${now}`,
      windows: elementOf(
        {
          path: line.scope,
          kind: "line",
          name: line.name,
          parent: null,
          timezone: line.timezone,
          rated: true,
          targets: {},
          unit: line.unit,
          decimals: line.decimals,
        },
        {},
        { produced: 900_000 + step },
      ).windows,
    },
  ]);
  await page.getByText(new Intl.NumberFormat("en").format(900_000 + step), { exact: true }).waitFor();
}
