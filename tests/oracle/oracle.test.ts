/**
 * Cases small enough to compute by hand, at least one for each rule. The oracle is tested with them, because it judges the engine
 * elsewhere, and the engine must give the same rows and stops. Instants are minutes after 2026-03-02T05:00Z (a Monday) unless a test
 * says otherwise.
 */
import { MachineHistory } from "@oee/engine";
import {
  COMPONENT_NAMES,
  type Components,
  type KpiName,
  type Row,
  type StopSegment,
  TIME_COMPONENT_NAMES,
} from "@oee/model";
import { describe, expect, test } from "vitest";
import { kpisOf, lossesOf, sumOf } from "./formulas.ts";
import { evaluate } from "./oracle.ts";
import {
  type BareEvent,
  correction,
  count,
  eventsOf,
  job,
  machineOf,
  plantOf,
  type ShiftFile,
  type SmallPlant,
  state,
  total,
} from "./plants.ts";
import { instantOf, periods, shiftPeriods, shiftSpans } from "./wall-clock.ts";

const START = Date.parse("2026-03-02T05:00:00Z");
const MINUTE = 60_000;
const m = (minutes: number): number => START + minutes * MINUTE;

function ask(
  small: SmallPlant,
  bare: readonly BareEvent[],
  to: number,
  from = m(0),
  now = to,
): { rows: Row[]; stops: StopSegment[] } {
  const plant = plantOf(small);
  const machine = machineOf(plant);
  const events = eventsOf(machine, bare);
  const answer = evaluate(plant, machine, events, { from, to, now });
  const history = new MachineHistory(plant, machine);
  for (const event of events) history.accept(event);
  const { rows, stops } = history.evaluate({ from, to, now, cuts: "minutes" });
  expect({ rows: inOrder(rows), stops }).toEqual({ rows: inOrder(answer.rows), stops: answer.stops });
  return answer;
}

function inOrder(rows: readonly Row[]): Row[] {
  const rest = (row: Row): string => JSON.stringify([row.product, row.shift, row.shiftDate]);
  return rows.toSorted((a, b) => a.from - b.from || (rest(a) < rest(b) ? -1 : 1));
}

/** Sums of the components that are not 0; times and ideal times in minutes. */
function sums(rows: readonly Components[]): Partial<Record<keyof Components, number>> {
  const found: Partial<Record<keyof Components, number>> = {};
  const c = sumOf(rows);
  for (const name of COMPONENT_NAMES) {
    const unit = name.endsWith("Us") ? MINUTE * 1000 : name.endsWith("Time") ? MINUTE : 1;
    if (c[name] !== 0n) found[name] = Number(c[name]) / unit;
  }
  return found;
}

const at = (stops: readonly StopSegment[]): [number, number, string, string | null][] =>
  stops.map((s) => [(s.from - START) / MINUTE, (s.to - START) / MINUTE, s.state, s.reason]);

/** The instant, as ISO text in UTC, of a minute of a local day in Berlin. */
const berlin = (date: string, minute: number): string =>
  new Date(instantOf("Europe/Berlin", date, minute)).toISOString();

const hours = (name: string, start: string, end: string): ShiftFile => ({ name, start, end });

const iso = (spans: readonly { from: number; to: number }[]): string[] =>
  spans.map((s) => `${new Date(s.from).toISOString().slice(0, 16)} ${new Date(s.to).toISOString().slice(0, 16)}`);

describe("timeline", () => {
  test("TL-1: of two states at one instant the later in log order holds; before its first event the machine is unknown", () => {
    const { rows } = ask({}, [state(m(5), "down"), state(m(10), "setup"), state(m(10), "running")], m(20));
    expect(sums(rows)).toEqual({
      unknownTime: 5,
      unplannedStopTime: 5,
      failureTime: 5,
      stopCount: 1,
      failureCount: 1,
      repairCount: 1,
      repairTime: 5,
      runTime: 10,
    });
  });

  test("TL-2: a repeated state without a reason, or with the same, changes nothing", () => {
    const { stops } = ask(
      {},
      [state(m(0), "idle", "a"), state(m(1), "idle"), state(m(2), "idle", "a"), state(m(3), "idle", "b")],
      m(9),
    );
    expect(at(stops)).toEqual([
      [0, 3, "idle", "a"],
      [3, 9, "idle", "b"],
    ]);
  });

  test("TL-3: a segment without reason takes that of the next segment of the same state", () => {
    const { stops } = ask(
      {},
      [state(m(0), "idle"), state(m(2), "idle", "a"), state(m(3), "down"), state(m(4), "idle", "b")],
      m(9),
    );
    expect(at(stops)).toEqual([
      [0, 3, "idle", "a"],
      [3, 4, "down", null],
      [4, 9, "idle", "b"],
    ]);
  });

  test("TL-4: a silence is unknown time from `staleAfter` on; any event except a correction ends it", () => {
    const events = [state(m(0), "running"), count(m(15), { good: 1 }), correction(m(0), m(1), { reason: "a" })];
    expect(sums(ask({ staleAfter: "10m" }, events, m(20)).rows)).toMatchObject({ unknownTime: 5, runTime: 15 });
    const inTime = [state(m(0), "running"), count(m(10), { good: 1 })];
    expect(sums(ask({ staleAfter: "10m" }, inTime, m(20)).rows)).not.toHaveProperty("unknownTime");
    const before = [count(m(0), { good: 1 }), state(m(15), "running")];
    expect(sums(ask({ staleAfter: "10m" }, before, m(20)).rows)).toMatchObject({ unknownTime: 15, runTime: 5 });
  });

  test("TL-4: after a silence a stop goes on with its reason, but as another stop", () => {
    const { stops } = ask({ staleAfter: "10m" }, [state(m(0), "idle", "a"), job(m(15), "p")], m(20));
    expect(at(stops)).toEqual([
      [0, 10, "idle", "a"],
      [15, 20, "idle", "a"],
    ]);
    expect(new Set(stops.map((s) => s.stop)).size).toBe(2);
  });

  test("TL-5: the plant file can give a state another category", () => {
    const { rows } = ask(
      { categories: { maintenance: "notPlanned", idle: "production" } },
      [state(m(0), "maintenance"), state(m(1), "idle")],
      m(3),
    );
    expect(sums(rows)).toEqual({ notPlannedTime: 1, runTime: 2 });
  });

  test("TL-6: category and failure are set by the nearest node of the reason tree that has them; a reason that the tree lacks by its known ancestors", () => {
    const reasons = {
      a: { failure: true, children: { b: { category: "setup" as const, children: { c: { failure: false } } } } },
    };
    const { stops, rows } = ask(
      { reasons, minorStopThreshold: 0 },
      [
        state(m(0), "idle", "a/x"),
        state(m(1), "idle", "a/b/c"),
        state(m(2), "down", "zzz"),
        state(m(3), "running", "a"),
      ],
      m(4),
    );
    expect(stops.map((s) => [s.reason, s.category, s.failure])).toEqual([
      ["a/x", "unplannedStop", true],
      ["zzz", "unplannedStop", true],
    ]);
    expect(sums(rows)).toMatchObject({ setupTime: 1, runTime: 1, unplannedStopTime: 2 });
  });

  test("TL-7: a correction's reason applies to stops alone, its state to all time; clearing restores the uncorrected time", () => {
    const events = [
      state(m(0), "running"),
      state(m(2), "idle", "raw"),
      correction(m(1), m(4), { reason: "a", by: "anna" }),
      correction(m(3), m(6), { state: "down", by: "bob" }),
      correction(m(5), m(6), { clear: true }),
    ];
    const { stops, rows } = ask({ minorStopThreshold: 0 }, events, m(8));
    expect(stops.map((s) => [(s.from - START) / MINUTE, s.state, s.reason, s.correctedBy])).toEqual([
      [2, "idle", "a", "anna"],
      [3, "down", null, "bob"],
      [5, "idle", "raw", null],
    ]);
    expect(sums(rows)).toMatchObject({ runTime: 2, unplannedStopTime: 6, failureTime: 2 });
  });

  test("TL-7: a correction may cover time before the first event and time after now", () => {
    const { rows, stops } = ask(
      {},
      [state(m(5), "running"), correction(m(1), m(2), { state: "setup" }), correction(m(6), m(60), { state: "idle" })],
      m(9),
    );
    expect(sums(rows)).toEqual({ unknownTime: 4, setupTime: 1, runTime: 1, minorStopTime: 3, minorStopCount: 1 });
    expect(stops).toMatchObject([{ from: m(6), to: m(9), open: true }]);
  });

  test("TL-8: a segment has one state, one reason and one correction", () => {
    const events = [
      state(m(0), "idle"),
      correction(m(1), m(3), { state: "idle" }),
      correction(m(2), m(4), { state: "idle" }),
    ];
    expect(at(ask({}, events, m(5)).stops).map(([from]) => from)).toEqual([0, 1, 2, 4]);
    const raw = [
      state(m(0), "idle"),
      state(m(1), "idle", "a"),
      correction(m(2), m(3), { state: "idle" }),
      correction(m(2), m(3), { clear: true }),
    ];
    expect(at(ask({}, raw, m(5)).stops)).toEqual([[0, 5, "idle", "a"]]);
  });
});

describe("calendar", () => {
  const early = {
    shifts: [{ name: "early", start: "06:00", end: "14:00", breaks: [{ start: "06:30", end: "06:45" }] }],
  };

  test("CA-1, CA-2: a night shift belongs to the date and weekday of its start; an exception replaces the shifts of its date", () => {
    const plant = plantOf({
      calendar: {
        shifts: [
          { name: "night", days: "mon,tue", start: "22:00", end: "06:00", breaks: [{ start: "01:00", end: "01:30" }] },
        ],
        exceptions: [{ date: "2026-03-03", shifts: [{ name: "x", start: "08:00", end: "24:00" }] }],
      },
    });
    const { calendar } = machineOf(plant);
    if (calendar === null) throw new Error("no calendar");
    const spans = shiftSpans(calendar, "UTC", START, START).filter(
      (s) => s.date >= "2026-03-02" && s.date < "2026-03-09",
    );
    expect(spans).toEqual([
      {
        name: "night",
        crew: null,
        date: "2026-03-02",
        from: Date.parse("2026-03-02T22:00Z"),
        to: Date.parse("2026-03-03T06:00Z"),
        breaks: [{ from: Date.parse("2026-03-03T01:00Z"), to: Date.parse("2026-03-03T01:30Z") }],
      },
      {
        name: "x",
        crew: null,
        date: "2026-03-03",
        from: Date.parse("2026-03-03T08:00Z"),
        to: Date.parse("2026-03-04T00:00Z"),
        breaks: [],
      },
    ]);
  });

  test("CA-3: a local time that comes twice is the first; one that is skipped is read with the offset before; midnights too", () => {
    expect(berlin("2026-03-02", 0)).toBe("2026-03-01T23:00:00.000Z");
    expect(berlin("2026-03-29", 150)).toBe("2026-03-29T01:30:00.000Z"); // clocks skip 02:30, which is read as 03:30 summer time
    expect(berlin("2026-03-29", 180)).toBe("2026-03-29T01:00:00.000Z");
    expect(berlin("2026-10-25", 150)).toBe("2026-10-25T00:30:00.000Z");
    expect(berlin("2026-10-25", 180)).toBe("2026-10-25T02:00:00.000Z");
    expect(new Date(instantOf("America/Sao_Paulo", "2018-11-04", 0)).toISOString()).toBe("2018-11-04T03:00:00.000Z");
    expect(new Date(instantOf("Australia/Lord_Howe", "2026-10-04", 135)).toISOString()).toBe(
      "2026-10-03T15:45:00.000Z",
    );
  });

  test("CA-3: shifts that a clock change empties or makes overlap", () => {
    const { calendar } = machineOf(
      plantOf({
        calendar: {
          shifts: [hours("a", "22:00", "02:30"), hours("b", "02:30", "03:15"), hours("c", "03:15", "10:00")],
        },
      }),
    );
    if (calendar === null) throw new Error("no calendar");
    const around = Date.parse("2026-03-29T00:00Z");
    const spans = shiftSpans(calendar, "Europe/Berlin", around, around);
    const names = (from: string, to: string): [string, string, string][] =>
      spans
        .filter((s) => s.from < Date.parse(to) && s.to > Date.parse(from))
        .map((s) => [s.name, new Date(s.from).toISOString().slice(11, 16), new Date(s.to).toISOString().slice(11, 16)]);
    // In UTC: shift a, 21:00-01:30, is cut at the start of c, 01:15; b, 01:30-01:15, has no length and is left out.
    expect(names("2026-03-29T00:00Z", "2026-03-29T08:00Z")).toEqual([
      ["a", "21:00", "01:15"],
      ["c", "01:15", "08:00"],
    ]);
  });

  test("CA-4: outside scheduled time production is run time, or not planned if the plant ignores overtime; all else is not planned", () => {
    const events = [
      state(m(0), "running"),
      count(m(30), { good: 5 }),
      total(m(20), { scrap: 3 }),
      total(m(35), { scrap: 5 }),
      count(m(70), { good: 1 }),
      total(m(71), { scrap: 6 }),
      state(m(80), "idle"),
      state(m(100), "running"),
    ];
    expect(sums(ask({ calendar: early }, events, m(100)).rows)).toMatchObject({
      runTime: 80,
      unplannedStopTime: 10,
      notPlannedTime: 10,
      stopCount: 1,
      goodCount: 6,
      scrapCount: 3,
    });
    expect(sums(ask({ calendar: early, overtime: "ignore" }, events, m(100)).rows)).toMatchObject({
      runTime: 20,
      unplannedStopTime: 10,
      notPlannedTime: 70,
      goodCount: 1,
      scrapCount: 1,
    });
    expect(sums(ask({ calendar: early }, [], m(120)).rows)).toEqual({ notPlannedTime: 75, unknownTime: 45 });
  });

  test("CA-5: a break's rows have the shift that it lies in", () => {
    const { rows } = ask({ calendar: early }, [state(m(0), "running")], m(120));
    const shift = rows.filter((row) => row.shift === "early" && row.shiftDate === "2026-03-02");
    expect([rows.length, shift.length]).toEqual([120, 60]);
    expect(rows.filter((row) => row.shift === null).every((row) => row.from < m(60))).toBe(true);
  });
});

describe("stops and failures", () => {
  test("ST-1: a change of state, a change of reason or a break does not divide a stop; its length is its scheduled time", () => {
    const calendar = {
      shifts: [{ name: "s", start: "05:00", end: "14:00", breaks: [{ start: "05:02", end: "05:10" }] }],
    };
    const { rows, stops } = ask(
      { calendar },
      [state(m(0), "idle"), state(m(1), "blocked", "a"), state(m(12), "running")],
      m(20),
    );
    expect(sums(rows)).toEqual({ minorStopTime: 4, notPlannedTime: 8, minorStopCount: 1, runTime: 8 });
    expect(stops.map((s) => [s.stop, s.duration / MINUTE, s.scheduledDuration / MINUTE])).toEqual([
      ["site/area/line/m@2026-03-02T05:00:00.000Z", 1, 1],
      ["site/area/line/m@2026-03-02T05:00:00.000Z", 11, 3],
    ]);
    const outside = ask({ calendar }, [state(m(3), "down"), state(m(9), "running")], m(20));
    expect(outside.stops).toEqual([]);
    expect(sums(outside.rows)).toMatchObject({ notPlannedTime: 1 + 6, unknownTime: 2 });
  });

  test("ST-2: a stop as long as the threshold is not minor; a stop that is still open is judged by its length so far", () => {
    const events = [state(m(0), "down"), state(m(5), "running"), state(m(6), "down")];
    expect(sums(ask({}, events, m(10)).rows)).toEqual({
      unplannedStopTime: 5,
      failureTime: 5,
      stopCount: 1,
      failureCount: 1,
      repairCount: 1,
      repairTime: 5,
      runTime: 1,
      minorStopTime: 4,
      minorStopCount: 1,
    });
    expect(sums(ask({}, events, m(11)).rows)).toMatchObject({
      unplannedStopTime: 10,
      stopCount: 2,
      failureCount: 2,
      repairCount: 1,
    });
    expect(sums(ask({ minorStopThreshold: 0 }, events, m(7)).rows)).toMatchObject({
      unplannedStopTime: 6,
      stopCount: 2,
    });
  });

  test("ST-3: a failure counts at its first scheduled instant, its repair at the last scheduled millisecond", () => {
    const calendar = {
      shifts: [
        { name: "s", start: "05:02", end: "05:04" },
        { name: "t", start: "05:06", end: "05:30" },
      ],
    };
    const events = [
      state(m(0), "down"),
      state(m(1), "idle"),
      state(m(1.5), "down"),
      state(m(5), "down", "a"),
      state(m(6), "running"),
    ];
    const { rows } = ask({ calendar, minorStopThreshold: "1m" }, events, m(10));
    expect(sums(rows)).toMatchObject({
      failureTime: 2,
      unplannedStopTime: 2,
      failureCount: 1,
      repairCount: 1,
      repairTime: 2,
      stopCount: 1,
    });
    expect(rows.find((row) => row.failureCount === 1)?.from).toBe(m(2));
    expect(rows.find((row) => row.repairCount === 1)).toMatchObject({ from: m(3), repairTime: 2 * MINUTE });
    expect(sums(ask({ calendar, minorStopThreshold: "1m" }, events, m(5)).rows)).not.toHaveProperty("repairCount");
  });

  test("ST-4, ST-6: a stop is counted at its first scheduled instant, and whole stops are listed, whatever period is asked for", () => {
    const events = [state(m(0), "idle"), state(m(6), "running")];
    expect(sums(ask({}, events, m(10), m(4)).rows)).toEqual({ unplannedStopTime: 2, runTime: 4 });
    expect(sums(ask({}, events, m(2), m(0), m(10)).rows)).toEqual({ unplannedStopTime: 2, stopCount: 1 });
    expect(ask({}, events, m(2), m(1), m(10)).stops).toMatchObject([
      { from: m(0), to: m(6), minor: false, open: false },
    ]);
  });

  test("ST-5: stops have one row per segment, with the shift and product of its first scheduled instant", () => {
    const calendar = { shifts: [{ name: "s", start: "05:02", end: "14:00" }] };
    const events = [job(m(0), "p"), state(m(0), "down"), job(m(1), "q"), state(m(1.5), "idle"), job(m(2), "r")];
    expect(ask({ calendar }, events, m(9)).stops).toMatchObject([
      {
        from: m(0),
        to: m(1.5),
        failure: true,
        minor: false,
        product: "p",
        shift: null,
        shiftDate: null,
        scheduledDuration: 0,
        open: false,
      },
      {
        from: m(1.5),
        to: m(9),
        failure: false,
        minor: false,
        product: "r",
        shift: "s",
        shiftDate: "2026-03-02",
        open: true,
      },
    ]);
  });
});

describe("components and KPIs", () => {
  test("CO-1, CO-2: a period has the instants of [from, to); events at or after now do not count yet, corrections do", () => {
    const events = [
      state(m(0), "running"),
      count(m(1), { good: 1 }),
      count(m(3), { good: 2 }),
      count(m(5), { good: 4 }),
      correction(m(1), m(2), { state: "setup" }),
    ];
    expect(sums(ask({}, events, m(3), m(1), m(5)).rows)).toEqual({
      runTime: 1,
      setupTime: 1,
      goodCount: 1,
      idealTimeUs: 1 / 60,
      idealGoodTimeUs: 1 / 60,
    });
    expect(sums(ask({}, events, m(9), m(0), m(5)).rows)).toMatchObject({ runTime: 4, setupTime: 1, goodCount: 3 });
  });

  test("section 7: all KPIs of an example computed by hand", () => {
    const events = [
      state(m(0), "running"),
      count(m(100), { good: 3600, scrap: 300, rework: 100 }),
      count(m(200), { scrap: 200, startup: true }),
      state(m(300), "down"),
      state(m(360), "setup"),
      state(m(400), "maintenance"),
      state(m(420), "idle"),
      state(m(422), "running"),
      state(m(450), "break"),
    ];
    const { rows } = ask({ idealCycleSeconds: 3, taktSeconds: 4, costPerHour: 0.3 }, events, m(480));
    const planned = 450;
    const operating = 330;
    const kpis = kpisOf(rows, true);
    const expected = {
      availability: operating / planned,
      performance: 210 / operating,
      quality: 180 / 210,
      oee: 180 / planned,
      nee: ((operating + 40) * 180) / (planned * operating),
      teep: 180 / 480,
      loading: planned / 480,
      mttr: 60 * MINUTE,
      mtbf: 328 * MINUTE,
      unplannedDowntimeShare: 60 / planned,
      downtimeFrequency: 1 / 7.5,
      meanStopDuration: 60 * MINUTE,
      scrapRatio: 500 / 4200,
      reworkRatio: 100 / 4200,
      firstPassYield: 3600 / 4200,
      throughput: 4200 / 5.5,
      coverage: 1,
      targetCount: (planned * 60) / 4,
      downtimeCost: 0.3,
    };
    for (const [name, value] of Object.entries(expected)) {
      expect.soft(kpis[name as KpiName], name).toBeCloseTo(value, 12);
    }
    expect(kpisOf(rows, false)).toMatchObject({
      performance: null,
      oee: null,
      nee: null,
      teep: null,
      quality: 3600 / 4200,
    });
  });

  test("P-3: a KPI with a denominator of 0 is null", () => {
    expect(Object.values(kpisOf([], true)).every((value) => value === null)).toBe(true);
    expect(kpisOf(ask({}, [], m(1)).rows, true)).toMatchObject({ coverage: 0, loading: null, availability: null });
  });

  test("EQ-2: an unrated machine has no ideal times, whatever its jobs and products say", () => {
    const { rows } = ask(
      { idealCycleSeconds: null, products: { p: { idealCycleSeconds: 2 } } },
      [job(m(0), "p", 5_000_000), count(m(1), { good: 1 })],
      m(2),
    );
    expect(sums(rows)).toEqual({ unknownTime: 2, goodCount: 1 });
  });

  test("KP-1: planned time less all losses is good ideal time", () => {
    const { rows } = ask({}, [state(m(0), "running"), count(m(1), { good: 7, scrap: 2 }), state(m(3), "down")], m(20));
    const { plannedUs, lossesUs, leftUs } = lossesOf(sumOf(rows));
    expect(plannedUs - lossesUs.reduce((a, b) => a + b, 0n)).toBe(leftUs);
    expect(leftUs).toBe(7_000_000n);
  });

  test("section 6: the seven time components add up to elapsed time, also of a cut minute", () => {
    const { rows } = ask({}, [state(m(0.5), "idle")], m(7.25), m(0.25));
    expect(TIME_COMPONENT_NAMES.reduce((sum, name) => sum + rows.reduce((s, row) => s + row[name], 0), 0)).toBe(
      7 * MINUTE,
    );
    expect(rows.map((row) => row.from)).toEqual([0.25, 1, 2, 3, 4, 5, 6, 7].map(m));
  });
});

describe("counts and jobs", () => {
  test("CN-1: counts at one instant add up, negative ones take back, and all belong to a job that begins at that instant", () => {
    const { rows } = ask({}, [count(m(1), { good: 7 }), count(m(1), { good: -5, scrap: 5 }), job(m(1), "p")], m(2));
    expect(rows.find((row) => row.product === "p")).toMatchObject({
      goodCount: 2,
      scrapCount: 5,
      idealTimeUs: 7_000_000,
      idealGoodTimeUs: 2_000_000,
    });
  });

  test("CN-2: totals count by their difference; of two at one instant the later holds; resets and rollovers are recognised", () => {
    const good = (...values: number[]): BareEvent[] => values.map((value, i) => total(m(i), { good: value }));
    const counted = (small: SmallPlant, events: readonly BareEvent[]): number[] =>
      ask(small, events, m(events.length)).rows.map((row) => row.goodCount);
    expect(counted({}, good(10, 15, 3, 3))).toEqual([0, 5, 3, 0]);
    expect(counted({ rolloverAt: 100 }, good(90, 4, 99, 49, 48, 98, 48))).toEqual([0, 14, 95, 49, 48, 50, 48]);
    expect(counted({ rolloverAt: 10 }, good(50, 45))).toEqual([0, 45]); // 45 + 10 - 50 = 5 is not less than half of 10
    const twice = [
      total(m(0), { good: 1, scrap: 1 }),
      total(m(1), { good: 5, scrap: 3, startup: true }),
      total(m(1), { good: 4 }),
    ];
    expect(sums(ask({}, twice, m(2)).rows)).toMatchObject({ goodCount: 3, scrapCount: 2, startupLossTimeUs: 2 / 60 });
  });

  test("CN-3: the ideal cycle is the job's, else the product's, else the machine's", () => {
    const products = { p: { idealCycleSeconds: 2, taktSeconds: 7 }, q: {} };
    const events = [1, 2, 3, 4, 5].map((i) => count(m(i), { good: 1 }));
    const jobs = [
      job(m(2), "x"),
      job(m(2), "p"),
      job(m(3), "p", 5_000_000),
      job(m(4), "q"),
      job(m(5), "unlisted", 9_000_000),
    ];
    const { rows } = ask({ products, taktSeconds: 3 }, [...events, ...jobs], m(6));
    expect(rows.map((row) => [row.product, row.idealTimeUs / 1e6, (row.taktUs ?? 0) / 1e6])).toEqual([
      [null, 0, 3],
      [null, 1, 3],
      ["p", 2, 7],
      ["p", 5, 7],
      ["q", 1, 3],
      ["unlisted", 9, 3],
    ]);
  });

  test("CN-4: an event whose id is among the last 256 accepted is a repeat; an older id is not, and repeats take no place among the 256", () => {
    const others = Array.from({ length: 255 }, (_, i) => count(m(0), { good: 1 }, `o${i}`));
    const first = count(m(0), { good: 1000 }, "a");
    const repeat = count(m(0), { good: 1000 }, "a");
    const goods = (events: readonly BareEvent[]): unknown => sums(ask({}, events, m(1)).rows).goodCount;
    expect(goods([first, ...others, repeat, repeat])).toBe(1255);
    expect(goods([first, ...others, count(m(0), {}, "last"), repeat])).toBe(2255);
    expect(goods([first, ...others, count(m(0), {}, "o0"), repeat])).toBe(1255);
    expect(goods([count(m(9), { good: 1 }, "a"), count(m(0), { good: 1 }, "a")])).toBeUndefined();
  });
});

describe("periods", () => {
  const day = Date.parse("2026-03-29T12:00Z");

  test("PE-2: days, weeks, months and quarters begin at local midnight; hours are counted from it", () => {
    expect(iso(periods("Europe/Berlin", "day", day, day + 1))).toEqual(["2026-03-28T23:00 2026-03-29T22:00"]);
    expect(iso(periods("Europe/Berlin", "week", day, day + 1))).toEqual(["2026-03-22T23:00 2026-03-29T22:00"]);
    expect(iso(periods("Europe/Berlin", "month", day, day + 1))).toEqual(["2026-02-28T23:00 2026-03-31T22:00"]);
    expect(iso(periods("Europe/Berlin", "quarter", day, day + 1))).toEqual(["2025-12-31T23:00 2026-03-31T22:00"]);
    const lordHowe = Date.parse("2026-10-03T13:00Z");
    const lengths = periods("Australia/Lord_Howe", "hour", lordHowe, lordHowe + 26 * 60 * MINUTE);
    expect(iso(lengths).slice(0, 2)).toEqual([
      "2026-10-03T12:30 2026-10-03T13:30",
      "2026-10-03T13:30 2026-10-03T14:30",
    ]);
    expect(lengths.map((h) => (h.to - h.from) / MINUTE).filter((length) => length !== 60)).toEqual([30]);
  });

  test("PE-2: a shift of several machines is one period, from its first start to its last end", () => {
    const one = machineOf(plantOf({ calendar: { shifts: [{ name: "s", start: "06:00", end: "14:00" }] } }));
    const two = machineOf(plantOf({ calendar: { shifts: [{ name: "s", start: "05:00", end: "10:00" }] } }));
    expect(shiftPeriods([one, two], m(0), m(1))).toEqual([
      { shift: "s", shiftDate: "2026-03-02", from: m(0), to: m(9 * 60) },
    ]);
  });
});
