/**
 * Runs the real command line as processes beside the test: starts them, asks them over HTTP, ends them by signals. Processes that
 * a test leaves running are killed when the test process ends, and folders are removed with the test that made them.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { OEE } from "../cli/oee.ts";
import { environmentFor, hasSignIn, SIGNS_IN, signInTo } from "../support/sign-in.ts";

const LOOK_EVERY_MS = 100;
/** How long tests wait for something that takes a second or two on a quiet machine, and much longer on a busy one. */
const PATIENCE_MS = 240_000;

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface OeeProcess {
  readonly pid: number;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly ended: Promise<Ended>;
  /** Sends a signal without waiting. */
  signal(signal: NodeJS.Signals): void;
  /** Sends a signal, and waits for the end of the process. */
  end(signal: NodeJS.Signals): Promise<Ended>;
}

export interface Served extends OeeProcess {
  /** The address, such as `http://127.0.0.1:4711`; with `https` where the process serves TLS. */
  readonly url: string;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** The environment of processes, without settings of the person who runs the tests, and with time for an end in order on a busy machine. */
const ENVIRONMENT = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("OEE_"))),
  OEE_END_WITHIN: "2m",
};

/** Starts a command; `input` is written to its standard input. */
export function runOee(
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
  input: string | null = null,
): OeeProcess {
  const child = spawn(process.execPath, [OEE, ...args], {
    env: { ...ENVIRONMENT, ...environmentFor(args), ...more },
    stdio: [input === null ? "ignore" : "pipe", "pipe", "pipe"],
  });
  child.stdin?.end(input);
  running.add(child);
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name]?.setEncoding("utf8").on("data", (text: string) => {
      texts[name] += text;
    });
  }
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => {
      running.delete(child);
      resolve({ code, signal, ...texts });
    });
  });
  return {
    pid: child.pid ?? Number.NaN,
    stdout: () => texts.stdout,
    stderr: () => texts.stderr,
    ended,
    signal: (signal) => void child.kill(signal),
    end: (signal) => {
      child.kill(signal);
      return ended;
    },
  };
}

/** Runs a command to its end and returns what it printed; throws unless it ended with code 0. */
export async function oeeOutput(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> {
  const { code, stdout, stderr } = await runOee(args, more).ended;
  if (code !== 0) throw new Error(`oee ${args.join(" ")} ended with ${code}: ${stderr}\n${stdout.slice(0, 2_000)}`);
  return stdout;
}

/** Runs a command that listens, at a free port where `args` names none; resolves once it prints its address. */
export async function serve(args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Served> {
  const child = runOee(args.includes("--port") ? args : [...args, "--port", "0"], more);
  let over = false;
  const end = (): boolean => (over = true);
  void child.ended.then(end, end);
  const url = await until(`an address from oee ${args.join(" ")}`, () => {
    const found = /https?:\/\/[0-9.]+:[0-9]+/.exec(child.stdout() + child.stderr())?.[0];
    if (found === undefined && over) throw new Error(`oee ${args.join(" ")} ended: ${child.stderr()}`);
    return found;
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}; it said: ${child.stdout().slice(-2_000)}${child.stderr().slice(-2_000)}`);
  });
  // Only where the test does not set the users itself.
  if (!args.includes("--users") && more["OEE_USERS"] === undefined && hasSignIn(args)) await signInTo(url);
  return { ...child, url };
}

/** Calls a function again and again until it returns a value; throws with the last error when `PATIENCE_MS` are over. */
export async function until<T>(
  what: string,
  look: () => T | undefined | Promise<T | undefined>,
  patienceMs: number = PATIENCE_MS,
): Promise<T> {
  const giveUpAt = Date.now() + patienceMs;
  for (;;) {
    const lookedAt = performance.now();
    const found = await look();
    if (found !== undefined) return found;
    if (Date.now() > giveUpAt) throw new Error(`waited ${patienceMs} ms in vain for ${what}`);
    // What is waited for has most of the processor, however dear it is to look.
    await wait(Math.max(LOOK_EVERY_MS, 4 * (performance.now() - lookedAt)));
  }
}

export interface Folder {
  readonly path: (name: string) => string;
  readonly remove: () => void;
}

export function newFolder(): Folder {
  const folder = mkdtempSync(join(tmpdir(), "oee-live-test-"));
  return {
    path: (name) => join(folder, name),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

export interface Answer<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

export async function getJson<T>(url: string, path: string): Promise<Answer<T>> {
  const response = await fetch(`${url}${path}`);
  return { status: response.status, headers: response.headers, body: (await response.json()) as T };
}

export async function post<T>(url: string, path: string, body: string, type = "application/json"): Promise<Answer<T>> {
  const response = await fetch(`${url}${path}`, { method: "POST", headers: { "content-type": type }, body });
  return { status: response.status, headers: response.headers, body: (await response.json()) as T };
}

export interface Accepted {
  readonly accepted: number;
  readonly refused: number;
}

export function postLines(url: string, lines: readonly string[]): Promise<Answer<Accepted>> {
  return post(url, "/api/v1/events", `${lines.join("\n")}\n`, "application/x-ndjson");
}

/** The same of a history with corrections: where people sign in each of these is put in by itself, in its place among the events. */
export async function postHistory(url: string, lines: readonly string[]): Promise<Answer<Accepted>> {
  if (!SIGNS_IN) return postLines(url, lines);
  const places = lines.flatMap((line, i) => (line.startsWith('{"type":"correction"') ? [i] : []));
  let sent = 0;
  let refused = 0;
  let answer: Answer<Accepted> | null = null;
  for (const place of [...places, lines.length]) {
    if (place > sent) {
      answer = await postLines(url, lines.slice(sent, place));
      if (answer.status !== 202) return answer;
      refused += answer.body.refused;
    }
    sent = place + 1;
    const line = lines[place];
    if (line === undefined) continue;
    const { type: _, by: __, ...correction } = JSON.parse(line) as Record<string, unknown>;
    const { status, body } = await post<unknown>(url, "/api/v1/corrections", JSON.stringify(correction));
    if (status !== 202) throw new Error(`${line}: ${status} ${JSON.stringify(body)}`);
  }
  if (answer === null) throw new Error("expected events");
  return { ...answer, body: { ...answer.body, refused } };
}
