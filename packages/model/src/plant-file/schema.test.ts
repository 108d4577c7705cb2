import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { kpisInPlantFile } from "../kpis.ts";
import { parsePlant } from "./parse-plant.ts";

const schema: object = JSON.parse(readFileSync(new URL("../../plant.schema.json", import.meta.url), "utf8"));
const validate = new Ajv2020({ allErrors: true }).compile(schema);

const MACHINE = "idealCycleSeconds: 1";

/** A plant of one machine with these settings, and these keys at the top. */
function plant(machine: string, top = ""): string {
  return `enterprise: e
sites: { s: { areas: { a: { lines: { l: { machines: { m: { ${machine} } } } } } } } }
${top}`;
}

function calendar(written: string): string {
  return plant(MACHINE, `calendars: { c: ${written} }`);
}

const GOOD: readonly string[] = [
  plant(MACHINE),
  plant(`${MACHINE}, formerly: s/a/l0/m`),
  plant(`${MACHINE}, formerly: [s/a/l0/m, s/a/l1/m]`),
  plant("idealCycleSeconds: null, name: Füller"),
  plant(`${MACHINE}, unit: m, decimals: 1, rolloverAt: 1000.5, piecesPerCount: 4, maxRatePerHour: 0.5, pulseGap: 2m`),
  plant(MACHINE, "periods: { dayStart: '06:00', weekStart: sun, yearStart: 04-01 }"),
  calendar(
    `{ shifts: [{ name: a, crew: A, cycle: { start: 2026-01-01, days: 6, on: [0, 5] }, start: "06:00", end: "18:00" }],
      exceptions: [{ from: 2027-08-02, to: 2027-08-23, closed: true }] }`,
  ),
  plant(`${MACHINE}, pulseGap: off`, "pulseGap: 90s\nunit: kg\ndecimals: 3"),
  plant(MACHINE, "products: { p: { piecesPerCount: 8 } }"),
  plant("idealCycleSeconds: 0.0000005, taktSeconds: 2, rolloverAt: 65536, costPerHour: 0"),
  plant(
    `${MACHINE}, calendar: always, states: semi-e10, minorStopThreshold: 0, staleAfter: off, overtime: ignore, targets: { nee: 1 }`,
  ),
  plant(
    MACHINE,
    "name: E\ntimezone: UTC\nstaleAfter: 90s\nminorStopThreshold: '0'\nwindows: [1m, 36h, shift]\ncurrency: EUR",
  ),
  plant(MACHINE, "products: { 'a b': {}, p: { name: P, idealCycleSeconds: null, taktSeconds: 0.5 } }"),
  plant(MACHINE, "stateMaps: { x: { extends: packml }, y: { map: { '6': running, 7: no-demand } }, z: {} }"),
  plant(MACHINE, "categories: { idle: notPlanned, running: production, down: production }"),
  plant(MACHINE, "reasons: { a: { name: A, failure: false, category: setup, children: { b c: {} } } }"),
  calendar("{ shifts: [] }"),
  calendar(
    `{ shifts: [{ name: a, days: "sat-mon, wed", start: "00:00", end: "24:00", breaks: [{ start: "23:00", end: "24:00" }] }] }`,
  ),
  calendar("{ shifts: [], exceptions: [{ date: 2026-12-25, closed: true }, { date: 2026-12-26, shifts: [] }] }"),
];

const BAD: readonly string[] = [
  plant(`${MACHINE}, formerly: []`),
  plant(`${MACHINE}, formerly: s/a/l`),
  "[]",
  "enterprise: e",
  "enterprise: e\nsites: {}",
  "enterprise: e\nsites: { S: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 } } } } } } } }",
  "enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: {} } } } } } }",
  "enterprise: 7\nsites: { s: { areas: { a: { lines: { l: { machines: { m: { idealCycleSeconds: 1 } } } } } } } }",
  plant(""),
  plant(`${MACHINE}, taktseconds: 1`),
  plant("idealCycleSeconds: 0"),
  plant("idealCycleSeconds: 0.0000004"),
  plant("idealCycleSeconds: '1'"),
  plant(`${MACHINE}, taktSeconds: null`),
  plant(`${MACHINE}, rolloverAt: 0`),
  plant(MACHINE, "periods: { dayStart: '24:00' }"),
  plant(MACHINE, "periods: { weekStart: monday }"),
  plant(MACHINE, "periods: { yearStart: 04-02 }"),
  plant(`${MACHINE}, periods: {}`),
  calendar("{ shifts: [], exceptions: [{ from: 2027-08-02, closed: true }] }"),
  calendar("{ shifts: [], exceptions: [{ date: 2027-08-02, from: 2027-08-02, to: 2027-08-03, closed: true }] }"),
  plant(`${MACHINE}, decimals: 7`),
  plant(`${MACHINE}, decimals: 0.5`),
  plant(`${MACHINE}, unit: ""`),
  plant(`${MACHINE}, piecesPerCount: 0`),
  plant(`${MACHINE}, piecesPerCount: 1.5`),
  plant(`${MACHINE}, maxRatePerHour: 0`),
  plant(`${MACHINE}, pulseGap: 0`),
  plant(MACHINE, "piecesPerCount: 4"),
  plant(`${MACHINE}, rolloverAt: -1.5`),
  plant(`${MACHINE}, costPerHour: -1`),
  plant(`${MACHINE}, staleAfter: 0`),
  plant(`${MACHINE}, staleAfter: 0s`),
  plant(`${MACHINE}, staleAfter: 5`),
  plant(`${MACHINE}, minorStopThreshold: 5 m`),
  plant(`${MACHINE}, overtime: true`),
  plant(`${MACHINE}, targets: { oee: 75 }`),
  plant(`${MACHINE}, targets: { mtbf: 1 }`),
  plant(`${MACHINE}, name: ""`),
  plant(`${MACHINE}, timezone: UTC`),
  plant(MACHINE, "timezone: '+01:00'"),
  plant(MACHINE, "windows: []"),
  plant(MACHINE, "windows: [1h, 1h]"),
  plant(MACHINE, "windows: [0m]"),
  plant(MACHINE, "currency: Euro"),
  plant(MACHINE, "products:"),
  plant(MACHINE, "products: { '': {} }"),
  plant(MACHINE, "products: { p: }"),
  plant(MACHINE, "stateMaps: { packml: {} }"),
  plant(MACHINE, "stateMaps: { x: { map: { a: runing } } }"),
  plant(MACHINE, "categories: { running: setup }"),
  plant(MACHINE, "categories: { idle: minor }"),
  plant(MACHINE, "categories: { idel: setup }"),
  plant(MACHINE, "reasons: { a/b: {} }"),
  plant(MACHINE, "reasons: { a: { category: production } }"),
  plant(MACHINE, "reasons: { a: { children: { b: { failure: 1 } } } }"),
  plant(MACHINE, "calendars: { always: { shifts: [] } }"),
  calendar("{}"),
  calendar(`{ shifts: [{ name: a, start: "24:00", end: "01:00" }] }`),
  calendar(`{ shifts: [{ name: a, start: "6:00", end: "14:00" }] }`),
  calendar(`{ shifts: [{ name: a, start: 360, end: "14:00" }] }`),
  calendar(`{ shifts: [{ name: a, days: monday, start: "06:00", end: "14:00" }] }`),
  calendar(`{ shifts: [{ start: "06:00", end: "14:00" }] }`),
  calendar("{ shifts: [], exceptions: [{ date: 2026-12-25 }] }"),
  calendar("{ shifts: [], exceptions: [{ date: 2026-12-25, closed: false }] }"),
  calendar("{ shifts: [], exceptions: [{ date: 2026-12-25, closed: true, shifts: [] }] }"),
  calendar("{ shifts: [], exceptions: [{ date: 2026-13-25, closed: true }] }"),
  calendar(
    `{ shifts: [], exceptions: [{ date: 2026-12-25, shifts: [{ name: a, days: mon, start: "06:00", end: "14:00" }] }] }`,
  ),
];

describe("plant.schema.json agrees with the validator", () => {
  it.each(GOOD)("on the good %j", (text) => {
    const result = parsePlant(text, "f");
    expect(result.ok ? [] : result.problems).toEqual([]);
    validate(parse(text));
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each(BAD)("on the bad %j", (text) => {
    expect(parsePlant(text, "f").ok).toBe(false);
    expect(validate(parse(text))).toBe(false);
  });

  it("on the KPIs that may be targets, and measures of alerts", () => {
    const named = JSON.parse(JSON.stringify(schema)) as {
      readonly $defs: { readonly targets: { readonly properties: object } };
    };
    expect(Object.keys(named.$defs.targets.properties)).toEqual(kpisInPlantFile("target"));
    const lists = [...JSON.stringify(schema).matchAll(/"measure":\{"enum":(\[.*?\])/g)].map(([, list = ""]) => list);
    expect(lists.map((list) => JSON.parse(list) as unknown)).toEqual([kpisInPlantFile("alert")]);
  });

  it("on the demo plant", () => {
    const demo = readFileSync(new URL("../../../../services/simulator/plants/demo.yaml", import.meta.url), "utf8");
    validate(parse(demo));
    expect(validate.errors ?? []).toEqual([]);
  });
});
