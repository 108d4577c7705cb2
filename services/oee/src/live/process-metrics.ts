/** The metrics of the process and of Node itself, as Prometheus has them for all that run on it. */
import { readFileSync } from "node:fs";
import { collectDefaultMetrics, Gauge, Registry } from "prom-client";
import { QuietMemory } from "./quiet-memory.ts";

/** Gauges with the names of counters; each has one without `_total` beside it that says the same by type. */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];
/** The loop's delay is looked at so often: ten times as often, the default, is half a percent of a core for nothing. */
const LOOP_DELAY_EVERY_MS = 100;

/** The registry of a process that runs until it is told to end; such a process gives memory back when it is quiet. */
export function newRegistry(): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: LOOP_DELAY_EVERY_MS });
  for (const name of MISNAMED) register.removeSingleMetric(name);
  if (process.platform === "linux") register.registerMetric(pagesGauge());
  new QuietMemory().start();
  return register;
}

/** Resident memory by whether Linux can take it back without asking: pages of files are those of code and of the embedded log. */
function pagesGauge(): Gauge {
  return new Gauge({
    name: "oee_process_resident_bytes",
    help: "Resident memory, by whether it is the process's own or pages of files, which Linux takes back when it needs them",
    labelNames: ["pages"],
    registers: [],
    collect() {
      const status = readFileSync("/proc/self/status", "latin1");
      const bytes = (field: string): number =>
        1_024 * Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
      this.set({ pages: "own" }, bytes("RssAnon") + bytes("RssShmem"));
      this.set({ pages: "files" }, bytes("RssFile"));
    },
  });
}
