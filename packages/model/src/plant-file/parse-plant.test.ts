import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { resolveReason, type Plant } from "../plant.ts";
import { parsePlant } from "./parse-plant.ts";
import { formatProblem } from "./problem.ts";

const SITES = "sites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 } } } } } } } }";

function accepted(text: string): Plant {
  const result = parsePlant(text, "plant.yaml");
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join("\n"));
  return result.plant;
}

function refused(text: string): readonly string[] {
  const result = parsePlant(text, "plant.yaml");
  return result.ok ? [] : result.problems.map(formatProblem);
}

/** A plant of one machine with these settings, and these keys at the enterprise's level. */
function withMachine(settings: string, top = ""): string {
  return `enterprise: acme
sites: { s: { areas: { a: { lines: { l: { machines: { m: { ${settings} } } } } } } } }
${top}`;
}

function machineOf(settings: string, top = ""): Plant["machines"][number] {
  const [machine] = accepted(withMachine(settings, top)).machines;
  if (machine === undefined) throw new Error("no machine");
  return machine;
}

const CONTRACT = `enterprise: acme
timezone: Europe/Berlin              # the enterprise's own, for its periods
sites:
  berlin:
    timezone: Europe/Berlin
    calendar: three-shift            # inherited downwards; any level may set its own
    areas:
      packing:
        lines:
          l1:
            constraint: filler
            machines:
              filler: { idealCycleSeconds: 1.2, taktSeconds: 1.5, states: packml, staleAfter: 5m, minorStopThreshold: 3m,
                        rolloverAt: 65536, overtime: count, costPerHour: 1800 }
              labeller: { idealCycleSeconds: null }
calendars:
  three-shift:
    shifts:
      - { name: early, days: mon-fri, start: "06:00", end: "14:00", breaks: [{ start: "10:00", end: "10:30" }] }
      - { name: late,  days: mon-fri, start: "14:00", end: "22:00" }
      - { name: night, days: "mon-thu,sun", start: "22:00", end: "06:00" }
    exceptions:
      - { date: 2026-12-25, closed: true }
      - { date: 2026-12-26, shifts: [{ name: extra, start: "08:00", end: "12:00" }] }
products: { cola-600: { name: Cola 0.6 l, idealCycleSeconds: 1.2, taktSeconds: 1.6 } }
stateMaps: { filler-plc: { extends: packml, map: { "6": running, "9": down } } }  # a machine names it as its \`states\`
categories: { maintenance: notPlanned }                                           # the plant's own policy for our states (TL-5)
reasons:
  mechanical: { failure: true, children: { conveyor: { children: { jam: { name: Conveyor jam } } } } }
  no-orders: { category: notPlanned }
targets: { oee: 0.75 }                                                            # any ratio; any level may set its own
windows: [15m, 1h, 8h, 24h, shift]
currency: EUR
`;

describe("the contract's example", () => {
  const plant = accepted(CONTRACT);

  it("EQ-1: gives every machine its path, and every prefix a scope, parents first", () => {
    expect(plant.machines.map((machine) => machine.id)).toEqual([
      "berlin/packing/l1/filler",
      "berlin/packing/l1/labeller",
    ]);
    expect([...plant.scopes.keys()]).toEqual([
      "*",
      "berlin",
      "berlin/packing",
      "berlin/packing/l1",
      "berlin/packing/l1/filler",
      "berlin/packing/l1/labeller",
    ]);
    expect(plant.scopes.get("berlin/packing")?.parent?.path).toBe("berlin");
  });

  it("reads every setting of a machine in the units its name says", () => {
    expect(plant.machineById.get("berlin/packing/l1/filler")).toMatchObject({
      index: 0,
      name: "filler",
      site: "berlin",
      area: "packing",
      line: "l1",
      timezone: { name: "Europe/Berlin" },
      idealCycleUs: 1_200_000,
      taktUs: 1_500_000,
      costPerHour: 1800,
      minorStopThresholdMs: 180_000,
      staleAfterMs: 300_000,
      rolloverAt: 65536,
      overtime: "count",
    });
  });

  it("EQ-2, EQ-3: a line's only member is its constraint", () => {
    const line = plant.scopes.get("berlin/packing/l1");
    expect(line?.members.map((machine) => machine.name)).toEqual(["filler"]);
    expect(line?.machines).toHaveLength(2);
    expect(line?.rated).toBe(true);
    expect(plant.scopes.get("berlin/packing/l1/labeller")?.rated).toBe(false);
  });

  it("reads products, policy, reasons, windows and currency", () => {
    expect(plant.products.get("cola-600")).toEqual({
      id: "cola-600",
      name: "Cola 0.6 l",
      idealCycleUs: 1_200_000,
      taktUs: 1_600_000,
      piecesPerCount: null,
    });
    expect(plant.categories.maintenance).toBe("notPlanned");
    expect(plant.categories.cleaning).toBe("plannedStop");
    expect(resolveReason(plant.reasons, "mechanical/conveyor/jam/more")).toEqual({ category: null, failure: true });
    expect(plant.reasons.children.get("mechanical")?.children.get("conveyor")?.children.get("jam")?.name).toBe(
      "Conveyor jam",
    );
    expect(plant.scopes.get("berlin")?.targets).toEqual({ oee: 0.75 });
    expect(plant.windows.map(({ name }) => name)).toEqual(["15m", "1h", "8h", "24h", "shift"]);
    expect(plant.currency).toBe("EUR");
  });
});

describe("defaults and inheritance", () => {
  it("CA-1, ST-2, TL-4, CA-4, PE-3: settings that a plant file leaves out have their defaults", () => {
    const plant = accepted(`enterprise: acme\n${SITES}`);
    expect(plant.machines[0]).toMatchObject({
      calendar: null,
      minorStopThresholdMs: 300_000,
      staleAfterMs: null,
      overtime: "count",
      rolloverAt: null,
      taktUs: null,
      costPerHour: null,
      timezone: { name: "UTC" },
    });
    expect(plant).toMatchObject({ name: "acme", timezone: { name: "UTC" }, currency: null });
    expect(plant.windows.map(({ durationMs }) => durationMs)).toEqual([
      900_000,
      3_600_000,
      28_800_000,
      86_400_000,
      null,
    ]);
  });

  it("takes each setting from the nearest level that has it, the enterprise's too", () => {
    const plant = accepted(`enterprise: acme
timezone: Asia/Kolkata
calendar: day
states: mtconnect
minorStopThreshold: 1m
staleAfter: 10m
overtime: ignore
targets: { oee: 0.5, quality: 0.9 }
sites:
  s:
    areas:
      a:
        staleAfter: off
        lines:
          l:
            targets: { oee: 0.6 }
            machines:
              m: { idealCycleSeconds: 1, calendar: always, minorStopThreshold: 0, targets: { oee: 0.7 } }
              n: { idealCycleSeconds: 1, overtime: count, states: semi-e10 }
calendars: { day: { shifts: [{ name: day, start: "06:00", end: "22:00" }] } }
`);
    const [m, n] = plant.machines;
    expect(m).toMatchObject({ calendar: null, minorStopThresholdMs: 0, staleAfterMs: null, overtime: "ignore" });
    expect(n).toMatchObject({ minorStopThresholdMs: 60_000, overtime: "count", timezone: { name: "Asia/Kolkata" } });
    expect(n?.calendar?.name).toBe("day");
    expect(m?.states.get("wait")).toBe("idle");
    expect(n?.states.get("standby")).toBe("idle");
    const oee = ["*", "s/a", "s/a/l", "s/a/l/m", "s/a/l/n"].map((path) => plant.scopes.get(path)?.targets["oee"]);
    expect(oee).toEqual([0.5, 0.5, 0.6, 0.7, 0.6]);
    expect(plant.scopes.get("s/a/l/m")?.targets["quality"]).toBe(0.9);
  });

  it("W-8: names are any Unicode text", () => {
    const plant = accepted(
      `enterprise: acme\nname: Getränke 株式会社\n${SITES.replace("idealCycleSeconds: 1", '$&, name: "<b>Füller</b> 🥤"')}`,
    );
    expect(plant.scopes.get("*")?.name).toBe("Getränke 株式会社");
    expect(plant.machines[0]?.name).toBe("<b>Füller</b> 🥤");
  });
});

const RATED = "{ idealCycleSeconds: 1 }";
const UNRATED = "{ idealCycleSeconds: null }";

function lineWith(machines: string, constraint = ""): string {
  return `{ ${constraint} machines: { ${machines} } }`;
}

/** The paths of the members of one scope, in a plant with these lines, without the beginning that all paths share. */
function members(lines: Readonly<Record<string, string>>, path: string): readonly string[] | undefined {
  const text = Object.entries(lines).map(([name, written]) => `${name}: ${written}`);
  const plant = accepted(`enterprise: e\nsites: { s: { areas: { a: { lines: { ${text.join(", ")} } } } } }`);
  return plant.scopes.get(path)?.members.map(({ id }) => id.slice("s/a/".length));
}

describe("EQ-3: the members of a scope", () => {
  it("EQ-3: are, in a line without a constraint, its machines with an ideal cycle", () => {
    expect(members({ l: lineWith(`x: ${RATED}, y: ${UNRATED}, z: ${RATED}`) }, "s/a/l")).toEqual(["l/x", "l/z"]);
  });

  it("EQ-3: are all machines where none has an ideal cycle", () => {
    expect(members({ l: lineWith(`x: ${UNRATED}, y: ${UNRATED}`) }, "*")).toEqual(["l/x", "l/y"]);
  });

  it("EQ-3: are the constraint where a line has one, with or without an ideal cycle", () => {
    expect(members({ l: lineWith(`x: ${RATED}, y: ${UNRATED}`, "constraint: y,") }, "s/a/l")).toEqual(["l/y"]);
  });

  it("EQ-3: are chosen anew at each level, from constraints and machines and not from members below", () => {
    const lines = { k: lineWith(`x: ${UNRATED}`, "constraint: x,"), l: lineWith(`x: ${RATED}, y: ${UNRATED}`) };
    expect(members(lines, "s/a/k")).toEqual(["k/x"]);
    expect(members(lines, "s")).toEqual(["l/x"]);
  });
});

describe("P-2: cycle times", () => {
  it.each([
    ["1.0000005", 1_000_001],
    ["1.00000049999999999999999", 1_000_000],
    ["5e-7", 1],
    ["8640000.0000004", 8_640_000_000_000],
  ])("P-2: %s s is rounded from the text as written", (written, expected) => {
    expect(machineOf(`idealCycleSeconds: ${written}`).idealCycleUs).toBe(expected);
  });

  it.each(["0", "0.0000004999", "-1", "0x10", '"1.2"', ".inf", ".nan", "1e300", "8640000.000001", "yes", "[1]"])(
    "P-2: refuses %s",
    (written) => {
      expect(refused(withMachine(`idealCycleSeconds: ${written}`))).toHaveLength(1);
    },
  );
});

describe("problems", () => {
  it("name file, line, column, what was found and what was expected, all at once and in the order of the text", () => {
    const result = parsePlant(
      `enterprise: acme
timezone: Europe/Berln
sites:
  s:
    calender: day
    areas: { a: { lines: { l: { constraint: fillr, machines: { filler: { idealCycleSeconds: fast }, x: {} } } } } }
windows: [30s]
`,
      "plants/a.yaml",
    );
    expect(
      result.ok ? [] : result.problems.map(({ line, column, path, found }) => [line, column, path, found]),
    ).toEqual([
      [2, 11, "timezone", 'the unknown time zone "Europe/Berln"'],
      [5, 5, "sites.s.calender", 'the unknown key "calender"'],
      [6, 45, "sites.s.areas.a.lines.l.constraint", '"fillr"'],
      [6, 93, "sites.s.areas.a.lines.l.machines.filler.idealCycleSeconds", 'the text "fast"'],
      [6, 104, "sites.s.areas.a.lines.l.machines.x", "no idealCycleSeconds"],
      [7, 11, "windows[0]", 'the text "30s"'],
    ]);
    expect(result.ok ? "" : result.problems.map(formatProblem)[2]).toBe(
      'plants/a.yaml:6:45: sites.s.areas.a.lines.l.constraint: found "fillr", expected the name of a machine of the line: "filler", the nearest of filler, x',
    );
  });

  it.each([
    ["staleafter: 5m", '"staleAfter"'],
    ["idealCycleSecond: 1", '"idealCycleSeconds"'],
    ["taktSceonds: 1", '"taktSeconds"'],
    ["overtim: count", '"overtime"'],
  ])("an unknown key names the nearest: %s", (setting, nearest) => {
    expect(refused(withMachine(`idealCycleSeconds: 1, ${setting}`)).join()).toContain(
      `expected ${nearest}, the nearest of`,
    );
  });

  it.each([
    ["EQ-1: a segment of another form", "enterprise: e\nsites: { S: {} }", "the first a letter"],
    ["EQ-1: a segment of 64 characters", `enterprise: e\nsites: { ${"s".repeat(64)}: {} }`, "at most 63"],
    ["EQ-2: idealCycleSeconds left out", withMachine(""), "found no idealCycleSeconds"],
    [
      "a machine's own setting at a line",
      `enterprise: e\n${SITES.replace("machines:", "taktSeconds: 1, machines:")}`,
      "unknown key",
    ],
    ["a time zone below the site", `enterprise: e\n${SITES.replace("lines:", "timezone: UTC, lines:")}`, "unknown key"],
    ["an offset as time zone", `enterprise: e\ntimezone: "+01:00"\n${SITES}`, "unknown time zone"],
    ["a time zone in other letters", `enterprise: e\ntimezone: europe/berlin\n${SITES}`, "did you mean Europe/Berlin?"],
    ["an unknown calendar", withMachine("idealCycleSeconds: 1, calendar: day"), "the name of a calendar"],
    ["TL-4: staleAfter 0", withMachine("idealCycleSeconds: 1, staleAfter: 0"), "or off"],
    ["a duration without unit", withMachine("idealCycleSeconds: 1, minorStopThreshold: 5"), "a duration such as 5m"],
    ["CN-2: rolloverAt 0", withMachine("idealCycleSeconds: 1, rolloverAt: 0"), "a whole number above 0"],
    ["CN-2: rolloverAt 1.5", withMachine("idealCycleSeconds: 1, rolloverAt: 1.5"), "a whole number above 0"],
    [
      "a negative costPerHour",
      withMachine("idealCycleSeconds: 1, costPerHour: -0.01"),
      "a number from 0 up to 1000000000",
    ],
    [
      "a costPerHour beyond all money",
      withMachine("idealCycleSeconds: 1, costPerHour: 1000000001"),
      "a number from 0 up to",
    ],
    ["another overtime", withMachine("idealCycleSeconds: 1, overtime: yes"), "one of count, ignore"],
    ["a target in percent", withMachine("idealCycleSeconds: 1, targets: { oee: 75 }"), "a ratio from 0 to 1"],
    ["a target that is no ratio", withMachine("idealCycleSeconds: 1, targets: { mttr: 1 }"), "unknown key"],
    [
      "TL-5: another category for running",
      withMachine("idealCycleSeconds: 1", "categories: { running: setup }"),
      "one of production",
    ],
    [
      "TL-5: a category that is none",
      withMachine("idealCycleSeconds: 1", "categories: { idle: minor }"),
      "one of production, unp",
    ],
    [
      "TL-5: a state that is none",
      withMachine("idealCycleSeconds: 1", "categories: { idel: setup }"),
      'expected "idle"',
    ],
    [
      "TL-5: two states that are one",
      withMachine("idealCycleSeconds: 1", "categories: { no-demand: setup, NO_DEMAND: setup }"),
      "the same name",
    ],
    [
      "TL-6: a reason that makes production",
      withMachine("idealCycleSeconds: 1", "reasons: { r: { category: production } }"),
      "one of unplannedStop",
    ],
    [
      "TL-6: a reason that makes no data",
      withMachine("idealCycleSeconds: 1", "reasons: { r: { category: unknown } }"),
      "one of unplannedStop",
    ],
    ["TL-6: a reason with a slash", withMachine("idealCycleSeconds: 1", "reasons: { a/b: {} }"), "without /"],
    ["PE-3: one window twice", withMachine("idealCycleSeconds: 1", "windows: [1h, 60m]"), "a second time"],
    ["PE-3: no window", withMachine("idealCycleSeconds: 1", "windows: []"), "at least one"],
    ["a currency in small letters", withMachine("idealCycleSeconds: 1", "currency: eur"), "ISO 4217"],
    ["a name that YAML takes for a number", withMachine("idealCycleSeconds: 1, name: 7"), "in quotes"],
    ["a product without a name", withMachine("idealCycleSeconds: 1", 'products: { "": {} }'), "not empty"],
    [
      "a product of no length",
      withMachine("idealCycleSeconds: 1", "products: { p: { idealCycleSeconds: 0.0 } }"),
      "above 0",
    ],
    ["an empty value", withMachine("idealCycleSeconds: 1", "products:"), "found nothing"],
    ["no sites", "enterprise: e", "found no sites"],
    [
      "an empty line",
      "enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: {} } } } } } }",
      "at least one machine",
    ],
  ])("refuses %s", (_, text, part) => {
    expect(refused(text).join("\n")).toContain(part);
  });
});

describe("plant files beside the project", () => {
  const shared = fileURLToPath(new URL("../../../../../shared/", import.meta.url));
  const files = existsSync(shared)
    ? readdirSync(shared, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith("plant.yaml"))
    : [];

  it.skipIf(files.length === 0)(
    "are accepted: those of the examples and data sets in ../shared (skipped where that folder is missing)",
    () => {
      for (const file of files) expect(refused(readFileSync(shared + file, "utf8"))).toEqual([]);
    },
  );
});

describe("laws", () => {
  it("any text gives a plant or problems, never an exception (property)", () => {
    const yamlish = fc.string({
      unit: fc.constantFrom(..."{ } [ ] : , - ? & * a ! | > ' % # @".split(" "), '"', " ", "\n", "\t", "\0"),
    });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: "binary" }), yamlish), (text) => {
        const result = parsePlant(text, "f");
        expect(result.ok ? 0 : result.problems.length).toBeGreaterThan(0);
      }),
      { numRuns: 1000 },
    );
  });

  it("any damage to a good file gives a plant or problems with places in the text (property)", () => {
    const damage = fc.record({
      at: fc.nat(CONTRACT.length),
      removed: fc.nat(30),
      put: fc.string({ unit: "grapheme", maxLength: 8 }),
    });
    fc.assert(
      fc.property(damage, ({ at, removed, put }) => {
        const text = CONTRACT.slice(0, at) + put + CONTRACT.slice(at + removed);
        const lines = text.split("\n");
        const result = parsePlant(text, "f");
        for (const { line, column } of result.ok ? [] : result.problems) {
          expect(line).toBeLessThanOrEqual(lines.length);
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1);
          expect(Math.min(line, column)).toBeGreaterThan(0);
        }
      }),
      { numRuns: 300 },
    );
  });
});
