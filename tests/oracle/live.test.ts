/**
 * Compares the incremental engine (`MachineEngine`) with the oracle. The engine takes events in log order; after some of them time
 * moves on, after others it is replaced by one restored from its snapshot. Its changes are applied as the store would apply them: at
 * the end rows and stops must be those that the oracle computes of the whole log.
 */
import { PlantModel } from "@oee/engine";
import { COMPONENT_NAMES, type PlantEvent, type Row, type StopSegment } from "@oee/model";
import { type Changes, type EngineSnapshot, MachineEngine } from "@oee/stream";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type History, histories } from "./histories.ts";
import { evaluate } from "./oracle.ts";
import { count, eventsOf, machineOf, plantOf, state } from "./plants.ts";
import { HOUR_MS, MINUTE_MS } from "./wall-clock.ts";

const numRuns = Number(process.env["OEE_PROPERTY_RUNS"] ?? 40);

/** What happens after an event: time moves on to `leadMs` after the newest event (null: it does not); the engine is restored from its snapshot, or not. */
interface Step {
  readonly leadMs: number | null;
  readonly restart: boolean;
}

interface Life {
  readonly history: History;
  readonly steps: readonly Step[];
  readonly allowedLatenessMs: number;
}

const keyOf = (row: Row): string => JSON.stringify([row.from, row.product, row.shift, row.shiftDate]);

/** Applies changes as the store does: holds the newest row and the newest stop of each key. */
class Held {
  readonly rows: Map<string, Row> = new Map();
  readonly stops: Map<number, StopSegment> = new Map();

  apply(changes: Changes): void {
    for (const row of changes.rows) {
      const key = keyOf(row);
      if (COMPONENT_NAMES.some((name) => row[name] !== 0)) this.rows.set(key, row);
      else this.rows.delete(key);
    }
    for (const from of changes.stopsGone) this.stops.delete(from);
    for (const segment of changes.stops) this.stops.set(segment.from, segment);
  }
}

/** Rows by time, without the leading ones that have only unknown or not planned time: these may be issued or not. */
function sorted(rows: Iterable<Row>): Row[] {
  const all = [...rows].toSorted((a, b) => a.from - b.from || (keyOf(a) < keyOf(b) ? -1 : 1));
  const known = COMPONENT_NAMES.filter((name) => name !== "unknownTime" && name !== "notPlannedTime");
  const first = all.findIndex((row) => row.product !== null || known.some((name) => row[name] !== 0));
  return first < 0 ? [] : all.slice(first);
}

function live({ history, steps, allowedLatenessMs }: Life): { rows: Row[]; stops: StopSegment[] } {
  const plant = plantOf(history.plant);
  const machine = machineOf(plant);
  const model = new PlantModel(plant).machine(machine);
  const options = { allowedLatenessMs };
  const log = eventsOf(machine, history.log);
  let engine = new MachineEngine(model, options);
  let held = new Held();
  let clock = Number.NEGATIVE_INFINITY;
  let newest = Number.NEGATIVE_INFINITY;
  const seen: PlantEvent[] = [];

  const advance = (now: number): void => {
    clock = Math.max(clock, now);
    const changes = engine.advance(clock);
    held.apply(changes);
    if (changes.recomputeFrom === null) return;
    // DI-1: a change of time that the engine no longer holds is computed by a new engine from all events so far.
    engine = new MachineEngine(model, options);
    for (const event of seen) engine.accept(event);
    held = new Held();
    held.apply(engine.advance(clock));
  };

  for (const [i, event] of log.entries()) {
    const acceptance = engine.accept(event);
    seen.push(event);
    if (event.type !== "correction" && event.at >= newest - allowedLatenessMs) {
      expect(acceptance, "within the allowed lateness").not.toBe("late");
    }
    if (event.type !== "correction") newest = Math.max(newest, event.at);
    const step = steps[i % steps.length];
    if (step?.leadMs != null && newest > Number.NEGATIVE_INFINITY) advance(Math.min(history.now, newest + step.leadMs));
    if (step?.restart === true) {
      engine = MachineEngine.restore(model, options, structuredClone<EngineSnapshot>(engine.snapshot()));
    }
  }
  advance(history.now);
  return {
    rows: sorted(held.rows.values()),
    stops: [...held.stops.values()].toSorted((a, b) => a.from - b.from),
  };
}

/** The oracle's rows and stops from the minute of the first event to now. */
function expected({ history }: Life): { rows: Row[]; stops: StopSegment[] } {
  const plant = plantOf(history.plant);
  const machine = machineOf(plant);
  const log = eventsOf(machine, history.log);
  const first = Math.min(...log.map((event) => (event.type === "correction" ? event.from : event.at)));
  if (first >= history.now) return { rows: [], stops: [] };
  const from = Math.floor(first / MINUTE_MS) * MINUTE_MS;
  const { rows, stops } = evaluate(plant, machine, log, { from, to: history.now, now: history.now });
  return { rows: sorted(rows.filter((row) => COMPONENT_NAMES.some((name) => row[name] !== 0))), stops };
}

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    leadMs: fc.option(fc.constantFrom(0, 1, 30_000, 5 * MINUTE_MS, 2 * HOUR_MS), { nil: null, freq: 2 }),
    restart: fc.constantFrom(false, false, true),
  }),
  { minLength: 1, maxLength: 20 },
);

function lives(history: fc.Arbitrary<History>, allowedLatenessMs: fc.Arbitrary<number>): fc.Arbitrary<Life> {
  return fc.record({ history, steps, allowedLatenessMs });
}

/** A stop without scheduled time is none: its segments that ended before the sweep began must be retracted too (ST-1). */
const EMPTIED_STOP: Life = {
  history: {
    plant: { timezone: "Europe/Berlin", calendar: { shifts: [{ name: "night", start: "22:00", end: "06:00" }] } },
    log: [
      state(Date.parse("2026-10-24T19:00:00.000Z"), "idle"),
      state(Date.parse("2026-10-24T19:00:00.001Z"), "down", "a"),
      count(Date.parse("2026-10-24T19:09:00.000Z"), { good: 1 }),
      state(Date.parse("2026-10-24T19:09:00.000Z"), "running"),
    ],
    from: 0,
    to: 1,
    now: Date.parse("2026-10-24T20:00:01.000Z"),
  },
  steps: [
    { leadMs: null, restart: false },
    { leadMs: null, restart: false },
    { leadMs: 2 * HOUR_MS, restart: false },
    { leadMs: null, restart: false },
  ],
  allowedLatenessMs: 0,
};

function holds(arbitrary: fc.Arbitrary<Life>, examples: readonly Life[] = []): void {
  const property = fc.property(arbitrary, (life) => {
    expect(live(life)).toEqual(expected(life));
  });
  fc.assert(property, { numRuns, examples: examples.map((example) => [example]) });
}

describe("MachineEngine ends with the oracle's rows and stops", () => {
  const uncorrected = { state: 8, count: 3, total: 3, job: 2, correction: 0 };

  test("P-5: of events in order of time, without corrections", () => {
    expect.hasAssertions();
    holds(lives(histories(uncorrected, true), fc.constantFrom(0, 5 * MINUTE_MS, HOUR_MS)), [EMPTIED_STOP]);
  });

  test("P-5: of events in any order, all within the allowed lateness", () => {
    expect.hasAssertions();
    holds(lives(histories(), fc.constant(1000 * HOUR_MS)));
  });

  test("DI-1: of events in any order, some beyond the allowed lateness", () => {
    expect.hasAssertions();
    holds(lives(histories(), fc.constantFrom(0, 5 * MINUTE_MS, HOUR_MS, 10 * HOUR_MS)));
  });
});
