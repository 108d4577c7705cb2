/**
 * DI-3 for the windows of live figures: after a change of the plant file, also of its list of windows, each window is the sum of
 * the rows of its time, of which those computed under the old plant file are unchanged.
 */
import { PlantModel } from "@oee/engine";
import { COMPONENT_NAMES, EventDecoder, isRefusal, layoutOf, type Plant, type Row } from "@oee/model";
import { expect, test } from "vitest";
import { decodeCheckpoint, encodeCheckpoint } from "./checkpoint.ts";
import { MachineRunner, type RunnerSnapshot } from "./machine-runner.ts";
import { WORKER_DEFAULTS } from "./settings.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const MACHINE = "s/a/l/m";
const START = Date.UTC(2026, 2, 2, 5);

function plantOf(machine: string, windows: string): Plant {
  return plantFrom(
    `enterprise: e
sites: { s: { calendar: two, areas: { a: { lines: { l: { machines: { m: ${machine} } } } } } } }
calendars: { two: { shifts: [ { name: early, start: "06:00", end: "14:00" }, { name: late, start: "14:00", end: "22:00" } ] } }
windows: ${windows}
`,
  );
}

/** A machine, and its rows as a store keeps them: the newest of each key. */
class Kept {
  readonly rows: Map<string, Row> = new Map();
  runner: MachineRunner;
  #decoder: EventDecoder;
  #offset = 0;

  constructor(plant: Plant) {
    this.#decoder = new EventDecoder(plant, WORKER_DEFAULTS);
    this.runner = new MachineRunner(modelOf(plant), 0, WORKER_DEFAULTS);
  }

  say(at: number, fields: Readonly<Record<string, unknown>>): void {
    const bytes = Buffer.from(JSON.stringify({ machine: MACHINE, at, ...fields }));
    const event = this.#decoder.decode(bytes, 0, bytes.length, null);
    if (isRefusal(event)) throw new Error(event.detail);
    this.runner.accept(event, this.#offset++, at);
  }

  advance(now: number): void {
    for (const row of this.runner.advance(now).rows) {
      this.rows.set(`${row.from} ${row.product} ${row.shift} ${row.shiftDate}`, row);
    }
  }

  /** Sends the events of a busy machine: a state every 15 minutes, counts every minute, some of both late. */
  live(from: number, to: number): void {
    for (let at = from, i = 0; at < to; at += MINUTE_MS, i++) {
      if (i % 15 === 0) this.say(at, { type: "state", state: ["running", "down", "running", "setup"][(i / 15) % 4] });
      if (i % 97 === 0) this.say(at, { type: "job", product: `p${i % 3}`, idealCycleSeconds: 1 + (i % 5) });
      this.say(at + 7_000, { type: "count", good: 10 + (i % 7), scrap: i % 3 });
      if (i % 10 === 9) this.say(at - 25 * MINUTE_MS, { type: "count", good: 1000 + i });
      if (i % 50 === 49) this.say(at - 40 * MINUTE_MS + 5, { type: "state", state: "running" });
      this.advance(at + 30_000);
    }
  }

  /** Moves the machine to another plant file, by a checkpoint. */
  change(plant: Plant, now: number): void {
    const snapshot = decodeCheckpoint(encodeCheckpoint(this.runner.snapshot(1, 0)));
    const restored = snapshot && MachineRunner.restore(modelOf(plant), 0, WORKER_DEFAULTS, snapshot, now);
    if (restored === null) throw new Error("a snapshot of this version was expected");
    this.runner = restored;
    this.#decoder = new EventDecoder(plant, WORKER_DEFAULTS);
  }

  /** The names of the windows in the live record, after their sums were compared with the rows. */
  windows(now: number): readonly string[] {
    const { windows } = this.runner.liveRecord(now);
    for (const { name, from, to, components, plannedByTakt } of windows) {
      const own = [...this.rows.values()].filter((row) => row.from >= from && row.from < to);
      const of = name === "shift" ? own.filter((row) => row.shift !== null) : own;
      expect(components, `${name} at ${new Date(now).toISOString()}`).toEqual(
        COMPONENT_NAMES.map((component) => of.reduce((sum, row) => sum + row[component], 0)),
      );
      const takts = new Map<number, number>();
      for (const row of of) {
        if (row.taktUs === null) continue;
        const planned = row.runTime + row.minorStopTime + row.unplannedStopTime + row.setupTime + row.plannedStopTime;
        takts.set(row.taktUs, (takts.get(row.taktUs) ?? 0) + planned);
      }
      expect(new Map(plannedByTakt), name).toEqual(takts);
    }
    return windows.map(({ name }) => name);
  }

  fill(now: number): void {
    const from = this.runner.windows.from(now);
    const stored = [...this.rows.values()].filter((row) => row.from >= from - MINUTE_MS);
    this.runner.windows.fillFrom(stored);
  }
}

function modelOf(plant: Plant): ReturnType<PlantModel["machine"]> {
  return new PlantModel(plant).machine(plant.machines[0] ?? never());
}

function never(): never {
  throw new Error("a machine was expected");
}

const BEFORE = plantOf("{ idealCycleSeconds: 2, taktSeconds: 3 }", "[15m, 1h, 8h, shift]");
const T = START + 10 * HOUR_MS + 17 * MINUTE_MS + 12_345;

test("a live record does not change when the machine takes further events", () => {
  const machine = new Kept(BEFORE);
  machine.live(START, START + HOUR_MS);
  const now = START + HOUR_MS;
  machine.runner.drainLatency(now);
  const record = machine.runner.liveRecord(now);
  const told = structuredClone(record);
  machine.live(now, now + HOUR_MS);
  machine.runner.drainLatency(now + HOUR_MS);
  expect(machine.runner.liveRecord(now + HOUR_MS).windows).not.toEqual(told.windows);
  expect(record).toEqual(told);
});

test("DI-3, PE-3: windows that the new plant file has too keep the rows computed under the old one", () => {
  const machine = new Kept(BEFORE);
  machine.live(START, T);
  expect(machine.windows(T)).toEqual(["15m", "1h", "8h", "shift"]);
  const after = plantOf("{ idealCycleSeconds: 4, taktSeconds: 5, minorStopThreshold: 1m }", "[1h, 15m, shift, 8h]");
  expect(after.version).not.toBe(BEFORE.version);
  machine.advance(T);
  machine.change(after, T);
  expect(machine.runner.windows.lack).toBe(false);
  for (let hour = 0; hour < 12; hour++) {
    const from = Math.ceil(T / MINUTE_MS) * MINUTE_MS + hour * HOUR_MS;
    machine.live(from, from + HOUR_MS);
    expect(machine.windows(from + HOUR_MS).slice(0, 2)).toEqual(["1h", "15m"]);
  }
});

test("DI-3, PE-3: new windows are shown once they are filled from stored rows, and are exact from then on", () => {
  const machine = new Kept(BEFORE);
  // All of its windows lie after its first event.
  machine.say(START - 24 * HOUR_MS, { type: "state", state: "no-demand" });
  machine.live(START, T);
  machine.advance(T);
  // The windows 45m and 24h are new, 8h is gone, the others stay.
  const after = plantOf("{ idealCycleSeconds: 4, taktSeconds: 5 }", "[15m, 45m, 1h, 24h, shift]");
  machine.change(after, T);
  expect(machine.runner.windows.lack).toBe(true);
  let at = Math.ceil(T / MINUTE_MS) * MINUTE_MS;
  machine.live(at, (at += 20 * MINUTE_MS));
  expect(machine.windows(at)).toEqual(["15m", "1h", "shift"]);
  machine.runner.windows.beginFill();
  // While the stored rows are read late events change some of them.
  machine.live(at, (at += 20 * MINUTE_MS));
  machine.fill(at);
  expect(machine.windows(at)).toEqual(["15m", "45m", "1h", "24h", "shift"]);
  for (let hour = 0; hour < 26; hour++) {
    machine.live(at, (at += HOUR_MS));
    expect(machine.windows(at).slice(0, 4)).toEqual(["15m", "45m", "1h", "24h"]);
  }
});

test("DI-3: a change of the windows alone changes no row; a fill that was abandoned and begun again counts each row once", () => {
  const machine = new Kept(BEFORE);
  machine.live(START, T);
  const after = plantOf("{ idealCycleSeconds: 2, taktSeconds: 3 }", "[2h]");
  expect(after.version).toBe(BEFORE.version);
  const rows = new Map(machine.rows);
  machine.change(after, T);
  machine.advance(T);
  for (const [key, row] of rows) if (row.from < T - MINUTE_MS) expect(machine.rows.get(key)).toEqual(row);
  machine.runner.windows.beginFill();
  machine.runner.windows.abandonFill();
  // After another checkpoint it is still known that the window lacks its rows.
  machine.change(after, T);
  expect(machine.runner.windows.lack).toBe(true);
  expect(machine.windows(T)).toEqual([]);
  machine.runner.windows.beginFill();
  machine.fill(T);
  expect(machine.windows(T)).toEqual(["2h"]);
});

test.each([
  { what: "in another order", names: COMPONENT_NAMES.toReversed() },
  { what: "and one more", names: ["newTime", ...COMPONENT_NAMES] },
])("DI-1: a checkpoint of a release with the components of this one $what is not restored", ({ names }) => {
  const machine = new Kept(BEFORE);
  machine.live(START, START + HOUR_MS);
  const { engine, windows, ...rest } = machine.runner.snapshot(1, 0);
  const layout = layoutOf(names);
  const restore = (snapshot: RunnerSnapshot): MachineRunner | null =>
    MachineRunner.restore(modelOf(BEFORE), 0, WORKER_DEFAULTS, snapshot, START + HOUR_MS);
  expect(restore({ ...rest, engine, windows })).not.toBeNull();
  expect(restore({ ...rest, engine: { ...engine, layout }, windows })).toBeNull();
  expect(restore({ ...rest, engine, windows: { ...windows, layout } })).toBeNull();
});

test("DI-3: what came while nothing ran is computed by the plant file that changed meanwhile, and no time before", () => {
  const windows = "[15m]";
  const kept = new Kept(plantOf("{ idealCycleSeconds: 1 }", windows));
  const good = (from: number, to: number): number =>
    [...kept.rows.values()]
      .filter((row) => row.from >= from && row.from < to)
      .reduce((sum, row) => sum + row.goodCount, 0);
  const ideal = (from: number, to: number): number =>
    [...kept.rows.values()]
      .filter((row) => row.from >= from && row.from < to)
      .reduce((sum, row) => sum + row.idealTimeUs, 0);
  const end = START + HOUR_MS;
  for (let at = START; at < end; at += MINUTE_MS) {
    if (at === START) kept.say(at, { type: "state", state: "running" });
    kept.say(at + 7_000, { type: "count", good: 10 });
    kept.advance(at + 30_000);
  }
  expect([good(START, end), ideal(START, end)]).toEqual([600, 600e6]);
  // For twenty minutes no worker runs.
  const back = end + 20 * MINUTE_MS;
  kept.change(plantOf("{ idealCycleSeconds: 2 }", windows), back);
  kept.say(end + 5 * MINUTE_MS, { type: "count", good: 7 });
  kept.advance(back);
  expect([good(end, back), ideal(end, back)]).toEqual([7, 14e6]);
  expect([good(START, end), ideal(START, end - MINUTE_MS)]).toEqual([600, 590e6]);
  // It is for the cold path, which knows the file of then.
  const late = START + 30 * MINUTE_MS + 1_000;
  kept.say(late, { type: "count", good: 100 });
  kept.advance(back + MINUTE_MS);
  expect([good(START, end), kept.runner.recompute.waitsFrom]).toEqual([600, late]);
});

test("DI-3: restarts after a change of the plant file leave rows and windows of before as they were", () => {
  const kept = new Kept(BEFORE);
  kept.live(START, T);
  kept.advance(T);
  const after = plantOf("{ idealCycleSeconds: 4, taktSeconds: 5, minorStopThreshold: 1m }", "[15m, 1h, 8h, shift]");
  // The minute at hand is the new plant file's.
  const before = new Map([...kept.rows].filter(([, row]) => row.from < T - MINUTE_MS));
  expect(before.size).toBeGreaterThan(0);
  let at = T;
  for (let restarts = 0; restarts < 3; restarts++) {
    kept.change(after, at);
    kept.windows(at);
    kept.say((at += 2 * MINUTE_MS), { type: "count", good: 10 });
    kept.advance(at + 1);
    for (const [key, row] of before) expect(kept.rows.get(key), `restart ${restarts}`).toEqual(row);
    expect(kept.windows(at + 1)).toContain("8h");
  }
});
