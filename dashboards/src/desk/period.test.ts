import { describe, expect, test } from "vitest";
import { periodIn, spansAmong, spansOf } from "./period.ts";

describe("R-1: the choice of a period is read from the address, and written to it", () => {
  test.each([
    [{}, { kind: "rolling", name: "24h" }],
    [{ period: "7d" }, { kind: "rolling", name: "7d" }],
    [{ period: "last-week" }, { kind: "calendar", name: "last-week" }],
    [{ period: "constructor" }, { kind: "rolling", name: "24h" }],
    [
      { period: "7d", from: "a", to: "b" },
      { kind: "pinned", span: { from: "a", to: "b" } },
    ],
    [
      { period: "7d", from: "a" },
      { kind: "rolling", name: "7d" },
    ],
  ] as const)("%j", (options, expected) => expect(periodIn(options)).toEqual(expected));

  test("the period before a span ends where the span begins", () => {
    expect(spansOf({ kind: "rolling", name: "8h" })).toEqual({
      span: { from: "now-8h", to: "now" },
      before: { from: "now-16h", to: "now-8h" },
    });
    const span = { from: "2026-03-02T05:00:00.000Z", to: "2026-03-02T13:00:00.000Z" };
    expect(spansOf({ kind: "pinned", span }).before).toEqual({ from: "2026-03-01T21:00:00.000Z", to: span.from });
  });

  test("PE-5: days and weeks are those of the server; the present one ends now", () => {
    const days = ["01", "02", "03", "04"].map((day, i, all) => ({ from: day, to: all[i + 1] ?? "now!" }));
    expect(spansAmong("today", days)).toEqual({ span: { from: "04", to: "now" }, before: { from: "03", to: "04" } });
    expect(spansAmong("yesterday", days)).toEqual({ span: { from: "03", to: "04" }, before: { from: "02", to: "03" } });
    expect(spansAmong("yesterday", days.slice(-2))).toBeNull();
  });
});
