/**
 * Events that are accepted can be computed, summed, stored and answered. Machines with the most extreme settings get events with
 * the most extreme fields, beside an ordinary machine. Every number of every answer is finite, and exact where it is whole; stored
 * rows are those of the whole history; a row that cannot be stored is set aside alone and mended.
 * `OEE_EXTREMES_SEED` repeats a run, `OEE_EXTREMES_RUNS` makes it longer.
 */
import type { AddressInfo } from "node:net";
import { sumOf } from "@oee/answers";
import { MachineHistory, PlantModel } from "@oee/engine";
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { buildGateway, listen } from "@oee/gateway";
import {
  type Element,
  EventDecoder,
  IDEAL_TIME_US_MAX,
  isRefusal,
  QUANTITY_MAX,
  RowBatch,
  TEXT_MAX,
  WIDTH,
} from "@oee/model";
import { systemScheduler } from "@oee/pacing";
import { openStore, type Store } from "@oee/store";
import { Worker, WORKER_DEFAULTS, workerMetrics, type WorkerStatus } from "@oee/worker";
import * as fc from "fast-check";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterEach, beforeEach, expect, test } from "vitest";
import { anyShown } from "../support/live.ts";
import { type Folder, newFolder, post, until } from "./oee-process.ts";
import { plantFrom } from "../support/plant.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const NOW = Date.UTC(2026, 2, 2, 12, 0, 30);
const FROM = NOW - 30_000 - 3 * 60 * MINUTE_MS;
const SAFE = Number.MAX_SAFE_INTEGER;
const PLANT = `enterprise: e
currency: EUR
windows: [15m, 1h]
sites: { s: { areas: { a: { lines: { l: { machines: {
  usual: { idealCycleSeconds: 3, taktSeconds: 4, costPerHour: 60 },
  fastest: { idealCycleSeconds: 0.000001, taktSeconds: 0.000001, costPerHour: 1000000000, rolloverAt: ${SAFE} },
  slowest: { idealCycleSeconds: 8640000, taktSeconds: 8640000, costPerHour: 0, rolloverAt: 1, minorStopThreshold: 0, staleAfter: 1ms },
  unrated: { idealCycleSeconds: null, minorStopThreshold: 100000d },
  medium: { idealCycleSeconds: 1000 }, broken: { idealCycleSeconds: 1 }, beside: { idealCycleSeconds: 1 } } } } } } } }
products: { p: { idealCycleSeconds: 8640000, taktSeconds: 0.000001 } }
reasons: { r: { failure: true } }
`;
const plant = plantFrom(PLANT);
const model = new PlantModel(plant);
const USUAL = "s/a/l/usual";

const seed = Number(process.env["OEE_EXTREMES_SEED"] ?? 11);
const events = Number(process.env["OEE_EXTREMES_RUNS"] ?? 1) * 400;

let folder: Folder;
let store: Store;
beforeEach(async () => {
  folder = newFolder();
  store = await openStore({ embedded: { path: folder.path("store") } });
  await store.migrate();
});
afterEach(async () => {
  await store.close();
  folder.remove();
});

const quantity = fc.oneof(
  fc.constantFrom(0, 1, -1, QUANTITY_MAX, -QUANTITY_MAX, QUANTITY_MAX + 1, SAFE, -SAFE, SAFE + 1, 4_294_967_295, 8_640),
  fc.integer({ min: -QUANTITY_MAX, max: QUANTITY_MAX }),
);
const total = fc.oneof(fc.constantFrom(0, 1, 65_536, 4_294_967_295, QUANTITY_MAX, 1e12, SAFE), fc.maxSafeNat());
const text = fc.constantFrom(
  "r",
  "r/".repeat(500) + "x",
  "x".repeat(TEXT_MAX),
  "\u{1f600}".repeat(TEXT_MAX / 2),
  "x".repeat(TEXT_MAX + 1),
  '\u0000\u001f"\\',
  "=cmd()",
);
const seconds = fc.constantFrom(0.000001, 1, IDEAL_TIME_US_MAX / 1e6, IDEAL_TIME_US_MAX / 1e6 + 1, 1e300, 5e-324);
const instant = fc.oneof(
  fc.integer({ min: FROM, max: NOW + 300_000 }),
  fc.constantFrom(
    Date.UTC(2000, 0, 1),
    NOW - 400 * DAY_MS - 1,
    Date.UTC(2099, 11, 31),
    "9999-12-31T23:59:59Z",
    -1,
    1e300,
  ),
);
const machine = fc.constantFrom("fastest", "slowest", "unrated", "medium").map((name) => `s/a/l/${name}`);
const head = { machine, at: instant, id: fc.option(text) };
const event = fc.oneof(
  fc.record({ type: fc.constant("state"), ...head, state: fc.constantFrom("running", "down", "idle"), reason: text }),
  fc.record(
    { type: fc.constant("count"), ...head, good: quantity, scrap: quantity, rework: quantity, startup: fc.boolean() },
    { requiredKeys: ["type", "machine", "at", "good"] },
  ),
  fc.record({ type: fc.constant("count"), ...head, total: fc.record({ good: total, scrap: total, rework: total }) }),
  fc.record({
    type: fc.constant("job"),
    ...head,
    product: fc.oneof(text, fc.constant("p")),
    idealCycleSeconds: seconds,
  }),
  fc.record({
    ...{ type: fc.constant("correction"), ...head, by: text, note: text },
    ...{ from: fc.constant(FROM), to: fc.constantFrom(NOW, Date.UTC(2099, 11, 31)), state: fc.constant("running") },
  }),
);

interface Running {
  readonly url: string;
  readonly status: () => WorkerStatus;
  readonly settle: () => Promise<void>;
  readonly metrics: Registry;
  /** Ends the worker in order, and starts another on the same log and store. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

async function run(over: Store): Promise<Running> {
  const log = openMemoryLog({ now: () => NOW });
  const of = topics("oee.", 2);
  await log.ensureTopics(allTopics(of));
  const [logger, metrics, clock] = [
    pino({ level: process.env["OEE_LOG"] ?? "silent" }),
    new Registry(),
    (): number => NOW,
  ];
  const parts = { log, topics: of, store: over, clock, scheduler: systemScheduler(clock), logger };
  const settings = { ...WORKER_DEFAULTS, computeEveryMs: 1, storeEveryMs: 20, calmEveryMs: 1 };
  const live = { publish: () => undefined, onShown: anyShown };
  const counted = workerMetrics(metrics);
  let worker = new Worker({ ...parts, plant, live, metrics: counted, settings });
  await worker.start();
  const gateway = await buildGateway({
    ...parts,
    plant: () => ({ plant, model }),
    live: { subscribe: () => () => undefined, show: () => undefined },
    metrics,
    version: "test",
  });
  await listen(gateway, { host: "127.0.0.1", port: 0 });
  return {
    url: `http://127.0.0.1:${(gateway.server.address() as AddressInfo).port}`,
    status: () => worker.status(),
    settle: async () => {
      await until("the end of the log", () => {
        const { partitions, lag, recomputing } = worker.status();
        return (partitions === 2 && lag === 0 && recomputing === 0) || undefined;
      });
      await worker.settle();
    },
    metrics,
    restart: async () => {
      await worker.close();
      worker = new Worker({ ...parts, plant, live, metrics: counted, settings });
      await worker.start();
    },
    close: async () => {
      await gateway.close();
      await worker.close();
      await log.close();
    },
  };
}

/** Paths of numbers that are not finite, or whole and beyond the safe integers of a double. */
function unsure(value: unknown, path = ""): string[] {
  if (typeof value === "number") {
    const exact = Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
    return exact || path.includes(".kpis.") ? [] : [`${path} ${value}`];
  }
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, member]) => unsure(member, `${path}.${name}`));
}

test("CN-5, P-2: extremes of every field are refused, or computed, stored, summed and answered exactly", async () => {
  const sent: object[] = fc.sample(event, { seed, numRuns: events });
  const usual: object[] = [0, 1, 2].flatMap((i) => [
    { type: "state", machine: USUAL, at: FROM + i * 40 * MINUTE_MS, state: "running" },
    { type: "count", machine: USUAL, at: FROM + i * 40 * MINUTE_MS + 5, good: 100 },
    { type: "state", machine: USUAL, at: FROM + (i * 40 + 30) * MINUTE_MS, state: "down" },
  ]);
  const all = [...sent.slice(0, events / 2), ...usual, ...sent.slice(events / 2)];
  const decoder = new EventDecoder(plant, { maxFutureMs: 300_000 });
  const histories = new Map(plant.machines.map((of) => [of.id, new MachineHistory(model, of)]));
  let accepted = 0;
  for (const one of all) {
    const bytes = Buffer.from(JSON.stringify(one));
    const decoded = decoder.decode(bytes, 0, bytes.length, NOW);
    if (isRefusal(decoded)) continue;
    accepted++;
    histories.get(decoded.machine.id)?.accept(decoded);
  }
  const running = await run(store);
  try {
    const answer = await post<{ accepted: number }>(running.url, "/api/v1/events", JSON.stringify(all));
    expect(answer.body.accepted).toBe(accepted);
    expect(accepted).toBeGreaterThan(events / 10);
    expect(all.length - accepted).toBeGreaterThan(events / 10);
    await running.settle();
    await expect.poll(() => running.status()).toMatchObject({ ready: true, reason: "" });

    const to = NOW - 30_000;
    const period = `from=${FROM}&to=${to}`;
    const ask = async (path: string): Promise<unknown> => {
      const response = await fetch(`${running.url}/api/v1${path}`);
      const body = await response.text();
      expect({ path, status: response.status, body: body.slice(0, 300) }).toMatchObject({ path, status: 200 });
      return JSON.parse(body);
    };
    const machines = (await ask(`/kpis?${period}&by=machine`)) as Element[];
    for (const { scope, components } of machines) {
      const evaluated = histories.get(scope)?.evaluate({ from: FROM, to, now: NOW, cuts: "minutes" });
      expect({ scope, components }).toEqual({ scope, components: sumOf(evaluated?.rows ?? []).components() });
    }
    expect(machines.find(({ scope }) => scope === USUAL)?.components.goodCount).toBe(300);
    for (const path of [
      `/kpis?${period}&by=enterprise`,
      `/kpis?${period}&by=product&every=hour`,
      `/kpis?${period}&by=line&every=minute`,
      `/losses?${period}`,
      `/stops?${period}&limit=10000`,
      `/pareto?${period}&by=reason`,
      "/live?scope=*",
    ]) {
      expect({ path, unsure: unsure(await ask(path)) }).toEqual({ path, unsure: [] });
    }
  } finally {
    await running.close();
  }
});

test("a counter that jumps by more than a sum can hold adds nothing, and readiness names its machine", async () => {
  const running = await run(store);
  try {
    const jump = [1, 4_294_967_295, 20].map((good, i) => ({
      ...{ type: "count", machine: "s/a/l/slowest", at: NOW - 300_000 + i * 1_000, total: { good } },
    }));
    const state = { type: "state", machine: USUAL, at: NOW - 400_000, state: "running" };
    expect((await post(running.url, "/api/v1/events", JSON.stringify([...jump, state]))).body).toMatchObject({
      ...{ accepted: 4 },
    });
    await running.settle();
    await expect.poll(() => running.status()).toMatchObject({ ready: true, machinesSetAside: 1 });
    expect(running.status().setAside[0]).toMatch(
      /^s\/a\/l\/slowest: a quantity of 2026-03-02T11:55:31\.000Z counts nothing/,
    );
    expect(await running.metrics.metrics()).toMatch(/^oee_worker_machines_set_aside 1$/m);
  } finally {
    await running.close();
  }
});

test("a row that the store refuses is set aside alone, named, and mended by a recompute; the others go on", async () => {
  const [BROKEN, BESIDE] = ["s/a/l/broken", "s/a/l/beside"];
  let breaks = true;
  /** A store to which one row of one machine is given with a value that is no whole number, as by a fault of the engine. */
  const faulty: Store = {
    ...store,
    insertRows: (rows, stamp) => {
      const batch = RowBatch.of(rows);
      for (let row = 0; row < batch.length; row++) {
        const isIt = batch.headAt(row).machine === BROKEN && batch.fromAt(row) === FROM + 10 * MINUTE_MS;
        if (breaks && isIt) batch.values[row * WIDTH] = Number.NaN;
      }
      return store.insertRows(batch, stamp);
    },
  };
  const running = await run(faulty);
  const storedMinutes = async (id: string): Promise<number> => {
    let minutes = 0;
    const period = { from: FROM, to: FROM + 20 * MINUTE_MS };
    for await (const rows of store.rows({ machines: [id], period }))
      minutes += rows.filter(({ runTime }) => runTime > 0).length;
    return minutes;
  };
  const send = (...more: object[]): Promise<unknown> => post(running.url, "/api/v1/events", JSON.stringify(more));
  try {
    await send(...[BROKEN, BESIDE].map((of) => ({ type: "state", machine: of, at: FROM, state: "running" })));
    await running.settle();
    await expect
      .poll(() => running.status())
      .toMatchObject({
        ready: true,
        setAside: [
          expect.stringMatching(
            /^s\/a\/l\/broken: 1 not stored, the first of 2026-03-02T09:10:00\.000Z: run_time_ms of a/,
          ),
        ],
      });
    expect(await storedMinutes(BESIDE)).toBe(20);
    expect(await running.metrics.metrics()).toMatch(/^oee_worker_records_set_aside_total 1$/m);

    // A restarted worker knows which row is missing and tries again, at first in vain.
    await running.restart();
    await running.settle();
    expect(running.status().setAside).toHaveLength(1);
    expect(await storedMinutes(BROKEN)).toBe(19);
    breaks = false;
    await running.restart();
    await until("the recompute", () => (running.status().machinesSetAside === 0 ? true : undefined));
    await running.settle();
    expect(await storedMinutes(BROKEN)).toBe(20);
    expect(await running.metrics.metrics()).toMatch(/^oee_worker_machines_set_aside 0$/m);
  } finally {
    await running.close();
  }
});
