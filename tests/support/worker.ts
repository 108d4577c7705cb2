/** A store and workers, as the tests of what they do together set them up. */
import { systemScheduler } from "@oee/pacing";
import { openStore, type Store } from "@oee/store";
import { WORKER_DEFAULTS, Worker, type WorkerOptions, type WorkerSettings, workerMetrics } from "@oee/worker";
import pino from "pino";
import { Registry } from "prom-client";
import { afterAll } from "vitest";
import { type Folder, newFolder } from "../live/oee-process.ts";
import { anyShown } from "./live.ts";

/** An embedded store with its tables, in a folder of its own; both go when the tests of the file are over. */
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
  /** The time of day by which it computes (epoch ms); the system's without it. */
  readonly now?: () => number;
  /** Without it, what it publishes goes nowhere, and any machine may be shown. */
  readonly live?: WorkerOptions["live"];
  readonly scheduler?: WorkerOptions["scheduler"];
  /** Without it, metrics of its own. */
  readonly metrics?: WorkerOptions["metrics"];
  /** Those that are not the defaults. */
  readonly settings?: Partial<WorkerSettings>;
}

/** A worker that is not started yet. It logs what `OEE_LOG` asks for. */
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
