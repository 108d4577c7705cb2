import type { TimelineSegment } from "@oee/protocol";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hourMarks, timelinePaths, timelineSign } from "./timeline-paths.ts";

function segment(from: number, to: number, more: Partial<TimelineSegment> = {}): TimelineSegment {
  return { from, to, state: "running", category: "production", minor: false, reason: null, ...more };
}

const DOWN: Partial<TimelineSegment> = { state: "down", category: "unplannedStop" };

describe("timeline", () => {
  test("segments are drawn where they lie, the last up to now, and what is outside is cut", () => {
    const segments = [segment(-500, 200), segment(200, 300, { ...DOWN, reason: "jam" }), segment(300, 400)];
    expect(timelinePaths(segments, 0, 1_000, 600)).toEqual([
      { sign: "running", d: "M0 68H200V100H0ZM300 68H600V100H300Z" },
      { sign: "stop", d: "M200 0H300V100H200Z" },
    ]);
  });

  test("W-2: a stop without a reason differs in shape from one with a reason", () => {
    const [path] = timelinePaths([segment(0, 100, DOWN)], 0, 1_000, 100);
    expect(path).toEqual({ sign: "stopNoReason", d: "M0 24H100V100H0ZM0 0H100V14H0Z" });
  });

  test("W-3: an unknown state or category is no data", () => {
    expect(timelineSign(segment(0, 1, { state: "unknown" }))).toBe("noData");
    expect(timelineSign(segment(0, 1, { category: "new" as "setup" }))).toBe("noData");
  });

  test("W-6: however many segments, at most one bar a column and none over another", () => {
    const lengths = fc.array(fc.integer({ min: 0, max: 5_000 }), { maxLength: 2_000 });
    fc.assert(
      fc.property(lengths, (each) => {
        let at = 0;
        const segments = each.map((length, i) =>
          segment(at, (at += length), i % 2 === 0 ? {} : { ...DOWN, minor: true }),
        );
        const bars = timelinePaths(segments, 0, 100_000, at)
          .flatMap((path) => [...path.d.matchAll(/M(\d+) \d+H(\d+)/g)])
          .map((match) => [Number(match[1]), Number(match[2])] as const)
          .toSorted((a, b) => a[0] - b[0]);
        expect(bars.length).toBeLessThanOrEqual(1_000);
        bars.forEach(([left, right], i) => {
          expect(right).toBeLessThanOrEqual(1_000);
          expect(left).toBeGreaterThanOrEqual(bars[i - 1]?.[1] ?? 0);
        });
      }),
      { numRuns: 30 },
    );
  });
});

function kathmandu(at: number): number {
  return (at / 60_000 + 345) % 1_440;
}

test("hour marks are full hours of the site's clock, also where it lies a quarter of an hour off", () => {
  const hour = 3_600_000;
  const marks = hourMarks(0, 8 * hour, kathmandu, 4);
  expect(marks.map((at) => kathmandu(at) / 60)).toEqual([6, 8, 10, 12]);
});
