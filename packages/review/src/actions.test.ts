import { expect, test } from "vitest";
import { plantFrom } from "../../../tests/support/plant.ts";
import { type ActionEntry, isEntryRefusal, readEntry } from "./entries.ts";
import { Programme } from "./programme.ts";

const PLANT = plantFrom(`enterprise: e
sites: { s: { areas: { a: { lines: {
  l: { constraint: m, machines: { m: { idealCycleSeconds: 1 }, n: { idealCycleSeconds: 1 } } },
  k: { machines: { o: { idealCycleSeconds: 1 } } } } } } } }
`);
const NOW = Date.UTC(2027, 0, 1);

/** For each action the others that it names. */
function overlaps(actions: readonly object[], now = NOW): Readonly<Record<string, readonly string[]>> {
  const programme = new Programme(PLANT, () => null);
  for (const given of actions) {
    const entry = readEntry(PLANT, { type: "action", rev: 1, title: "t", addresses: "oee", scope: "s/a/l", ...given });
    expect(isEntryRefusal(entry) ? entry : programme.accept(entry)).toBeNull();
  }
  const entries: readonly ActionEntry[] = programme.book.inForce("action");
  const names = entries.map(
    (entry) => [entry.id, programme.actionsOverlapping(entry, now).map(({ id }) => id)] as const,
  );
  return Object.fromEntries(names);
}

test("AC-4: actions whose blocks overlap on one machine name each other", () => {
  // Four weeks before and after, and those from 90 days after 1 June, 30 August, on.
  const a = { id: "a", done: "2026-06-01", weeks: 4 };
  expect(overlaps([a, { id: "b", done: "2026-06-15", weeks: 4 }])).toEqual({ a: ["b"], b: ["a"] });
  // The last block of the one ends where the first of the other begins.
  expect(overlaps([a, { id: "b", done: "2026-07-27", weeks: 4 }])).toEqual({ a: [], b: [] });
  expect(overlaps([a, { id: "b", done: "2026-07-26", weeks: 4 }])).toEqual({ a: ["b"], b: ["a"] });
  expect(overlaps([a, { id: "b", done: "2026-09-20", weeks: 1 }])).toEqual({ a: ["b"], b: ["a"] });
  // Between start and end of an action there are no blocks.
  const long = { id: "a", started: "2026-03-01", done: "2026-06-01", weeks: 1 };
  expect(overlaps([long, { id: "b", done: "2026-04-15", weeks: 2 }])).toEqual({ a: [], b: [] });
});

test("AC-4: a machine is shared where one action changed it and the other measures it, as its own or its controls'", () => {
  const a = { id: "a", done: "2026-06-01" };
  const others = (more: object): unknown => overlaps([a, { id: "b", done: "2026-06-08", ...more }])["a"];
  expect(others({ scope: "s" })).toEqual(["b"]);
  expect(others({ scope: "s/a/l/m" })).toEqual(["b"]);
  // The other machine does not stand for the line.
  expect(others({ scope: "s/a/l/n" })).toEqual([]);
  expect(others({ scope: "s/a/k" })).toEqual([]);
  expect(others({ scope: "s/a/k", controls: ["s/a/l"] })).toEqual(["b"]);
  expect(
    overlaps([
      { ...a, controls: ["s/a/k"] },
      { id: "b", scope: "s/a/k", done: "2026-06-08" },
    ]),
  ).toEqual({
    a: ["b"],
    b: ["a"],
  });
});

test("AC-4: only actions that are done, and not cancelled or withdrawn, have blocks", () => {
  const a = { id: "a", done: "2026-06-01" };
  expect(overlaps([a, { id: "b", started: "2026-06-08" }])["a"]).toEqual([]);
  expect(overlaps([a, { id: "b", done: "2026-06-08", cancelled: "2026-06-09" }])["a"]).toEqual([]);
  expect(overlaps([a, { id: "b", done: "2026-06-08" }], Date.UTC(2026, 5, 7))["a"]).toEqual([]);
  expect(overlaps([a, { id: "b", done: "2026-06-08" }, { id: "b", rev: 2, withdrawn: true }])).toEqual({ a: [] });
});
