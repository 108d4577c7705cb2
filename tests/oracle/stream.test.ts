/**
 * Compares the incremental engine (`MachineEngine`) with the one that computes a whole history (`MachineHistory`). The first takes a
 * log of any order in batches of any size while time moves on, and is now and then restored from its snapshot; it must end with the
 * same rows, stops and windows. When it asks for a recompute of time that it no longer holds, a new engine takes all events so far,
 * as a worker does it.
 */
import { sumOf, type Sums, Windows } from "@oee/answers";
import { counterOf, type Evaluation, MachineHistory, type MachineModel, PlantModel } from "@oee/engine";
import { COMPONENT_NAMES, type PlantEvent, type Row, type StopSegment } from "@oee/model";
import { type Changes, type EngineOptions, MachineEngine, SNAPSHOT_VERSION } from "@oee/stream";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type History, histories } from "./histories.ts";

import { eventsOf, machineOf, plantOf } from "./plants.ts";

const numRuns = Number(process.env["OEE_PROPERTY_RUNS"] ?? 40);

interface Way {
  readonly history: History;
  /** How many events are taken before each advance of time; the list is repeated. */
  readonly batches: readonly number[];
  /** By which share of the time left until now each advance moves; the list is repeated. */
  readonly steps: readonly number[];
  readonly restoreEvery: number;
  readonly allowedLatenessMs: number;
}

const ways: fc.Arbitrary<Way> = fc.record({
  history: histories(),
  batches: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 8 }),
  steps: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 8 }),
  restoreEvery: fc.nat({ max: 4 }),
  allowedLatenessMs: fc.constantFrom(60_000, 600_000, 3_600_000, 10 * 86_400_000),
});

/** Applies each change as the store does: rows, stops, doubted totals and windows. */
class Kept {
  readonly rows = new Map<string, Row>();
  readonly stops = new Map<number, StopSegment>();
  readonly doubts = new Set<string>();
  readonly model: MachineModel;
  windows: Windows;

  constructor(model: MachineModel) {
    this.model = model;
    this.windows = this.newWindows();
  }

  newWindows(): Windows {
    const { costPerHour, decimals } = this.model.machine;
    return new Windows(this.model.plant.windows, this.model.clock, costPerHour, decimals);
  }

  take({ rows, deltas, stops, stopsGone, doubts }: Changes): void {
    for (const row of rows) this.rows.set(JSON.stringify([row.from, row.product, row.shift, row.shiftDate]), row);
    this.windows.take(deltas);
    for (const from of stopsGone) this.stops.delete(from);
    for (const stop of stops) this.stops.set(stop.from, stop);
    for (const { at, quantity, doubted } of doubts) {
      if (doubted) this.doubts.add(`${at} ${quantity}`);
      else this.doubts.delete(`${at} ${quantity}`);
    }
  }
}

function byStream({ history, batches, steps, restoreEvery, allowedLatenessMs }: Way): Kept {
  const plant = plantOf(history.plant);
  const machine = machineOf(plant);
  const log = eventsOf(machine, history.log);
  const model = new PlantModel(plant).machine(machine);
  const options: EngineOptions = { allowedLatenessMs };
  const kept = new Kept(model);
  const taken: PlantEvent[] = [];
  let engine = new MachineEngine(model, options);
  let now = Math.min(history.from, ...log.map((event) => event.at));
  for (let i = 0, b = 0; i < log.length || b === 0; b++) {
    for (const event of log.slice(i, i + (batches[b % batches.length] ?? 1))) {
      if (engine.accept(event) !== "repeat") taken.push(event);
      i++;
    }
    now += Math.floor((history.now - now) * (steps[b % steps.length] ?? 1));
    engine = settle(engine, now);
    if (restoreEvery > 0 && b % restoreEvery === 0) {
      const snapshot = structuredClone(engine.snapshot());
      expect(snapshot.version).toBe(SNAPSHOT_VERSION);
      engine = MachineEngine.restore(model, options, snapshot);
      const windows = kept.newWindows();
      windows.restore(structuredClone(kept.windows.snapshot()));
      kept.windows = windows;
    }
  }
  settle(engine, history.now);
  return kept;

  function settle(current: MachineEngine, at: number): MachineEngine {
    const changes = current.advance(at);
    kept.windows.at(at);
    kept.take(changes);
    if (changes.recomputeFrom === null) return current;
    const rebuilt = current.rebuild(taken);
    const all = rebuilt.advance(at);
    kept.rows.clear();
    kept.windows = kept.newWindows();
    kept.stops.clear();
    kept.doubts.clear();
    kept.take(all);
    return rebuilt;
  }
}

interface Whole extends Pick<Evaluation, "rows" | "stops" | "doubted"> {
  /** Sums from an instant on (epoch ms), which may lie before the first event. */
  readonly since: (from: number) => Sums;
}

function byHistory({ plant: small, log, now }: History): Whole {
  const plant = plantOf(small);
  const machine = machineOf(plant);
  const history = new MachineHistory(plant, machine);
  let first = Infinity;
  for (const event of eventsOf(machine, log)) {
    if (history.accept(event)) first = Math.min(first, event.type === "correction" ? event.from : event.at);
  }
  const since = (from: number): Sums => sumOf(history.evaluate({ from, to: now, now }).rows);
  if (first >= now) return { rows: [], stops: [], doubted: [], since };
  const from = Math.floor(first / 60_000) * 60_000;
  return { ...history.evaluate({ from, to: now, now, cuts: "minutes" }), since };
}

function isSomething(row: Row): boolean {
  return COMPONENT_NAMES.some((name) => row[name] !== 0);
}

function inOrder(rows: Iterable<Row>): Row[] {
  const key = (row: Row): string => JSON.stringify([row.product, row.shift, row.shiftDate]);
  return [...rows].sort((a, b) => a.from - b.from || (key(a) < key(b) ? -1 : 1));
}

test("P-5: a stream in any batches, with restores and recomputes, ends with the rows, stops and windows of the whole history", () => {
  fc.assert(
    fc.property(ways, (way) => {
      const kept = byStream(way);
      const whole = byHistory(way.history);
      expect(inOrder([...kept.rows.values()].filter(isSomething))).toEqual(inOrder(whole.rows.filter(isSomething)));
      const { now } = way.history;
      for (const { name, from, sums } of kept.windows.at(now)) {
        const { shift, shiftDate } = name === "shift" ? (whole.rows.at(-1) ?? {}) : {};
        const inside = whole.rows.filter((row) =>
          name === "shift" ? row.shift === shift && row.shiftDate === shiftDate : row.from >= from,
        );
        expect({ name, sums: sums.components(), takts: sums.plannedByTakt }).toEqual({
          name,
          sums: whole.since(from).components(),
          takts: sumOf(inside).plannedByTakt,
        });
      }
      expect([...kept.stops.values()].sort((a, b) => a.from - b.from)).toEqual(whole.stops);
      const doubted = whole.doubted.filter(({ isTrue }) => !isTrue).map((one) => `${one.at} ${counterOf(one)}`);
      expect([...kept.doubts].sort()).toEqual(doubted.sort());
    }),
    { numRuns },
  );
});

test("DI-1: an event of a day ago issues only the rows of the minutes since it; one of 99 days ago asks for a recompute instead", () => {
  const plant = plantOf({});
  const machine = machineOf(plant);
  const engine = new MachineEngine(new PlantModel(plant).machine(machine), { allowedLatenessMs: 3_600_000 });
  const from = Date.UTC(2026, 2, 2, 5);
  const now = from + 86_400_000;
  // Each event changes all minutes from its instant to now.
  for (const [i, state] of (["running", "idle", "running"] as const).entries()) {
    const at = from + i * 600_000;
    engine.accept({ type: "state", machine, at, id: null, state, reason: null });
    expect(engine.advance(now).rows).toHaveLength((now - at) / 60_000);
  }
  // After a hundred days the same change is too old to be computed at once, which would hold up all other machines.
  const later = now + 100 * 86_400_000;
  engine.advance(later);
  const at = now + 86_400_000;
  expect(engine.accept({ type: "state", machine, at, id: null, state: "down", reason: null })).toBe("late");
  const correction = { type: "correction", machine, at, id: null, from: at, to: at + 1, state: "idle" } as const;
  expect(engine.accept({ ...correction, reason: null, clear: false, by: "anna", note: null })).toBe("late");
  const { rows, recomputeFrom } = engine.advance(later);
  expect({ rows: rows.length, recomputeFrom }).toEqual({ rows: 0, recomputeFrom: at });
});
