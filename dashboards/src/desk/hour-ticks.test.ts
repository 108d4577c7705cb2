import { expect, test } from "vitest";
import { createFormat } from "../shared/format.ts";
import { hourTicks } from "./hour-ticks.ts";

const HOUR_MS = 3_600_000;
// Clocks go back at 01:00Z on 2026-10-25.
const BERLIN = [
  { from: 0, offsetMs: 2 * HOUR_MS },
  { from: Date.parse("2026-10-25T01:00:00Z"), offsetMs: HOUR_MS },
];
const format = createFormat("en", { "Europe/Berlin": BERLIN });
const ticksOf = (from: string, to: string): readonly string[] =>
  hourTicks(Date.parse(from), Date.parse(to), "Europe/Berlin", format).map((at) => new Date(at).toISOString());

test("a shift has each whole hour, a day every third, three days none but half-days", () => {
  expect(ticksOf("2026-07-01T04:18:20Z", "2026-07-01T07:00:00Z")).toEqual([
    "2026-07-01T05:00:00.000Z",
    "2026-07-01T06:00:00.000Z",
    "2026-07-01T07:00:00.000Z",
  ]);
  expect(
    ticksOf("2026-06-30T22:18:00Z", "2026-07-01T21:51:00Z").map((at) =>
      format.timeOfDay(Date.parse(at), "Europe/Berlin"),
    ),
  ).toEqual([...["03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"]]);
  expect(ticksOf("2026-07-01T00:00:00Z", "2026-07-04T00:00:00Z")).toHaveLength(6);
  expect(ticksOf("2026-07-01T00:00:00Z", "2026-08-01T00:00:00Z")).toEqual([]);
});

test("where clocks change ticks stay at local hours", () => {
  const ticks = ticksOf("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z");
  expect(ticks.map((at) => format.timeOfDay(Date.parse(at), "Europe/Berlin"))).toEqual([
    ...["00:00", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00", "00:00"],
  ]);
});
