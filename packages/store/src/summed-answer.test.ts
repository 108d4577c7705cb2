/** Rows of an answer become rows of a batch: added up where they may repeat, and exact where a double does not hold their sums. */
import { PLACE, RowBatch, WIDTH } from "@oee/model";
import { expect, test } from "vitest";
import type { AnswerRows } from "./native-answer.ts";
import { summedFrom } from "./summed-answer.ts";

interface Given {
  readonly machine: string;
  readonly period: number;
  readonly takt?: number;
  readonly first: number;
  readonly good: number;
  /** Of the first ideal time. */
  readonly ms?: number;
  readonly us?: number;
}

/** Rows as ClickHouse answers them: machine, period, takt, cost, decimals, first and last second, sums, microseconds left over. */
function answerOf(given: readonly Given[]): AnswerRows {
  const rows = given.map(({ period, takt = NaN, first, good, ms = 0, us = 0 }) => {
    const values = Array.from({ length: WIDTH }, () => 0);
    values[PLACE.goodCount] = good;
    values[PLACE.idealTimeUs] = ms;
    return [period, takt, NaN, 0, first, first, ...values, us, 0, 0];
  });
  return {
    length: given.length,
    numbers: (column) => Float64Array.from(rows, (row) => row[column - 1] ?? NaN),
    texts: () => (row) => given[row]?.machine ?? "",
  };
}

async function summed(given: readonly Given[], apart: boolean): Promise<unknown[]> {
  const { rows, coveredFrom, coveredTo } = await summedFrom(
    { answer: answerOf(given), apart },
    ["machine"],
    new RowBatch(),
  );
  return [...rows].map(({ machine, from, taktUs, goodCount, idealTimeUs }, i) => [
    ...[machine, from / 1000, taktUs, goodCount, idealTimeUs],
    ...[(coveredFrom[i] ?? NaN) / 1000, (coveredTo[i] ?? NaN) / 1000],
  ]);
}

const GIVEN: readonly Given[] = [
  { machine: "a", period: 600, first: 660, good: 1, ms: 2, us: 999 },
  { machine: "a", period: 600, first: 600, good: 2, takt: 5 },
  { machine: "a", period: 600, first: 720, good: 4, ms: 8, us: 2 },
  { machine: "a", period: 1200, first: 1200, good: 8 },
  { machine: "b", period: 1200, first: 1200, good: 16 },
];

test("P-1: rows of one machine, period and head are added up by machine and period, wherever they stand", async () => {
  const [first, second, third, fourth, fifth] = GIVEN as [Given, Given, Given, Given, Given];
  expect(await summed([fifth, first, fourth, second, third], true)).toEqual(await summed(GIVEN, true));
  expect(await summed(GIVEN, true)).toEqual([
    ["a", 600, null, 5, 11_001, 660, 780],
    ["a", 600, 5, 2, 0, 600, 660],
    ["a", 1200, null, 8, 0, 1200, 1260],
    ["b", 1200, null, 16, 0, 1200, 1260],
  ]);
});

test("rows that ClickHouse has grouped stay as they are", async () => {
  const rows = await summed(GIVEN, false);
  expect(rows).toHaveLength(5);
  expect(rows[2]).toEqual(["a", 600, null, 4, 8_002, 720, 780]);
});

test("P-2: what a double does not hold of an ideal time comes as rows of its own, with nothing else in them", async () => {
  const large = { machine: "a", period: 600, first: 600, good: 1, ms: 5e12, us: 1 };
  expect(await summed([large, { ...large, us: 2 }], true)).toEqual([
    ["a", 600, null, 2, 9e15 + 3, 600, 660],
    ["a", 600, null, 0, 1e15, 600, 660],
  ]);
});
