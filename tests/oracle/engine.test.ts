/**
 * Compares the engine with the oracle over random histories, by all rules of packages/engine/SPEC.md: rows and stops must be equal to
 * the last bit, whatever the log order and however the period is cut. `OEE_PROPERTY_RUNS` is the number of histories of each
 * property; a history that fails is printed as data, with its seed and path.
 */
import { kpisOf as kpisOfEngine, lossesOf as lossesOfEngine, sumOf as sumOfEngine } from "@oee/answers";
import { periodsOf } from "@oee/calendar";
import { counterOf, MachineHistory } from "@oee/engine";
import { COMPONENT_NAMES, KPI_NAMES, type Row, type StopSegment, TIME_COMPONENT_NAMES } from "@oee/model";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { kpisOf, lossesOf, sumOf } from "./formulas.ts";
import { type History, histories, PLACES } from "./histories.ts";
import { evaluate } from "./oracle.ts";
import { type BareEvent, correction, count, eventsOf, machineOf, plantOf } from "./plants.ts";
import { zoneNamed } from "../zones/zone-named.ts";
import { HOUR_MS, periods } from "./wall-clock.ts";

const numRuns = Number(process.env["OEE_PROPERTY_RUNS"] ?? 40);

interface Answer {
  readonly rows: readonly Row[];
  readonly stops: readonly StopSegment[];
  readonly doubted: readonly string[];
}

function byOracle({ plant: small, log, from, to, now }: History): Answer {
  const plant = plantOf(small);
  const machine = machineOf(plant);
  const { rows, stops, doubted } = evaluate(plant, machine, eventsOf(machine, log), { from, to, now });
  return { rows: inOrder(rows), stops, doubted: doubted.toSorted() };
}

function byEngine(
  { plant: small, log, from, to, now }: History,
  cuts: readonly number[] | "minutes" = "minutes",
): Answer {
  const plant = plantOf(small);
  const machine = machineOf(plant);
  const history = new MachineHistory(plant, machine);
  for (const event of eventsOf(machine, log)) history.accept(event);
  const { rows, stops, doubted: doubts } = history.evaluate({ from, to, now, cuts });
  const doubted = doubts.filter(({ isTrue }) => !isTrue).map((one) => `${one.at} ${counterOf(one)}`);
  return { rows: inOrder(rows), stops, doubted: doubted.toSorted() };
}

const keyOf = (row: Row): string => JSON.stringify([row.from, row.product, row.shift, row.shiftDate]);

/** Whether any component of the row is not 0. A count that another takes back leaves a row of zeros, which is as good as none. */
function isSomething(row: Row): boolean {
  return COMPONENT_NAMES.some((name) => row[name] !== 0);
}

function inOrder(rows: readonly Row[]): Row[] {
  return rows.filter(isSomething).toSorted((a, b) => a.from - b.from || (keyOf(a) < keyOf(b) ? -1 : 1));
}

function holds<T>(arbitrary: fc.Arbitrary<T>, check: (value: T) => void, examples: readonly T[] = []): void {
  const property = fc.property(arbitrary, (value) => {
    check(value);
  });
  fc.assert(property, { numRuns, examples: examples.map((example) => [example]) });
}

/** Whether two KPIs agree in their first twelve digits, which floating point keeps. */
function isClose(found: number | null, exact: number | null): boolean {
  if (found === null || exact === null) return found === exact;
  return Math.abs(found - exact) <= Math.max(Math.abs(exact) * 1e-12, 1e-15);
}

/** Histories for which engine and oracle once differed. */
const FOUND: readonly History[] = [];

describe("MachineHistory", () => {
  test("P-5: rows and stops of a history in any log order are the oracle's", () => {
    holds(histories(), (history) => expect(byEngine(history)).toEqual(byOracle(history)), FOUND);
  });

  test("P-5: rows and stops of a history in order of time are the oracle's", () => {
    holds(histories(undefined, true), (history) => expect(byEngine(history)).toEqual(byOracle(history)));
  });

  test("P-5: the order in which events of different instants come changes nothing", () => {
    const shuffled = histories().chain((history) => {
      const log = withoutCoincidence(history.log);
      return fc.record({
        ordered: fc.constant({ ...history, log }),
        places: fc.array(fc.nat(), { minLength: log.length, maxLength: log.length }),
      });
    });
    holds(shuffled, ({ ordered, places }) => {
      const log = ordered.log.filter((event) => event.type !== "correction");
      const keyed = log.map((event, i) => ({ event, place: places[i] ?? 0 })).toSorted((a, b) => a.place - b.place);
      const corrections = ordered.log.filter((event) => event.type === "correction");
      const other = { ...ordered, log: [...corrections, ...keyed.map(({ event }) => event)] };
      expect(byEngine(other)).toEqual(byEngine(ordered));
    });
  });

  test("CO-1: a period cut at any instants has in each part the sums of that part alone", () => {
    const cut = histories().chain((history) =>
      fc.record({
        history: fc.constant(history),
        cuts: fc.array(fc.integer({ min: history.from, max: history.to }), { maxLength: 6 }),
      }),
    );
    holds(cut, ({ history, cuts: inside }) => {
      const cuts = [...new Set([history.from, ...inside, history.to])].toSorted((a, b) => a - b);
      const { rows } = byEngine(history, cuts);
      const cells = cuts.slice(0, -1).map((from, i) => ({ ...history, from, to: cuts[i + 1] ?? from }));
      for (const cell of cells) {
        expect(sumOf(rows.filter((row) => row.from === cell.from))).toEqual(sumOf(byOracle(cell).rows));
      }
    });
  });

  test("section 6: the seven time components add up to elapsed time", () => {
    holds(histories(), (history) => {
      const { rows } = byEngine(history);
      const lengths = rows.map((row) => TIME_COMPONENT_NAMES.reduce((sum, name) => sum + row[name], 0));
      expect(lengths.every((length) => length >= 0)).toBe(true);
      expect(lengths.reduce((a, b) => a + b, 0)).toBe(Math.min(history.to, history.now) - history.from);
    });
  });

  test("PE-1: the sums of a period's minutes are those of the period in one piece", () => {
    holds(histories(), (history) => {
      expect(sumOf(byEngine(history, [history.from, history.to]).rows)).toEqual(sumOf(byEngine(history).rows));
    });
  });

  test("TL-7: a correction that is cleared over its whole span changes nothing", () => {
    const uncorrected = histories({ state: 8, count: 3, total: 3, job: 2, correction: 0 });
    holds(uncorrected, (history) => {
      const made = correction(history.from, history.to + 1, { state: "down", reason: "a", by: "anna" });
      const cleared = correction(history.from, history.to + 1, { clear: true });
      const log = [...history.log, made, cleared];
      expect(byEngine({ ...history, log })).toEqual(byEngine(history));
    });
  });

  test("CN-5: a count of −x takes back one of x at the instant of another event, whatever the product, its cycle and its pieces", () => {
    holds(fc.tuple(histories(), undone, fc.nat(), fc.nat()), ([history, quantities, which, place]) => {
      const ids = history.log.map(({ id }) => id);
      const events = history.log.filter(
        // A repeat is dropped, so it is no event of its instant (CN-4).
        ({ type, id }, i) => type !== "correction" && (id === null || ids.indexOf(id) === i),
      );
      fc.pre(events.length > 0);
      // The instant of an event of the log: an event at another instant would end a silence there (TL-4).
      const at = events[which % events.length]?.at ?? 0;
      const begin = place % (history.log.length + 1);
      const log = [
        count(at, negative(quantities)),
        ...history.log.slice(0, begin),
        count(at, quantities),
        ...history.log.slice(begin),
      ];
      expect(byEngine({ ...history, log })).toEqual(byEngine(history));
    });
  });

  test("CN-5: a count of −x takes back one of x at another instant, in the sums of the period", () => {
    const instants = fc.tuple(fc.nat(), fc.nat());
    holds(fc.tuple(histories(), undone, instants), ([history, quantities, [a, b]]) => {
      // Without these settings counts neither end a silence nor tell the state, and none is dropped outside scheduled time.
      const { staleAfter: _, pulseGap: __, overtime: ___, ...plant } = history.plant;
      const [from, to] = [history.from, Math.min(history.to, history.now)];
      const instant = (n: number): number => from + (n % (to - from));
      // No job has this product, so its cycle is the same at both instants.
      const product = "of no job";
      const added = [
        count(instant(a), { ...quantities, product }),
        count(instant(b), { ...negative(quantities), product }),
      ];
      const log = [...history.log, ...added];
      expect(sumOf(byEngine({ ...history, plant, log }).rows)).toEqual(sumOf(byEngine({ ...history, plant }).rows));
    });
  });

  test("CN-1, TL-9: the order in which counts come changes nothing, also of counts of one instant, pulses and negative ones", () => {
    const pulses = fc.array(fc.constantFrom(-3, -1, 0, 1, 2, 3), { minLength: 2, maxLength: 6 });
    const gaps = fc.constantFrom("1ms", "1m", "10m", "1h");
    const places = fc.array(fc.nat(), { minLength: 1, maxLength: 60 });
    holds(fc.tuple(histories(), gaps, pulses, fc.nat(), places), ([history, pulseGap, goods, which, order]) => {
      const at = history.log[which % Math.max(1, history.log.length)]?.at ?? history.from;
      const log = [...history.log, ...goods.map((good) => count(at, { good }))];
      // Counts without ids change places with one another; all other events keep their place in the log.
      const isFree = ({ type, id }: BareEvent): boolean => type === "count" && id === null;
      const shuffled = log
        .filter(isFree)
        .map((event, i) => ({ event, place: order[i % order.length] ?? 0 }))
        .toSorted((x, y) => x.place - y.place)
        .map(({ event }) => event);
      const other = log.map((event) => (isFree(event) ? (shuffled.shift() ?? event) : event));
      const plant = { ...history.plant, pulseGap };
      expect(byEngine({ ...history, plant, log: other })).toEqual(byEngine({ ...history, plant, log }));
    });
  });

  test("P-1, P-3: KPIs agree with those of exact fractions", () => {
    holds(fc.tuple(histories(), histories()), (pair) => {
      const rows = pair.flatMap((history) => byEngine(history).rows);
      const rated = pair.every((history) => history.plant.idealCycleSeconds !== null);
      const [found, exact] = [kpisOfEngine(sumOfEngine(rows), rated), kpisOf(rows, rated)];
      expect(KPI_NAMES.filter((name) => !isClose(found[name], exact[name]))).toEqual([]);
    });
  });

  test("KP-1: losses are those of exact fractions, and planned time less all losses is the time left, to the microsecond", () => {
    holds(histories(), (history) => {
      const { rows } = byEngine(history);
      const { plannedUs, lossesUs, leftUs } = lossesOf(sumOf(rows));
      expect(plannedUs - lossesUs.reduce((a, b) => a + b, 0n)).toBe(leftUs);
      const losses = Object.values(lossesOfEngine(sumOfEngine(rows).components(), true) ?? {});
      expect(losses.map((ms) => Math.round(ms * 1000) + 0)).toEqual([plannedUs, ...lossesUs, leftUs].map(Number));
    });
  });

  test("CN-4: an id is forgotten when 256 newer ones were accepted, and no sooner", () => {
    const log = Array.from({ length: 600 }, (_, i): BareEvent => {
      const id = i < 300 ? `a${i % 256}` : `a${(i * 7) % 257}`;
      return {
        type: "count",
        at: 60_000 * 600 + i,
        id,
        good: 1,
        scrap: null,
        rework: null,
        startup: false,
        product: null,
        order: null,
      };
    });
    const history = { plant: {}, log, from: 60_000 * 600, to: 60_000 * 601, now: 60_000 * 602 };
    const { rows } = byEngine(history);
    expect(rows).toEqual(byOracle(history).rows);
    expect(sumOf(rows).goodCount).toBeLessThan(600n);
  });
});

const PERIOD_RULES = [
  { dayStartMinute: 0, weekStart: 1, yearStartMonth: 1 },
  { dayStartMinute: 360, weekStart: 7, yearStartMonth: 4 },
  { dayStartMinute: 150, weekStart: 3, yearStartMonth: 12 },
];

describe("periods", () => {
  test.each(PERIOD_RULES)(
    "PE-2, PE-5: periods of each kind around clock changes are the oracle's, with days that begin at minute $dayStartMinute",
    (rules) => {
      for (const [i, { zone, start }] of PLACES.entries()) {
        const longest = PLACES[i - 1]?.zone === zone ? [] : (["quarter", "year"] as const);
        for (const every of ["hour", "day", "week", "month", ...longest] as const) {
          for (const [from, to] of [
            [start, start + 1],
            [start - 30 * HOUR_MS, start + 50 * HOUR_MS + 1],
          ] as const) {
            expect(periodsOf(every, zoneNamed(zone), rules, from, to), `${every}, ${zone}, ${from}`).toEqual(
              periods(zone, every, from, to, rules),
            );
          }
        }
        expect(periodsOf("minute", zoneNamed(zone), rules, start + 1, start + HOUR_MS)).toEqual(
          periods(zone, "minute", start + 1, start + HOUR_MS),
        );
      }
    },
  );
});

/** Quantities of a count that another count takes back. */
interface Undone {
  readonly good: number;
  readonly scrap: number;
  readonly rework: number;
  readonly startup: boolean;
  readonly product?: string;
}

/** Without `product` the count is of the job in force. */
const undone: fc.Arbitrary<Undone> = fc.record(
  {
    good: fc.integer({ min: -9, max: 99 }),
    scrap: fc.integer({ min: -9, max: 99 }),
    rework: fc.integer({ min: -9, max: 99 }),
    startup: fc.boolean(),
    product: fc.constantFrom("p", "q", "unlisted"),
  },
  { requiredKeys: ["good", "scrap", "rework", "startup"] },
);

function negative({ good, scrap, rework, ...rest }: Undone): Undone {
  return { ...rest, good: -good, scrap: -scrap, rework: -rework };
}

/** Of each instant the first event, and all corrections; without ids, for which of two repeats is dropped hangs on log order. */
function withoutCoincidence(log: readonly BareEvent[]): BareEvent[] {
  const taken = new Set<number>();
  return log
    .filter((event) => event.type === "correction" || (!taken.has(event.at) && taken.add(event.at)))
    .map((event) => ({ ...event, id: null }));
}
