import { expect, test } from "vitest";
import { WIDTH } from "./row.ts";
import { RowBatch } from "./row-batch.ts";

const HEAD = { machine: "m", product: null, shift: null, shiftDate: null } as unknown as Parameters<RowBatch["add"]>[0];

function batchOf(rows: number, first: number): RowBatch {
  const batch = new RowBatch();
  for (let i = first; i < first + rows; i++) {
    const values = Float64Array.from({ length: WIDTH }, (_, component) => i * WIDTH + component);
    batch.addRow({ ...HEAD, machine: `m${i}` }, i, values, 0);
  }
  return batch;
}

test.each([
  [0, 1, 0, 1],
  [1, 7, 0, 7],
  [3, 8, 0, 8],
  [64, 500, 0, 500],
  [5, 200, 17, 117],
])("%d rows and then those of another of %d from %d to %d are one after the other", (own, others, from, to) => {
  const batch = batchOf(own, 0);
  batch.append(batchOf(others, 1_000), from, to);
  const expected = [
    ...Array.from({ length: own }, (_, i) => i),
    ...Array.from({ length: to - from }, (_, i) => 1_000 + from + i),
  ];
  expect(batch.length).toBe(expected.length);
  expected.forEach((i, row) => {
    expect([batch.headAt(row).machine, batch.fromAt(row)]).toEqual([`m${i}`, i]);
    expect([...batch.values.subarray(row * WIDTH, (row + 1) * WIDTH)]).toEqual(
      Array.from({ length: WIDTH }, (_, component) => i * WIDTH + component),
    );
  });
});

test.each([
  [0, 500],
  [3, 500],
  [500, 3],
  [0, 0],
])("%d rows take all of another's %d, which can be filled again", (own, others) => {
  const batch = batchOf(own, 0);
  const other = batchOf(others, own);
  batch.takeAll(other);
  expect(other.length).toBe(0);
  other.addRow({ ...HEAD, machine: "next" }, 7, new Float64Array(WIDTH), 0);
  expect([other.headAt(0).machine, other.heads.length, batch.heads.length]).toEqual(["next", 1, own + others]);
  expect(batch.length).toBe(own + others);
  for (let row = 0; row < own + others; row++) {
    expect([batch.headAt(row).machine, batch.fromAt(row), batch.values[row * WIDTH]]).toEqual([
      `m${row}`,
      row,
      row * WIDTH,
    ]);
  }
});
