/** Shifts and periods: whose costs and takts count in a shift's period (KP-3), rotations of crews (CA-6), exceptions (CA-7), begins of periods (PE-5). */
import { type By, type Element, EventDecoder, isRefusal, parsePlant } from "@oee/model";
import { describe, expect, test } from "vitest";
import { Replay } from "../../services/oee/src/replay.ts";
import { plantFrom } from "../support/plant.ts";

const HOUR_MS = 3_600_000;
/** A Monday, 06:00 UTC. */
const START = Date.UTC(2026, 2, 2, 6);

/** `press` and `saw` have the early shift, `press` until 14:00 and `saw` until 12:00; `oven` has the late shift alone. */
const PLANT = `
enterprise: acme
sites:
  s:
    areas:
      a:
        lines:
          l:
            machines:
              press: { idealCycleSeconds: 2, calendar: long, taktSeconds: 4 }
              saw: { idealCycleSeconds: 2, calendar: short, costPerHour: 60 }
              oven: { idealCycleSeconds: 2, calendar: late, costPerHour: 100, taktSeconds: 5 }
calendars:
  long: { shifts: [{ name: early, start: "06:00", end: "14:00" }] }
  short: { shifts: [{ name: early, start: "06:00", end: "12:00" }] }
  late: { shifts: [{ name: late, start: "14:00", end: "22:00" }] }
products: { p: { taktSeconds: 10 } }
`;

const plant = plantFrom(PLANT);

function shiftsOf(by: By, from: number, to: number): readonly Element[] {
  const replay = new Replay(plant);
  const decoder = new EventDecoder(plant, { maxFutureMs: 0 });
  const say = (machine: string, hour: number, fields: object): void => {
    const event = decoder.decodeValue({ machine: `s/a/l/${machine}`, at: START + hour * HOUR_MS, ...fields }, null);
    if (isRefusal(event)) throw new Error(event.detail);
    replay.accept(event);
  };
  for (const machine of ["press", "saw", "oven"]) say(machine, 0, { type: "state", state: "down" });
  say("saw", 2, { type: "job", product: "p" });
  const scope = plant.scopes.get("s/a/l");
  if (scope === undefined) throw new Error("no such line");
  return replay.report({ from, to, scope, by, every: "shift" }, START + 24 * HOUR_MS) ?? [];
}

describe("KP-3: costs and takts in a shift's period are those of the machines that have the shift in it", () => {
  test("in the early shift those of the press and the saw count, in the late shift those of the oven", () => {
    const figures = shiftsOf("line", START, START + 24 * HOUR_MS).map(({ shift, from, to, kpis }) => ({
      shift,
      hours: (to - from) / HOUR_MS,
      targetCount: kpis.targetCount,
      downtimeCost: kpis.downtimeCost,
    }));
    expect(figures).toEqual([
      // Target: 8 h of the press with a takt of 4 s are 7,200; 4 h of product p on the saw with 10 s are 1,440. Cost: the saw is down for
      // 6 h at 60 an hour.
      { shift: "early", hours: 8, targetCount: 8_640, downtimeCost: 360 },
      // 8 h of the oven with a takt of 5 s, down at 100 an hour.
      { shift: "late", hours: 8, targetCount: 5_760, downtimeCost: 800 },
    ]);
  });

  test("from 12:00 to 14:00 only the press has the early shift, and it has no cost per hour: the downtime cost is null, not 0", () => {
    const [early, ...others] = shiftsOf("line", START + 6 * HOUR_MS, START + 8 * HOUR_MS);
    expect(others).toEqual([]);
    expect(early).toMatchObject({ shift: "early", kpis: { targetCount: 1_800, downtimeCost: null } });
  });

  test("by product: the saw's cost counts for each of its products, a takt for the product during which it was in force", () => {
    const figures = shiftsOf("product", START, START + 8 * HOUR_MS).map(({ scope, product, kpis }) => [
      scope,
      product,
      kpis.targetCount,
      kpis.downtimeCost,
    ]);
    expect(figures).toEqual([
      ["s/a/l/press", null, 7_200, null],
      ["s/a/l/saw", null, null, 120],
      ["s/a/l/saw", "p", 1_440, 240],
    ]);
  });
});

/** Elements of the site `s` of a plant file by period, without any events. */
function elementsOf(
  text: string,
  every: "shift" | "day" | "week" | "quarter" | "year",
  from: number,
  to: number,
): readonly Element[] {
  const result = parsePlant(text, "plant.yaml");
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const replay = new Replay(result.plant);
  const scope = result.plant.scopes.get("s");
  if (scope === undefined) throw new Error("no site");
  return replay.report({ from, to, scope, by: "site", every }, to) ?? [];
}

const CREWS = (site = "", shifts = ""): string => `enterprise: e
sites: { s: { timezone: Europe/Berlin, calendar: crews, ${site} areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 } } } } } } } }
calendars:
  crews:
    shifts:
      - { name: day, crew: A, cycle: { start: 2026-03-02, days: 6, on: [0, 1, 2] }, start: "06:00", end: "18:00" }
      - { name: day, crew: B, cycle: { start: 2026-03-02, days: 6, on: [3, 4] }, start: "06:00", end: "18:00" }
${shifts}`;

const DAY_MS = 24 * HOUR_MS;
const MONDAY = Date.UTC(2026, 2, 2);

test("CA-6: a cycle of three days of crew A, two of crew B and one day off repeats before and after its start", () => {
  const shown = elementsOf(CREWS(), "shift", MONDAY - 6 * DAY_MS, MONDAY + 6 * DAY_MS).map(
    ({ shiftDate, crew }) => `${shiftDate} ${crew}`,
  );
  expect(shown).toEqual([
    "2026-02-24 A",
    "2026-02-25 A",
    "2026-02-26 A",
    "2026-02-27 B",
    "2026-02-28 B",
    "2026-03-02 A",
    "2026-03-03 A",
    "2026-03-04 A",
    "2026-03-05 B",
    "2026-03-06 B",
  ]);
});

test("CA-7: an exception from one date to another does not cover the latter; of two for one date the last holds", () => {
  const exceptions = `    exceptions:
      - { from: 2026-03-02, to: 2026-03-05, closed: true }
      - { date: 2026-03-04, shifts: [{ name: extra, crew: C, start: "08:00", end: "09:00" }] }
`;
  const shown = elementsOf(CREWS("", exceptions), "shift", MONDAY, MONDAY + 6 * DAY_MS).map(
    ({ shift, shiftDate, crew }) => `${shiftDate} ${shift} ${crew}`,
  );
  expect(shown).toEqual(["2026-03-04 extra C", "2026-03-05 day B", "2026-03-06 day B"]);
});

test("PE-5: with the plant's rules days begin at 06:00, weeks on Sunday, quarters and years in April", () => {
  const periods = 'periods: { dayStart: "06:00", weekStart: sun, yearStart: "04-01" },';
  const starts = (every: "day" | "week" | "quarter" | "year", from: number, to: number): readonly string[] =>
    elementsOf(CREWS(periods), every, from, to)
      .slice(1)
      .map((element) => new Date(element.from).toISOString().slice(0, 16));
  // 06:00 in Berlin is 05:00 UTC in winter, and 04:00 UTC from 29 March 2026 on: the day of 28 March has 23 hours.
  const change = Date.UTC(2026, 2, 28);
  expect(starts("day", change, change + 3 * DAY_MS)).toEqual([
    "2026-03-28T05:00",
    "2026-03-29T04:00",
    "2026-03-30T04:00",
  ]);
  expect(starts("week", MONDAY, MONDAY + 14 * DAY_MS)).toEqual(["2026-03-08T05:00", "2026-03-15T05:00"]);
  const year = Date.UTC(2026, 0, 1);
  expect(starts("quarter", year, year + 300 * DAY_MS)).toEqual([
    // The quarter begins on 1 January at 05:00 UTC; the hours of that date before it belong to the quarter before.
    "2026-01-01T05:00",
    "2026-04-01T04:00",
    "2026-07-01T04:00",
    "2026-10-01T04:00",
  ]);
  expect(starts("year", year, year + 500 * DAY_MS)).toEqual(["2026-04-01T04:00", "2027-04-01T04:00"]);
});
