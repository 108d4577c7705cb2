/** Makes a store and workers for tests in which both work together. */
import { systemScheduler } from "@oee/pacing";
import { openStore, type Store } from "@oee/store";
import { WORKER_DEFAULTS, Worker, type WorkerOptions, type WorkerSettings, workerMetrics } from "@oee/worker";
import pino from "pino";
import { Registry } from "prom-client";
import { afterAll } from "vitest";
import { type Folder, newFolder } from "../live/oee-process.ts";
import { anyShown } from "./live.ts";

/** An embedded store with its tables, in a folder of its own; both are removed after the tests of the file. */
export async function storeOfFile(): Promise<{ readonly store: Store; readonly folder: Folder }> {
  const folder = newFolder();
  const store = await openStore({ embedded: { path: folder.path("store") } });
  afterAll(async () => {
    await store.close();
    folder.remove();
  });
  await store.migrate();
  return { store, folder };
}

interface TestWorkerOptions extends Pick<WorkerOptions, "log" | "topics" | "store" | "plant"> {
  /** The worker's clock (epoch ms); the system's clock if it is left out. */
  readonly now?: () => number;
  /** If it is left out, live records are dropped, and any machine may be shown. */
  readonly live?: WorkerOptions["live"];
  readonly scheduler?: WorkerOptions["scheduler"];
  /** If it is left out, the worker has metrics of its own. */
  readonly metrics?: WorkerOptions["metrics"];
  /** Settings that differ from the defaults. */
  readonly settings?: Partial<WorkerSettings>;
}

/** Makes a worker, which is not started. It logs at the level `OEE_LOG`, by default nothing. */
export function testWorker({ now, settings, ...given }: TestWorkerOptions): Worker {
  return new Worker({
    live: { publish: () => undefined, onShown: anyShown },
    scheduler: systemScheduler(now),
    logger: pino({ level: process.env["OEE_LOG"] ?? "silent" }),
    metrics: workerMetrics(new Registry()),
    ...given,
    settings: { ...WORKER_DEFAULTS, ...settings },
  });
}
