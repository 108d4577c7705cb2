import { expect, test } from "vitest";
import { changesOfYear, parsePosixRule } from "./posix-rule.ts";

const HOUR_MS = 3_600_000;

function changes(text: string, year: number): string[] {
  const rule = parsePosixRule(text);
  if (rule === null) throw new Error(`${text} is no rule`);
  return changesOfYear(rule, year).map(([at, offsetMs]) => `${new Date(at).toISOString()} ${offsetMs / HOUR_MS}`);
}

test("CA-3: Berlin's clocks go forward by an hour at 1:00 UTC on the last Sunday of March, and back on that of October", () => {
  // 2026-03-29, 02:00 at UTC+1; 2026-10-25, 03:00 at UTC+2.
  expect(changes("CET-1CEST,M3.5.0,M10.5.0/3", 2026)).toEqual([
    "2026-03-29T01:00:00.000Z 2",
    "2026-10-25T01:00:00.000Z 1",
  ]);
});

test("CA-3: in a zone south of the equator summer time ends in April and begins in October", () => {
  // Sydney: the first Sundays of April (03:00 at UTC+11) and October (02:00 at UTC+10).
  expect(changes("AEST-10AEDT,M10.1.0,M4.1.0/3", 2026)).toEqual([
    "2026-04-04T16:00:00.000Z 10",
    "2026-10-03T16:00:00.000Z 11",
  ]);
});

test("a date may be a day of the year, with the 29th of February (59 from 0) or without it (J60 is the 1st of March)", () => {
  expect(changes("XXX0YYY,59/0,J365/0", 2024).map((text) => text.slice(0, 13))).toEqual([
    "2024-02-29T00",
    "2024-12-30T23",
  ]);
  expect(changes("XXX0YYY,J60/0,J365/0", 2024).map((text) => text.slice(0, 13))).toEqual([
    "2024-03-01T00",
    "2024-12-30T23",
  ]);
});

test("a zone without summer never changes, and offsets count west: MST7 is seven hours behind UTC", () => {
  expect(parsePosixRule("MST7")).toEqual({ standardMs: -7 * HOUR_MS, summer: null });
  expect(parsePosixRule("<+0545>-5:45")?.standardMs).toBe(5.75 * HOUR_MS);
  expect(parsePosixRule("nonsense 1")).toBeNull();
});
