import { expect, test } from "vitest";
import { instantOf, periodOf } from "./instants.ts";

const NOW = Date.parse("2026-03-02T06:30:45.500Z");

test.each([
  ["now", NOW],
  ["now-8h", NOW - 8 * 3_600_000],
  ["now+15m", NOW + 15 * 60_000],
  // A plus sign that was not escaped in an address arrives as a space.
  ["now 15m", NOW + 15 * 60_000],
  ["2026-03-02T06:00:00Z", Date.UTC(2026, 2, 2, 6)],
  ["2026-03-02T06:00:00 01:00", Date.UTC(2026, 2, 2, 5)],
  ["1772431200000", 1_772_431_200_000],
])("%s is an instant", (text, expected) => {
  expect(instantOf("from", text, NOW)).toBe(expected);
});

test.each(["", "yesterday", "now-8", "2026-02-30T00:00:00Z", "946684799999", "4102444800001"])(
  "%j is none, or before 2000 or after 2099: the parameter is named",
  (text) => {
    expect(() => instantOf("from", text, NOW)).toThrow(/^from is /);
  },
);

test("PE-4: a period is cut to whole minutes; an end that is now or later means now", () => {
  const [from, to] = ["2026-03-02T06:00:59Z", "2026-03-02T06:10:59Z"];
  expect(periodOf(from, to, NOW)).toEqual({
    from: Date.UTC(2026, 2, 2, 6),
    to: Date.UTC(2026, 2, 2, 6, 10),
    untilNow: false,
  });
  expect(periodOf(from, "now+1h", NOW)).toEqual({ from: Date.UTC(2026, 2, 2, 6), to: NOW, untilNow: true });
  expect(() => periodOf(from, "2026-03-02T06:00:59.999Z", NOW)).toThrow("expected from before to");
});
