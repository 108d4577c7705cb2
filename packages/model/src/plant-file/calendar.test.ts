import { describe, expect, it } from "vitest";
import type { Calendar } from "../plant.ts";
import { parsePlant } from "./parse-plant.ts";

function parse(calendar: string): ReturnType<typeof parsePlant> {
  return parsePlant(
    `enterprise: e
sites: { s: { calendar: c, areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 } } } } } } } }
calendars: { c: ${calendar} }`,
    "f",
  );
}

function calendarOf(calendar: string): Calendar {
  const result = parse(calendar);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const read = result.plant.machines[0]?.calendar;
  if (!read) throw new Error("no calendar");
  return read;
}

function shiftsOf(...shifts: readonly string[]): string {
  return `{ shifts: [${shifts.map((shift) => `{ ${shift} }`).join(", ")}] }`;
}

function found(calendar: string): string {
  const result = parse(calendar);
  return result.ok ? "" : result.problems.map((problem) => `${problem.path} ${problem.found}`).join("\n");
}

describe("CA-1: shifts as written", () => {
  it.each([
    ["06:00", "14:00", 360, 840],
    ["22:00", "06:00", 1320, 1800],
    ["16:00", "24:00", 960, 1440],
    ["16:00", "00:00", 960, 1440],
    ["00:00", "24:00", 0, 1440],
    ["06:00", "06:00", 360, 1800],
  ])("CA-1: %s to %s, an end not after the start being on the next day", (start, end, startMinute, endMinute) => {
    const calendar = calendarOf(shiftsOf(`name: x, start: "${start}", end: "${end}"`));
    expect(calendar.shifts[0]).toMatchObject({ startMinute, endMinute });
  });

  it.each([
    ["", [1, 2, 3, 4, 5, 6, 7]],
    ["days: mon-fri,", [1, 2, 3, 4, 5]],
    ["days: sat-mon,", [1, 6, 7]],
    ["days: 'mon-thu, sun',", [1, 2, 3, 4, 7]],
    ["days: wed,", [3]],
    ["days: wed-wed,", [3]],
  ])("CA-1: days %j", (days, expected) => {
    expect(calendarOf(shiftsOf(`name: x, ${days} start: "06:00", end: "07:00"`)).shifts[0]?.days).toEqual(expected);
  });

  it.each([
    ["22:30", "23:00", 1350, 1380],
    ["23:45", "00:15", 1425, 1455],
    ["02:00", "02:30", 1560, 1590],
    ["23:00", "24:00", 1380, 1440],
    ["05:00", "06:00", 1740, 1800],
  ])("CA-1: a break %s to %s of a night shift lies on its side of midnight", (start, end, startMinute, endMinute) => {
    const calendar = calendarOf(
      shiftsOf(`name: x, start: "22:00", end: "06:00", breaks: [{ start: "${start}", end: "${end}" }]`),
    );
    expect(calendar.shifts[0]?.breaks).toEqual([{ startMinute, endMinute }]);
  });

  it("CA-1: an exception replaces the shifts of its date; a closed one leaves none", () => {
    const { exceptions } = calendarOf(
      '{ shifts: [], exceptions: [{ date: 2028-02-29, closed: true }, { date: 2026-12-26, shifts: [{ name: x, start: "08:00", end: "12:00" }] }] }',
    );
    expect(exceptions.get("2028-02-29")).toEqual([]);
    expect(exceptions.get("2026-12-26")).toMatchObject([
      { name: "x", days: [1, 2, 3, 4, 5, 6, 7], startMinute: 480, endMinute: 720 },
    ]);
  });

  it.each(['"6:00"', '"24:00"', '"06:60"', "360", '"06:00:00"', '"-1:00"'])("CA-1: refuses to start at %s", (start) => {
    expect(found(shiftsOf(`name: x, start: ${start}, end: "23:00"`))).toContain("shifts[0].start");
  });

  it.each(["monday", "mon-fry", "mon-", "mon-tue-wed", "''", "mon;tue", "[mon]"])(
    "CA-1: refuses the days %s",
    (days) => {
      expect(found(shiftsOf(`name: x, days: ${days}, start: "06:00", end: "07:00"`))).toContain("shifts[0].days");
    },
  );

  it.each([
    ["date: 2026-02-29, closed: true", "date"],
    ["date: 20261225, closed: true", "date"],
    ["date: 2026-12-25, closed: false", "closed"],
    ["date: 2026-12-25", "neither"],
    ["date: 2026-12-25, closed: true, shifts: []", "both"],
    ["closed: true", "no date"],
  ])("CA-1: refuses the exception { %s }", (exception, part) => {
    expect(found(`{ shifts: [], exceptions: [{ ${exception} }] }`)).toContain(part);
  });

  it("CA-1: refuses a calendar called always", () => {
    const text = `enterprise: e
sites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 } } } } } } } }
calendars: { always: { shifts: [] } }`;
    expect(parsePlant(text, "f").ok).toBe(false);
  });
});

describe("CA-2: overlaps, names and breaks of shifts", () => {
  it.each([
    ["within a day", [`name: a, start: "06:00", end: "14:01"`, `name: b, start: "14:00", end: "22:00"`]],
    [
      "one inside the other",
      [
        `name: a, start: "06:00", end: "22:00"`,
        `name: b, start: "07:00", end: "08:00"`,
        `name: c, start: "09:00", end: "10:00"`,
      ],
    ],
    [
      "over midnight",
      [`name: a, days: mon, start: "22:00", end: "06:30"`, `name: b, days: tue, start: "06:00", end: "07:00"`],
    ],
    [
      "over the week's end",
      [`name: a, days: sun, start: "22:00", end: "06:30"`, `name: b, days: mon, start: "06:00", end: "07:00"`],
    ],
    ["with itself the next day", [`name: a, start: "06:00", end: "06:00"`, `name: b, start: "05:59", end: "06:00"`]],
  ])("CA-2: shifts that overlap %s", (_, shifts) => {
    expect(found(shiftsOf(...shifts))).toContain("overlaps");
  });

  it("CA-2: shifts that only touch are fine, over midnight and round the week too", () => {
    const three = [
      `name: a, start: "06:00", end: "14:00"`,
      `name: b, start: "14:00", end: "22:00"`,
      `name: c, start: "22:00", end: "06:00"`,
    ];
    expect(calendarOf(shiftsOf(...three)).shifts).toHaveLength(3);
    expect(calendarOf(shiftsOf(`name: a, start: "06:00", end: "06:00"`)).shifts).toHaveLength(1);
  });

  it("CA-2: shifts that overlap on each weekday are one problem", () => {
    expect(
      found(shiftsOf(`name: a, start: "06:00", end: "14:00"`, `name: b, start: "13:00", end: "22:00"`)).split("\n"),
    ).toHaveLength(1);
  });

  const night = '{ name: night, days: mon-fri, start: "22:00", end: "06:00" }';
  // 2026-12-25 is a Friday.
  it.each([
    [
      "the night shift before",
      `{ date: 2026-12-25, shifts: [{ name: x, start: "05:00", end: "12:00" }] }`,
      "of the day before",
    ],
    [
      "the shift after",
      `{ date: 2026-12-27, shifts: [{ name: x, start: "22:00", end: "22:00" }] }`,
      "of the day after",
    ],
    [
      "the exception beside it",
      `{ date: 2026-12-19, shifts: [{ name: x, start: "12:00", end: "10:00" }] }, { date: 2026-12-20, shifts: [{ name: y, start: "09:00", end: "10:00" }] }`,
      "of the day before",
    ],
    [
      "another of its date",
      `{ date: 2026-12-20, shifts: [{ name: x, start: "08:00", end: "10:00" }, { name: y, start: "09:00", end: "11:00" }] }`,
      "overlaps",
    ],
  ])("CA-2: a dated exception that overlaps %s", (_, exceptions, part) => {
    const monday = '{ name: monday, days: mon, start: "06:00", end: "22:00" }';
    expect(found(`{ shifts: [${night}, ${monday}], exceptions: [${exceptions}] }`)).toContain(part);
  });

  it("CA-2: an exception is compared with the shifts that exceptions leave on the days beside it", () => {
    const exceptions = `{ date: 2026-12-24, closed: true }, { date: 2026-12-25, shifts: [{ name: x, start: "05:00", end: "12:00" }] }`;
    expect(calendarOf(`{ shifts: [${night}], exceptions: [${exceptions}] }`).exceptions.size).toBe(2);
  });

  it("CA-2: two shifts of one date with the same name are refused, two of different weekdays are not", () => {
    const a = `name: a, days: mon-wed, start: "06:00", end: "07:00"`;
    expect(found(shiftsOf(a, `name: a, days: wed, start: "08:00", end: "09:00"`))).toContain('with the name "a"');
    expect(found(shiftsOf(a, `name: a, days: thu, start: "08:00", end: "09:00"`))).toBe("");
  });

  it.each([
    ["06:00", "14:00", "13:30", "14:30"],
    ["06:00", "14:00", "05:30", "06:30"],
    ["22:00", "06:00", "05:30", "06:30"],
    ["22:00", "06:00", "21:30", "22:30"],
    ["06:00", "14:00", "09:00", "09:00"],
  ])("CA-2: a shift %s-%s may not have the break %s-%s", (start, end, from, to) => {
    const calendar = shiftsOf(
      `name: x, start: "${start}", end: "${end}", breaks: [{ start: "${from}", end: "${to}" }]`,
    );
    expect(found(calendar)).toContain("a break that leaves its shift");
  });

  it("CA-7: of several exceptions of one date the last holds; the date `to` of a span is not part of it", () => {
    const { exceptions } = calendarOf(
      `{ shifts: [], exceptions: [
        { from: 2026-12-24, to: 2026-12-27, closed: true },
        { date: 2026-12-25, shifts: [{ name: x, crew: C, start: "08:00", end: "12:00" }] },
        { date: 2026-12-26, shifts: [] }, { date: 2026-12-26, closed: true } ] }`,
    );
    expect([...exceptions].map(([date, shifts]) => [date, shifts.map(({ name, crew }) => `${name} ${crew}`)])).toEqual([
      ["2026-12-24", []],
      ["2026-12-25", ["x C"]],
      ["2026-12-26", []],
    ]);
  });

  it.each([
    ["{ closed: true }", "no date"],
    ["{ date: 2026-12-25, from: 2026-12-24, to: 2026-12-27, closed: true }", "both date and from or to"],
    ["{ from: 2026-12-24, closed: true }", "no to"],
    ["{ from: 2026-12-24, to: 2026-12-24, closed: true }", "2026-12-24"],
    ["{ from: 2026-12-24, to: 2126-12-24, closed: true }", "2126-12-24"],
    ['{ date: 2026-12-25, shifts: [{ name: x, days: mon, start: "08:00", end: "12:00" }] }', "unknown key"],
  ])("CA-7: the exception %s is refused", (exception, problem) => {
    expect(found(`{ shifts: [], exceptions: [${exception}] }`)).toContain(problem);
  });

  const rotation = (name: string, days: number, on: string, start = "06:00", end = "18:00"): string =>
    `name: ${name}, cycle: { start: 2026-01-01, days: ${days}, on: [${on}] }, start: "${start}", end: "${end}"`;

  it("CA-6, CA-2: shifts of rotations that never fall on one date may have the same name and time; others may not", () => {
    expect(found(shiftsOf(rotation("day", 6, "0, 1, 2"), rotation("day", 6, "3, 4, 5")))).toBe("");
    expect(found(shiftsOf(rotation("day", 6, "0, 1, 2"), rotation("day", 6, "2, 3")))).toContain("name");
    // Rotations of 6 and of 4 days fall on one date where their places differ by an even number of days.
    expect(found(shiftsOf(rotation("a", 6, "0, 2"), rotation("b", 4, "1, 3")))).toBe("");
    expect(found(shiftsOf(rotation("a", 6, "0, 2"), rotation("b", 4, "2")))).toContain("overlaps");
    // A week of 7 days and a rotation of 6 have no common divisor: on some Monday the rotation begins.
    expect(found(shiftsOf(rotation("a", 6, "0"), 'name: b, days: mon, start: "10:00", end: "20:00"'))).toContain(
      "overlaps",
    );
  });

  it("CA-6, CA-2: a night shift that reaches into a shift on the next date of the rotation overlaps it", () => {
    const dark = rotation("night", 4, "0", "22:00", "08:00");
    expect(found(shiftsOf(dark, rotation("day", 4, "1")))).toContain("overlaps");
    expect(found(shiftsOf(dark, rotation("day", 4, "2")))).toBe("");
  });

  it.each([
    ["{ start: 2026-01-01, days: 0, on: [0] }", "the number 0"],
    ["{ start: 2026-01-01, days: 367, on: [0] }", "the number 367"],
    ["{ start: 2026-01-01, days: 6, on: [6] }", "the number 6"],
    ["{ start: 2026-01-01, days: 6, on: [] }", "no day"],
    ["{ start: 2026-02-30, days: 6, on: [0] }", "2026-02-30"],
    ["{ days: 6, on: [0] }", "no start"],
  ])("CA-6: the cycle %s is refused", (cycle, problem) => {
    expect(found(shiftsOf(`name: x, cycle: ${cycle}, start: "06:00", end: "18:00"`))).toContain(problem);
  });

  it("CA-6: a shift has days or a cycle, not both", () => {
    expect(found(shiftsOf(`days: mon, ${rotation("x", 6, "0")}`))).toContain("both days and cycle");
  });
});
