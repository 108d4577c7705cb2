import { MachineHistory, PlantModel } from "@oee/engine";
import { RowBatch, type Scope } from "@oee/model";
import { expect, test } from "vitest";
import { cutsFor, isWithin, report, type ReportQuery, type RowSource, scopesOf } from "./report.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

const MINUTE = 60_000;
const T = Date.UTC(2026, 2, 2, 5);
const plant = plantFrom(
  `enterprise: acme
timezone: Europe/Berlin
sites:
  s:
    areas:
      a:
        lines:
          l1: { machines: { m1: { idealCycleSeconds: 1 }, m2: { idealCycleSeconds: 1 } } }
          l2: { machines: { m3: { idealCycleSeconds: 1 } } }
`,
);
const MODEL = new PlantModel(plant);

function scopeNamed(path: string): Scope {
  const scope = MODEL.plant.scopes.get(path);
  if (scope === undefined) throw new Error(`no scope ${path}`);
  return scope;
}

/** The rows of a machine that runs from T on, and makes ten pieces in each quarter of an hour. */
const rowsOf: RowSource = (machine, cuts, take) => {
  const history = new MachineHistory(MODEL, machine);
  history.accept({ type: "state", machine, at: T, id: null, state: "running", reason: null });
  for (let i = 0; i < 8; i++) history.acceptCount(T + i * 15 * MINUTE, false, 10, null, null, null, false, null);
  const { rows } = history.evaluate({ from: cuts[0] ?? 0, to: cuts.at(-1) ?? 0, now: T + 120 * MINUTE, cuts });
  const batch = RowBatch.of(rows);
  for (let row = 0; row < batch.length; row++) take(batch, row);
};

function answered(query: Omit<ReportQuery, "from" | "to">): string[] {
  const whole = { ...query, from: T, to: T + 120 * MINUTE };
  const scopes = scopesOf(MODEL.plant, whole) ?? [];
  return report(MODEL, whole, scopes, rowsOf).map(
    ({ scope, from, components }) => `${scope} ${(from - T) / MINUTE} ${components.goodCount}`,
  );
}

test("PE-2: a shift is one period over all zones of a scope, also where a question begins, ends or lies between its parts", () => {
  const wide = new PlantModel(
    plantFrom(`enterprise: acme
timezone: UTC
calendars: { one: { shifts: [{ name: early, start: "06:00", end: "10:00" }] } }
sites:
  east: { timezone: Asia/Tokyo, calendar: one, areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 } } } } } } }
  west: { timezone: America/New_York, calendar: one, areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 } } } } } } }
`),
  );
  const [day, hour] = [Date.UTC(2026, 2, 2), 60 * MINUTE];
  const scope = wide.plant.scopes.get("*");
  if (scope === undefined) throw new Error("no scope *");
  const shifts = (from: number, to: number): string[] =>
    report(
      wide,
      { scope, by: "enterprise", every: "shift", from: day + from * hour, to: day + to * hour },
      [scope],
      () => {},
    ).map((one) => `${one.shiftDate} ${(one.from - day) / hour} to ${(one.to - day) / hour}`);
  // In Tokyo from 21:00 to 01:00 UTC, in New York from 11:00 to 15:00.
  expect(shifts(-12, 24)).toEqual(["2026-03-01 -12 to -9", "2026-03-02 -3 to 15", "2026-03-03 21 to 24"]);
  expect(shifts(2, 24)).toEqual(["2026-03-02 2 to 15", "2026-03-03 21 to 24"]);
  expect(shifts(-4, 3)).toEqual(["2026-03-02 -3 to 3"]);
  expect(shifts(4, 5)).toEqual(["2026-03-02 4 to 5"]);
  expect(shifts(16, 18)).toEqual([]);
});

test("EQ-3: a line's figures are the sums of its machines", () => {
  const scope = scopeNamed("*");
  expect(answered({ scope, by: "line", every: null })).toEqual(["s/a/l1 0 160", "s/a/l2 0 80"]);
  expect(answered({ scope: scopeNamed("s/a/l1"), by: "machine", every: null })).toEqual([
    "s/a/l1/m1 0 80",
    "s/a/l1/m2 0 80",
  ]);
});

test("PE-2: a report by hour has one element for each machine and hour", () => {
  expect(answered({ scope: scopeNamed("s/a/l2"), by: "machine", every: "hour" })).toEqual([
    "s/a/l2/m3 0 40",
    "s/a/l2/m3 60 40",
  ]);
});

test("a report by a level above the scope is refused; a scope is within itself and within the scopes above it", () => {
  const [line, site] = [scopeNamed("s/a/l1"), scopeNamed("s")];
  expect(scopesOf(MODEL.plant, { scope: line, by: "site", from: T, to: T + MINUTE })).toBeNull();
  expect([isWithin(line, site), isWithin(line, line), isWithin(site, line)]).toEqual([true, true, false]);
});

test("rows are cut where periods begin", () => {
  const scope = scopeNamed("*");
  const query: ReportQuery = { scope, by: "enterprise", every: "hour", from: T + MINUTE, to: T + 61 * MINUTE };
  expect(cutsFor(scope, query)).toEqual([T + MINUTE, T + 60 * MINUTE, T + 61 * MINUTE]);
});
