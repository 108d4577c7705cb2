/** DI-3: a changed plant file is applied machine by machine, with turns for other work; numbers are as if all had changed at once. */
import { EventDecoder, isRefusal, type Plant, RowBatch } from "@oee/model";
import { GiveWay, SimulatedTime } from "@oee/pacing";
import { pino } from "pino";
import { Registry } from "prom-client";
import { afterEach, expect, test, vi } from "vitest";
import { Computing } from "./computing.ts";
import { CurrentPlant } from "./current-plant.ts";
import { DurableWrites } from "./durable-writes.ts";
import { Stamps } from "./epoch.ts";
import { MachineRunner } from "./machine-runner.ts";
import { workerMetrics } from "./metrics.ts";
import { OwnedPartition } from "./partition.ts";
import { Partitions } from "./partitions.ts";
import { PlantChange } from "./plant-change.ts";
import { WORKER_DEFAULTS } from "./settings.ts";
import { Notifier } from "./notifier.ts";
import type { Storing } from "./storing.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

const MACHINES = 50;
const START = Date.UTC(2026, 2, 2, 6);
const MINUTE = 60_000;

afterEach(() => vi.restoreAllMocks());

function plantOf(cycle: number, from: number, to: number): Plant {
  const ids = Array.from({ length: to - from }, (_, i) => `m${from + i}: { idealCycleSeconds: ${cycle} }`).join(", ");
  const sites = `{ s: { areas: { a: { lines: { l: { machines: { ${ids} } } } } } } }`;
  return plantFrom(`enterprise: e\nsites: ${sites}`);
}

function partsOf(plant: Plant) {
  const scheduler = new SimulatedTime(START);
  const settings = WORKER_DEFAULTS;
  const metrics = workerMetrics(new Registry());
  const logger = pino({ enabled: false });
  const current = new CurrentPlant(plant, settings);
  const partitions = new Partitions();
  partitions.dealOver(1);
  const runners = plant.machines.map((of) => new MachineRunner(current.model.machine(of), 0, settings));
  const owned = new OwnedPartition(0, new Map(runners.map((runner) => [runner.id, runner])), new Stamps(1), 1, []);
  owned.ends(1, 1);
  partitions.add(owned);
  const recomputeWanted = new Notifier();
  const live = { publish: () => undefined, onShown: () => () => undefined };
  const computing = new Computing({ settings, scheduler, metrics, logger, live, partitions, recomputeWanted });
  let stored = 0;
  const storing = { store: async () => void stored++ } as unknown as Storing;
  const writes = new DurableWrites({ scheduler, metrics, logger });
  const shared = { settings, scheduler, logger, partitions, current, computing, storing, writes, recomputeWanted };
  const change = new PlantChange(shared);
  const decoded = new Map<Plant, EventDecoder>();
  const take = (id: string, event: object): void => {
    const now = current.plant;
    const machine = now.machineById.get(id);
    if (machine === undefined) throw new Error(`${id} is unknown`);
    const runner = change.runnerOf(owned, machine);
    const decoder = decoded.get(now) ?? new EventDecoder(now, settings);
    decoded.set(now, decoder);
    const bytes = Buffer.from(JSON.stringify({ machine: id, ...event }));
    const found = decoder.decode(bytes, 0, bytes.length, null);
    if (isRefusal(found)) throw new Error(found.detail);
    runner?.accept(found, 1, scheduler.now());
    if (runner !== null) owned.toCompute.add(runner);
  };
  return { scheduler, owned, computing, change, take, stored: () => stored };
}

/** A machine's pending rows, each as minute after the start and ideal time (µs). */
function idealTimes(owned: OwnedPartition, machine: string): readonly (readonly [number, number])[] {
  const rows = new RowBatch();
  owned.pending.moveTo(rows);
  const times: [number, number][] = [];
  for (let row = 0; row < rows.length; row++) {
    const { idealTimeUs } = rows.rowAt(row);
    if (rows.headAt(row).machine === machine) times.push([(rows.fromAt(row) - START) / MINUTE, idealTimeUs]);
  }
  return times.sort(([a], [b]) => a - b);
}

test("DI-3: machines go over to a changed plant one by one, and other work has the event loop in between", async () => {
  const parts = partsOf(plantOf(1, 0, MACHINES));
  const { owned, change, take, scheduler, computing } = parts;
  for (let i = 0; i < MACHINES; i++) {
    take(`s/a/l/m${i}`, { type: "state", at: START, state: "running" });
    take(`s/a/l/m${i}`, { type: "count", at: START + 50_000, good: 10 });
  }
  await scheduler.advanceTo(START + MINUTE + 20_000);
  for (let i = 0; i < MACHINES; i++) take(`s/a/l/m${i}`, { type: "count", at: START + MINUTE + 10_000, good: 1 });
  let units = 0;
  let most = 0;
  let turns = 0;
  const restore = MachineRunner.restore.bind(MachineRunner);
  vi.spyOn(MachineRunner, "restore").mockImplementation((...args) => {
    most = Math.max(most, ++units);
    return restore(...args);
  });
  const moveOn = computing.moveOn.bind(computing);
  const moved = vi.spyOn(computing, "moveOn").mockImplementation((...args) => moveOn(...args));
  let betweenMoves = 0;
  vi.spyOn(GiveWay.prototype, "due", "get").mockReturnValue(true);
  vi.spyOn(GiveWay.prototype, "now").mockImplementation(async () => {
    betweenMoves = Math.max(betweenMoves, moved.mock.calls.length);
    moved.mockClear();
    units = 0;
    turns++;
    // In the middle of the change a count comes of a machine that has changed, and of one that has not.
    if (turns === MACHINES + 10) {
      for (const i of [0, MACHINES - 1]) take(`s/a/l/m${i}`, { type: "count", at: START + MINUTE + 15_000, good: 2 });
      units = 0;
    }
  });
  const next = plantOf(3, 1, MACHINES + 1);
  const gone = owned.runners.get("s/a/l/m0");
  await change.to(plantOf(3, 0, MACHINES));
  await change.idle();
  expect([most, parts.stored()]).toEqual([1, 1]);
  expect(betweenMoves).toBeLessThanOrEqual(2);
  expect(turns).toBeGreaterThanOrEqual(2 * MACHINES);
  expect(gone !== undefined && owned.has(gone)).toBe(false);
  computing.computeAll();
  expect(owned.toCompute.all.size).toBe(0);
  // The current minute is computed under the new plant as a whole, the minute before under the old one.
  expect(idealTimes(owned, `s/a/l/m${MACHINES - 1}`)).toEqual([
    [0, 10_000_000],
    [1, 9_000_000],
  ]);

  // The next plant lacks one machine and has a new one, of which an event comes before its turn.
  await change.to(next);
  take(`s/a/l/m${MACHINES}`, { type: "count", at: START + MINUTE + 15_000, good: 2 });
  await change.idle();
  expect([...owned.runners.keys()].toSorted()).toEqual(next.machines.map(({ id }) => id).toSorted());
  for (const runner of owned.runners.values()) expect(runner.model.plant).toBe(next);
});
