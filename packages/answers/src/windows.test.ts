import { PlantModel } from "@oee/engine";
import { parsePlant } from "@oee/model";
import { expect, test } from "vitest";
import { Windows } from "./windows.ts";

const PLANT = `
enterprise: acme
sites:
  s: { timezone: Europe/Berlin, calendar: early, areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 } } } } } } }
calendars: { early: { shifts: [{ name: early, start: "06:00", end: "14:00" }] } }
windows: [15m, 1h, 61m, 8h, 24h, shift]
`;

/** What each window covers at an instant. */
function coveredAt(now: string): Record<string, readonly string[]> {
  const parsed = parsePlant(PLANT, "plant.yaml");
  const machine = parsed.ok ? parsed.plant.machines[0] : undefined;
  if (!parsed.ok || machine === undefined) throw new Error("the plant is refused");
  const { clock } = new PlantModel(parsed.plant).machine(machine);
  const windows = new Windows(parsed.plant.windows, clock, null, 0).at(Date.parse(now));
  return Object.fromEntries(
    windows.map(({ name, from, to }) => [name, [from, to].map((at) => new Date(at).toISOString())]),
  );
}

test("PE-3: a window begins at the first pane that lies wholly in it, and a pane is a sixtieth of it in whole minutes", () => {
  const now = "2026-03-02T06:07:30.500Z";
  expect(coveredAt(now)).toEqual({
    "15m": ["2026-03-02T05:53:00.000Z", now],
    "1h": ["2026-03-02T05:08:00.000Z", now],
    // Panes of 2, 8 and 24 minutes, counted from 1970.
    "61m": ["2026-03-02T05:08:00.000Z", now],
    "8h": ["2026-03-01T22:08:00.000Z", now],
    "24h": ["2026-03-01T06:24:00.000Z", now],
    shift: ["2026-03-02T05:00:00.000Z", now],
  });
});

test("PE-3: at a whole pane a window is whole; a shift is running from the instant after its start to its end", () => {
  const hourAt = (now: string): readonly string[] | undefined => coveredAt(now)["1h"];
  const start = "2026-03-02T05:00:00.000Z";
  expect(hourAt(start)).toEqual(["2026-03-02T04:00:00.000Z", start]);
  expect(coveredAt(start)).not.toHaveProperty("shift");
  expect(coveredAt("2026-03-02T05:00:00.001Z")).toHaveProperty("shift", [start, "2026-03-02T05:00:00.001Z"]);
  expect(coveredAt("2026-03-02T13:00:00.000Z")).toHaveProperty("shift", [start, "2026-03-02T13:00:00.000Z"]);
  expect(coveredAt("2026-03-02T13:00:00.001Z")).not.toHaveProperty("shift");
});
