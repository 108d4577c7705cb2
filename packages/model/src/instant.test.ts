import * as fc from "fast-check";
import { expect, test } from "vitest";
import { formatInstant, instantIn, parseInstant } from "./index.ts";

test("P-2: RFC 3339 texts are read as UTC milliseconds; digits below a millisecond are cut off", () => {
  expect(parseInstant("2026-03-02T05:00:00.000Z")).toBe(Date.UTC(2026, 2, 2, 5));
  expect(parseInstant("2026-03-02t05:00:00z")).toBe(Date.UTC(2026, 2, 2, 5));
  expect(parseInstant("2026-03-02T05:00Z")).toBe(Date.UTC(2026, 2, 2, 5));
  expect(parseInstant("2026-03-02T06:30+01:30")).toBe(Date.UTC(2026, 2, 2, 5));
  expect(parseInstant("2026-03-01T23:30:00-05:30")).toBe(Date.UTC(2026, 2, 2, 5));
  expect(parseInstant("2026-03-02T05:00:00-00:00")).toBe(Date.UTC(2026, 2, 2, 5));
  expect(parseInstant("2026-03-02T05:00:00.5Z")).toBe(Date.UTC(2026, 2, 2, 5, 0, 0, 500));
  expect(parseInstant("2022-08-08T13:51:34.7169999Z")).toBe(Date.UTC(2022, 7, 8, 13, 51, 34, 716));
  expect(parseInstant(`2026-03-02T05:00:00.0019${"9".repeat(200)}Z`)).toBe(Date.UTC(2026, 2, 2, 5, 0, 0, 1));
  expect(parseInstant("1969-12-31T23:59:59.9999Z")).toBe(-1);
});

test("an instant in JSON is a text or whole epoch milliseconds", () => {
  expect(instantIn("2026-03-02T05:00:00Z")).toBe(Date.UTC(2026, 2, 2, 5));
  expect(instantIn(1_772_427_600_000)).toBe(1_772_427_600_000);
  for (const value of [1.5, Number.NaN, 8.64e15 + 1, "1772427600000", "now", null, undefined, true, [0], {}]) {
    expect(instantIn(value), JSON.stringify(value)).toBeNull();
  }
});

test("P-2: only real dates and times of day are instants", () => {
  expect(parseInstant("2024-02-29T00:00Z")).toBe(Date.UTC(2024, 1, 29));
  expect(parseInstant("2000-02-29T00:00Z")).toBe(Date.UTC(2000, 1, 29));
  for (const text of [
    "",
    "2026",
    "2026-03-02",
    "2026-03-02T05:00:00",
    "2026-03-02 05:00:00Z",
    "2026-02-29T00:00Z",
    "2100-02-29T00:00Z",
    "2026-04-31T00:00Z",
    "2026-00-10T00:00Z",
    "2026-13-10T00:00Z",
    "2026-03-00T00:00Z",
    "2026-03-02T24:00:00Z",
    "2026-03-02T05:60:00Z",
    "2026-03-02T05:00:60Z",
    "2026-03-02T05:00:00.Z",
    "2026-03-02T05:00:0Z",
    "2026-03-02T05:00:",
    "2026-03-02T05:00:00,5Z",
    "2026-03-02T05:00:00.5",
    "2026-03-02T05:00.5Z",
    "2026-03-02T05:00:00+0100",
    "2026-03-02T05:00:00+01",
    "2026-03-02T05:00:00+24:00",
    "2026-03-02T05:00:00+01:60",
    "2026-03-02T05:00:00Zx",
    " 2026-03-02T05:00:00Z",
    "+2026-03-02T05:00:00Z",
    "2026-3-2T05:00:00.000Z",
    "２026-03-02T05:00:00Z",
    "1772427600000",
  ]) {
    expect({ text, instant: parseInstant(text) }).toEqual({ text, instant: null });
  }
});

test("P-2: an instant that was written is read as the same one, with any offset from UTC", () => {
  const instant = fc.integer({ min: Date.UTC(1, 0, 2), max: Date.UTC(9999, 11, 30) });
  fc.assert(
    fc.property(instant, fc.integer({ min: -1439, max: 1439 }), (ms, offset) => {
      expect(parseInstant(formatInstant(ms))).toBe(ms);
      const local = formatInstant(ms + offset * 60_000).slice(0, -1);
      const minutes = Math.abs(offset);
      const zone = `${offset < 0 ? "-" : "+"}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
      expect(parseInstant(`${local}${zone}`)).toBe(ms);
    }),
  );
});

test("P-2: instants are written as `Date.toISOString` writes them; one that no `Date` can hold throws", () => {
  const instant = fc.oneof(
    fc.integer({ min: -8.64e15, max: 8.64e15 }),
    fc.double({ min: -1e12, max: 1e13, noNaN: true }),
  );
  fc.assert(fc.property(instant, (ms) => formatInstant(ms) === new Date(ms).toISOString()));
  for (const none of [Number.NaN, Infinity, 8.64e15 + 1, -8.64e15 - 1])
    expect(() => formatInstant(none)).toThrow(RangeError);
});

function pad(number: number): string {
  return String(number).padStart(2, "0");
}
