import { SHIPPED_ZONES } from "@oee/model";
import { expect, test } from "vitest";
import { dayStartsAt, dayStartsIn } from "./local-days.ts";

const BERLIN = SHIPPED_ZONES.zone("Europe/Berlin");
const at = (text: string): number => Date.parse(text);
if (BERLIN === undefined) throw new Error("Europe/Berlin is missing");

test("PE-5: days begin by the zone's clocks, 23 hours long where these are put forward, at the day start of the plant", () => {
  const period = { from: at("2026-03-28T23:00:00Z"), to: at("2026-03-29T22:00:00Z") };
  expect(dayStartsIn(BERLIN, 0, period)).toEqual([period.from, period.to]);
  expect(dayStartsIn(BERLIN, 6 * 60, period)).toEqual([at("2026-03-29T04:00:00Z")]);
});

test("a zone that moved over the date line has no start of the day that it left out", () => {
  const apia = SHIPPED_ZONES.zone("Pacific/Apia");
  if (apia === undefined) throw new Error("Pacific/Apia is missing");
  const starts = dayStartsIn(apia, 0, { from: at("2011-12-29T10:00:00Z"), to: at("2011-12-31T10:00:00Z") });
  // 29 December, and 31 December in place of the 30th.
  expect(starts.map((start) => new Date(start).toISOString())).toEqual([
    "2011-12-29T10:00:00.000Z",
    "2011-12-30T10:00:00.000Z",
    "2011-12-31T10:00:00.000Z",
  ]);
});

test("of several zones and day starts those are taken at which most of the cuts lie", () => {
  const utc = SHIPPED_ZONES.zone("UTC");
  if (utc === undefined) throw new Error("UTC is missing");
  const cuts = ["2026-06-01T04:00:00Z", "2026-06-02T04:00:00Z", "2026-06-03T00:00:00Z"].map(at);
  const ways = [
    { timezone: utc, periods: { dayStartMinute: 0 } },
    { timezone: BERLIN, periods: { dayStartMinute: 6 * 60 } },
  ];
  expect(dayStartsAt(cuts, ways)).toEqual(cuts.slice(0, 2));
});
