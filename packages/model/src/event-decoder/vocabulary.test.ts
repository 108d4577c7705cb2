import { expect, test } from "vitest";
import { normalizeStateName } from "../state.ts";
import { plantFrom } from "../../../../tests/support/plant.ts";
import { Vocabulary } from "./vocabulary.ts";

const plant = plantFrom(`enterprise: e
sites: { s: { areas: { a: { lines: { l: { machines: {
  m: { idealCycleSeconds: 1.2, states: plc }, n: { idealCycleSeconds: null, decimals: 2 } } } } } } } }
stateMaps: { plc: { map: { "6": running, Running: idle } } }
`);
const vocabulary = new Vocabulary(plant);

test("TL-5: a word means what the map of its machine says, and our own name of a state where the map has no such word", () => {
  const [m, n] = plant.machines;
  if (m === undefined || n === undefined) throw new Error("two machines");
  const state = (word: string) => {
    const meanings = vocabulary.meanings(normalizeStateName(word));
    return [vocabulary.stateIn(meanings, m), vocabulary.stateIn(meanings, n)];
  };
  expect(state("6")).toEqual(["running", undefined]);
  expect(state("running")).toEqual(["idle", "running"]);
  expect(state("down")).toEqual(["down", "down"]);
  expect(vocabulary.machine("s/a/l/m")).toBe(m);
  expect(vocabulary.machine("s/a/l/x")).toBeUndefined();
});

test("CN-5: one count brings at most 100 days of its machine's ideal cycle", () => {
  const [m] = plant.machines;
  if (m === undefined) throw new Error("a machine");
  // 8,640,000 s / 1.2 s.
  expect(vocabulary.quantityMax(m)).toBe(7_200_000);
  expect(vocabulary.quantityMaxOfAll).toBe(7_200_000);
  expect(vocabulary.hasDecimals).toBe(true);
});
