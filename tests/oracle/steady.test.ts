/** `addSteadyRows`, which makes rows of a machine without new events from its last known state: they must be those of the machine's events. */
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

test("CO-2, TL-4 property: a machine without new events goes on in its last known state, until it is stale", () => {
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
        // A pulse at the beginning of the span would be a count of the span, not of the time before.
        const pulse = heard.pulse && at < from;
        // The last event before the span is a count: of 1 if it is a pulse, else of 0.
        const log: BareEvent[] = [state(since, name, reason), count(at, { good: pulse ? 1 : 0 })];
        // Counts of 0 every 20 minutes keep the machine from being stale before the span.
        for (let life = since; life < at; life += 20 * MINUTE_MS) log.push(count(life, { good: 0 }));
        if (product !== null) log.unshift(job(since, product, null, null));
        const events = eventsOf(machine, log);
        for (const event of events) history.accept(event);
        const jobHeard = events.find((event): event is JobEvent => event.type === "job") ?? null;
        const { idealCycleUs, piecesPerCount } = ratesOf(new PlantModel(plant).machine(machine), jobHeard);
        const cycleMs = Math.floor(((idealCycleUs ?? 0) * piecesPerCount) / 1000);
        const runs = machine.pulseGapMs !== null && plant.categories[name] === "production";
        const part = runs ? { from: pulse ? at : since, byPulse: pulse, cycleMs } : null;
        last = { state: name, reason, since, at, job: jobHeard, unplanned: false, part, correctedTo: null };
      }
      const steady = new RowBatch();
      addSteadyRows(new PlantModel(plant).machine(machine), last, cuts, steady);
      expect(inOrder(steady)).toEqual(inOrder(history.evaluate({ from, to, now: to, cuts }).rows));
    }),
    { numRuns },
  );
});

test("ST-2: a stop that is known to be longer than the threshold is not minor, however short its last segment", () => {
  const plant = plantOf({
    timezone: "UTC",
    calendar: null,
    idealCycleSeconds: 1,
    products: {},
    minorStopThreshold: "1h",
  });
  const machine = machineOf(plant);
  const heard = {
    state: "down",
    reason: null,
    since: 1_000,
    at: 1_000,
    job: null,
    part: null,
    correctedTo: null,
  } as const;
  const rowsOf = (unplanned: boolean): Row[] => {
    const rows = new RowBatch();
    addSteadyRows(new PlantModel(plant).machine(machine), { ...heard, unplanned }, [60_000, 90_000], rows);
    return [...rows];
  };
  expect(rowsOf(true)).toMatchObject([{ unplannedStopTime: 30_000, minorStopTime: 0, stopCount: 0 }]);
  expect(rowsOf(false)).toMatchObject([{ unplannedStopTime: 0, minorStopTime: 30_000, minorStopCount: 0 }]);
});
