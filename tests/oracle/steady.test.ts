/** What is taken to go on has the rows of a history of the events that would have made it so. */
import { addSteadyRows, type LastHeard, MachineHistory, PlantModel, ratesOf } from "@oee/engine";
import { type JobEvent, type Row, RowBatch, STATE_NAMES } from "@oee/model";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { histories } from "./histories.ts";
import { type BareEvent, count, eventsOf, job, machineOf, plantOf, state } from "./plants.ts";
import { HOUR_MS, MINUTE_MS } from "./wall-clock.ts";

const numRuns = Number(process.env["OEE_PROPERTY_RUNS"] ?? 200);
const before = fc.constantFrom(0, 1, 20_000, HOUR_MS, 30 * HOUR_MS);

const drawn = fc.record({
  history: histories(),
  staleAfter: fc.constantFrom(undefined, "20m" as const),
  heard: fc.option(
    fc.record({
      name: fc.constantFrom(...STATE_NAMES),
      reason: fc.constantFrom(null, "a", "a/b", "d", "z"),
      since: before,
      at: before,
      product: fc.constantFrom(null, "p", "s", "unlisted"),
      pulse: fc.boolean(),
    }),
    { freq: 8 },
  ),
  cuts: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
});

const inOrder = (rows: Iterable<Row>): Row[] =>
  [...rows].sort((a, b) => a.from - b.from || JSON.stringify(a).localeCompare(JSON.stringify(b)));

test("CO-2, TL-4 property: a machine to which nothing comes goes on as it was last heard of", () => {
  fc.assert(
    fc.property(drawn, ({ history: { plant: small, from, to }, staleAfter, heard, cuts: shares }) => {
      fc.pre(to > from);
      const { staleAfter: _, ...others } = small;
      const plant = plantOf({ ...others, ...(staleAfter && { staleAfter }) });
      const machine = machineOf(plant);
      const inside = shares.map((share) => Math.floor(from + share * (to - from)));
      const cuts = [...new Set([from, ...inside, to])].toSorted((a, b) => a - b);
      const history = new MachineHistory(plant, machine);
      let last: LastHeard | null = null;
      if (heard !== null) {
        const { name, reason, product } = heard;
        const since = from - heard.since;
        const at = Math.max(since, from - heard.at);
        // One at the beginning of the span would count in it: that is news, and not what was heard before.
        const pulse = heard.pulse && at < from;
        // Nothing was idle before the history was heard of: it went by in pulses, and one of them was the last.
        const log: BareEvent[] = [state(since, name, reason), count(at, { good: pulse ? 1 : 0 })];
        // It was never silent in between.
        for (let life = since; life < at; life += 20 * MINUTE_MS) log.push(count(life, { good: 0 }));
        if (product !== null) log.unshift(job(since, product, null, null));
        const events = eventsOf(machine, log);
        for (const event of events) history.accept(event);
        const jobHeard = events.find((event): event is JobEvent => event.type === "job") ?? null;
        const { idealCycleUs, piecesPerCount } = ratesOf(new PlantModel(plant).machine(machine), jobHeard);
        const cycleMs = Math.floor(((idealCycleUs ?? 0) * piecesPerCount) / 1000);
        const runs = machine.pulseGapMs !== null && plant.categories[name] === "production";
        const part = runs ? { from: pulse ? at : since, byPulse: pulse, cycleMs } : null;
        last = { state: name, reason, since, at, job: jobHeard, unplanned: false, part };
      }
      const steady = new RowBatch();
      addSteadyRows(new PlantModel(plant).machine(machine), last, cuts, steady);
      expect(inOrder(steady)).toEqual(inOrder(history.evaluate({ from, to, now: to, cuts }).rows));
    }),
    { numRuns },
  );
});

test("ST-2: a stop that is known to be no minor one is none, however short its last segment", () => {
  const plant = plantOf({
    timezone: "UTC",
    calendar: null,
    idealCycleSeconds: 1,
    products: {},
    minorStopThreshold: "1h",
  });
  const machine = machineOf(plant);
  const heard = { state: "down", reason: null, since: 1_000, at: 1_000, job: null, part: null } as const;
  const rowsOf = (unplanned: boolean): Row[] => {
    const rows = new RowBatch();
    addSteadyRows(new PlantModel(plant).machine(machine), { ...heard, unplanned }, [60_000, 90_000], rows);
    return [...rows];
  };
  expect(rowsOf(true)).toMatchObject([{ unplannedStopTime: 30_000, minorStopTime: 0, stopCount: 0 }]);
  expect(rowsOf(false)).toMatchObject([{ unplannedStopTime: 0, minorStopTime: 30_000, minorStopCount: 0 }]);
});
