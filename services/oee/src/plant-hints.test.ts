import { expect, test } from "vitest";
import { hintsOf } from "./plant-hints.ts";
import { plantFrom } from "../../../tests/support/plant.ts";

function hints(machines: string): readonly string[] {
  const text = `enterprise: e\nsites: { s: { areas: { a: { lines: { l: { machines: { ${machines} } } } } } } }\n`;
  const plant = plantFrom(text);
  return hintsOf(plant);
}

test("CN-8: a maxRatePerHour below the counts an hour of the ideal cycle gives a hint", () => {
  // A piece in 15 s is 240 pieces an hour, which the counter counts as 60 strokes of 4 pieces.
  const press = (rate: number): string => `m: { idealCycleSeconds: 15, piecesPerCount: 4, maxRatePerHour: ${rate} }`;
  expect(hints(press(59))).toEqual([
    "s/a/l/m: maxRatePerHour 59 is below the ideal 60 an hour: true totals will be doubted",
  ]);
  expect(hints(press(60))).toEqual([]);
});

test("TL-4, TL-9: a staleAfter that is not above pulseGap gives a hint", () => {
  const machine = (stale: string): string => `m: { idealCycleSeconds: 1, pulseGap: 2m, staleAfter: ${stale} }`;
  expect(hints(machine("2m"))).toEqual([
    "s/a/l/m: staleAfter 2 min is not above pulseGap 2 min: without counts it is unknown before it is idle",
  ]);
  expect(hints(machine("3m"))).toEqual([]);
});

test("a takt that is faster than the ideal cycle gives a hint", () => {
  expect(hints("m: { idealCycleSeconds: 2, taktSeconds: 1.5 }")).toEqual([
    "s/a/l/m: taktSeconds 1.5 is below idealCycleSeconds 2: its target is more than it can make",
  ]);
});

test("CN-5: decimals without a unit give a hint, and so does a line whose machines have several units", () => {
  expect(hints("m: { idealCycleSeconds: 1, decimals: 1 }")).toEqual([
    "s/a/l/m: decimals 1 and no unit: quantities are shown as pieces (pcs)",
  ]);
  expect(hints("m: { idealCycleSeconds: 1, unit: m }, n: { idealCycleSeconds: 1 }")).toEqual([
    "s/a/l: its machines count in several units (m, pcs): its quantities are sums of unlike things",
  ]);
});

test("at most twenty hints are listed, then how many more there are", () => {
  const machines = Array.from({ length: 30 }, (_, i) => `m${i}: { idealCycleSeconds: 2, taktSeconds: 1 }`).join(", ");
  expect(hints(machines)).toHaveLength(21);
  expect(hints(machines).at(-1)).toBe("and 10 more hints");
});
