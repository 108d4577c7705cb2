import {
  COMPONENT_NAMES,
  COMPONENTS,
  eachComponent,
  emptyRow,
  publicNameOf,
  type Row,
  RowBatch,
  type RowHead,
  WIDTH,
} from "@oee/model";
import { expect, test } from "vitest";
import { elapsedOf, sumOf, Sums, sumsWith } from "./sums.ts";

const MINUTE = 60_000;

function row(more: Partial<Row>, head: Partial<RowHead> = {}): Row {
  const whole = {
    machine: "m",
    product: null,
    shift: null,
    shiftDate: null,
    taktUs: null,
    costPerHour: null,
    decimals: 0,
  };
  return { ...emptyRow({ ...whole, ...head }, 0), ...more };
}

test("P-1: sums of sums are sums of rows", () => {
  const rows = [
    row({ runTime: 40_000, goodCount: 3 }),
    row({ setupTime: 20_000 }),
    row({ unknownTime: 5, scrapCount: 1 }),
  ];
  const whole = sumOf(rows);
  const parts = sumOf(rows.slice(0, 1)).addSums(sumOf(rows.slice(1)));
  expect(parts.components()).toEqual(whole.components());
  expect([whole.planned, whole.of("runTime"), whole.quantities.produced]).toEqual([60_000, 40_000, 4]);
});

test("P-2: ideal times are exact beyond what whole microseconds of a double hold", () => {
  const large = row({ idealTimeUs: 9_007_199_254_740_991 });
  const sums = sumOf([large, large, row({ idealTimeUs: 1 })]);
  // The sum is 18,014,398,509,481,983 µs; expected is the double nearest to it in milliseconds.
  expect(sums.components().idealTime).toBe(18_014_398_509_481.984);
  expect(sumOf([row({ idealTimeUs: 1_234_567 })]).components().idealTime).toBe(1234.567);
});

test("planned time is summed by takt, time of unplanned stops by cost per hour", () => {
  const sums = sumOf([
    row({ runTime: MINUTE }, { taktUs: 1_500_000, costPerHour: 60 }),
    row({ unplannedStopTime: MINUTE }, { taktUs: 1_500_000, costPerHour: 60 }),
    row({ unplannedStopTime: MINUTE }, { costPerHour: 1800 }),
  ]);
  expect([...sums.plannedByTakt]).toEqual([[1_500_000, 2 * MINUTE]]);
  expect([...sums.unplannedByCost]).toEqual([
    [60, MINUTE],
    [1800, MINUTE],
  ]);
});

test("a sum of no rows is 0 in all components; elapsed time is the sum of the seven time components", () => {
  expect([new Sums().isNothing, sumOf([row({ minorStopCount: 1 })]).isNothing]).toEqual([true, false]);
  const batch = RowBatch.of([row({ runTime: 10, notPlannedTime: 20, unknownTime: 30, failureTime: 99 })]);
  expect(batch.values.length % WIDTH).toBe(0);
  expect(elapsedOf(batch.values, 0)).toBe(60);
});

test("CN-5: a sum that was made of some components has 0 for the others", () => {
  const sums = sumsWith({ runTime: MINUTE, goodCount: 125, idealTimeUs: 1_500 }, 2);
  expect(sums.components()).toMatchObject({
    runTime: MINUTE,
    goodCount: 1.25,
    idealTime: 1.5,
    scrapCount: 0,
    setupTime: 0,
  });
});

test("P-1, CN-5: a sum has every component of its rows, quantities in units, ideal times in milliseconds", () => {
  const components = eachComponent((_name, place) => 100 * (place + 1));
  const decimals = 2;
  const divisors = { time: 1, count: 1, quantity: 100, ideal: 1000 };
  const expected = Object.fromEntries(
    COMPONENT_NAMES.map((name) => [publicNameOf(name), (2 * components[name]) / divisors[COMPONENTS[name].kind]]),
  );
  const sum = sumOf([row(components, { decimals })]).addSums(sumsWith(components, decimals));
  expect(sum.components()).toEqual(expected);
});
