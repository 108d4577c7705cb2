/** Real peers for connectors: mosquitto, PostgreSQL, and pymodbus and asyncua, each in a Python of its own (tests/prepare.sh installs both). */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { chownSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import type { Receiver } from "../../services/connectors/src/delivery.ts";
import { cached } from "../support/cached.ts";
import { javaOf } from "./java-of.ts";

export interface Peer {
  readonly port: number;
  /** Ends the peer by a signal; resolves when its process has ended. */
  kill(signal: NodeJS.Signals): Promise<void>;
  /** Stops the process: it does not answer, but its connections stay open. */
  freeze(): void;
  /** Lets the process go on after `freeze`. */
  thaw(): void;
}

/** Starts a broker that keeps sessions and retained messages in a folder over restarts. `queuedMax`: how many messages it keeps for a client that is away; 0: all. */
export async function mosquitto(folder: string, port: number, queuedMax = 0): Promise<Peer> {
  const file = join(folder, "mosquitto.conf");
  writeFileSync(
    file,
    [
      `listener ${port} 127.0.0.1`,
      "allow_anonymous true",
      "persistence true",
      // By default it keeps a thousand messages for a client that is away and silently drops the others.
      `max_queued_messages ${queuedMax}`,
      "sys_interval 1",
      `persistence_location ${folder}/`,
      "user root",
    ].join("\n"),
  );
  return started(spawn("mosquitto", ["-c", file], { stdio: ["ignore", "ignore", "pipe"] }), port, "stderr", / running/);
}

const POSTGRES = "/usr/lib/postgresql";

/** Starts a database, a new one or the one that an earlier call left in the folder; every client is its owner. */
export async function postgres(folder: string, port: number): Promise<Peer> {
  const [version = ""] = readdirSync(POSTGRES).toSorted((a, b) => Number(b) - Number(a));
  const programs = join(POSTGRES, version, "bin");
  // The server refuses to run as root.
  const user = process.getuid?.() === 0 ? userNamed("postgres") : null;
  const data = join(folder, "database");
  if (!readdirSync(folder).includes("database")) {
    if (user !== null) chownSync(folder, user.uid, user.gid);
    const options = ["-D", data, "-U", "oee", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"];
    execFileSync(join(programs, "initdb"), options, { ...user, cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  }
  const settings = [`port=${port}`, "listen_addresses=127.0.0.1", `unix_socket_directories=${folder}`, "fsync=off"];
  const child = spawn(join(programs, "postgres"), ["-D", data, ...settings.flatMap((one) => ["-c", one])], {
    ...user,
    cwd: folder,
    stdio: ["ignore", "ignore", "pipe"],
  });
  return started(child, port, "stderr", /ready to accept connections/);
}

function userNamed(name: string): { readonly uid: number; readonly gid: number } {
  const id = (what: string): number => Number(execFileSync("id", [what, name], { encoding: "utf8" }));
  return { uid: id("-u"), gid: id("-g") };
}

export interface Device extends Peer {
  set(address: number, value: number): void;
}

function pythonOf(packageVersion: string): string {
  return cached(packageVersion, "bin", "python");
}

function scriptOf(name: string): string {
  return join(dirname(fileURLToPath(import.meta.url)), name);
}

export interface AsyncuaServer extends OpcUaServer {
  /** Makes a variable with a text. */
  add(name: string, value: string): void;
}

export interface OpcUaServer extends Peer {
  set(name: string, value: unknown, more?: { readonly status?: number; readonly at?: number }): void;
}

/** Starts a server; its variables and options are in `opcua-server.py`. */
export async function opcUaServer(port: number, ...options: readonly string[]): Promise<AsyncuaServer> {
  const child = spawn(pythonOf("asyncua-2.1.0"), [scriptOf("opcua-server.py"), String(port), ...options], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const peer = await started(child, port, "stdout", /ready/);
  return {
    ...peer,
    set: (name, value, more) => void child.stdin?.write(`${JSON.stringify({ name, value, ...more })}\n`),
    add: (add, value) => void child.stdin?.write(`${JSON.stringify({ add, value })}\n`),
  };
}

/** Starts a server of Eclipse Milo with nodes of the asyncua server: `Press.State`, `Good`, `Scrap`, `Text` and `Run`. */
export async function miloServer(port: number): Promise<OpcUaServer> {
  const child = spawn("java", [...javaOf("MiloServer"), String(port)], { stdio: ["pipe", "pipe", "inherit"] });
  const peer = await started(child, port, "stdout", /ready/);
  return {
    ...peer,
    set: (name, value, more) => void child.stdin?.write(`${name} ${String(value)} ${more?.at ?? Date.now()}\n`),
  };
}

export interface SparkplugEdge extends Peer {
  set(name: string, value: unknown): void;
  /** Ends the edge node, with a death certificate if its library sends one. */
  leave(): Promise<void>;
}

export type EdgeLibrary = "pysparkplug" | "mqtt-spb-wrapper" | "sparkplug-client";

/** Starts the edge node `plant/LIBRARY` with the device `filler`, by one of three libraries; its metrics are in `sparkplug-edge.py` and `.cjs`. */
export async function sparkplugEdge(library: EdgeLibrary, port: number): Promise<SparkplugEdge> {
  const [program, ...args] =
    library === "sparkplug-client"
      ? [process.execPath, scriptOf("sparkplug-edge.cjs")]
      : [pythonOf(join("sparkplug-1", library)), scriptOf("sparkplug-edge.py"), library];
  const child = spawn(program, [...args, String(port)], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, NODE_PATH: cached("sparkplug-client-3.2.4", "node_modules") },
  });
  const peer = await started(child, port, "stdout", /ready/);
  const left = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  return {
    ...peer,
    set: (name, value) => void child.stdin?.write(`${JSON.stringify({ name, value })}\n`),
    leave: async () => {
      child.stdin?.end();
      await left;
    },
  };
}

/** Starts an encoder of Eclipse Tahu; the function has it make a payload with the metrics `state` and `good`. */
export function tahuEncoder(): (seq: number, state: string, good: number) => Promise<Buffer> {
  const child = spawn("java", [...javaOf("TahuEncode"), "lines"], { stdio: ["pipe", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const asked: ((payload: Buffer) => void)[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => asked.shift()?.(Buffer.from(line, "base64")));
  return (seq, state, good) =>
    new Promise((resolve) => {
      asked.push(resolve);
      child.stdin.write(`${seq} ${state} ${good}\n`);
    });
}

/** Starts a device that has these holding registers from address 0 on and no others. A line `address value` on its input sets one. */
export async function modbusDevice(port: number, registers: readonly number[]): Promise<Device> {
  const child = spawn(
    pythonOf("pymodbus-3.16.1"),
    [scriptOf("modbus-device.py"), String(port), ...registers.map(String)],
    {
      stdio: ["pipe", "pipe", "inherit"],
    },
  );
  const peer = await started(child, port, "stdout", /ready/);
  return { ...peer, set: (address, value) => void child.stdin?.write(`${address} ${value}\n`) };
}

async function started(child: ChildProcess, port: number, stream: "stdout" | "stderr", ready: RegExp): Promise<Peer> {
  const kill = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = new Promise((resolve) => child.once("exit", resolve));
    child.kill(signal);
    await gone;
  };
  onTestFinished(() => kill("SIGKILL"));
  let told = "";
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => reject(new Error(`the peer ended with ${code}: ${told}`)));
    child[stream]?.on("data", (chunk: Buffer) => {
      told += chunk.toString();
      if (ready.test(told)) resolve();
    });
  });
  return { port, kill, freeze: () => void child.kill("SIGSTOP"), thaw: () => void child.kill("SIGCONT") };
}

export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "oee-connect-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A receiver that keeps events as a gateway does, or refuses them while it is set to. */
export class Collected implements Receiver {
  readonly events: Record<string, unknown>[] = [];
  failing = false;

  deliver(events: readonly string[]): ReturnType<Receiver["deliver"]> {
    if (this.failing) return Promise.reject(new Error("not now"));
    this.events.push(...events.map((json) => JSON.parse(json) as Record<string, unknown>));
    return Promise.resolve([]);
  }
}
