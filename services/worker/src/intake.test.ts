/** A batch of the log is taken in slices; after each the partition knows how far it is taken, and other work has the event loop. */
import { type EventLog, openMemoryLog, type RecordBatch, topics } from "@oee/event-log";
import type { Plant } from "@oee/model";
import { SimulatedTime } from "@oee/pacing";
import { pino } from "pino";
import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { Computing } from "./computing.ts";
import { CurrentPlant } from "./current-plant.ts";
import { DurableWrites } from "./durable-writes.ts";
import { Stamps } from "./epoch.ts";
import { Intake } from "./intake.ts";
import { MachineRunner } from "./machine-runner.ts";
import { workerMetrics } from "./metrics.ts";
import type { Misplaced } from "./misplaced.ts";
import { OwnedPartition } from "./partition.ts";
import { Partitions } from "./partitions.ts";
import { PlantChange } from "./plant-change.ts";
import { WORKER_DEFAULTS } from "./settings.ts";
import { Notifier } from "./notifier.ts";
import type { Storing } from "./storing.ts";
import { WaitingEvents } from "./waiting-events.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

const START = Date.UTC(2026, 2, 2, 6);
const RECORDS = 8_000;
const MACHINES = 4;

/** Simulated time that passes by 10 µs for each event given to its machine, and not while events are decoded. */
class BusyTime extends SimulatedTime {
  taken: () => number = () => 0;
  override elapsed(): number {
    return super.elapsed() + this.taken() / 100;
  }
}

function plantOf(machines: number, cycle: number): Plant {
  const ids = Array.from({ length: machines }, (_, i) => `m${i}: { idealCycleSeconds: ${cycle} }`).join(", ");
  return plantFrom(`enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { ${ids} } } } } } } }`);
}

async function partsOf(machines: number) {
  const plant = plantOf(machines, 1);
  const scheduler = new BusyTime(START);
  const log = openMemoryLog({ now: () => START });
  const named = topics("oee.", 1);
  await log.ensureTopics([named.events, named.deadLetters]);
  const batch = await batchOf(log, named.events.name, machines);
  const [settings, metrics, logger] = [WORKER_DEFAULTS, workerMetrics(new Registry()), pino({ enabled: false })];
  const current = new CurrentPlant(plant, settings);
  const partitions = new Partitions();
  partitions.dealOver(1);
  const runners = new Map(
    plant.machines.map((of) => [of.id, new MachineRunner(current.model.machine(of), 0, settings)] as const),
  );
  const owned = new OwnedPartition(0, runners, new Stamps(1), 0, []);
  partitions.add(owned);
  const recomputeWanted = new Notifier();
  const live = { publish: () => undefined, onShown: () => () => undefined };
  const computing = new Computing({ settings, scheduler, metrics, logger, live, partitions, recomputeWanted });
  const storing = {
    eventsCame: () => undefined,
    hurry: () => undefined,
    caughtUp: () => undefined,
  } as unknown as Storing;
  const waiting = new WaitingEvents(1_000_000, metrics, scheduler);
  scheduler.taken = () => waiting.arriving.length;
  const writes = new DurableWrites({ scheduler, metrics, logger });
  const shared = { settings, scheduler, logger, metrics, partitions, current, computing, storing, writes };
  const plantChange = new PlantChange({ ...shared, recomputeWanted });
  const misplaced = { found: () => undefined } as unknown as Misplaced;
  const intake = new Intake({ ...shared, log, topics: named, waiting, misplaced, plantChange });

  return { scheduler, log, batch, current, runners, owned, waiting, intake };
}

test("DI-1: a batch of many events is taken slice by slice, and the offset taken is set before other work has its turn", async () => {
  const { scheduler, log, batch, runners, owned, waiting, intake } = await partsOf(MACHINES);
  // At each turn of other work: how many events were given to their machines, and which offsets the partition has as taken and read.
  const seen: { readonly events: number; readonly taken: number; readonly position: number; readonly due: number }[] =
    [];
  const turn = scheduler.turn.bind(scheduler);
  scheduler.turn = () => {
    const { taken, position, toCompute } = owned;
    seen.push({ events: waiting.count, taken, position, due: toCompute.all.size });
    // The machines count as computed and checkpointed during this turn.
    for (const runner of [...toCompute.all]) {
      toCompute.done(runner);
      runner.checkpoint.made(1, 0n, null);
    }
    return turn();
  };
  await intake.take(batch);
  // A slice of 20 ms has 2,000 events.
  expect(seen.map(({ events }) => events)).toEqual([2_000, 4_000, 6_000]);
  for (const { events, taken, position, due } of seen) {
    expect([taken, position, due]).toEqual([events, 0, MACHINES]);
  }
  expect([owned.taken, owned.position, waiting.count]).toEqual([RECORDS, RECORDS, RECORDS]);
  // Because of the last slice each machine waits to be computed again, and lacks a checkpoint again.
  for (const runner of runners.values()) {
    expect(owned.toCompute.all.has(runner)).toBe(true);
    expect(runner.checkpoint.lacksFrom).toBeGreaterThanOrEqual(seen.at(-1)?.taken ?? Infinity);
  }
  // Other work has turns also between batches that follow each other at once.
  const { length } = seen;
  for (let i = 0; i < 5; i++) await intake.take(batch);
  expect(seen.length).toBeGreaterThan(length);
  await log.close();
});

test("DI-3: while a batch moves machines to a changed plant, other work has turns", async () => {
  const machines = 200;
  const { scheduler, log, batch, current, runners, owned, intake } = await partsOf(machines);
  const changed = plantOf(machines, 2);
  current.change(changed);
  const seen: number[] = [];
  const turn = scheduler.turn.bind(scheduler);
  scheduler.turn = () => {
    seen.push([...owned.runners].filter(([id, runner]) => runner !== runners.get(id)).length);
    return turn();
  };
  await intake.take(batch);
  expect(new Set([...owned.runners.values()].map((runner) => runner.model.plant))).toEqual(new Set([changed]));
  // The first slice is small, from which the size of the next is learned.
  expect(seen[0]).toBeLessThan(10);
  const most = Math.max(...seen.map((renewed, i) => renewed - (seen[i - 1] ?? 0)));
  expect([most <= 40, seen.includes(machines)]).toEqual([true, true]);
  await log.close();
});

async function batchOf(log: EventLog, topic: string, machines: number): Promise<RecordBatch> {
  await log.append(
    topic,
    Array.from({ length: RECORDS }, (_, i) => {
      const machine = `s/a/l/m${i % machines}`;
      return {
        key: machine,
        value: Buffer.from(JSON.stringify({ type: "count", machine, at: START - 1_000 + i, good: 1 })),
      };
    }),
  );
  return new Promise((resolve) => {
    log.followKeyed({ topic, onBatch: resolve, onCaughtUp: () => undefined });
  });
}
