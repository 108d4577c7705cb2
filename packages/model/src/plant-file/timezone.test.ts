import { expect, test } from "vitest";
import { SHIPPED_ZONES } from "../zones/zone-database.ts";
import { readOf } from "./one-value.fixture.ts";
import { timezoneIn, utcOf } from "./timezone.ts";

test("a zone is named as IANA writes it; the nearest name is told of any other", () => {
  const read = (text: string) => readOf(text, (value, problems) => timezoneIn(value, SHIPPED_ZONES, problems));
  expect(read("Asia/Kolkata").read?.offsetMs(0)).toBe(5.5 * 3_600_000);
  expect(read("europe/berlin")).toEqual({
    read: null,
    said: [
      `1:1 found the unknown time zone "europe/berlin", expected an IANA time zone (of release ${SHIPPED_ZONES.release}); did you mean Europe/Berlin?`,
    ],
  });
});

test("a plant that names no zone has UTC, of a database without it too", () => {
  const empty = { zone: () => undefined, names: [], release: "none" };
  expect(utcOf(SHIPPED_ZONES).name).toBe("UTC");
  expect(utcOf(empty as never).offsetMs(1e12)).toBe(0);
});
