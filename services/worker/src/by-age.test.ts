/** Each machine with events is in one group; thousands are where they are of one age, 500 where they are not. */
import { expect, test } from "vitest";
import { byAge } from "./by-age.ts";

const NOW = Date.UTC(2026, 2, 2);
const DAY_MS = 86_400_000;

/** So many machines, of ages (ms) from one to another. */
function machinesOf(count: number, from: number, to: number): { readonly reached: number }[] {
  return Array.from({ length: count }, (_, i) => ({ reached: NOW - from - ((to - from) * i) / count }));
}

test("machines of one age are in groups of thousands, those of many ages in groups of hundreds", () => {
  const long = machinesOf(700, DAY_MS, 40 * DAY_MS);
  const just = machinesOf(12_000, 0, 60_000);
  const groups = [...byAge([...just, { reached: Infinity }, ...long, { reached: -Infinity }])];
  // The third begins with the oldest of those of one age.
  expect(groups.map(({ length }) => length)).toEqual([500, 500, 5_000, 5_000, 1_700]);
  expect(groups.flat()).toEqual([...long, ...just].toSorted((a, b) => a.reached - b.reached));
  expect([...byAge([])]).toEqual([]);
});
