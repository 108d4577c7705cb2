import { expect, test } from "vitest";
import { decodeZones, encodeZones, SHIPPED_ZONES } from "./zone-database.ts";

test("rules that two names share are one line, and are read back as they were, from 1970 on", () => {
  const own = { firstOffsetMs: 0, changes: [[-1_000, 3_600_000] as const, [36_000, -36_000] as const], rule: "X1" };
  const text = encodeZones(
    "2026z",
    new Map([
      ["B", own],
      ["A", own],
    ]),
  );
  // 3,600 s are 2s0 in base 36, and 36 s 10; the change before 1970 goes into the first offset.
  expect(text).toBe("2026z\nA B|2s0|10-10|X1");
  const read = decodeZones(text);
  expect([read.release, read.names, read.text]).toEqual(["2026z", ["A", "B"], text]);
  expect([read.zone("A")?.offsetMs(0), read.zone("B")?.offsetMs(36_000)]).toEqual([3_600_000, -36_000]);
  expect(read.zone("a")).toBeUndefined();
});

test("the release that is shipped has aliases, whose clocks are those of the zone", () => {
  expect(SHIPPED_ZONES.zone("US/Pacific")?.digest).toBe(SHIPPED_ZONES.zone("America/Los_Angeles")?.digest);
  expect(SHIPPED_ZONES.zone("US/Pacific")?.name).toBe("US/Pacific");
});
