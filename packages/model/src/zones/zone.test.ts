import { expect, test } from "vitest";
import { Zone } from "./zone.ts";

const HOUR_MS = 3_600_000;
const BERLIN = { firstOffsetMs: HOUR_MS, changes: [], rule: "CET-1CEST,M3.5.0,M10.5.0/3" };

test("CA-3: clocks go forward and back at the instants of the rule, in every year, 400 years later too", () => {
  const zone = new Zone("Europe/Berlin", BERLIN);
  const hours = (instant: string) => zone.offsetMs(Date.parse(instant)) / HOUR_MS;
  expect(hours("2026-03-29T00:59:59.999Z")).toBe(1);
  expect(hours("2026-03-29T01:00:00Z")).toBe(2);
  expect(hours("2026-10-25T01:00:00Z")).toBe(1);
  // The Gregorian calendar repeats after 400 years: 2826-03-29 is a Sunday, as 2026-03-29.
  expect([hours("2826-03-29T00:59:59Z"), hours("2826-03-29T01:00:00Z")]).toEqual([1, 2]);
});

test("the offset at an instant, and the changes after it, before the end that is asked for", () => {
  const zone = new Zone("Europe/Berlin", BERLIN);
  const from = Date.UTC(2026, 0, 1);
  expect(zone.offsets(from, Date.UTC(2026, 9, 25, 1))).toEqual([
    [from, HOUR_MS],
    [Date.UTC(2026, 2, 29, 1), 2 * HOUR_MS],
  ]);
});

test("zones whose clocks show the same have one digest, however their rules are written", () => {
  const digestOf = (changes: readonly (readonly [number, number])[], rule: string) =>
    new Zone("x", { firstOffsetMs: 0, changes, rule }).digest;
  // A change to the offset that holds already, and one before 1970, change no clock.
  expect(digestOf([[1e12, 0]], "")).toBe(digestOf([], "UTC0"));
  expect(digestOf([[1e12, HOUR_MS]], "")).not.toBe(digestOf([], "UTC0"));
});
