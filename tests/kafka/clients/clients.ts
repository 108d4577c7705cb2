/** Runs the clients of this folder: each sends its cases, says that it is done, and keeps open what is open until it is let go. */
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const CLIENTS = ["librdkafka", "aiokafka", "java", "franz-go", "kafka-go"] as const;
export type Client = (typeof CLIENTS)[number];

const HERE = fileURLToPath(new URL(".", import.meta.url));
const CACHE = join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "open-oee");

export interface Sent {
  /** Ends the client, which leaves its open transactions to the broker. */
  letGo(): Promise<void>;
}

/** Resolves when all that counts is acknowledged. */
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
      return ["java", "-XX:TieredStopAtLevel=1", "-cp", join(CACHE, `kafka-${version}`, "*"), "Java.java"];
    }
    case "franz-go":
      return [go(folder), "franz"];
    case "kafka-go":
      return [go(folder), "kafka-go"];
  }
}

function python(): string {
  const path = join(CACHE, "kafka-clients-1", "bin", "python");
  if (!existsSync(path)) throw new Error(`there is no ${path}: run tests/prepare.sh`);
  return path;
}

/** Built once a folder; Go gets its modules through its own proxy. */
function go(folder: string): string {
  const path = join(folder, "go-clients");
  if (!existsSync(path)) execFileSync("go", ["build", "-o", path, "."], { cwd: join(HERE, "go"), stdio: "pipe" });
  return path;
}
