/**
 * Starts a real Prometheus with the alerts that we ship, on a free port and with its data in a temporary folder, and runs promtool.
 * Both are of Debian's package `prometheus`, which `tests/prepare.sh` installs.
 */
import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../docs/repository.ts";
import { until } from "../live/oee-process.ts";
import { freePort } from "../support/free-port.ts";

export const ALERTS: string = join(ROOT, "deploy/prometheus/alerts.yml");

export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state: "pending" | "firing";
}

export interface Prometheus {
  /** Alerts that are pending or fire now. */
  alerts(): Promise<readonly Alert[]>;
  stop(): Promise<void>;
}

const running = new Set<ChildProcess>();
process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Starts Prometheus, which scrapes `targets` (`HOST:PORT`) each second, as job `oee-worker`, and evaluates the alerts as often. */
export async function startPrometheus(targets: readonly string[]): Promise<Prometheus> {
  const folder = mkdtempSync(join(tmpdir(), "oee-prometheus-"));
  const config = {
    global: { scrape_interval: "1s", evaluation_interval: "1s" },
    rule_files: [ALERTS],
    scrape_configs: [{ job_name: "oee-worker", static_configs: [{ targets }] }],
  };
  // Prometheus reads YAML, of which JSON is a part.
  writeFileSync(join(folder, "prometheus.yml"), JSON.stringify(config));
  const address = `127.0.0.1:${await freePort()}`;
  const child = spawn(
    "prometheus",
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${address}`,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  );
  running.add(child);
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = new Promise<void>((resolve) => {
    child.once("error", (error) => {
      said += error.message;
      resolve();
    });
    child.once("close", () => resolve());
  });
  let over = false;
  void ended.then(() => {
    over = true;
    running.delete(child);
  });
  await until("Prometheus", async () => {
    if (over) throw new Error(`prometheus ended: ${said}`);
    const answer = await fetch(`http://${address}/-/ready`).catch(() => null);
    return answer?.ok === true ? true : undefined;
  });
  return {
    alerts: async () => {
      const answer = await fetch(`http://${address}/api/v1/alerts`);
      return ((await answer.json()) as { data: { alerts: Alert[] } }).data.alerts;
    },
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export interface Told {
  readonly code: number;
  /** Standard output followed by standard error. */
  readonly text: string;
}

export function promtool(args: readonly string[], input = ""): Promise<Told> {
  return new Promise((resolve, reject) => {
    const child = execFile("promtool", args, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== "number") reject(error);
      else resolve({ code: error === null ? 0 : Number(error.code), text: stdout + stderr });
    });
    child.stdin?.end(input);
  });
}
