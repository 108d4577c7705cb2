import { describe, expect, it } from "vitest";
import { amount, counted, duration, percent, size } from "./for-people.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

describe("numbers for people", () => {
  it.each([
    [null, "–"],
    [0, "0 s"],
    [350, "350 ms"],
    [999.6, "1 s"],
    [45_000, "45 s"],
    [59_600, "1 min"],
    [90_000, "1 min 30 s"],
    [2 * HOUR + 14 * MINUTE + 29_000, "2 h 14 min"],
    [2 * HOUR + 14 * MINUTE + 31_000, "2 h 15 min"],
    [24 * HOUR - 1, "1 d"],
    [26 * HOUR, "1 d 2 h"],
    [192 * 24 * HOUR + 21 * HOUR, "192 d 21 h"],
  ])("a duration of %s ms is %s", (ms, text) => {
    expect(duration(ms)).toBe(text);
  });

  it("percentages have one decimal; a missing one is a dash, not 0", () => {
    expect([0.8319, 0, 1, 1.042, null].map(percent)).toEqual(["83.2 %", "0.0 %", "100.0 %", "104.2 %", "–"]);
  });

  it("amounts, counts and sizes have grouped digits and units", () => {
    expect([amount(1234567, 0), amount(1234.5, 2), amount(-5, 0), amount(null, 0)]).toEqual([
      "1,234,567",
      "1,234.50",
      "-5",
      "–",
    ]);
    expect([counted(1, "event"), counted(2998, "event"), counted(0, "event")]).toEqual([
      "1 event",
      "2,998 events",
      "0 events",
    ]);
    expect([size(0), size(999), size(1500), size(389_082), size(1.2e9)]).toEqual([
      "0 bytes",
      "999 bytes",
      "1.5 kB",
      "389 kB",
      "1.2 GB",
    ]);
  });
});
