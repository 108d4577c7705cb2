/** A worker that ends while its store fails, over a real store (ClickHouse in the process) and a log in memory. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { systemScheduler } from "@oee/pacing";
import { openStore, type Store } from "@oee/store";
import { WORKER_DEFAULTS, Worker, workerMetrics } from "@oee/worker";
import pino from "pino";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { anyShown } from "../support/live.ts";
import { ONE_MACHINE, plantFrom } from "../support/plant.ts";

const NOW = Date.UTC(2026, 2, 2, 6);
const MACHINE = "s/a/l/m";
const COUNTS = 50;

test("P-5: events of a write that the worker's end cut off are read again, though the store works again by then", async () => {
  const folder = await mkdtemp(join(tmpdir(), "oee-cut-off-"));
  const store = await openStore({ embedded: { path: folder } });
  try {
    await store.migrate();
    const plant = plantFrom(ONE_MACHINE);
    const log = openMemoryLog({ now: () => NOW });
    const of = topics("oee.", 1);
    await log.ensureTopics(allTopics(of));
    const worker = (over: Store): Worker =>
      new Worker({
        log,
        topics: of,
        store: over,
        plant,
        live: { publish: () => undefined, onShown: anyShown },
        scheduler: systemScheduler(() => NOW),
        logger: pino({ level: process.env["OEE_LOG"] ?? "silent" }),
        metrics: workerMetrics(new Registry()),
        settings: { ...WORKER_DEFAULTS, computeEveryMs: 1, calmEveryMs: 1, storeEveryMs: 20, checkpointEveryMs: 20 },
      });
    const away = awayUntilClosed(store);
    const first = worker(away.store);
    await first.start();
    await log.append(
      of.events.name,
      Array.from({ length: COUNTS }, (_, i) => {
        const value = JSON.stringify({ type: "count", machine: MACHINE, at: NOW - 60_000 + i, good: 1, id: `${i}` });
        return { key: MACHINE, value: Buffer.from(value) };
      }),
    );
    await away.refused;
    away.closes();
    await first.close();

    const second = worker(store);
    await second.start();
    await untilRead(second);
    await second.settle();
    await second.close();
    await log.close();
    let good = 0;
    for await (const rows of store.rows({ machines: [MACHINE], period: { from: 0, to: NOW } })) {
      for (const row of rows) good += row.goodCount;
    }
    let events = 0;
    for await (const records of store.events({ machine: MACHINE, types: ["count"] })) events += records.length;
    expect({ good, events }).toEqual({ good: COUNTS, events: COUNTS });
  } finally {
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
});

/** A store that refuses raw events as if it were away, until it has refused them once after `closes` was called. */
function awayUntilClosed(store: Store): {
  readonly store: Store;
  readonly refused: Promise<void>;
  readonly closes: () => void;
} {
  let [away, closing] = [true, false];
  let onRefused = (): void => undefined;
  const refused = new Promise<void>((resolve) => {
    onRefused = resolve;
  });
  const insertEvents: Store["insertEvents"] = (events) => {
    if (!away) return store.insertEvents(events);
    if (closing) away = false;
    onRefused();
    return Promise.reject(new Error("away"));
  };
  return {
    // A proxy whose other methods are the store's own.
    store: new Proxy(store, {
      get: (target, name) => {
        if (name === "insertEvents") return insertEvents;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === "function" ? (value.bind(target) as unknown) : value;
      },
    }),
    refused,
    closes: () => {
      closing = true;
    },
  };
}

async function untilRead(worker: Worker): Promise<void> {
  await expect
    .poll(() => {
      const { partitions, lag, ready } = worker.status();
      return partitions === 1 && lag === 0 && ready;
    })
    .toBe(true);
}
