/**
 * Starts a real Kafka broker for tests, on free ports and with its data in a temporary folder, or uses the one that `KAFKA_BROKERS`
 * names. There is no substitute for it: if it cannot be started, the error says in one line what is missing.
 */
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../support/free-port.ts";

export interface TestBroker {
  readonly brokers: string[];
  /** Kills the broker and starts it again on its data; null for the broker of `KAFKA_BROKERS`. */
  readonly crash: { kill(): Promise<void>; restart(): Promise<void> } | null;
  /** The folder of its partitions, each as `TOPIC-PARTITION/*.log`; null for the broker of `KAFKA_BROKERS`. */
  readonly data: string | null;
  /** The file with the broker's own log messages; null for the broker of `KAFKA_BROKERS`. */
  readonly logFile: string | null;
  /** Ends the broker and removes its data. */
  stop(): Promise<void>;
}

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
  const start = (): Promise<string> => run("start.sh", [folder, String(port), String(controllerPort)], more);
  const kill = async (): Promise<void> => {
    await run("stop.sh", [folder, "--kill"]);
  };
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    const address = await start();
    const restart = async (): Promise<void> => {
      await start();
    };
    const stop = async (): Promise<void> => {
      await kill();
      await remove();
    };
    return {
      brokers: [address],
      crash: { kill, restart },
      data: join(folder, "data"),
      logFile: join(folder, "kafka.log"),
      stop,
    };
  } catch (error) {
    await remove();
    throw error;
  }
}

function run(script: string, args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<string> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const env = { ...process.env, ...more, OWNER_PID: String(process.pid) };
  return new Promise((resolve, reject) => {
    execFile("bash", [path, ...args], { env }, (error, stdout, stderr) => {
      if (error === null) resolve(stdout.trim());
      else reject(new Error(stderr.trim().split("\n").at(-1) ?? error.message));
    });
  });
}
