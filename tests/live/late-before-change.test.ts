/**
 * DI-3, DI-1: what comes late, or is corrected, of a time before the plant file changed is computed by the file of then, up to the
 * change; from there on by the file of now. The change comes while the worker runs, or while it does not.
 */
import { allTopics, openMemoryLog, topics } from "@oee/event-log";
import { MachineHistory, PlantModel } from "@oee/engine";
import { EventDecoder, isRefusal, type Plant, type Row } from "@oee/model";
import type { Store } from "@oee/store";
import { Worker, workerMetrics } from "@oee/worker";
import { Registry } from "prom-client";
import { describe, expect, test } from "vitest";
import { plantFrom } from "../support/plant.ts";
import { storeOfFile, testWorker } from "../support/worker.ts";
import { until } from "./oee-process.ts";
import { type Line, randomOf, roughHistory, roughPlantFile } from "./rough-history.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const START = Date.UTC(2026, 2, 16, 6);
const CHANGE = START + 5 * HOUR_MS + 7 * MINUTE_MS;
const END = START + 9 * HOUR_MS + 12_345;

const { store } = await storeOfFile();

/** Shifts, ideal cycles, what is minor and whether pulses tell the state: all other by the second file. */
const changes: readonly (readonly [string, string])[] = [
  ["minorStopThreshold: 5m", "minorStopThreshold: 9m"],
  ["idealCycleSeconds: 7", "idealCycleSeconds: 3"],
  ["idealCycleSeconds: 11, taktSeconds: 15", "idealCycleSeconds: 4, taktSeconds: 6"],
  ["pulseGap: 6m", "pulseGap: 2m"],
  ["decimals: 1, maxRatePerHour: 2000", "decimals: 2, maxRatePerHour: 900"],
  ['end: "09:30"', 'end: "10:10"'],
  ['start: "09:30"', 'start: "10:10"'],
];

function changed(text: string): string {
  return changes.reduce((now, [from, to]) => {
    expect(now).toContain(from);
    return now.replace(from, to);
  }, text);
}

function inOrder(rows: readonly Row[]): Row[] {
  const key = ({ product, shift, shiftDate }: Row): string => JSON.stringify([product, shift, shiftDate]);
  return [...rows].sort((a, b) => a.from - b.from || (key(a) < key(b) ? -1 : 1));
}

/** All that a plant file makes of a machine's events up to an instant (epoch ms). */
function madeBy(plant: Plant, id: string, lines: readonly Line[], now: number) {
  const decoder = new EventDecoder(plant, { maxFutureMs: 300_000 });
  const machine = plant.machineById.get(id);
  if (machine === undefined) throw new Error(`${id} is unknown`);
  const history = new MachineHistory(new PlantModel(plant), machine);
  for (const { machine: of, fields } of lines) {
    const bytes = Buffer.from(JSON.stringify({ machine: of, ...fields }));
    const event = decoder.decode(bytes, 0, bytes.length, null);
    if (isRefusal(event)) throw new Error(event.detail);
    if (of === id) history.accept(event);
  }
  return history.evaluate({ from: START, to: now, now, cuts: "minutes" });
}

describe.each(["running", "ended"] as const)("DI-3: the plant file changes while the worker is %s", (how) => {
  test.each([1, 2, 3])("late events and corrections leave time before to the file of then (seed %i)", async (seed) => {
    const text = roughPlantFile(`${how}${seed}`);
    const [before, after] = [plantFrom(text), plantFrom(changed(text))];
    const counts = (arrives: number): Line[] =>
      before.machines.map(({ id: machine }) => ({
        machine,
        arrives,
        fields: { type: "count", at: START + 1, scrap: 1 },
      }));
    // Rows begin here, by the first file: history of before all rows is computed by the file of now.
    const lines = [...counts(START), ...roughHistory(before, randomOf(seed), { start: START, end: END })];
    const log = openMemoryLog({ now: () => END });
    const of = topics(`${how}-${seed}.`, 1);
    await log.ensureTopics(allTopics(of));
    await store.savePlant({ version: before.version, loadedAt: START, text });
    let clock = CHANGE + 20_000;
    const start = async (plant: Plant): Promise<Worker> => {
      const settings = { computeEveryMs: 1, storeEveryMs: 5 };
      const worker = testWorker({ log, topics: of, store, plant, now: () => clock, settings });
      await worker.start();
      return worker;
    };
    const say = (some: readonly Line[]) =>
      log.append(
        of.events.name,
        some.map(({ machine, fields }) => ({
          key: machine,
          value: Buffer.from(JSON.stringify({ machine, ...fields })),
        })),
      );
    const settled = (worker: Worker) =>
      until("all to be computed", async () => {
        await worker.settle();
        const { ready, lag, recomputing, toRecompute } = worker.status();
        return ready && lag === 0 && recomputing + toRecompute === 0 ? true : undefined;
      });

    let worker = await start(before);
    await say(lines.filter(({ arrives }) => arrives < clock));
    await settled(worker);
    if (how === "running") await worker.setPlant(after);
    else {
      await worker.close();
      worker = await start(after);
    }
    await settled(worker);
    const rest = lines.filter(({ arrives }) => arrives >= clock);
    clock = END;
    await say(rest);
    await settled(worker);
    const last = counts(END);
    await say(last);
    await settled(worker);

    const period = { from: START - 24 * HOUR_MS, to: END + 24 * HOUR_MS };
    for (const { id } of before.machines) {
      const all = [...lines, ...last].filter(({ machine }) => machine === id);
      const [old, now] = [madeBy(before, id, all, CHANGE), madeBy(after, id, all, END)];
      const stored: Row[] = [];
      const versions = new Map<string, number[]>();
      for await (const rows of store.rows({ machines: [id], period })) {
        for (const { version: _, plantVersion, ...row } of rows) {
          stored.push(row);
          versions.set(plantVersion, [...(versions.get(plantVersion) ?? []), row.from]);
        }
      }
      const rows = [...old.rows, ...now.rows.filter(({ from }) => from >= CHANGE)];
      expect(inOrder(stored), `rows of ${id}`).toEqual(inOrder(rows));
      expect(Math.max(...(versions.get(before.version) ?? [])), id).toBeLessThan(CHANGE);
      expect(Math.min(...(versions.get(after.version) ?? [])), id).toBe(CHANGE);
      // A stop that lasts over the change is listed by the file of now.
      const stops = [
        ...old.stops.filter(({ stop }) => !now.stops.some((one) => one.stop === stop && one.to > CHANGE)),
        ...now.stops.filter(({ stop }) => now.stops.some((one) => one.stop === stop && one.to > CHANGE)),
      ].map((stop) => (stop.to <= CHANGE ? { ...stop, open: false } : stop));
      const listed = await store.stops({ machines: [id], period, limit: 10_000 });
      const byTime = [...listed.stops].sort((a, b) => a.from - b.from);
      expect(byTime, `stops of ${id}`).toEqual(stops.sort((a, b) => a.from - b.from));
    }
    await worker.close();
    await log.close();
  });
});

test("DI-3, DI-1: an event that comes while what lies before the change is read again for the time after it is counted", async () => {
  const [day, machine] = [24 * HOUR_MS, "s/a/l/m"];
  const textOf = (cycle: number): string =>
    `enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: ${cycle} } } } } } } } }\n`;
  const [text, after] = [textOf(1), plantFrom(textOf(3))];
  const before = plantFrom(text);
  await store.savePlant({ version: before.version, loadedAt: START, text });
  const of = topics("lead-in.", 1);
  const log = openMemoryLog({ now: () => clock });
  await log.ensureTopics(allTopics(of));
  let clock = START + 12 * day;
  const metrics = new Registry();
  const count = (at: number): object => ({ type: "count", machine, at, good: 1 });
  const say = (...events: readonly object[]) =>
    log.append(
      of.events.name,
      events.map((event) => ({ key: machine, value: Buffer.from(JSON.stringify(event)) })),
    );
  let reads = 0;
  let meanwhile = false;
  const watched: Store = {
    ...store,
    async *events(query) {
      const isRead = meanwhile && query.order === "time" && (query.types ?? []).includes("count");
      // A week at once: the file of then reads two pieces, and the file of now begins with the first of these again.
      if (isRead && ++reads === 3) {
        await say(count(START + 9 * day));
        await until("the event to be taken", async () => {
          const { values = [] } = (await metrics.getSingleMetric("oee_worker_late_events_total")?.get()) ?? {};
          return values[0]?.value === 2 ? true : undefined;
        });
      }
      yield* store.events(query);
    },
  };
  const settings = { computeEveryMs: 1, storeEveryMs: 5 };
  const worker = testWorker({
    ...{ log, topics: of, store: watched, plant: before, now: () => clock, settings },
    metrics: workerMetrics(metrics),
  });
  await worker.start();
  const settled = () =>
    until("all to be computed", async () => {
      await worker.settle();
      const { ready, lag, recomputing, toRecompute } = worker.status();
      return ready && lag === 0 && recomputing + toRecompute === 0 ? true : undefined;
    });
  await say(
    { type: "state", machine, at: START, state: "idle" },
    { type: "state", machine, at: START + HOUR_MS, state: "running" },
    ...Array.from({ length: 12 }, (_, i) => count(START + i * day + 2 * HOUR_MS)),
  );
  await settled();
  await worker.setPlant(after);
  clock += 2 * day;
  await say(count(START + 13 * day));
  await settled();
  meanwhile = true;
  await say(count(START + day));
  await settled();
  expect(reads).toBeGreaterThan(3);
  const counted = new Map<number, number>();
  for await (const rows of store.rows({ machines: [machine], period: { from: START, to: clock } })) {
    for (const row of rows) if (row.goodCount > 0) counted.set((row.from - START) / day, row.idealTimeUs / 1e6);
  }
  expect([counted.get(1), counted.get(9), counted.get(13), counted.size]).toEqual([1, 1, 3, 15]);
  await worker.close();
  await log.close();
}, 300_000);
