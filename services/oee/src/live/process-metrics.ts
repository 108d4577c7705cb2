/** The metrics of the process and of Node itself, as Prometheus has them for all that run on it. */
import { collectDefaultMetrics, Registry } from "prom-client";

/** The loop's delay is looked at so often: ten times as often, the default, is half a percent of a core for nothing. */
/** Gauges with the names of counters; each has one without `_total` beside it that says the same by type. */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];
const LOOP_DELAY_EVERY_MS = 100;

export function newRegistry(): Registry {
  const register = new Registry();
  collectDefaultMetrics({ register, eventLoopMonitoringPrecision: LOOP_DELAY_EVERY_MS });
  for (const name of MISNAMED) register.removeSingleMetric(name);
  return register;
}
