import { describe, expect, it } from "vitest";
import { durationMsOf } from "./duration.ts";

describe("durationMsOf", () => {
  it.each([
    ["0", 0],
    ["0s", 0],
    ["1500ms", 1_500],
    ["30s", 30_000],
    ["5m", 300_000],
    ["8h", 28_800_000],
    ["7d", 604_800_000],
  ])("%s is %d ms", (text, expected) => {
    expect(durationMsOf(text)).toBe(expected);
  });

  it.each(["", "5", "5 m", "1.5h", "-5m", "5M", "m", "5min", "1h30m", "999999999999999d"])(
    "%j is no duration",
    (text) => {
      expect(durationMsOf(text)).toBeNull();
    },
  );
});
