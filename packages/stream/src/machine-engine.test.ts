import { beginning, MachineHistory } from "@oee/engine";
import type { PlantEvent, Row } from "@oee/model";
import { describe, expect, test } from "vitest";
import { eventsOf, MINUTE, modelOf, T } from "../../engine/src/one-machine.fixture.ts";
import { isRestorable, MachineEngine } from "./machine-engine.ts";

const MODEL = modelOf("idealCycleSeconds: 1, minorStopThreshold: 3m");
const HOUR = 60 * MINUTE;
const EVENTS = eventsOf(MODEL, [
  { at: 0, type: "state", state: "running" },
  { at: 1.5, type: "count", good: 20 },
  { at: 2.5, type: "state", state: "down", reason: "jam" },
  { at: 7, type: "state", state: "running" },
  { at: 8, type: "count", good: 5 },
]);

/** An engine, and its newest rows by minute, as a store would hold them; after each event the engine is advanced. */
class Stream {
  engine = new MachineEngine(MODEL, { allowedLatenessMs: HOUR });
  readonly rows = new Map<number, Row>();

  take(event: PlantEvent | null, now: number): ReturnType<MachineEngine["advance"]> {
    if (event !== null) this.engine.accept(event);
    const changes = this.engine.advance(T + now * MINUTE);
    for (const row of changes.rows) this.rows.set((row.from - T) / MINUTE, row);
    return changes;
  }
}

function rowsOfHistory(now: number): Row[] {
  const history = new MachineHistory(MODEL.plant, MODEL.machine);
  for (const event of EVENTS) history.accept(event);
  const to = T + now * MINUTE;
  return history.evaluate({ from: T, to, now: to, cuts: "minutes" }).rows;
}

test("DI-1: events out of order give the rows that the whole history gives", () => {
  const stream = new Stream();
  for (const i of [0, 3, 1, 4, 2]) stream.take(EVENTS[i] ?? null, 9);
  expect([...stream.rows.values()].toSorted((a, b) => a.from - b.from)).toEqual(rowsOfHistory(9));
});

test("ST-2: rows of a minor stop are issued again when it lasts longer", () => {
  const stream = new Stream();
  stream.take(EVENTS[0] ?? null, 1);
  stream.take(EVENTS[2] ?? null, 4);
  expect(stream.rows.get(3)).toMatchObject({ minorStopTime: MINUTE, unplannedStopTime: 0 });
  const { rows, stops } = stream.take(null, 6);
  expect([...rows].map(({ from }) => (from - T) / MINUTE)).toEqual([2, 3, 4, 5]);
  expect(stream.rows.get(3)).toMatchObject({ minorStopTime: 0, unplannedStopTime: MINUTE });
  expect(stops).toMatchObject([{ from: T + 2.5 * MINUTE, minor: false, open: true }]);
});

test("rows and stops that did not change are not issued again", () => {
  const stream = new Stream();
  for (const event of EVENTS) stream.take(event, 9);
  const { rows, stops } = stream.take(null, 9);
  expect([rows.length, stops]).toEqual([0, []]);
  expect([...stream.take(null, 10).rows].map(({ from }) => (from - T) / MINUTE)).toEqual([9]);
});

test("DI-1: an event after a correction of time given up, and before all events, gives rows from its own instant on", () => {
  const stream = new Stream();
  const [first, correction, earlier] = eventsOf(MODEL, [
    { at: 0, type: "state", state: "running" },
    { at: 0, type: "correction", from: T - 48 * HOUR, to: T - 40 * HOUR, state: "idle", by: "ada" },
    { at: -10, type: "state", state: "running" },
  ]);
  stream.take(first ?? null, 2);
  for (const event of [correction, earlier]) if (event !== undefined) stream.engine.accept(event);
  stream.take(null, 2);
  expect([...stream.rows.keys()].toSorted((a, b) => a - b)).toEqual([-10, -9, -8, -7, -6, -5, -4, -3, -2, -1, 0, 1]);
});

test("DI-1: an event older than the allowed lateness asks for a recompute from its instant; CN-4: a repeat changes nothing", () => {
  const engine = new MachineEngine(MODEL, { allowedLatenessMs: 5 * MINUTE });
  for (const event of EVENTS) engine.accept(event);
  const [late, repeat] = eventsOf(MODEL, [
    { at: 3, type: "state", state: "idle" },
    { at: 59, type: "count", good: 1, id: "a" },
  ]);
  const [newest] = eventsOf(MODEL, [{ at: 58, type: "count", good: 1 }]);
  if (late === undefined || repeat === undefined || newest === undefined) return expect.unreachable();
  engine.accept(newest);
  engine.advance(T + 60 * MINUTE);
  expect([engine.accept(repeat), engine.accept(repeat), engine.accept(late)]).toEqual(["accepted", "repeat", "late"]);
  expect(engine.advance(T + 60 * MINUTE).recomputeFrom).toBe(T + 3 * MINUTE);
});

test("DI-1: an event up to a day and the allowed lateness before the first is placed; an older one asks for a recompute", () => {
  const stream = new Stream();
  const first = { at: 60 * 24 * 400, type: "state", state: "running" };
  const [newest, near, far] = eventsOf(MODEL, [
    first,
    { ...first, at: first.at - 60 * 20 },
    { ...first, at: first.at - 60 * 24 * 390 },
  ]);
  if (newest === undefined || near === undefined || far === undefined) throw new Error("three events were expected");
  stream.take(newest, first.at + 5);
  expect(stream.engine.accept(near)).toBe("accepted");
  expect(stream.take(null, first.at + 5).rows.length).toBe(20 * 60);
  expect(stream.engine.accept(far)).toBe("late");
  const changes = stream.take(null, first.at + 6);
  expect([changes.recomputeFrom, changes.rows.length]).toEqual([far.at, 1]);
});

test("an engine restored from its snapshot issues the rows that the one before would have", () => {
  const [whole, halved] = [new Stream(), new Stream()];
  for (const event of EVENTS) whole.take(event, 9);
  for (const event of EVENTS.slice(0, 3)) halved.take(event, 9);
  const snapshot = structuredClone(halved.engine.snapshot());
  expect(isRestorable(snapshot)).toBe(true);
  expect(isRestorable({ ...snapshot, version: 4 })).toBe(true);
  halved.engine = MachineEngine.restore(MODEL, { allowedLatenessMs: HOUR }, snapshot);
  for (const event of EVENTS.slice(3)) halved.take(event, 9);
  expect(halved.rows).toEqual(whole.rows);
});

describe("DI-1: of a silence of weeks only the last hours are held", () => {
  const SILENT = 30 * 24 * 60;
  const NOW = T + SILENT * MINUTE;
  const HELD_MAX = 32 * HOUR;
  const OPTIONS = { allowedLatenessMs: HOUR };

  /** An engine after these events and 30 days without any, advanced in steps. */
  function silentAfter(events: readonly PlantEvent[]): MachineEngine {
    const engine = new MachineEngine(MODEL, OPTIONS);
    for (const event of events) engine.accept(event);
    for (let minutes = 10; minutes < SILENT; minutes += 2_000) engine.advance(T + minutes * MINUTE);
    engine.advance(NOW);
    return engine;
  }

  function restarted(engine: MachineEngine): MachineEngine {
    return MachineEngine.restore(MODEL, OPTIONS, structuredClone(engine.snapshot()));
  }

  test("an event that is late by 20 h changes the rows of these 20 h alone, also after a restart", () => {
    const engine = silentAfter(EVENTS.slice(0, 3));
    const [late] = eventsOf(MODEL, [{ at: SILENT - 20 * 60, type: "state", state: "running" }]);
    if (late === undefined) return expect.unreachable();
    for (const of of [restarted(engine), engine]) {
      of.accept(late);
      const { rows, segments, recomputeFrom } = of.advance(NOW);
      // The minute before the event changes too: it counts the repair.
      expect([rows.length, recomputeFrom]).toEqual([20 * 60 + 1, null]);
      expect(segments[0]?.from).toBeGreaterThan(NOW - HELD_MAX);
    }
  });

  test("TL-3: a reason that comes after the silence asks for a recompute of the whole stop", () => {
    const [down, told] = eventsOf(MODEL, [
      { at: 2.5, type: "state", state: "down" },
      { at: SILENT, type: "state", state: "down", reason: "bearing" },
    ]);
    if (down === undefined || told === undefined) return expect.unreachable();
    const engine = silentAfter([...EVENTS.slice(0, 1), down]);
    engine.accept(told);
    const { segments, recomputeFrom } = engine.advance(NOW + MINUTE);
    expect(recomputeFrom).toBe(T + 2.5 * MINUTE);
    expect(segments[0]?.from).toBeGreaterThan(NOW - HELD_MAX);
  });

  test("an engine from a checkpoint of 0.1.0, which holds the whole silence, does not make the rows of the silence", () => {
    const before = new MachineEngine(MODEL, OPTIONS);
    for (const event of EVENTS.slice(0, 3)) before.accept(event);
    before.advance(T + 3 * MINUTE);
    const held = { ...before.snapshot(), now: NOW, start: beginning(T) };
    const engine = MachineEngine.restore(MODEL, OPTIONS, structuredClone(held));
    const { segments, recomputeFrom } = engine.advance(NOW + MINUTE);
    expect([segments.length, recomputeFrom]).toEqual([1, null]);
    expect(segments[0]?.from).toBeGreaterThan(NOW - HELD_MAX);
    expect(engine.stop).toMatchObject({ from: T + 2.5 * MINUTE, unplanned: true, open: true });
  });
});

describe("TL-9: a part of production that ends with a pulse days later, computed day by day", () => {
  const PULSED = modelOf("idealCycleSeconds: 200, pulseGap: 6m");
  const DAY = 24 * HOUR;
  const BEGINS = T + 0.5 * MINUTE;
  const [running, down, pulse] = eventsOf(PULSED, [
    { at: 0.5, type: "state", state: "running" },
    { at: 3.25 * 24 * 60, type: "state", state: "down" },
    { at: 3.5 * 24 * 60, type: "count", good: 1 },
  ]);

  /** Rows of the first 4 days, and the recompute that the last day asks for. `isTold`: whether the engine expects a pulse for the part that begins. */
  function computed(events: readonly (PlantEvent | undefined)[], isTold: boolean) {
    const engine = new MachineEngine(PULSED, { allowedLatenessMs: HOUR });
    if (isTold) engine.expectPulses(new Set([BEGINS]));
    const rows = new Map<number, Row>();
    let recomputeFrom: number | null = null;
    for (let day = 1; day <= 4; day++) {
      for (const event of events) {
        if (event !== undefined && event.at >= T + (day - 1) * DAY && event.at < T + day * DAY) engine.place(event);
      }
      const changes = engine.advance(T + day * DAY);
      for (const row of changes.rows) rows.set(row.from, row);
      ({ recomputeFrom } = changes);
    }
    return { rows: [...rows.values()].toSorted((a, b) => a.from - b.from), recomputeFrom };
  }

  test("has the rows of the whole history where the pulse is expected, and asks for a recompute where it is not", () => {
    const history = new MachineHistory(PULSED.plant, PULSED.machine);
    for (const event of [running, pulse]) if (event !== undefined) history.accept(event);
    const to = T + 4 * DAY;
    const { rows } = history.evaluate({ from: T, to, now: to, cuts: "minutes" });
    expect(rows[0]).toMatchObject({ runTime: 0.5 * MINUTE });
    expect(computed([running, pulse], true)).toEqual({ rows, recomputeFrom: null });
    expect(computed([running, pulse], false).recomputeFrom).toBe(BEGINS);
  });

  test("asks for a recompute where another state ends it before the expected pulse", () => {
    expect(computed([running, down, pulse], true).recomputeFrom).toBe(BEGINS);
  });
});
