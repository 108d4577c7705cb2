import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { parsePlant } from "./parse-plant.ts";

type Tree = string | number | boolean | null | readonly Tree[] | { readonly [key: string]: Tree };

const PLANT: Tree = {
  enterprise: "acme",
  name: "Acme",
  timezone: "Europe/Berlin",
  calendar: "c",
  sites: {
    s: {
      name: "South",
      areas: {
        a: {
          lines: {
            l: {
              constraint: "m",
              machines: {
                m: { idealCycleSeconds: 1.5, states: "x", staleAfter: "5m" },
                n: { idealCycleSeconds: null },
              },
            },
            k: { machines: { o: { idealCycleSeconds: 2, taktSeconds: 3, costPerHour: 5, rolloverAt: 256 } } },
          },
        },
      },
    },
  },
  calendars: {
    c: {
      shifts: [
        { name: "early", start: "06:00", end: "14:00", breaks: [{ start: "09:00", end: "09:15" }] },
        { name: "late", start: "14:00", end: "22:00" },
      ],
      exceptions: [{ date: "2026-12-25", closed: true }],
    },
  },
  products: { p: { idealCycleSeconds: 1, name: "P" } },
  stateMaps: { x: { extends: "packml", map: { a: "idle", b: "down" } } },
  categories: { maintenance: "notPlanned" },
  reasons: { r: { name: "R", failure: true, children: { q: { category: "setup" } } } },
  targets: { oee: 0.8 },
  windows: ["1h"],
  currency: "EUR",
};

function versionOf(text: string): string {
  const result = parsePlant(text, "f");
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 1));
  return result.plant.version;
}

const TEXT = stringify(PLANT);
const VERSION = versionOf(TEXT);

/** The plant file with `from` replaced by `to`. */
function edited(from: string, to: string): string {
  if (!TEXT.includes(from)) throw new Error(`${from} is not in the text`);
  return TEXT.replace(from, to);
}

describe("DI-3: the version", () => {
  it("DI-3: is 96 bits in hexadecimal, the same in every run", () => {
    expect(VERSION).toMatch(/^[0-9a-f]{24}$/);
    expect(versionOf(TEXT)).toBe(VERSION);
  });

  it.each([
    ["the enterprise's identifier", "enterprise: acme", "enterprise: other"],
    ["names", "name: South", "name: Süd"],
    ["a product's name", "name: P", "name: Q"],
    ["a reason's name", "name: R", "name: Q"],
    ["targets", "oee: 0.8", "oee: 0.7"],
    ["windows", "- 1h", "- 2h"],
    ["currency", "EUR", "CHF"],
    ["comments", "sites:", "sites: # all of them"],
    ["ways to write a number", "idealCycleSeconds: 1.5", "idealCycleSeconds: 15.00e-1"],
    ["ways to write a duration", "staleAfter: 5m", "staleAfter: 300s"],
    ["a default written out", "calendar: c", "calendar: c\novertime: count"],
    ["a constraint that is its line's one rated machine", "constraint: m", "name: L"],
    ["a product that says nothing", "products:", "products:\n  q: {}"],
    ["a reason that sets nothing", "reasons:", "reasons:\n  q: { name: Q, children: { z: {} } }"],
    ["a calendar that nobody uses", "calendars:", "calendars:\n  d: { shifts: [] }"],
    ["a state map that nobody uses", "stateMaps:", "stateMaps:\n  y: { map: { c: idle } }"],
  ])("DI-3: does not depend on %s", (_, from, to) => {
    expect(versionOf(edited(from, to))).toBe(VERSION);
  });

  it.each([
    ["the enterprise's zone, though the site keeps its own", "timezone: Europe/Berlin", "timezone: Europe/Paris"],
    ["a cycle time, by a microsecond", "idealCycleSeconds: 1.5", "idealCycleSeconds: 1.500001"],
    ["whether a machine is rated", "idealCycleSeconds: null", "idealCycleSeconds: 1"],
    ["a takt", "taktSeconds: 3", "taktSeconds: 4"],
    ["a cost", "costPerHour: 5", "costPerHour: 6"],
    ["rollover", "rolloverAt: 256", "rolloverAt: 512"],
    ["staleAfter", "staleAfter: 5m", "staleAfter: 6m"],
    ["a constraint", "constraint: m", "constraint: n"],
    ["the minor stop threshold", "calendar: c", "calendar: c\nminorStopThreshold: 1m"],
    ["overtime", "calendar: c", "calendar: c\novertime: ignore"],
    ["a shift", "end: 14:00", "end: 13:59"],
    ["a shift's name", "name: late", "name: spät"],
    ["a break", "09:15", "09:16"],
    ["a dated exception", "2026-12-25", "2026-12-24"],
    ["a machine's words", "b: down", "b: setup"],
    ["the policy for states", "maintenance: notPlanned", "maintenance: setup"],
    ["a reason's failure", "failure: true", "failure: false"],
    ["a reason's category", "category: setup", "category: notPlanned"],
    ["a product's cycle", "idealCycleSeconds: 1\n    name: P", "idealCycleSeconds: 3"],
  ])("DI-3: depends on %s", (_, from, to) => {
    expect(versionOf(edited(from, to))).not.toBe(VERSION);
  });

  it("DI-3: does not depend on the order of keys, shifts or exceptions, nor on the YAML style (property)", () => {
    fc.assert(
      fc.property(fc.infiniteStream(fc.nat()), fc.boolean(), (numbers, flow) => {
        const text = stringify(shuffle(PLANT, numbers), { collectionStyle: flow ? "flow" : "block" });
        expect(versionOf(text)).toBe(VERSION);
      }),
    );
  });
});

function shuffle(value: Tree, numbers: Iterator<number>): Tree {
  if (isList(value)) return shuffled(value, numbers).map((item) => shuffle(item, numbers));
  if (value === null || typeof value !== "object") return value;
  const entries = shuffled(Object.entries(value), numbers);
  return Object.fromEntries(entries.map(([key, item]) => [key, shuffle(item, numbers)]));
}

function isList(value: Tree): value is readonly Tree[] {
  return Array.isArray(value);
}

function shuffled<Item>(items: readonly Item[], numbers: Iterator<number>): readonly Item[] {
  const ranked = items.map((item) => ({ item, rank: Number(numbers.next().value) }));
  return ranked.toSorted((a, b) => a.rank - b.rank).map(({ item }) => item);
}
