import { expect, test } from "vitest";
import { Counters, difference, doubtsOf, NO_TOTALS } from "./counters.ts";
import { MINUTE, modelOf, T } from "./one-machine.fixture.ts";

const GOOD = 0;

test("CN-2: the first total counts nothing, later ones their difference, and a total that fell counts from 0", () => {
  const counters = new Counters(modelOf().machine, NO_TOTALS);
  const taken = [100, 130, 130, 7].map((total, i) => counters.take(GOOD, T + i * MINUTE, total));
  expect(taken).toEqual([null, 30, 0, 7]);
});

test("CN-2: a counter that rolls over goes on from 0", () => {
  expect(difference(995, 3, 1000)).toBe(8);
  // A rollover would mean 703 pieces, more than half of the 1000, so the counter was reset.
  expect(difference(300, 3, 1000)).toBe(3);
  expect(difference(995, 3, null)).toBe(3);
});

test("CN-8: a total above what the machine can have made is doubted, and true if the next total goes on from it", () => {
  const { machine } = modelOf("idealCycleSeconds: 1, maxRatePerHour: 3600");
  const counters = new Counters(machine, NO_TOTALS);
  counters.take(GOOD, T, 100);
  expect(counters.take(GOOD, T + MINUTE, 90_000)).toBeNull();
  expect(doubtsOf(counters.note())).toBe(1);
  // 90,000 was a spike: 150 goes on from 100.
  expect(counters.take(GOOD, T + 2 * MINUTE, 150)).toBe(50);
  expect(counters.take(GOOD, T + 3 * MINUTE, 90_000)).toBeNull();
  expect(counters.take(GOOD, T + 4 * MINUTE, 90_020)).toBe(20);
  expect(doubtsOf(counters.note())).toBe(1);
  // 150 showed the first 90,000 to be false; 90,020 showed the second to be true.
  expect(counters.doubts).toEqual([
    { at: T + MINUTE, quantity: GOOD, settledAt: T + 2 * MINUTE, isTrue: false },
    { at: T + 3 * MINUTE, quantity: GOOD, settledAt: T + 4 * MINUTE, isTrue: true },
  ]);
  counters.take(GOOD, T + 5 * MINUTE, 7_000_000);
  const last = { at: T + 5 * MINUTE, quantity: GOOD, settledAt: Infinity, isTrue: false };
  expect(counters.doubts.at(-1)).toEqual(last);
  expect(new Counters(machine, counters.note()).doubts).toEqual([last]);
});

test("CN-7: pieces produced that are neither good nor rework count as scrap", () => {
  const counters = new Counters(modelOf().machine, NO_TOTALS);
  expect(counters.takeProduced(T, 1000, 1)).toBeNull();
  counters.bring(40);
  expect(counters.takeProduced(T + MINUTE, 1050, 1)).toBe(10);
});

test("counters that are made from a noted state go on from it; later totals do not change the note", () => {
  const { machine } = modelOf();
  const counters = new Counters(machine, NO_TOTALS);
  counters.take(GOOD, T, 100);
  const noted = counters.note();
  counters.take(GOOD, T + MINUTE, 120);
  expect(new Counters(machine, noted).take(GOOD, T + MINUTE, 130)).toBe(30);
  // As checkpoints have it that were made before it was a list.
  expect(new Counters(machine, Float64Array.from(noted)).take(GOOD, T + MINUTE, 130)).toBe(30);
});
