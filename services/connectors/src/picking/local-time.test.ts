import { SHIPPED_ZONES } from "@oee/model";
import { expect, test } from "vitest";
import { LocalTimes } from "./local-time.ts";

const berlin = SHIPPED_ZONES.zone("Europe/Berlin") ?? null;

test.each<[string, string | null, string | null]>([
  ["2026-03-02T06:00:00+01:00", null, "2026-03-02T05:00:00.000Z"],
  ["2026-03-02 06:00", null, "2026-03-02T05:00:00.000Z"],
  ["2026-07-02 06:00:01.5", null, "2026-07-02T04:00:01.500Z"],
  ["2.3.2026 6:00", "dd.MM.yyyy HH:mm", "2026-03-02T05:00:00.000Z"],
  ["03/02/2026", "MM/dd/yyyy", "2026-03-01T23:00:00.000Z"],
  // A local time that comes twice is its first instant; one that clocks skip is read by the offset before the change.
  ["2026-10-25 02:30", null, "2026-10-25T00:30:00.000Z"],
  ["2026-03-29 02:30", null, "2026-03-29T01:30:00.000Z"],
  ["2026-02-30 06:00", null, null],
  ["2026-03-02 24:00", null, null],
  ["yesterday", null, null],
])("%s in the form %s is %s", (text, form, expected) => {
  const instant = new LocalTimes(form, berlin).instantOf(text);
  expect(instant === null ? null : new Date(instant).toISOString()).toBe(expected);
});

test("a local time without a zone is no instant", () => {
  expect(new LocalTimes(null, null).instantOf("2026-03-02 06:00")).toBeNull();
});
