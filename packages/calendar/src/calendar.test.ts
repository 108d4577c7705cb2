import { parsePlant } from "@oee/model";
import { expect, test } from "vitest";
import { CalendarClock } from "./calendar.ts";
import { HOUR_MS, MINUTE_MS } from "./local-time.ts";

const PLANT = `
enterprise: e
sites: { s: { timezone: Europe/Berlin, calendar: two, areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 } } } } } } } }
calendars:
  two:
    shifts:
      - { name: early, days: mon-fri, start: "06:00", end: "14:00", breaks: [{ start: "10:00", end: "10:30" }] }
      - { name: night, start: "22:00", end: "06:00" }
`;

function clock(): CalendarClock {
  const parsed = parsePlant(PLANT, "plant.yaml");
  const machine = parsed.ok ? parsed.plant.machines[0] : undefined;
  if (machine === undefined) throw new Error("the plant is refused");
  return new CalendarClock(machine.calendar, machine.timezone);
}

const at = (text: string): number => Date.parse(`${text}Z`);

test("CA-1, CA-2: a shift is named by the local date on which it starts", () => {
  expect(clock().spanAt(at("2026-03-03T02:00")).shift).toMatchObject({
    name: "night",
    date: "2026-03-02",
    from: at("2026-03-02T21:00"),
    to: at("2026-03-03T05:00"),
  });
  expect(clock().spanAt(at("2026-03-02T15:00"))).toMatchObject({ scheduled: false, shift: null });
});

test("CA-1: a break is part of its shift, and not scheduled", () => {
  const span = clock().spanAt(at("2026-03-02T09:15"));
  expect(span).toMatchObject({ scheduled: false, from: at("2026-03-02T09:00"), to: at("2026-03-02T09:30") });
  expect(span.shift?.name).toBe("early");
});

test("CA-3: a night shift over a clock change has as many hours as passed", () => {
  const night = (from: string, to: string): number => clock().scheduledMs(at(from), at(to)) / HOUR_MS;
  expect(night("2026-03-03T20:00", "2026-03-04T05:00")).toBe(8);
  expect(night("2026-03-28T20:00", "2026-03-29T04:00")).toBe(7);
  expect(night("2026-10-24T19:00", "2026-10-25T05:00")).toBe(9);
});

test("the length, the first and the last instant of scheduled time in a period are found", () => {
  const [from, to] = [at("2026-03-02T08:59"), at("2026-03-02T09:31")];
  expect(clock().scheduledMs(from, to)).toBe(2 * MINUTE_MS);
  expect(clock().firstScheduled(at("2026-03-02T09:05"), to)).toBe(at("2026-03-02T09:30"));
  expect(clock().lastScheduled(from, at("2026-03-02T09:25"))).toBe(at("2026-03-02T09:00") - 1);
  expect(clock().firstScheduled(at("2026-03-02T13:00"), at("2026-03-02T14:00"))).toBeNull();
});

test("shifts that overlap a period come in order of time, each once", () => {
  const shifts = clock().shifts(at("2026-03-02T05:00"), at("2026-03-03T06:00"));
  expect(shifts.map(({ name, date }) => `${name} ${date}`)).toEqual([
    "early 2026-03-02",
    "night 2026-03-02",
    "early 2026-03-03",
  ]);
});
