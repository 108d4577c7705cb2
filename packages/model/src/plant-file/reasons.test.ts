import { expect, test } from "vitest";
import { readOf } from "./one-value.fixture.ts";
import { readReasons } from "./reasons.ts";

test("TL-6: a tree of reasons; a node has its key for a name, and no category of its own unless it is said", () => {
  const { read, said } = readOf(
    "{ mechanical: { name: Mechanical, category: unplannedStop, failure: true, children: { jam: {} } }, other: { vague: true } }",
    readReasons,
  );
  expect(said).toEqual([]);
  const jam = { name: "jam", category: null, failure: null, vague: null, children: new Map() };
  expect([...read]).toEqual([
    [
      "mechanical",
      { name: "Mechanical", category: "unplannedStop", failure: true, vague: null, children: new Map([["jam", jam]]) },
    ],
    ["other", { name: "other", category: null, failure: null, vague: true, children: new Map() }],
  ]);
});

test("TL-6: a reason makes no production, and its key has no separator of paths", () => {
  const { said } = readOf("{ ok: { category: production }, a/b: {} }", readReasons);
  expect(said[0]).toBe(
    '1:19 ok.category: found the text "production", expected one of unplannedStop, setup, plannedStop, notPlanned',
  );
  expect(said[1]).toBe('1:33 "a/b": found the key "a/b", expected as a key of reasons by name a text without /');
});
