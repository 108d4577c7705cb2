/**
 * DI-3, DI-2: a correction of closed time without a note, which a producer appends to the log, becomes a dead letter and changes
 * no number; late events, and corrections with a note, count.
 */
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { systemScheduler } from "@oee/pacing";
import { openStore } from "@oee/store";
import { WORKER_DEFAULTS, Worker, workerMetrics } from "@oee/worker";
import pino from "pino";
import { Registry } from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import { ClosedTime } from "../../services/oee/src/live/closed-time.ts";
import { anyShown } from "../support/live.ts";
import { newFolder, until } from "./oee-process.ts";
import { plantFrom } from "../support/plant.ts";

const HOUR_MS = 3_600_000;
const MACHINE = "s/a/l/m";
const START = Date.UTC(2026, 2, 2, 5);
const NOW = START + 30 * HOUR_MS;

test("DI-3: closed time over the log", async () => {
  const plant = plantFrom(
    "enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 30 } } } } } } } }\n",
  );
  const folder = newFolder();
  onTestFinished(folder.remove);
  const store = await openStore({ embedded: { path: folder.path("store") } });
  await store.migrate();
  const log = openMemoryLog({ now: () => NOW });
  const of = topics("oee.", 1);
  await log.ensureTopics(allTopics(of));
  const put = (topic: string, key: string, values: readonly object[]): Promise<void> =>
    log.append(
      topic,
      values.map((value) => ({ key, value: Buffer.from(JSON.stringify(value)) })),
    );
  const closing = { type: "closing", id: "q", rev: 1, at: NOW - HOUR_MS, scope: "s", until: "2026-03-03" };
  await put(of.entries.name, "closing/q", [closing]);
  const correction = (id: string, hour: number, at: number, more: object = {}): object => {
    const span = { from: START + hour * HOUR_MS, to: START + (hour + 1) * HOUR_MS };
    return { type: "correction", machine: MACHINE, id, at, ...span, state: "down", ...more };
  };
  await put(of.events.name, MACHINE, [
    { type: "state", machine: MACHINE, at: START, state: "running" },
    { type: "count", machine: MACHINE, at: NOW - 1_000, good: 1 },
    correction("made before", 1, NOW - 2 * HOUR_MS),
    correction("refused", 3, NOW),
    correction("says why", 5, NOW, { note: "the shift book says so" }),
    // A late event of closed time.
    { type: "count", machine: MACHINE, at: START + HOUR_MS / 2, good: 7 },
  ]);
  const registry = new Registry();
  const closedTime = new ClosedTime(log, of, () => plant);
  await closedTime.ready();
  const worker = new Worker({
    ...{ log, topics: of, store, plant, scheduler: systemScheduler(() => NOW), logger: pino({ level: "silent" }) },
    live: { publish: () => undefined, onShown: anyShown },
    metrics: workerMetrics(registry),
    settings: { ...WORKER_DEFAULTS, computeEveryMs: 1, storeEveryMs: 20 },
    refusalOfClosed: (event) => closedTime.refusalOf(event),
  });
  await worker.start();
  const period = { from: START, to: START + 8 * HOUR_MS };
  const stops = await until("the late count and the stops", async () => {
    const counted = await store.sums({ machines: [MACHINE], periods: [period], by: ["machine"] });
    const found = await store.stops({ machines: [MACHINE], period, limit: 10 });
    return counted.rows.length > 0 && found.stops.length === 2 ? found.stops : undefined;
  });
  expect(stops.map(({ from }) => (from - START) / HOUR_MS)).toEqual([1, 5]);
  await worker.settle();
  const letters = [...(await log.readKeyed(of.deadLetters.name)).values()];
  expect(letters).toHaveLength(1);
  expect(await registry.metrics()).toMatch(/^oee_worker_dead_letters_total\{error="closed"\} 1$/m);
  expect(JSON.parse(letters[0]?.value?.toString("utf8") ?? "")).toMatchObject({ id: "refused" });
  await worker.close();
  await closedTime.close();
  await log.close();
  await store.close();
});
