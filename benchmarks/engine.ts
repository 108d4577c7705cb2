/**
 * Measures the engine alone, from decoded events to rows, stops and windows. `speed` prints millions of events a second of
 * processor time (all threads, garbage collection included; median and spread of several runs), for events in order and with
 * 5 % out of order within a minute. `memory`, in a process of its own, prints what a plant in steady state holds. The built code
 * is measured, since tsx adds calls to sources that the product does not have.
 *
 *     npm run build && npx tsx benchmarks/engine.ts speed [events] [runs]
 *     npm run build && npx tsx --expose-gc benchmarks/engine.ts memory [machines]
 */
import { Windows } from "@oee/answers";
import { type MachineModel, PlantModel } from "@oee/engine";
import { type Machine, type Plant, type PlantEvent } from "@oee/model";
import { MachineEngine } from "@oee/stream";
import { plantFrom } from "../tests/support/plant.ts";

const START = Date.UTC(2026, 2, 2, 5);
const HOUR_MS = 3_600_000;
/** Intervals of counts that are measured: most of the cost is per machine and minute, so events that are more frequent cost less each. */
const COUNT_EVERY_MS = [5_000, 1_000];

/** Settings that turn every rule of counts on (TL-9, CN-5, CN-6, CN-8). */
const EVERY_RULE = ", unit: m, decimals: 2, piecesPerCount: 4, pulseGap: 90s, maxRatePerHour: 100000";

function plantOf(machines: number, more: string = ""): Plant {
  const names = Array.from(
    { length: machines },
    (_, i) => `                m${i}: { idealCycleSeconds: 1.2, taktSeconds: 1.5${more} }`,
  );
  const text = `enterprise: bench
timezone: Europe/Berlin
sites:
  s:
    calendar: three-shift
    areas:
      a:
        lines:
          l:
            machines:
${names.join("\n")}
calendars:
  three-shift:
    shifts:
      - { name: early, start: "06:00", end: "14:00", breaks: [{ start: "10:00", end: "10:30" }] }
      - { name: late, start: "14:00", end: "22:00" }
      - { name: night, start: "22:00", end: "06:00" }
`;
  return plantFrom(text);
}

/** Events of 100 machines in turn: from each a state a minute and a count every `countEveryMs`. */
function eventsOf(plant: Plant, total: number, countEveryMs: number): PlantEvent[] {
  const made: PlantEvent[] = [];
  const ticksPerMinute = 60_000 / countEveryMs;
  for (let tick = 0; made.length < total; tick++) {
    const at = START + tick * countEveryMs;
    for (const machine of plant.machines) {
      if (tick % ticksPerMinute === 0) made.push(stateEvent(machine, at, tick / ticksPerMinute));
      made.push({
        type: "count",
        machine,
        at: at + 1,
        id: null,
        good: 4,
        scrap: tick % 50 === 0 ? 1 : null,
        rework: null,
        startup: false,
        product: null,
        order: null,
      });
    }
  }
  return made.slice(0, total);
}

function stateEvent(machine: Machine, at: number, turn: number): PlantEvent {
  return {
    type: "state",
    machine,
    at,
    id: null,
    state: turn % 9 === 8 ? "down" : turn % 5 === 4 ? "idle" : "running",
    reason: null,
  };
}

/** The events with each count as two running totals, good and scrap; with `everyRule` good and produced, of a product (CN-7, CN-9). */
function asTotals(list: readonly PlantEvent[], everyRule: boolean): PlantEvent[] {
  const goodOf = new Map<Machine, number>();
  return list.map((event) => {
    if (event.type !== "count") return event;
    const { machine, at, id, startup, order } = event;
    const good = (goodOf.get(machine) ?? 0) + (event.good ?? 0);
    goodOf.set(machine, good);
    const scrap = Math.floor(good / 100);
    const totals = everyRule ? { scrap: null, produced: good + scrap } : { scrap, produced: null };
    return {
      type: "total",
      machine,
      at,
      id,
      good,
      rework: null,
      ...totals,
      startup,
      product: everyRule ? "cloth" : null,
      order,
    };
  });
}

/** Moves every twentieth event of a machine up to a minute later in the log. */
function disordered(list: readonly PlantEvent[], machines: number, countEveryMs: number): PlantEvent[] {
  const minute = (machines * 60_000) / countEveryMs;
  const places = list.map((event, i) => ({
    event,
    place: i % 20 === 7 ? i + (minute * ((i * 7919) % 100)) / 100 : i,
  }));
  return places.sort((a, b) => a.place - b.place).map(({ event }) => event);
}

/** Has engines take all events, and moves each machine's time on after every `batch` events of the log. */
function run(plant: Plant, list: readonly PlantEvent[], batch: number): number {
  const model = new PlantModel(plant);
  const engines = plant.machines.map(
    (machine) => new MachineEngine(model.machine(machine), { allowedLatenessMs: HOUR_MS }),
  );
  const windows = plant.machines.map((machine) => new Windows(plant.windows, model.machine(machine).clock, null, 0));
  const started = process.cpuUsage();
  let newest = 0;
  for (let i = 0; i < list.length; i += batch) {
    const end = Math.min(list.length, i + batch);
    for (let j = i; j < end; j++) {
      const event = list[j] as PlantEvent;
      if (event.at > newest) newest = event.at;
      (engines[event.machine.index] as MachineEngine).accept(event);
    }
    for (const [m, engine] of engines.entries()) takeChanges(engine, windows[m] as Windows, newest + 1);
  }
  const { user, system } = process.cpuUsage(started);
  return list.length / (user + system);
}

/** Moves a machine's time on, and its windows by the changes. */
function takeChanges(engine: MachineEngine, windows: Windows, now: number): void {
  windows.take(engine.advance(now).deltas);
}

function print(name: string, rates: number[]): void {
  const sorted = rates.toSorted((a, b) => a - b);
  const [low, median, high] = [0, Math.floor(sorted.length / 2), sorted.length - 1].map((i) =>
    (sorted[i] as number).toFixed(2),
  );
  console.log(`${name}: ${median} M events/s (${low} to ${high}, ${rates.length} runs)`);
}

function measureSpeed(events = 1_300_000, runs = 9): void {
  const machines = 100;
  const plain = plantOf(machines);
  const ruled = plantOf(machines, EVERY_RULE);
  for (const countEveryMs of COUNT_EVERY_MS) {
    const ordered = eventsOf(plain, events, countEveryMs);
    for (const [name, plant, list] of [
      ["in order", plain, ordered],
      ["in order, two totals a count", plain, asTotals(ordered, false)],
      ["in order, two totals a count, with every rule", ruled, asTotals(eventsOf(ruled, events, countEveryMs), true)],
      ["5 % out of order within a minute", plain, disordered(ordered, machines, countEveryMs)],
    ] as const) {
      for (const batch of [10_000, 100_000]) {
        run(plant, list, batch);
        print(
          `a count every ${countEveryMs / 1000} s, ${name}, batches of ${batch}`,
          Array.from({ length: runs }, () => run(plant, list, batch)),
        );
      }
    }
  }
}

function measureMemory(machines = 10_000): void {
  if (globalThis.gc === undefined) throw new Error("memory is measured with --expose-gc");
  const plant = plantOf(machines);
  const model = new PlantModel(plant);
  const before = used();
  const held = plant.machines.map((machine) => steadyState(model.machine(machine)));
  const bytes = used() - before;
  console.log(
    `memory: ${held.length} machines, a state change a minute and a count a second, 1 h lateness, windows ${plant.windows.map((w) => w.name).join(" ")}: ` +
      `${(bytes / 1e6).toFixed(0)} MB, ${(bytes / machines / 1000).toFixed(1)} kB a machine`,
  );
}

function used(): number {
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** A machine after two and a half hours, whose time was moved on every minute. */
function steadyState(model: MachineModel): readonly [MachineEngine, Windows] {
  const { machine, plant, clock } = model;
  const engine = new MachineEngine(model, { allowedLatenessMs: HOUR_MS });
  const windows = new Windows(plant.windows, clock, null, 0);
  for (let second = 0; second < 9_000; second++) {
    const at = START + second * 1000;
    if (second % 60 === 0) engine.accept(stateEvent(machine, at, second / 60));
    engine.accept({
      type: "count",
      machine,
      at,
      id: null,
      good: 1,
      scrap: null,
      rework: null,
      startup: false,
      product: null,
      order: null,
    });
    if (second % 60 === 59) takeChanges(engine, windows, at + 1);
  }
  windows.at(engine.now);
  return [engine, windows];
}

const [mode, ...numbers] = process.argv.slice(2);
if (mode === "speed") measureSpeed(...numbers.map(Number));
else if (mode === "memory") measureMemory(...numbers.map(Number));
else throw new Error(`expected "speed" or "memory", found ${mode ?? "nothing"}`);
