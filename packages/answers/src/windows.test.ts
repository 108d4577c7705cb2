import { PlantModel } from "@oee/engine";
import { emptyRow, parsePlant, PLACE, RowBatch } from "@oee/model";
import { expect, test } from "vitest";
import { sumsOfWindow, Windows } from "./windows.ts";

const PLANT = `
enterprise: acme
sites:
  s: { timezone: Europe/Berlin, calendar: early, areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 } } } } } } }
calendars: { early: { shifts: [{ name: early, start: "06:00", end: "14:00" }] } }
windows: [15m, 1h, 61m, 8h, 24h, shift]
`;

function windowsOf(decimals: number, plant: string = PLANT): Windows {
  const parsed = parsePlant(plant, "plant.yaml");
  const machine = parsed.ok ? parsed.plant.machines[0] : undefined;
  if (!parsed.ok || machine === undefined) throw new Error("the plant is refused");
  const { clock } = new PlantModel(parsed.plant).machine(machine);
  return new Windows(parsed.plant.windows, clock, null, decimals);
}

/** The period that each window covers at an instant, by the window's name. */
function coveredAt(now: string): Record<string, readonly string[]> {
  return Object.fromEntries(
    windowsOf(0)
      .at(Date.parse(now))
      .map(({ name, from, to }) => [name, [from, to].map((at) => new Date(at).toISOString())]),
  );
}

test("PE-3: a window begins at the first pane that lies wholly in it, and a pane is a sixtieth of it in whole minutes", () => {
  const now = "2026-03-02T06:07:30.500Z";
  expect(coveredAt(now)).toEqual({
    "15m": ["2026-03-02T05:53:00.000Z", now],
    "1h": ["2026-03-02T05:08:00.000Z", now],
    // These have panes of 2, 8 and 24 minutes, counted from 1970.
    "61m": ["2026-03-02T05:08:00.000Z", now],
    "8h": ["2026-03-01T22:08:00.000Z", now],
    "24h": ["2026-03-01T06:24:00.000Z", now],
    shift: ["2026-03-02T05:00:00.000Z", now],
  });
});

test("PE-3: where a pane ends now the window has its full length; a shift has a window from the instant after its start up to its end", () => {
  const hourAt = (now: string): readonly string[] | undefined => coveredAt(now)["1h"];
  const start = "2026-03-02T05:00:00.000Z";
  expect(hourAt(start)).toEqual(["2026-03-02T04:00:00.000Z", start]);
  expect(coveredAt(start)).not.toHaveProperty("shift");
  expect(coveredAt("2026-03-02T05:00:00.001Z")).toHaveProperty("shift", [start, "2026-03-02T05:00:00.001Z"]);
  expect(coveredAt("2026-03-02T13:00:00.000Z")).toHaveProperty("shift", [start, "2026-03-02T13:00:00.000Z"]);
  expect(coveredAt("2026-03-02T13:00:00.001Z")).not.toHaveProperty("shift");
});

test("PE-3, CN-5: a window's numbers are sums of rows in smallest units and microseconds, of which its figures are made again", () => {
  const head = {
    machine: "m",
    product: null,
    shift: null,
    shiftDate: null,
    taktUs: 2e6,
    costPerHour: null,
    decimals: 2,
  };
  const at = Date.parse("2026-03-02T06:00:00Z");
  const windows = windowsOf(2);
  const made = { runTime: 60_000, goodCount: 1_250, idealTimeUs: 12_500_001 };
  windows.take(RowBatch.of([0, 1].map((minute) => ({ ...emptyRow(head, at + minute * 60_000), ...made }))));
  const [quarter] = windows.numbersAt(at + 5 * 60_000);
  if (quarter === undefined) return expect.unreachable();
  const { components, plannedByTakt } = quarter;
  expect([PLACE.runTime, PLACE.goodCount, PLACE.idealTimeUs].map((place) => components[place])).toEqual([
    120_000, 2_500, 25_000_002,
  ]);
  expect(plannedByTakt).toEqual([[2e6, 120_000]]);
  const { sums } = sumsOfWindow(quarter, 1800, 2);
  expect(sums.components()).toMatchObject({ runTime: 120_000, goodCount: 25, idealTime: 25_000.002 });
  expect([...sums.plannedByTakt]).toEqual([[2e6, 120_000]]);
});

test("PE-3: a late change of all three shifts of a date leaves the running shift whole, also after a restart", () => {
  const three = PLANT.replace(
    `[{ name: early, start: "06:00", end: "14:00" }]`,
    `[{ name: early, start: "06:00", end: "14:00" }, { name: late, start: "14:00", end: "22:00" }, { name: night, start: "22:00", end: "06:00" }]`,
  );
  const rows = (shift: string, from: string, runTime: number): RowBatch => {
    const [taktUs, costPerHour] = [null, null];
    const head = { machine: "m", product: null, shift, shiftDate: "2026-03-02", taktUs, costPerHour, decimals: 0 };
    return RowBatch.of([{ ...emptyRow(head, Date.parse(`2026-03-02T${from}:00Z`)), runTime }]);
  };
  const now = Date.parse("2026-03-02T23:00:00Z");
  const running = (windows: Windows): number | undefined =>
    windows.numbersAt(now).find(({ name }) => name === "shift")?.components[PLACE.runTime];
  let windows = windowsOf(0, three);
  for (let late = 0; late < 3; late++) {
    windows.take(rows("early", "06:00", 100));
    windows.take(rows("late", "14:00", 10));
    windows.take(rows("night", "22:00", 1));
    expect(running(windows)).toBe(late + 1);
    const restarted = windowsOf(0, three);
    expect(restarted.restore(structuredClone(windows.snapshot()))).toBe(true);
    windows = restarted;
  }
});

test("PE-3: before a machine's first event scheduled time of its windows is unknown and other time not planned, also after a restart", () => {
  const first = Date.parse("2026-03-02T06:00:00Z");
  const head = { machine: "m", product: null, taktUs: null, costPerHour: null, decimals: 0 };
  const row = { ...emptyRow({ ...head, shift: "early", shiftDate: "2026-03-02" }, first), runTime: 60_000 };
  const fresh = windowsOf(0);
  fresh.take(RowBatch.of([row]));
  const restarted = windowsOf(0);
  restarted.restore(structuredClone(fresh.snapshot()));
  for (const windows of [fresh, restarted]) {
    const found = windows.at(first + 60_000).map(({ name, sums }) => {
      const { runTime, unknownTime, notPlannedTime } = sums.components();
      return [name, ...[runTime, unknownTime, notPlannedTime].map((ms) => ms / 60_000)];
    });
    // The early shift begins an hour before. The day before was a Sunday, whose shift lies between 05:00 and 13:00.
    expect(found).toEqual([
      ["15m", 1, 14, 0],
      ["1h", 1, 59, 0],
      ["61m", 1, 60, 0],
      ["8h", 1, 60, 412],
      ["24h", 1, 456, 960],
      ["shift", 1, 60, 0],
    ]);
  }
});
