/**
 * A batch of records that cannot be read, in a damaged log on disk: by the settings it is kept as a dead letter, or its partition
 * stops there and says so. No record after it is lost, and no offset is committed past records that are kept nowhere.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { allTopics, openEmbeddedLog, type Topics, topics } from "@oee/event-log";
import { openStore } from "@oee/store";
import { workerMetrics, type WorkerSettings } from "@oee/worker";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { damageNewest } from "../../packages/event-log/src/local/damage.fixture.ts";
import { LmdbStorage } from "../../packages/event-log/src/local/lmdb-storage.ts";
import { testWorker } from "../support/worker.ts";
import { until } from "./oee-process.ts";
import { ONE_MACHINE, plantFrom } from "../support/plant.ts";

const MACHINE = "s/a/l/m";
const START = Date.UTC(2026, 2, 2, 5);

const plant = plantFrom(ONE_MACHINE);

function count(minute: number): Buffer {
  return Buffer.from(JSON.stringify({ type: "count", machine: MACHINE, at: START + minute * 60_000, good: 1 }));
}

test("DI-2: an unreadable batch stops its partition if that is set, or else becomes a dead letter; all other events are computed", async () => {
  const folder = await mkdtemp(join(tmpdir(), "oee-unreadable-"));
  const of: Topics = topics("oee.", 1);
  const open = () => openEmbeddedLog({ folder: join(folder, "log") });
  let log = open();
  // the first topic, whose only partition is the one that is damaged
  await log.ensureTopics(allTopics(of));
  const append = (minute: number) => log.append(of.events.name, [{ key: MACHINE, value: count(minute) }]);
  await append(0);
  await append(1);
  await log.close();
  const storage = new LmdbStorage(join(folder, "log", "log"));
  let damaged = Buffer.alloc(0);
  await damageNewest(storage, (batch) => {
    batch.writeUInt8(batch.readUInt8(batch.length - 1) ^ 0xff, batch.length - 1);
    damaged = Buffer.from(batch);
  });
  await storage.close();
  log = open();
  await append(2);

  const store = await openStore({ embedded: { path: join(folder, "store") } });
  await store.migrate();
  const start = async (unreadableBatches: WorkerSettings["unreadableBatches"]) => {
    const registry = new Registry();
    const worker = testWorker({
      ...{ log, topics: of, store, plant },
      now: () => START + 10 * 60_000,
      metrics: workerMetrics(registry),
      settings: { computeEveryMs: 1, storeEveryMs: 30, unreadableBatches },
    });
    await worker.start();
    return { worker, registry };
  };
  const stored = async (): Promise<number> => {
    let good = 0;
    const period = { from: START - 1, to: START + 3_600_000 };
    for await (const some of store.rows({ machines: [MACHINE], period })) {
      for (const row of some) good += row.goodCount;
    }
    return good;
  };
  const countOf = async (registry: Registry): Promise<string[]> =>
    (await registry.metrics()).split("\n").filter((line) => line.startsWith("oee_worker_unreadable_batches_total"));

  const stopping = await start("stop");
  await expect
    .poll(() => stopping.worker.status().reason)
    .toMatch(/^OEE_WORKER_BATCH_UNREADABLE: partition 0 stands at offset 1: record batch at offset 1: checksum/);
  expect(await countOf(stopping.registry)).toContain('oee_worker_unreadable_batches_total{reason="checksum"} 1');
  await stopping.worker.close();
  expect(await stored()).toBe(1);

  const going = await start("dead-letter");
  await until("the event behind it", async () => ((await stored()) === 2 ? true : undefined));
  await expect.poll(() => going.worker.status()).toMatchObject({ ready: true, lag: 0 });
  expect(await countOf(going.registry)).toEqual([
    'oee_worker_unreadable_batches_total{reason="checksum"} 1',
    'oee_worker_unreadable_batches_total{reason="format"} 0',
    'oee_worker_unreadable_batches_total{reason="compression"} 0',
    'oee_worker_unreadable_batches_total{reason="records"} 0',
  ]);
  const letters: { value: Buffer | null; headers: Record<string, string> }[] = [];
  await new Promise<void>((resolve) => {
    log.followKeyed({
      topic: of.deadLetters.name,
      onBatch: (batch) => {
        for (let i = 0; i < batch.length; i++) {
          const headers = Object.entries(batch.headersAt(i)).map(([name, value]) => [name, value.toString()]);
          letters.push({ value: batch.valueAt(i), headers: Object.fromEntries(headers) as Record<string, string> });
        }
      },
      onCaughtUp: resolve,
    });
  });
  expect(letters).toHaveLength(1);
  expect(letters[0]?.value?.equals(damaged)).toBe(true);
  expect(letters[0]?.headers).toMatchObject({
    error: "unreadable",
    topic: of.events.name,
    partition: "0",
    offset: "1",
  });
  expect(letters[0]?.headers["detail"]).toMatch(/^checksum: .*; it covers offsets 1 to 1$/);
  await going.worker.close();
  await log.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});
