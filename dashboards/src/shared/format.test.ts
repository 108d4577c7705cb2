import { describe, expect, test } from "vitest";
import { offsetsOf } from "../../test/plant-fixture.ts";
import { createFormat } from "./format.ts";

const SUMMER = Date.parse("2026-07-01T22:30:05Z");

describe("format", () => {
  const zones = offsetsOf(["Europe/Berlin", "Pacific/Auckland", "Asia/Kathmandu", "America/Vancouver", "UTC"]);
  const en = createFormat("en", zones);
  const de = createFormat("de");

  test("numbers are written as the language does", () => {
    expect(en.whole(12_345.4)).toBe("12,345");
    expect(de.whole(12_345.4)).toBe("12.345");
    expect(en.percent(0.7139)).toBe("71.4%");
    expect(de.percentParts(1.1)).toEqual({ number: "110,0", sign: "%" });
    expect(en.brief(999_999)).toBe("999,999");
    expect(en.brief(123_456_789)).toBe("123.5M");
    expect(en.signed(-578)).toBe("−578");
    expect(en.signed(12)).toBe("+12");
    expect(en.signed(-0.2)).toBe("0");
    expect(en.signed(-1_234_567)).toBe("−1.235M");
  });

  test("latencies are milliseconds, from a second on seconds, and negative where clocks differ", () => {
    expect([0.4, 38.4, 999, 1_249, -12].map(en.latency)).toEqual(["0 ms", "38 ms", "999 ms", "1.2 sec", "−12 ms"]);
    expect(de.latency(1_249)).toBe("1,2 Sek.");
    expect(en.latency(600_000)).toBe("10 min");
  });

  test("ticking time is never negative and counts days apart", () => {
    expect(en.timer(-5)).toBe("0:00:00");
    expect(en.timer(753_999)).toBe("0:12:33");
    expect(en.timer(100 * 3_600_000 + 61_000)).toBe("4 days 04:01:01");
  });

  test("durations have two units at most", () => {
    expect(en.duration(12_999)).toBe("12 sec");
    expect(en.duration(460_000)).toBe("7 min 40 sec");
    expect(en.duration(7_200_000)).toBe("2 hr");
    expect(de.duration(95 * 3_600_000)).toBe("3 Tg. 23 Std.");
  });

  test("W-4: times are the site's, whatever the screen's zone; an unknown zone is UTC and says so", () => {
    expect(en.clock(SUMMER, "Europe/Berlin")).toBe("00:30:05");
    expect(en.clock(SUMMER, "Pacific/Auckland")).toBe("10:30:05");
    expect(en.timeOfDay(SUMMER, "Mars/Olympus")).toBe("22:30 UTC");
    expect(en.minuteOfDay(SUMMER, "Asia/Kathmandu")).toBe(4 * 60 + 15);
    expect(en.timeOfDay(SUMMER, "UTC")).toBe("22:30");
    expect(en.date(SUMMER, "Pacific/Auckland")).toBe("Thu, Jul 2");
  });

  test("W-4: clocks follow the server's zone rules, not those of the browser", () => {
    // British Columbia stays at UTC-7 from 2026 on.
    const winter = Date.parse("2026-11-27T13:00:00Z");
    expect(en.timeOfDay(winter, "America/Vancouver")).toBe("06:00");
    expect(en.minuteOfDay(winter, "America/Vancouver")).toBe(6 * 60);
    expect(
      createFormat("de", { "Europe/Berlin": [{ from: 0, offsetMs: 5_400_000 }] }).clock(winter, "Europe/Berlin"),
    ).toBe("14:30:00");
  });
});
