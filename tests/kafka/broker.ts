/**
 * Starts a real Kafka broker for tests, on free ports and with its data in a temporary folder, or uses the one that `KAFKA_BROKERS`
 * names. There is no substitute for it: if it cannot be started, the error says in one line what is missing.
 */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import kafkajs from "kafkajs";
import { freePort } from "../support/free-port.ts";

export interface TestBroker {
  readonly brokers: string[];
  /** Kills the broker and starts it again on its data, or freezes it and has it go on; null for the broker of `KAFKA_BROKERS`. */
  readonly crash: { kill(): Promise<void>; restart(): Promise<void>; freeze(): void; goOn(): void } | null;
  /** The folder of its partitions, each as `TOPIC-PARTITION/*.log`; null for the broker of `KAFKA_BROKERS`. */
  readonly data: string | null;
  /** The file with the broker's own log messages; null for the broker of `KAFKA_BROKERS`. */
  readonly logFile: string | null;
  /** Ends the broker and removes its data. */
  stop(): Promise<void>;
}

/** The environment variable with the port at which `run-broker.ts` says where the run's broker is. */
export const RUN_BROKER = "TEST_RUN_BROKER_PORT";

/** The broker of a run, which its files leave as it is. */
export type SharedBroker = Pick<TestBroker, "brokers" | "data">;

/** What `run-broker.ts` answers. */
export type RunBroker = SharedBroker | { readonly error: string };

/** A start takes some seconds, on a loaded machine minutes. */
const PATIENCE_MS = 240_000;
const LOOK_EVERY_MS = 100;

/**
 * Settings of two listeners beside the one without TLS: one with TLS and sign-in (PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512), and one
 * with TLS for clients that have a certificate.
 */
export interface SecureListeners {
  /** Paths of PEM files: the broker's certificate with its key, and the authority that signed this and the clients' certificates. */
  readonly pem: string;
  readonly ca: string;
  readonly user: string;
  readonly password: string;
  /** Whether users may do only what an ACL permits. */
  readonly authorized?: boolean;
}

/**
 * The broker that all files of a run share, which starts when the first asks for it: for files that leave it as it is and whose
 * topics have names of their own, as by a prefix with the id of the process. Workers of several files may be of one group: each topic
 * goes to those that subscribe to it.
 */
export async function sharedBroker(): Promise<SharedBroker> {
  const socket = connect(Number(process.env[RUN_BROKER]), "127.0.0.1");
  await once(socket, "connect");
  const found = JSON.parse(await text(socket)) as RunBroker;
  if ("error" in found) throw new Error(found.error);
  return found;
}

/** A broker for one file. */
export async function startBroker(): Promise<TestBroker> {
  const named = process.env.KAFKA_BROKERS;
  if (named !== undefined && named !== "")
    return { brokers: named.split(","), crash: null, data: null, logFile: null, stop: async () => {} };
  return startOwnBroker();
}

export interface SecureBroker extends TestBroker {
  readonly open: string;
  readonly secure: string;
  readonly certified: string;
}

/** Starts a broker of its own with these listeners. */
export async function startSecureBroker({
  pem,
  ca,
  user,
  password,
  authorized = false,
}: SecureListeners): Promise<SecureBroker> {
  const [port, certifiedPort] = [await freePort(), await freePort()];
  const broker = await startOwnBroker({
    SECURE_PORT: String(port),
    CERTIFIED_PORT: String(certifiedPort),
    SECURE_PEM: pem,
    SECURE_CA: ca,
    SECURE_USER: user,
    SECURE_PASSWORD: password,
    ...(authorized ? { AUTHORIZED: "1" } : {}),
  });
  return {
    ...broker,
    open: broker.brokers[0] ?? "",
    secure: `127.0.0.1:${port}`,
    certified: `127.0.0.1:${certifiedPort}`,
  };
}

/** Starts a broker of its own, which can be killed. `more` are environment variables of start.sh. */
export async function startOwnBroker(more: Readonly<Record<string, string>> = {}): Promise<TestBroker> {
  const folder = await mkdtemp(join(tmpdir(), "oee-kafka-"));
  const [port, controllerPort] = [await freePort(), await freePort()];
  const address = `127.0.0.1:${port}`;
  const logFile = join(folder, "kafka.log");
  const start = async (): Promise<void> => {
    await run("start.sh", [folder, String(port), String(controllerPort)], more);
    await answering(address, join(folder, "kafka.pid"), logFile);
  };
  const signal = (name: NodeJS.Signals): void => {
    process.kill(Number(readFileSync(join(folder, "kafka.pid"), "utf8")), name);
  };
  const kill = async (): Promise<void> => {
    await run("stop.sh", [folder, "--kill"]);
  };
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await start();
    const stop = async (): Promise<void> => {
      await kill();
      await remove();
    };
    return {
      brokers: [address],
      crash: { kill, restart: start, freeze: () => signal("SIGSTOP"), goOn: () => signal("SIGCONT") },
      data: join(folder, "data"),
      logFile,
      stop,
    };
  } catch (error) {
    await kill().catch(() => undefined);
    await remove();
    throw error;
  }
}

/** Resolves when the broker lists its topics; throws with its first error when it has ended or `PATIENCE_MS` are over. */
async function answering(address: string, pidFile: string, logFile: string): Promise<void> {
  const kafka = new kafkajs.Kafka({ brokers: [address], logLevel: kafkajs.logLevel.NOTHING, retry: { retries: 0 } });
  const pid = Number(readFileSync(pidFile, "utf8"));
  for (const giveUpAt = Date.now() + PATIENCE_MS; ; await wait(LOOK_EVERY_MS)) {
    const admin = kafka.admin();
    try {
      await admin.connect();
      await admin.listTopics();
      return;
    } catch {
      if (isThere(pid) && Date.now() < giveUpAt) continue;
      const told = /.*(?:ERROR|Exception).*/.exec(readFileSync(logFile, "utf8"))?.[0] ?? "it said nothing";
      throw new Error(`the broker at ${address} does not answer: ${told}`);
    } finally {
      await admin.disconnect();
    }
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

function run(script: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<void> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const env = { ...process.env, ...more, OWNER_PID: String(process.pid) };
  return new Promise((resolve, reject) => {
    execFile("bash", [path, ...args], { env }, (error, _, stderr) => {
      if (error === null) resolve();
      else reject(new Error(stderr.trim().split("\n").at(-1) ?? error.message));
    });
  });
}
