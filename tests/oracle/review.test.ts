/** Compares the rules of the review with a second, naive implementation (review-oracle.ts), on random figures, targets and stops. */
import { Sums } from "@oee/answers";
import { PlantModel } from "@oee/engine";
import { BIG_LOSS_NAMES, EventDecoder, formatInstant, isRefusal, type Machine, type Plant, RowBatch } from "@oee/model";
import {
  changeOfOee,
  type Facts,
  HistoryFacts,
  type Measure,
  measureNamed,
  paretoOf,
  periodOf,
  RecordedMachine,
  RecordedRefusals,
  standingOf,
  type Target,
} from "@oee/review";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  decomposed,
  type OracleCell,
  type OracleCells,
  type OracleDay,
  type OracleStop,
  paretoByReason,
  plus,
  standing,
  toNumber,
  ZERO,
} from "./review-oracle.ts";
import { ONE_MACHINE, plantFrom } from "../support/plant.ts";

const MINUTE = 60_000;
const DAY = 86_400_000;

function plantOf(text: string): Plant {
  return plantFrom(text);
}

/** Components of a cell (machine and product), in whole milliseconds. */
interface Parts {
  readonly run: number;
  readonly minor: number;
  readonly failure: number;
  readonly unplanned: number;
  readonly setup: number;
  readonly plannedStop: number;
  readonly ideal: number;
  readonly good: number;
  readonly startup: number;
}

const amount = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5_000_000 }));
const parts: fc.Arbitrary<Parts> = fc.record({
  run: amount,
  minor: amount,
  failure: amount,
  unplanned: amount,
  setup: amount,
  plannedStop: amount,
  ideal: amount,
  good: amount,
  startup: amount,
});
const side = fc.dictionary(
  fc.constantFrom("a", "b", "c"),
  fc.dictionary(fc.constantFrom("x", "y", "z"), parts, { minKeys: 1, maxKeys: 3 }),
  { minKeys: 1, maxKeys: 3 },
);

function sumsOf({ run, minor, failure, unplanned, setup, plannedStop, ideal, good, startup }: Parts): Sums {
  const head = {
    machine: "m",
    product: null,
    shift: null,
    shiftDate: null,
    taktUs: null,
    costPerHour: null,
    decimals: 0,
  };
  const batch = new RowBatch();
  batch.addEmpty(head, 0);
  const components = {
    runTime: run,
    minorStopTime: minor,
    failureTime: failure,
    unplannedStopTime: failure + unplanned,
    setupTime: setup,
    plannedStopTime: plannedStop,
    idealTimeUs: ideal * 1000,
    idealGoodTimeUs: good * 1000,
    startupLossTimeUs: startup * 1000,
  };
  return new Sums().addRow(RowBatch.of([{ ...batch.rowAt(0), ...components }]), 0);
}

function oracleCell({ run, minor, failure, unplanned, setup, plannedStop, ideal, good, startup }: Parts): OracleCell {
  const losses = {
    breakdowns: failure,
    otherUnplannedStops: unplanned,
    setup,
    plannedStops: plannedStop,
    minorStops: minor,
    reducedSpeed: run - ideal,
    processDefects: ideal - good - startup,
    startupLosses: startup,
  };
  return { planned: run + minor + failure + unplanned + setup + plannedStop, losses, idealGood: good };
}

test("DC-1, DC-2, DC-3: the decomposition agrees with the oracle's exact fractions, whose bars sum to the change", () => {
  fc.assert(
    fc.property(side, side, (before, after) => {
      const naive = ([before, after] as const).map(
        (one): OracleCells =>
          Object.fromEntries(
            Object.entries(one).map(([machine, products]) => [
              machine,
              Object.fromEntries(Object.entries(products).map(([product, cell]) => [product, oracleCell(cell)])),
            ]),
          ),
      );
      const expected = decomposed(naive as unknown as [OracleCells, OracleCells], BIG_LOSS_NAMES);
      const [first, second] = [before, after].map(
        (one) =>
          new Map(
            Object.entries(one).map(([machine, products]) => [
              machine,
              new Map(Object.entries(products).map(([product, cell]) => [product, sumsOf(cell)])),
            ]),
          ),
      );
      const change = changeOfOee(first as never, second as never);
      expect(change === null).toBe(expected === null);
      if (change === null || expected === null) return;
      expect(Object.values(expected.bars).reduce(plus, ZERO)).toEqual(expected.change);
      const scale = Math.max(1, ...Object.values(expected.bars).map((bar) => Math.abs(toNumber(bar))));
      expect(Math.abs(change.change - toNumber(expected.change)) / scale).toBeLessThan(1e-9);
      for (const [name, bar] of Object.entries(expected.bars)) {
        const own = (change.bars as unknown as Record<string, number | null>)[name] ?? Number.NaN;
        expect([name, Math.abs(own - toNumber(bar)) / scale < 1e-9]).toEqual([name, true]);
      }
    }),
    { numRuns: 60 },
  );
});

const LINE = plantOf(ONE_MACHINE);

/** Facts of a plant with one machine that has sums for whole days only. */
function factsOfDays(days: ReadonlyMap<number, OracleDay>, today: number): Facts {
  const cellsOf = (_machine: Machine, { from, to }: { from: number; to: number }): ReadonlyMap<string | null, Sums> => {
    const sums = new Sums();
    for (const [day, { planned, unknown, idealGood }] of days) {
      if (day * DAY < from || day * DAY >= to) continue;
      const none = { minor: 0, failure: 0, unplanned: 0, setup: 0, plannedStop: 0, startup: 0 };
      sums.addSums(sumsOf({ run: planned, ideal: idealGood, good: idealGood, ...none }));
      const head = {
        machine: "m",
        product: null,
        shift: null,
        shiftDate: null,
        taktUs: null,
        costPerHour: null,
        decimals: 0,
      };
      const batch = new RowBatch();
      batch.addEmpty(head, 0);
      sums.addRow(RowBatch.of([{ ...batch.rowAt(0), unknownTime: unknown }]), 0);
    }
    return new Map([[null, sums]]);
  };
  return {
    plant: LINE,
    now: today * DAY,
    cellsOf,
    part: (_key: string, make: () => unknown) => make(),
  } as unknown as Facts;
}

test("TG-3, TG-5, ME-4: status, achieved and expected value of a period against a target's path are the oracle's", () => {
  const scope = LINE.scopes.get("*");
  if (scope === undefined) throw new Error("no scope");
  const day = fc.record({
    planned: fc.constantFrom(0, DAY / 2, DAY, DAY, DAY),
    unknown: fc.constantFrom(0, 0, 0, DAY / 10, DAY / 2),
    idealGood: fc.oneof(
      fc.integer({ min: 0, max: DAY }),
      fc.constantFrom(0.35, 0.4, 0.45, 0.5, 0.55).map((oee) => oee * DAY),
    ),
  });
  const seen = new Set<string>();
  fc.assert(
    fc.property(
      fc.array(day, { minLength: 1, maxLength: 40 }),
      fc.constantFrom(null, 0.3, 0.5),
      fc.constantFrom(0.5, 0.6),
      fc.integer({ min: -5, max: 30 }),
      fc.option(fc.integer({ min: 8, max: 60 })),
      fc.constantFrom("linear" as const, "step" as const),
      fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 20 })),
      fc.integer({ min: 0, max: 60 }),
      (list, base, goal, from, dueAfter, path, [first, length], today) => {
        const days = new Map(list.map((one, i) => [i, one]));
        const due = dueAfter === null ? null : from + dueAfter;
        const asked = { base, goal, from, due, over: 7, path };
        const target: Target = {
          id: "t",
          scope: "*",
          measure: measureNamed("oee") as Measure,
          aim: { kind: "absolute", value: goal },
          inherit: true,
          until: Infinity,
          minCoverage: 0.8,
          strictly: false,
          baseOf: () => base,
          baselineOf: () => null,
          ...asked,
        };
        const period = periodOf(scope.timezone, { from: first, to: first + length });
        const { status, achieved, expected } = standingOf(factsOfDays(days, today), scope, target, period);
        const naive = standing(days, asked, first, first + length, today);
        seen.add(status);
        // Where the value is the mean of a path that moves, the last digit of two sums decides. A path that stays the same has no sum.
        const isTie = Math.abs((naive.achieved ?? 0) - (naive.expected ?? 1)) < 1e-12;
        if (!isTie || naive.isLevel) expect(status).toBe(naive.status);
        for (const [own, other] of [
          [achieved, naive.achieved],
          [expected, naive.expected],
        ]) {
          if (own === null || other === null) expect(own).toBe(other);
          else expect(Math.abs((own as number) - (other as number))).toBeLessThan(1e-9);
        }
      },
    ),
    { numRuns: 3_000 },
  );
  // The random cases covered each status.
  expect([...seen].toSorted()).toEqual(["ahead", "behind", "met", "missed", "no-data", "not-begun", "on-track"]);
});

const SHIFTS = plantOf(`enterprise: e
sites: { s: { calendar: day, areas: { a: { lines: { l: { machines:
  { m: { idealCycleSeconds: 1, minorStopThreshold: 5m, costPerHour: 60 }, n: { idealCycleSeconds: 1, minorStopThreshold: 0, costPerHour: 120 } } } } } } } }
calendars: { day: { shifts: [{ name: early, days: mon-sun, start: "06:00", end: "14:00", breaks: [{ start: "10:00", end: "10:30" }] }] } }
reasons: { jam: {}, belt: { children: { torn: {} } } }
`);
const SHIFTS_MODEL = new PlantModel(SHIFTS);
const START = Date.UTC(2026, 2, 2);
const DAYS = 3;

/** Whether a minute since `START` is scheduled: 06:00 to 14:00 UTC, without 10:00 to 10:30. */
function scheduled(minute: number): boolean {
  const ofDay = minute % 1440;
  return ofDay >= 360 && ofDay < 840 && !(ofDay >= 600 && ofDay < 630);
}

test("PA-1, PA-3: the bars of the Pareto by reason are the sums of single minutes, and shares sum to 1", () => {
  const stop = fc.record({
    gap: fc.integer({ min: 1, max: 300 }),
    length: fc.integer({ min: 1, max: 400 }),
    reason: fc.constantFrom(null, "jam", "belt", "belt/torn"),
    corrected: fc.option(
      fc.record({ after: fc.integer({ min: 0, max: 200 }), length: fc.integer({ min: 1, max: 200 }) }),
    ),
  });
  fc.assert(
    fc.property(
      fc.tuple(fc.array(stop, { maxLength: 12 }), fc.array(stop, { maxLength: 12 })),
      fc.tuple(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 1, max: 3000 })),
      ([ofM, ofN], [from, length]) => {
        const decoder = new EventDecoder(SHIFTS, { maxFutureMs: 0 });
        const records = new Map(
          SHIFTS.machines.map((machine) => [machine, new RecordedMachine(SHIFTS_MODEL, machine)]),
        );
        const stops: OracleStop[] = [];
        for (const [name, list] of [
          ["m", ofM],
          ["n", ofN],
        ] as const) {
          const machine = `s/a/l/${name}`;
          const at = (minute: number): string => formatInstant(START + minute * MINUTE);
          const events: object[] = [{ type: "state", machine, at: at(0), state: "running" }];
          const corrections: { from: number; to: number }[] = [];
          let minute = 0;
          for (const { gap, length: long, reason, corrected } of list) {
            const [began, ended] = [minute + gap, Math.min(minute + gap + long, DAYS * 1440)];
            if (began >= DAYS * 1440) break;
            events.push({
              type: "state",
              machine,
              at: at(began),
              state: "down",
              ...(reason === null ? {} : { reason }),
            });
            if (ended < DAYS * 1440) events.push({ type: "state", machine, at: at(ended), state: "running" });
            if (corrected !== null)
              corrections.push({ from: began + corrected.after, to: began + corrected.after + corrected.length });
            const threshold = name === "m" ? 5 : 0;
            let inside = 0;
            for (let one = began; one < ended; one++) inside += Number(scheduled(one));
            const wordAt: OracleStop["wordAt"] = (one) => {
              const correction = corrections.findLastIndex((span) => one >= span.from && one < span.to);
              return { reason: correction < 0 ? reason : "jam", correction };
            };
            stops.push({ machine, from: began, to: ended, wordAt, isMinor: inside < threshold });
            minute = ended;
          }
          for (const span of corrections) {
            events.push({
              type: "correction",
              machine,
              at: at(1),
              from: at(span.from),
              to: at(span.to),
              reason: "jam",
            });
          }
          for (const event of events) {
            const decoded = decoder.decodeValue(event, null);
            if (isRefusal(decoded)) throw new Error(decoded.detail);
            records.get(decoded.machine)?.accept(decoded);
          }
        }
        const now = START + DAYS * DAY;
        const facts = new HistoryFacts(
          SHIFTS_MODEL,
          now,
          (machine) => records.get(machine) as RecordedMachine,
          new RecordedRefusals(),
        );
        const period = { from: START + from * MINUTE, to: Math.min(now, START + (from + length) * MINUTE) };
        const bars = paretoOf(
          facts,
          SHIFTS.machines.map((machine) => ({ machine, period })),
          { by: "reason", depth: null, measure: "time" },
        );
        const to = (period.to - START) / MINUTE;
        const naive = paretoByReason(stops, from, to, scheduled);
        const found = bars.map(({ key, time, count, minorTime, minorCount }) => [
          key,
          { minutes: time / MINUTE, count, minor: minorTime / MINUTE, minorCount },
        ]);
        expect(new Map(found as never)).toEqual(naive);
        const total = bars.reduce((sum, bar) => sum + (bar.share ?? 0), 0);
        if (bars.some(({ time }) => time > 0)) expect(total).toBeCloseTo(1, 9);
        for (const [i, bar] of bars.entries()) if (i > 0) expect(bar.time).toBeLessThanOrEqual(bars[i - 1]?.time ?? 0);
      },
    ),
    { numRuns: 150 },
  );
});
