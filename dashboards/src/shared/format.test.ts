import { describe, expect, test } from "vitest";
import { offsetsOf } from "../../test/plant-fixture.ts";
import { createFormat } from "./format.ts";

const SUMMER = Date.parse("2026-07-01T22:30:05Z");

describe("format", () => {
  const zones = offsetsOf([
    "Europe/Berlin",
    "Europe/London",
    "Pacific/Auckland",
    "Asia/Kathmandu",
    "America/Vancouver",
    "UTC",
  ]);
  const en = createFormat("en", zones);
  const de = createFormat("de", zones);

  test("numbers are written as the language does", () => {
    expect(en.whole(12_345.4)).toBe("12,345");
    expect(de.whole(12_345.4)).toBe("12.345");
    expect(en.percent(0.7139)).toBe("71.4%");
    expect(de.percentParts(0.9994)).toEqual({ number: "99,9", sign: "%" });
    expect(de.percentParts(0.9996)).toEqual({ number: "100", sign: "%" });
    expect(de.percentParts(1.104)).toEqual({ number: "110", sign: "%" });
    expect(de.percentParts(1_234)).toEqual({ number: ">999", sign: "%" });
    expect(en.percent(9.998)).toBe("999.8%");
    expect(en.percent(10)).toBe(">999%");
    expect(en.brief(999_999)).toBe("999,999");
    expect(en.brief(123_456_789)).toBe("123.5M");
    expect(en.signed(-578, 0)).toBe("−578");
    expect(en.signed(12, 0)).toBe("+12");
    expect(en.signed(-0.2, 0)).toBe("0");
    expect(en.signed(-1_234_567, 0)).toBe("−1.235M");
  });

  test("CN-5: quantities have the plant's decimals, as many as six digits leave room for", () => {
    expect([0, 3.5, 12.34, -0.25].map((value) => en.amount(value, 2))).toEqual(["0.00", "3.50", "12.34", "−0.25"]);
    expect([1.234_567, 123.456_7, 12_345.678, 999_999.6].map((value) => en.amount(value, 3))).toEqual([
      "1.235",
      "123.457",
      "12,345.7",
      "1M",
    ]);
    expect(de.amount(1_234.5, 1)).toBe("1.234,5");
    expect(en.amount(600.4, 0)).toBe("600");
    expect(en.amount(1_234_567.8, 2)).toBe("1.235M");
    expect(en.signed(1.25, 1)).toBe("+1.3");
    expect(en.signed(-0.04, 1)).toBe("0.0");
    expect(en.signed(-12.5, 2)).toBe("−12.50");
  });

  test("latencies are milliseconds, from a second on seconds, and negative where clocks differ", () => {
    expect([0.4, 38.4, 999, 1_249, -12].map(en.latency)).toEqual(["0 ms", "38 ms", "999 ms", "1.2 sec", "−12 ms"]);
    expect(de.latency(1_249)).toBe("1,2 Sek.");
    expect(en.latency(600_000)).toBe("10 min");
  });

  test("ticking time is never negative and counts days apart", () => {
    expect(en.timer(-5)).toBe("0:00:00");
    expect(en.timer(753_999)).toBe("0:12:33");
    expect(en.timer(100 * 3_600_000 + 61_000)).toBe("4 days 04:01");
    expect(en.timer(26 * 3_600_000 + 95_000)).toBe("1 day 02:01");
  });

  test("W-4: an instant of another day of the site has its date, one of another year its year", () => {
    const now = Date.parse("2026-03-02T09:42:17Z");
    const at = (instant: string): number => Date.parse(instant);
    expect(en.instant(at("2026-03-02T00:05:00Z"), now, "Europe/Berlin")).toBe("01:05");
    expect(en.instant(at("2026-03-01T23:05:00Z"), now, "Europe/Berlin")).toBe("00:05");
    expect(en.instant(at("2026-03-01T23:05:00Z"), now, "Europe/London")).toBe("Mar 1, 23:05");
    expect(de.instant(at("2026-02-28T22:35:00Z"), now, "Europe/Berlin")).toBe("28. Feb., 23:35");
    expect(de.instant(at("2025-09-28T21:35:00Z"), now, "Europe/Berlin")).toBe("28. Sept. 2025, 23:35");
    expect(createFormat("zh", zones).instant(at("2026-02-28T22:35:00Z"), now, "Europe/Berlin")).toBe("2月28日 23:35");
    expect(en.clockInstant(at("2026-02-28T22:35:09Z"), now, "Europe/Berlin")).toBe("Feb 28, 23:35:09");
    expect(en.clockInstant(at("2026-03-02T08:35:09Z"), now, "Europe/Berlin")).toBe("09:35:09");
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
