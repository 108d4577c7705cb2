/** What benchmarks of one loaded `oee start` share: starting and stopping it, a steady rate of events of all machines, its use of the processor. */
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { loadMachineId } from "@oee/simulator";

/** A sender may post 1,200 times a minute, and reasons are posted besides. */
const TICK_MS = 60;

export interface Running {
  readonly child: ChildProcess;
  readonly url: string;
}

/** Starts the built `oee start` of a checkout with a plant file and a data folder; a profile of its main thread, if one is wanted, names the files before they are bundled. */
export async function startOee(
  plant: string,
  data: string,
  {
    root = ".",
    profile,
    args: more = [],
  }: { readonly root?: string; readonly profile?: string | undefined; readonly args?: readonly string[] } = {},
): Promise<Running> {
  const args = ["start", "--plant", plant, "--data", data, "--port", "0", "--log-level", "warn", ...more];
  const command = join(root, "services/oee/bin/oee.js");
  // As its first line has them.
  const words = readFileSync(command, "utf8").split("\n", 1)[0]?.split(" ").slice(2) ?? [];
  const at = words.indexOf("node");
  const set = Object.fromEntries(words.slice(0, at).map((word) => word.split("=", 2)));
  const main =
    profile === undefined
      ? [command]
      : ["--cpu-prof", `--cpu-prof-dir=${profile}`, join(root, "services/oee/dist/main.js")];
  const child = spawn(process.execPath, [...words.slice(at + 1), ...main, ...args], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...set },
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.on("data", (chunk: Buffer) => {
      const found = /wall\s+(http:\S+)\/wall/.exec(chunk.toString());
      if (found?.[1] !== undefined) resolve(found[1]);
    });
    child.once("exit", (code) => reject(new Error(`oee start ended with ${code}`)));
  });
  return { child, url };
}

export async function stopOee({ child }: Running): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}

/** User and system time of a process (s) and its resident memory (MB). */
export function usageOf(pid: number): { readonly cpu: number; readonly rss: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return { cpu: (Number(fields[11]) + Number(fields[12])) / 100, rss: Number(rss) / 1024 };
}

/** Sends events of all machines in turn, each with the instant at which it is sent; answers how many. */
export async function sendEvents(url: string, machines: number, perSecond: number, ms: number): Promise<number> {
  const end = Date.now() + ms;
  let next = 0;
  let sent = 0;
  const started = Date.now();
  const posts: Promise<void>[] = [];
  while (Date.now() < end) {
    const due = Math.floor(((Date.now() - started) * perSecond) / 1000) - sent;
    const lines: string[] = [];
    for (let i = 0; i < due; i++) {
      const machine = loadMachineId(next % machines);
      const turn = Math.floor(next / machines);
      next++;
      const at = Date.now();
      lines.push(
        turn % 60 === 0
          ? `{"type":"state","machine":"${machine}","at":${at},"state":"${turn % 120 === 0 ? "running" : "idle"}"}`
          : `{"type":"count","machine":"${machine}","at":${at},"good":1}`,
      );
    }
    sent += due;
    if (lines.length > 0) posts.push(postEvents(url, lines.join("\n")));
    await new Promise((resolve) => setTimeout(resolve, TICK_MS));
  }
  await Promise.all(posts);
  return sent;
}

export async function postEvents(url: string, body: string): Promise<void> {
  const response = await fetch(`${url}/api/v1/events`, {
    method: "POST",
    headers: { "content-type": "application/x-ndjson" },
    body,
  });
  if (response.status !== 202) throw new Error(`${response.status}: ${(await response.text()).slice(0, 500)}`);
  await response.arrayBuffer();
}

/** The value below which a share of some values lies. */
export function quantileOf(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
