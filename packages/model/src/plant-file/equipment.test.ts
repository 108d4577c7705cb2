import { expect, test } from "vitest";
import { SHIPPED_ZONES } from "../zones/zone-database.ts";
import { fieldsOf } from "./fields.ts";
import {
  type Definitions,
  type Equipment,
  idealCycleIn,
  INHERITED_DEFAULT,
  INHERITED_KEYS,
  piecesIn,
  readEquipment,
  settingsOf,
} from "./equipment.ts";
import { readOf } from "./one-value.fixture.ts";
import { PERIODS_DEFAULT } from "./periods.ts";
import { utcOf } from "./timezone.ts";

const DEFINITIONS: Definitions = {
  calendars: new Map([["always", null]]),
  stateMaps: new Map(),
  zones: SHIPPED_ZONES,
};

function equipmentOf(sites: string): { readonly read: Equipment; readonly said: readonly string[] } {
  const enterprise = {
    name: "acme",
    timezone: utcOf(SHIPPED_ZONES),
    periods: PERIODS_DEFAULT,
    settings: INHERITED_DEFAULT,
  };
  return readOf(sites, (value, problems) => readEquipment(enterprise, value, DEFINITIONS, problems));
}

test("a setting holds for all below it, until a level sets its own", () => {
  const { read, said } = equipmentOf(`
s:
  minorStopThreshold: 2m
  areas: { a: { lines: { l: { unit: kg, machines: {
    m: { idealCycleSeconds: 1 }, n: { idealCycleSeconds: 1, minorStopThreshold: 0, unit: m } } } } } }
`);
  expect(said).toEqual([]);
  expect(read.machines.map(({ path, minorStopThresholdMs, unit }) => [path, minorStopThresholdMs, unit])).toEqual([
    ["s/a/l/m", 120_000, "kg"],
    ["s/a/l/n", 0, "m"],
  ]);
  expect([...read.scopes.keys()]).toEqual(["*", "s", "s/a", "s/a/l", "s/a/l/m", "s/a/l/n"]);
});

test("EQ-3: a line's constraint stands for it; of others the rated machines, or all if none is rated", () => {
  const { read } = equipmentOf(`
s: { areas: { a: { lines: {
  one: { constraint: b, machines: { a: { idealCycleSeconds: 1 }, b: { idealCycleSeconds: 1 } } },
  two: { machines: { c: { idealCycleSeconds: 1 }, d: { idealCycleSeconds: null } } },
  three: { machines: { e: { idealCycleSeconds: null }, f: { idealCycleSeconds: null } } } } } } }
`);
  const members = (path: string) => read.scopes.get(path)?.members.map(({ name }) => name);
  expect([members("s/a/one"), members("s/a/two"), members("s/a/three"), members("s")]).toEqual([
    ["b"],
    ["c"],
    ["e", "f"],
    ["b", "c"],
  ]);
});

test("settings of a level: durations, off, and calendars by their name", () => {
  const read = (text: string) =>
    readOf(text, (value, problems) => {
      const fields = fieldsOf(value, INHERITED_KEYS, [], problems);
      return settingsOf(fields, { ...INHERITED_DEFAULT, staleAfterMs: 1 }, DEFINITIONS, problems);
    });
  expect(read("{}").read.staleAfterMs).toBe(1);
  expect(read("{ staleAfter: off, pulseGap: 90s, calendar: always }").read).toMatchObject({
    staleAfterMs: null,
    pulseGapMs: 90_000,
    calendar: null,
  });
  expect(read("{ staleAfter: 0 }").said).toEqual([
    "1:15 staleAfter: found the number 0, expected a duration above 0 such as 5m, or off",
  ]);
});

test("CN-6, EQ-2: pieces of a count are whole and 1 or more; an ideal cycle of null is a machine that is not rated", () => {
  expect([readOf("4", piecesIn).read, readOf("0", piecesIn).said.length]).toEqual([4, 1]);
  expect(readOf("1.5", idealCycleIn).read).toBe(1_500_000);
  const cycleOf = (text: string) =>
    readOf(text, (value, problems) => {
      const { idealCycleSeconds } = fieldsOf(value, ["idealCycleSeconds"], [], problems);
      return idealCycleSeconds === undefined ? undefined : idealCycleIn(idealCycleSeconds, problems);
    });
  expect(cycleOf("{ idealCycleSeconds: null }")).toEqual({ read: null, said: [] });
  expect(cycleOf("{ idealCycleSeconds: 0 }").said.length).toBe(1);
});
