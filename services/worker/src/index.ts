export { type WorkerMetrics, workerMetrics } from "./metrics.ts";
export { WORKER_DEFAULTS, type WorkerSettings } from "./settings.ts";
export { Worker, type WorkerOptions, type WorkerStatus } from "./worker.ts";
export { StoredMachine } from "./recompute.ts";
