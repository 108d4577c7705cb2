import { expect, test } from "vitest";
import { plantFrom } from "../../../../tests/support/plant.ts";
import { readStructure, type Structure, structureDocument, structureOf } from "./structure.ts";

const PLANT = plantFrom(`enterprise: e
sites: { s: { areas: { a: { lines: { l: { constraint: b, machines: {
  b: { idealCycleSeconds: 1 }, a: { idealCycleSeconds: null, formerly: s/a/old/a } } } } } } } }
`);
const DOCUMENT = { "s/a/l": { rated: ["b"], unrated: ["a"], constraint: "b", ids: { a: "s/a/old/a" } } };

test("DI-3: a structure has each line's machines by name, which are rated, its constraint, and ids that differ from paths", () => {
  expect(structureDocument(structureOf(PLANT))).toEqual(DOCUMENT);
  expect(structureDocument(readStructure(DOCUMENT) as Structure)).toEqual(DOCUMENT);
});

test.each([
  [[], "expected an object of lines by path"],
  [{}, "expected at least one line"],
  [{ "s/a": {} }, 'expected lines by path such as site/area/line, found "s/a"'],
  [{ "s/a/l": { rated: ["A"] } }, "s/a/l: expected names of machines in rated and unrated"],
  [{ "s/a/l": { rated: ["a"], ids: { a: "a" } } }, "s/a/l.ids: expected ids such as site/area/line/machine by name"],
  [{ "s/a/l": { rated: ["a"], unrated: ["a"] } }, "s/a/l: expected each machine once, found s/a/l/a again"],
  [{ "s/a/l": { rated: ["a"], constraint: "b" } }, "s/a/l.constraint: expected a machine of the line"],
])("%j is refused: %s", (document, message) => {
  expect(readStructure(document)).toBe(message);
});
