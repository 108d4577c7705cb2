import { type Zone } from "@oee/model";
import { expect, test } from "vitest";
import { dateOfDay, DAY_MS, instantOf, localMsOf, weekdayOfDay } from "./local-time.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

function zoneOf(name: string): Zone {
  const plant = plantFrom(
    `enterprise: e\ntimezone: ${name}\nsites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 } } } } } } } }\n`,
  );
  return plant.timezone;
}

const BERLIN = zoneOf("Europe/Berlin");
const utc = (text: string): number => Date.parse(`${text}Z`);

test("local time is UTC with the zone's offset at that instant", () => {
  expect(localMsOf(BERLIN, utc("2026-01-05T05:00"))).toBe(utc("2026-01-05T06:00"));
  expect(localMsOf(BERLIN, utc("2026-07-05T05:00"))).toBe(utc("2026-07-05T07:00"));
});

test("CA-3: a local time that comes twice is its first instant; one that clocks skip is as far behind the gap as it lies in it", () => {
  expect(instantOf(BERLIN, utc("2026-10-25T02:30"))).toBe(utc("2026-10-25T00:30"));
  expect(instantOf(BERLIN, utc("2026-03-29T02:30"))).toBe(utc("2026-03-29T01:30"));
  expect(instantOf(BERLIN, utc("2026-06-01T06:00"))).toBe(utc("2026-06-01T04:00"));
});

test("days are counted from 1970", () => {
  const day = utc("2026-03-02T00:00") / DAY_MS;
  expect(dateOfDay(day)).toBe("2026-03-02");
  expect([weekdayOfDay(day), weekdayOfDay(day - 1), weekdayOfDay(0)]).toEqual([1, 7, 4]);
});
