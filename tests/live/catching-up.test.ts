/**
 * A worker that has far more to read than it can compute at once: it computes, stores and checkpoints no intermediate figures,
 * what it stores is exact however it ends, and it does not read events again that it has read.
 */
import { allTopics, type EventLog, openMemoryLog, type Topics, topics } from "@oee/event-log";
import { type Plant } from "@oee/model";
import { systemScheduler } from "@oee/pacing";
import { loadEvents, loadPlantYaml } from "@oee/simulator";
import type { Store } from "@oee/store";
import { Worker, type WorkerMetrics, type WorkerOptions, type WorkerSettings, workerMetrics } from "@oee/worker";
import { Registry } from "prom-client";
import { expect, onTestFinished, test } from "vitest";
import { committedOf } from "../support/committed.ts";
import { storeOfFile, testWorker } from "../support/worker.ts";
import { until } from "./oee-process.ts";
import { expectWhole } from "./whole-history.ts";
import { plantFrom } from "../support/plant.ts";

const MACHINES = 20;
const SECONDS = 1_500;
const START = Date.UTC(2026, 2, 2, 5, 0);
const END = START + SECONDS * 1000;
const { store } = await storeOfFile();

/** A plant with other machines for each test, since the store is shared. */
function plantOf(name: string, machines: number): Plant {
  return plantFrom(loadPlantYaml(machines).replaceAll("load", name));
}

interface Backlog {
  readonly log: EventLog;
  readonly of: Topics;
  readonly plant: Plant;
  readonly lines: { readonly machine: string; readonly fields: Record<string, unknown> }[];
  /** The offset that a group committed last. */
  committed(): number;
}

/** A log that holds events before any worker reads it: a count a second and a state a minute of each machine. */
async function backlog(name: string, machines = MACHINES, seconds = SECONDS, partitions = 1): Promise<Backlog> {
  const log = openMemoryLog({ now: () => END });
  const of = topics("oee.", partitions);
  await log.ensureTopics(allTopics(of));
  const lines: Backlog["lines"] = [];
  for (const chunk of loadEvents({
    machines,
    events: machines * seconds,
    from: START,
    countEverySeconds: 1,
  })) {
    const texts = chunk.toString().replaceAll("load/", `${name}/`).trimEnd().split("\n");
    for (const text of texts) {
      const { machine, ...fields } = JSON.parse(text) as { machine: string };
      lines.push({ machine, fields });
    }
    await log.append(
      of.events.name,
      texts.map((text, i) => ({
        key: lines[lines.length - texts.length + i]?.machine ?? "",
        value: Buffer.from(text),
      })),
    );
  }
  const committed = committedOf(log);
  return { log, of, plant: plantOf(name, machines), lines, committed };
}

interface Started {
  readonly worker: Worker;
  readonly metrics: WorkerMetrics;
  taken(): Promise<number>;
}

async function start(
  { log, of, plant }: Backlog,
  settings: Partial<WorkerSettings> = {},
  parts: Partial<Pick<WorkerOptions, "store" | "scheduler">> = {},
): Promise<Started> {
  const metrics = workerMetrics(new Registry());
  const worker = testWorker({
    log,
    topics: of,
    store,
    plant,
    now: () => END,
    metrics,
    settings: { storeEveryMs: 20, watchEveryMs: 50, ...settings },
    ...parts,
  });
  await worker.start();
  onTestFinished(() => worker.abandon());
  const taken = async (): Promise<number> =>
    (await metrics.events.get()).values.reduce((sum, { value }) => sum + value, 0);
  return { worker, metrics, taken };
}

/** The store, with the names of the writes of events and rows in their order; `onRows` is called in each write of rows. */
function toldStore(onRows: () => void = () => undefined): { readonly told: Store; readonly calls: string[] } {
  const calls: string[] = [];
  const told = new Proxy(store, {
    get: (target, name: keyof Store) =>
      name === "insertEvents" || name === "insertRows"
        ? async (...given: [never, never]) => {
            if (name === "insertRows") onRows();
            await (target[name] as (...of: [never, never]) => Promise<unknown>)(...given);
            calls.push(name);
          }
        : target[name],
  });
  return { told, calls };
}

test("a backlog that was read is committed at once, and not read again after a crash", async () => {
  const of = await backlog("committed");
  const first = await start(of, { checkpointEveryMs: 3_600_000 });
  await until("all events", async () => ((await first.taken()) === of.lines.length ? true : undefined));
  await until("the commit of all", () => (of.committed() === of.lines.length ? true : undefined));
  await first.worker.abandon();
  const second = await start(of);
  await until("caught up", () => (second.worker.status().ready && second.worker.status().lag === 0 ? true : undefined));
  await second.worker.settle();
  expect(await second.taken()).toBe(0);
  await expectWhole(store, { plant: of.plant, lines: of.lines, start: START, end: END }, "after a crash");
});

test.each([
  ["fewer events than may wait", 1_000_000],
  ["more events than may wait", 1_000],
])("a backlog of %s is read and stored whole without waiting for the timer of writes", async (_, waitingEventsMax) => {
  const of = await backlog(`untimed-${waitingEventsMax}`, MACHINES, SECONDS, 8);
  const settings = { storeEveryMs: 3_600_000, waitingEventsMax, catchingUpFrom: 100 };
  const { worker, metrics } = await start(of, settings);
  await until("all events", () => (worker.status().ready && worker.status().lag === 0 ? true : undefined));
  await until("their rows", async () => {
    const stored = (await metrics.rowsStored.get()).values[0]?.value ?? 0;
    return stored >= (SECONDS / 60) * MACHINES && worker.status().waitingEvents === 0 ? true : undefined;
  });
  await worker.settle();
  await expectWhole(store, { plant: of.plant, lines: of.lines, start: START, end: END }, "without the timer");
});

test("while a backlog is read a row is stored once or twice, not at each change", async () => {
  const of = await backlog("final");
  const { worker, metrics, taken } = await start(of);
  await until("all events", async () => ((await taken()) === of.lines.length ? true : undefined));
  await worker.settle();
  const minutes = (SECONDS / 60) * MACHINES;
  const stored = (await metrics.rowsStored.get()).values[0]?.value ?? 0;
  expect(stored).toBeGreaterThanOrEqual(minutes);
  expect(stored).toBeLessThan(2 * minutes);
  await expectWhole(store, { plant: of.plant, lines: of.lines, start: START, end: END }, "caught up");
});

test("a worker that ends in the middle of a backlog, with no time for checkpoints, loses nothing", async () => {
  const of = await backlog("ended");
  for (let share = 0.25; share < 1; share += 0.25) {
    const { worker, taken } = await start(of, { endWithinMs: 0, waitingEventsMax: 2_000 });
    await until("some events", async () => ((await taken()) > 0 ? true : undefined));
    await worker.close();
  }
  const last = await start(of);
  await until("caught up", () => (last.worker.status().ready && last.worker.status().lag === 0 ? true : undefined));
  await last.worker.settle();
  await expectWhole(store, { plant: of.plant, lines: of.lines, start: START, end: END }, "ended and begun again");
});

test("the time for checkpoints at an end begins when the end is asked for, and a write under way takes of it", async () => {
  const of = await backlog("asked");
  let skippedMs = 0;
  const scheduler = systemScheduler(() => END);
  const { elapsed } = scheduler;
  let writes = 0;
  let goOn = (): void => undefined;
  const held = new Promise<void>((resolve) => (goOn = resolve));
  const slowStore = new Proxy(store, {
    get: (target, name: keyof Store) =>
      name === "insertEvents"
        ? async (...given: Parameters<Store["insertEvents"]>) => {
            writes++;
            await held;
            return target.insertEvents(...given);
          }
        : target[name],
  });
  const { worker } = await start(
    of,
    { endWithinMs: 60_000, checkpointEveryMs: 3_600_000, waitingEventsMax: 2_000 },
    { store: slowStore, scheduler: { ...scheduler, elapsed: () => elapsed() + skippedMs } },
  );
  await until("a write", () => (writes > 0 ? true : undefined));
  const closing = worker.close();
  skippedMs = 61_000;
  goOn();
  await closing;
  expect((await of.log.readKeyed(of.of.checkpoints.name, [0])).size).toBe(0);
  expect(of.committed()).toBeLessThan(of.lines.length);
  const last = await start(of);
  await until("caught up", () => (last.worker.status().ready && last.worker.status().lag === 0 ? true : undefined));
  await last.worker.settle();
  await expectWhole(store, { plant: of.plant, lines: of.lines, start: START, end: END }, "ended late and begun again");
});

test("raw events are written while hundreds of machines of a partition that has caught up are computed, so that reading goes on", async () => {
  const of = await backlog("ahead", 1_100, 2, 2);
  const { told, calls } = toldStore();
  const waitingEventsMax = 2 * of.lines.length;
  const { worker, taken } = await start(of, { waitingEventsMax, storeEveryMs: 3_600_000 }, { store: told });
  await until("all events", async () => ((await taken()) === of.lines.length ? true : undefined));
  // With one event more, of either partition, more than half of those that may wait do.
  const [line] = of.lines;
  const event = { machine: line?.machine, ...line?.fields, type: "count", good: 1, at: START + 1_500 };
  await of.log.append(of.of.events.name, [{ key: line?.machine ?? "", value: Buffer.from(JSON.stringify(event)) }]);
  await until("rows", () => (calls.includes("insertRows") ? true : undefined));
  expect(calls[0]).toBe("insertEvents");
  await worker.settle();
});

test("in the pause between writes raw events are written alone; rows come when it is over, and a crash before has events read again", async () => {
  const of = await backlog("alone", 3, 120);
  const half = of.lines.length / 2;
  // Time that only the test and writes move on, so that a pause lasts until the test ends it.
  let clock = 0;
  const { told, calls } = toldStore(() => void (clock += 1_000));
  const scheduler = { ...systemScheduler(() => END), elapsed: () => clock };
  const settings = { waitingEventsMax: half, checkpointEveryMs: 0 };
  const caughtUp = async (): Promise<Started> => {
    const one = await start(of, settings, { store: told, scheduler });
    const all = of.lines.length;
    await until("the commit of all", () => {
      clock += 100;
      return of.committed() === all ? true : undefined;
    });
    await one.worker.settle();
    return one;
  };
  let at = START + 200_000;
  const append = async (count: number): Promise<void> => {
    const came = of.lines
      .slice(0, count)
      .map(({ machine }) => ({ machine, fields: { type: "count", good: 1, at: at++ } }));
    of.lines.push(...came);
    calls.length = 0;
    const values = came.map(({ machine, fields }) => Buffer.from(JSON.stringify({ machine, ...fields })));
    await of.log.append(
      of.of.events.name,
      came.map(({ machine: key }, i) => ({ key, value: values[i] ?? null })),
    );
  };
  /** Has a write of a second, and then more events than half of those that may wait. */
  const comeInPause = async (): Promise<void> => {
    clock += 20_000;
    await append(1);
    await until("the commit of one", () => (of.committed() === of.lines.length ? true : undefined));
    await append(half);
    await until("a write", () => (calls.length > 0 ? true : undefined));
  };

  const first = await caughtUp();
  for (const isOver of [true, false]) {
    await comeInPause();
    expect([new Set(calls), of.committed()]).toEqual([new Set(["insertEvents"]), of.lines.length - half]);
    if (!isOver) continue;
    // That of a write of a second, and not the longer one after which nothing came.
    clock += 5_000;
    await until("the commit of all", () => (of.committed() === of.lines.length ? true : undefined));
    expect(calls).toContain("insertRows");
  }
  await first.worker.abandon();
  const second = await caughtUp();
  expect(await second.taken()).toBe(half);
  await expectWhole(store, { plant: of.plant, lines: of.lines, start: START, end: END }, "after events written alone");
});
