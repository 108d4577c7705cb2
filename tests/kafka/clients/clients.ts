/** Runs a client of this folder: it sends its cases, prints `done`, and keeps its open transactions open until `letGo`. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cached } from "../../support/cached.ts";

export const CLIENTS = ["librdkafka", "aiokafka", "java", "franz-go", "kafka-go"] as const;
export type Client = (typeof CLIENTS)[number];

const HERE = fileURLToPath(new URL(".", import.meta.url));

export interface Sent {
  /** Ends the client; the broker then aborts its open transactions after their timeout. */
  letGo(): Promise<void>;
}

/** Starts a client; resolves when the broker has acknowledged all records that count. */
export async function send(
  client: Client,
  broker: string,
  topic: string,
  cases: string,
  folder: string,
): Promise<Sent> {
  const [command, ...first] = commandOf(client, folder);
  const child = spawn(command ?? "", [...first, broker, topic, cases], { cwd: HERE, stdio: ["pipe", "pipe", "pipe"] });
  let stdout = "";
  let stderr = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const ended = once(child, "close");
  await new Promise<void>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => reject(new Error(`${client} ended with ${code}: ${stderr.slice(-2_000)}`)));
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      if (stdout.includes("done\n")) resolve();
    });
  });
  return {
    letGo: async () => {
      child.stdin.end();
      await ended;
    },
  };
}

function commandOf(client: Client, folder: string): string[] {
  switch (client) {
    case "librdkafka":
      return [python(), "librdkafka.py"];
    case "aiokafka":
      return [python(), "aio.py"];
    case "java": {
      const version = /<kafka.version>(.*)<\/kafka.version>/.exec(readFileSync(join(HERE, "../pom.xml"), "utf8"))?.[1];
      return ["java", "-XX:TieredStopAtLevel=1", "-cp", cached(`kafka-${version}`, "*"), "Java.java"];
    }
    case "franz-go":
      return [go(folder), "franz"];
    case "kafka-go":
      return [go(folder), "kafka-go"];
  }
}

function python(): string {
  const path = cached("kafka-clients-1", "bin", "python");
  if (!existsSync(path)) throw new Error(`there is no ${path}: run tests/prepare.sh`);
  return path;
}

/** The path of the Go clients, which are built once for each folder; Go gets their modules through its own proxy. */
function go(folder: string): string {
  const path = join(folder, "go-clients");
  if (!existsSync(path)) execFileSync("go", ["build", "-o", path, "."], { cwd: join(HERE, "go"), stdio: "pipe" });
  return path;
}
