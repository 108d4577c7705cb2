/**
 * DI-1: what comes at any moment of a recompute (late events, counts, corrections and their undoing) counts once. A rough
 * history comes a few lines at a time while the recomputes that it causes are under way; then the rows are those of the
 * whole history. `OEE_ARRIVAL_SEEDS` sets how many histories.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { MachineHistory, PlantModel } from "@oee/engine";
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { EventDecoder, isRefusal, type Row } from "@oee/model";
import { systemScheduler } from "@oee/pacing";
import { openStore, type Store } from "@oee/store";
import { WORKER_DEFAULTS, Worker, workerMetrics } from "@oee/worker";
import pino from "pino";
import { Registry } from "prom-client";
import { afterAll, beforeAll, expect, test } from "vitest";
import { until } from "./oee-process.ts";
import { randomOf, roughHistory, roughPlant } from "./rough-history.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const END = Date.UTC(2026, 2, 2, 14);
const NOW = END + HOUR_MS;
const START = END - 9 * HOUR_MS;
/** So many every 30 to 80 ms, which is about what a recompute takes: they meet all of its steps. */
const LINES_AT_ONCE = 3;
const SEEDS = Number(process.env["OEE_ARRIVAL_SEEDS"] ?? 3);

let folder: string;
let store: Store;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "oee-arrivals-"));
  store = await openStore({ embedded: { path: folder } });
  await store.migrate();
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

test.each(Array.from({ length: SEEDS }, (_, i) => i + 5))(
  "DI-1: what comes at any moment of a recompute counts once (seed %i)",
  { timeout: 240_000 },
  async (seed) => {
    const plant = roughPlant(`seed${seed}-`);
    const random = randomOf(seed);
    const texts = roughHistory(plant, random, { start: START, end: END }).map(({ machine, fields }) => ({
      machine,
      text: JSON.stringify({ machine, ...fields }),
    }));
    const log = openMemoryLog();
    const of = topics("oee.", 1);
    await log.ensureTopics(allTopics(of));
    const worker = new Worker({
      log,
      topics: of,
      store,
      plant,
      live: { publish: () => undefined, isShown: () => true },
      // So long after all of it that whatever comes is late, and recomputed.
      scheduler: systemScheduler(() => NOW),
      logger: pino({ level: "silent" }),
      metrics: workerMetrics(new Registry()),
      settings: { ...WORKER_DEFAULTS, computeEveryMs: 1, storeEveryMs: 20, allowedLatenessMs: 20 * MINUTE_MS },
    });
    await worker.start();
    for (let sent = 0; sent < texts.length; sent += LINES_AT_ONCE) {
      const some = texts.slice(sent, sent + LINES_AT_ONCE);
      await log.append(
        of.events.name,
        some.map(({ machine, text }) => ({ key: machine, value: Buffer.from(text) })),
      );
      await wait(30 + 50 * random());
    }
    await until("all of it to be taken", () => {
      const { partitions, lag } = worker.status();
      return partitions === 1 && lag === 0 ? true : undefined;
    });
    await worker.settle();
    const model = new PlantModel(plant);
    const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
    const comparable = (row: Row): string => Object.entries(row).map(String).toSorted().join(";");
    for (const machine of plant.machines) {
      const history = new MachineHistory(model, machine);
      for (const { machine: id, text } of texts) {
        if (id !== machine.id) continue;
        const bytes = Buffer.from(text);
        const event = decoder.decode(bytes, 0, bytes.length, null);
        if (isRefusal(event)) throw new Error(event.detail);
        history.accept(event);
      }
      const from = Math.ceil(history.first / MINUTE_MS) * MINUTE_MS;
      const expected = history.evaluate({ from, to: END, now: NOW, cuts: "minutes" }).rows;
      const found: Row[] = [];
      for await (const rows of store.rows({ machines: [machine.id], period: { from, to: END } })) {
        found.push(...rows.map(({ version: _, plantVersion: __, ...row }) => row));
      }
      expect(found.map(comparable).toSorted(), machine.id).toEqual(expected.map(comparable).toSorted());
    }
    await worker.close();
    await log.close();
  },
);
