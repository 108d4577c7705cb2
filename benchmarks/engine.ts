/**
 * The engine alone: decoded events in, rows, stops and windows out. `speed` prints millions of events a second of
 * processor time (all threads, garbage collection included; median and spread of several runs), in order and with 5 %
 * out of order within a minute; `memory`, in a process of its own, what a plant in steady state holds. Measures what is
 * built: tsx adds to sources what the product does not have.
 *
 *     npm run build && npx tsx benchmarks/engine.ts speed [events] [runs]
 *     npm run build && npx tsx --expose-gc benchmarks/engine.ts memory [machines]
 */
import { MachineEngine, type MachineModel, PlantModel, Windows } from "@oee/engine";
import { type CountEvent, type Machine, type Plant, type PlantEvent, parsePlant } from "@oee/model";

const START = Date.UTC(2026, 2, 2, 5);
const HOUR_MS = 3_600_000;
/** Most of the cost is per machine and minute, so how many events share it matters most. */
const COUNT_EVERY_MS = [5_000, 1_000];

function plantOf(machines: number): Plant {
  const names = Array.from(
    { length: machines },
    (_, i) => `                m${i}: { idealCycleSeconds: 1.2, taktSeconds: 1.5 }`,
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
  const parsed = parsePlant(text, "bench.yaml");
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems[0]));
  return parsed.plant;
}

/**
 * The event at a place of a log, made when it is asked for: a list of all would cost the collector more than the engine.
 * A count is written into the one that is given, as the engine keeps none.
 */
type EventLog = (place: number, count: Count) => PlantEvent;
type Count = { -readonly [K in keyof CountEvent]: CountEvent[K] };

/** A state event a minute and a count every so often from each of 100 machines, in turn. */
function logOf(plant: Plant, countEveryMs: number): EventLog {
  const { machines } = plant;
  const ticksPerMinute = 60_000 / countEveryMs;
  const eventsPerMinute = machines.length * (ticksPerMinute + 1);
  return (place, count) => {
    const minute = Math.floor(place / eventsPerMinute);
    const inMinute = place % eventsPerMinute;
    // In the first tick of a minute each machine says its state, then its count.
    const first = inMinute < 2 * machines.length;
    const tick = first ? 0 : Math.floor(inMinute / machines.length) - 1;
    const at = START + minute * 60_000 + tick * countEveryMs;
    const machine = machines[first ? inMinute >> 1 : inMinute % machines.length] as Machine;
    if (first && inMinute % 2 === 0) return stateEvent(machine, at, minute);
    count.machine = machine;
    count.at = at + 1;
    count.scrap = (minute * ticksPerMinute + tick) % 50 === 0 ? 1 : null;
    return count;
  };
}

function countOf({ machines: [machine] }: Plant): Count {
  if (machine === undefined) throw new Error("a plant without machines");
  return { type: "count", machine, at: 0, id: null, good: 4, scrap: null, rework: null, startup: false };
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

/** Every twentieth event up to a minute later in the log. */
function disordered(log: EventLog, total: number, machines: number, countEveryMs: number): EventLog {
  const minute = machines * (60_000 / countEveryMs + 1);
  const place = (i: number): number => (i % 20 === 7 ? i + (minute * ((i * 7919) % 100)) / 100 : i);
  const order = Int32Array.from({ length: total }, (_, i) => i).sort((a, b) => place(a) - place(b));
  return (i, count) => log(order[i] as number, count);
}

/** Takes all events, moving each machine's time on every `batch` events of the log. Making the events is not measured. */
function run(plant: Plant, log: EventLog, total: number, batch: number): number {
  const model = new PlantModel(plant);
  const engines = plant.machines.map(
    (machine) => new MachineEngine(model.machine(machine), { allowedLatenessMs: HOUR_MS }),
  );
  const windows = plant.machines.map((machine) => new Windows(plant.windows, model.machine(machine).clock, null));
  const counts = Array.from({ length: batch }, () => countOf(plant));
  let micros = 0;
  let newest = 0;
  for (let from = 0; from < total; from += batch) {
    const events = counts.slice(0, total - from).map((count, i) => log(from + i, count));
    const started = process.cpuUsage();
    for (const event of events) {
      if (event.at > newest) newest = event.at;
      (engines[event.machine.index] as MachineEngine).accept(event);
    }
    for (const [m, engine] of engines.entries()) takeChanges(engine, windows[m] as Windows, newest + 1);
    const { user, system } = process.cpuUsage(started);
    micros += user + system;
  }
  return total / micros;
}

/** Moves a machine's time, and its windows with it. */
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
  const plant = plantOf(machines);
  for (const countEveryMs of COUNT_EVERY_MS) {
    const ordered = logOf(plant, countEveryMs);
    for (const [name, log] of [
      ["in order", ordered],
      ["5 % out of order within a minute", disordered(ordered, events, machines, countEveryMs)],
    ] as const) {
      for (const batch of [10_000, 100_000]) {
        run(plant, log, events, batch);
        print(
          `a count every ${countEveryMs / 1000} s, ${name}, batches of ${batch}`,
          Array.from({ length: runs }, () => run(plant, log, events, batch)),
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

/** A machine after two and a half hours, its time moved every minute. */
function steadyState(model: MachineModel): readonly [MachineEngine, Windows] {
  const { machine, plant, clock } = model;
  const engine = new MachineEngine(model, { allowedLatenessMs: HOUR_MS });
  const windows = new Windows(plant.windows, clock, null);
  for (let second = 0; second < 9_000; second++) {
    const at = START + second * 1000;
    if (second % 60 === 0) engine.accept(stateEvent(machine, at, second / 60));
    engine.accept({ type: "count", machine, at, id: null, good: 1, scrap: null, rework: null, startup: false });
    if (second % 60 === 59) takeChanges(engine, windows, at + 1);
  }
  windows.at(engine.now);
  return [engine, windows];
}

const [mode, ...numbers] = process.argv.slice(2);
if (mode === "speed") measureSpeed(...numbers.map(Number));
else if (mode === "memory") measureMemory(...numbers.map(Number));
else throw new Error(`expected "speed" or "memory", found ${mode ?? "nothing"}`);
