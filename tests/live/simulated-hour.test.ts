/**
 * A worker in simulated time: an hour of a plant whose events come late, twice and out of order passes in seconds, and every timer
 * of the worker fires in it as it would by the clock. The store is a real one (ClickHouse in the process), while whose work simulated
 * time stands still. Assertions about time are exact, because only timers take time.
 */
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { pause, type Scheduler, SimulatedTime } from "@oee/pacing";
import { type Store } from "@oee/store";
import { WORKER_DEFAULTS } from "@oee/worker";
import { expect, test } from "vitest";
import { anyShown } from "../support/live.ts";
import { plantFrom } from "../support/plant.ts";
import { storeOfFile, testWorker } from "../support/worker.ts";
import { randomOf, roughHistory, roughPlant } from "./rough-history.ts";
import { expectWhole } from "./whole-history.ts";

const MINUTE_MS = 60_000;
const START = Date.UTC(2026, 2, 2, 9);
const END = START + 60 * MINUTE_MS;

const { store } = await storeOfFile();

/** The store, with simulated time standing still during its calls. */
function outsideOf(time: SimulatedTime): Store {
  return new Proxy(store, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]): unknown => {
        const result: unknown = Reflect.apply(value, target, args);
        if (result instanceof Promise) return time.outside(result);
        return isIterable(result) ? each(time, result) : result;
      };
    },
  });
}

function isIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

async function* each(time: SimulatedTime, source: AsyncIterable<unknown>): AsyncIterable<unknown> {
  const iterator = source[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await time.outside(iterator.next());
    if (done === true) return;
    yield value;
  }
}

test("an hour of a plant by simulated time: figures 25 ms after their event, rows and checkpoints in time", async () => {
  const time = new SimulatedTime(START);
  // After the hour the time of day stands still while timers go on, so that everything is stored.
  const scheduler: Scheduler = {
    now: () => Math.min(time.now(), END),
    elapsed: () => time.elapsed(),
    idle: () => time.idle(),
    after: (delayMs, call) => time.after(delayMs, call),
    every: (periodMs, call) => time.every(periodMs, call),
    turn: () => time.turn(),
  };
  const plant = roughPlant("sim-");
  const known = new Set<string>();
  const history = roughHistory(plant, randomOf(7), { start: START, end: END }).filter(
    ({ machine, fields, arrives }) => {
      if (["state", "count", "total"].includes(String(fields["type"]))) known.add(machine);
      // A correction or job counts only once its machine has sent a first state or count.
      return arrives < END && known.has(machine);
    },
  );
  // An event of every machine at the end, so that its rows reach to the end.
  const last = plant.machines.map(({ id }) => ({ machine: id, fields: { type: "state", at: END, state: "down" } }));
  const lines = [...history, ...last.map((line) => ({ ...line, arrives: END }))];
  const log = openMemoryLog({ now: scheduler.now, sleep: (delayMs) => pause(time, delayMs) });
  const of = topics("oee.", 1);
  await log.ensureTopics(allTopics(of));
  /** Times (ms) from the append of an event to the log until its figures were computed. */
  const took: number[] = [];
  const worker = testWorker({
    log,
    topics: of,
    store: outsideOf(time),
    plant,
    live: {
      publish: (records) => {
        for (const record of records) {
          if (record.kind !== "machine" || record.latency === null || record.now === END) continue;
          took.push(record.latency.computedAt - record.latency.loggedAt);
        }
      },
      onShown: anyShown,
    },
    scheduler,
    settings: { storeEveryMs: MINUTE_MS },
  });
  await worker.start();
  for (const { machine, fields, arrives } of lines) {
    time.after(arrives - START, () => {
      const value = Buffer.from(JSON.stringify({ machine, ...fields }));
      void log.append(of.events.name, [{ key: machine, value }]);
    });
  }

  await time.advanceTo(END + 2 * MINUTE_MS);

  expect(worker.status()).toMatchObject({ ready: true, lag: 0, waitingEvents: 0, recomputing: 0, setAside: [] });
  expect(took.length).toBeGreaterThan(20);
  expect(new Set(took)).toEqual(new Set([WORKER_DEFAULTS.computeEveryMs]));
  await expectWhole(store, { plant, lines, start: START, end: END }, "by simulated time");
  await worker.close();
  await log.close();
});

test("TL-7: a correction of time that must be recomputed is listed as in effect as soon as it is, though no events come", async () => {
  const time = new SimulatedTime(START);
  const machine = "s/a/l/late";
  const line = "{ machines: { late: { idealCycleSeconds: 1 } } }";
  const plant = plantFrom(`enterprise: e\nsites: { s: { areas: { a: { lines: { l: ${line} } } } } }`);
  const log = openMemoryLog({ now: () => time.now(), sleep: (delayMs) => pause(time, delayMs) });
  const of = topics("oee.", 1);
  await log.ensureTopics(allTopics(of));
  let inEffectAt = Infinity;
  const worker = testWorker({
    ...{ log, topics: of, store: outsideOf(time), plant, scheduler: time },
    live: {
      publish: (records) => {
        for (const record of records) {
          if (record.kind === "machine" && record.corrections.includes("c"))
            inEffectAt = Math.min(inEffectAt, time.now());
        }
      },
      onShown: anyShown,
    },
  });
  await worker.start();
  const say = (...events: readonly object[]): Promise<void> =>
    log.append(
      of.events.name,
      events.map((event) => ({ key: machine, value: Buffer.from(JSON.stringify({ machine, ...event })) })),
    );
  await say(
    { type: "state", at: START - 180 * MINUTE_MS, state: "running" },
    { type: "state", at: START - 150 * MINUTE_MS, state: "down" },
    { type: "state", at: START - 120 * MINUTE_MS, state: "running" },
    { type: "count", at: START, good: 1 },
  );
  await time.advanceTo(START + MINUTE_MS);
  const span = { from: START - 150 * MINUTE_MS, to: START - 120 * MINUTE_MS };
  const saidAt = time.now();
  await say({ type: "correction", id: "c", ...span, at: saidAt, by: "anna", reason: "jam" });
  await time.advanceTo(saidAt + MINUTE_MS);
  // A pause for what belongs together, and two writes: of what the recompute reads, and of what it says.
  expect(inEffectAt - saidAt).toBeLessThanOrEqual(4 * WORKER_DEFAULTS.storeEveryMs);
  await worker.close();
  await log.close();
});

test("DI-1: history that takes long to compute is stored as soon as it is, though no more events come", async () => {
  const time = new SimulatedTime(START);
  const machine = "s/a/l/imported";
  const line = "{ machines: { imported: { idealCycleSeconds: 1 } } }";
  const plant = plantFrom(`enterprise: e\nsites: { s: { areas: { a: { lines: { l: ${line} } } } } }`);
  const log = openMemoryLog({ now: () => time.now(), sleep: (delayMs) => pause(time, delayMs) });
  const of = topics("oee.", 1);
  await log.ensureTopics(allTopics(of));
  // Work takes no simulated time: the write of the event comes before the machine is computed, as where that takes long.
  const settings = { storeEveryMs: 100, computeEveryMs: 1_000 };
  const worker = testWorker({ log, topics: of, store: outsideOf(time), plant, scheduler: time, settings });
  await worker.start();
  await time.advanceTo(START + MINUTE_MS);
  const from = START - 3 * 24 * 60 * MINUTE_MS;
  const value = Buffer.from(JSON.stringify({ machine, type: "state", at: from, state: "running" }));
  await log.append(of.events.name, [{ key: machine, value }]);
  await time.advanceTo(START + MINUTE_MS + 5_000);
  const stored = await store.inventory({ machines: [machine], period: { from, to: START } });
  expect(stored.get(machine)?.rows).toBe((START - from) / MINUTE_MS);
  await worker.close();
  await log.close();
});
