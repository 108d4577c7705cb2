export { arrowEventBatches, columnsWithoutZone } from "./arrow-events/arrow-events.ts";
export { type WorkerMetrics, workerMetrics } from "./metrics.ts";
export { WORKER_DEFAULTS, type WorkerSettings } from "./settings.ts";
export type { WorkerStatus } from "./status.ts";
export { Worker, type WorkerOptions } from "./worker.ts";
export { type Dealt, dealAnew } from "./deal-anew.ts";
export { dealtOver } from "./layout.ts";
export { StoredMachine } from "./stored-machine.ts";
