import { PLACE, WIDTH } from "@oee/model";
import fc from "fast-check";
import { expect, test } from "vitest";
import { headOf, numbersOf } from "./one-row.fixture.ts";
import { NarrowRows } from "./narrow-rows.ts";

function numbersAt(rows: NarrowRows, row: number): number[] {
  const numbers = new Float64Array(WIDTH).fill(-1);
  rows.read(row, numbers, 0);
  return [...numbers];
}

test("a row has its numbers when others came that have more components, and some that need more than 32 bits", () => {
  const rows = new NarrowRows(1);
  const all = [numbersOf(60_000), numbersOf(0, 7), numbersOf(30_000, 2 ** 31), numbersOf(0, -(2 ** 53))];
  for (const [i, numbers] of all.entries()) {
    rows.insert(i, 1);
    rows.setHead(i, headOf(null));
    rows.setMinutes(i, 29_000_000 + i, 1);
    rows.set(i, numbers, 0);
  }
  expect(all.map((_, i) => numbersAt(rows, i))).toEqual(all.map((numbers) => [...numbers]));
  expect(rows.endAt(3)).toBe(29_000_004);
});

test("any sequence of insertions, removals and changes leaves the rows that a list would have", () => {
  const place = fc.nat(1_000);
  const count = fc.integer({ min: 1, max: 5 });
  const values = fc.array(fc.tuple(fc.nat(WIDTH - 1), fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constant(0))), {
    maxLength: 4,
  });
  const step = fc.oneof(
    fc.record({ kind: fc.constant("insert" as const), place, count, values }),
    fc.record({ kind: fc.constant("remove" as const), place, count }),
    fc.record({ kind: fc.constant("set" as const), place, values }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const rows = new NarrowRows(2);
      const list: { minute: number; span: number; product: string; numbers: number[] }[] = [];
      let next = 0;
      const write = (at: number, of: readonly (readonly [number, number])[]): void => {
        const numbers = new Float64Array(WIDTH + 1);
        for (const [component, value] of of) numbers[component + 1] = value;
        const row = { minute: next++, span: (next % 3) + 1, product: `p${next}`, numbers: [...numbers.subarray(1)] };
        list[at] = row;
        rows.setHead(at, headOf(row.product));
        rows.setMinutes(at, row.minute, row.span);
        rows.set(at, numbers, 1);
      };
      for (const one of steps) {
        if (one.kind === "insert") {
          const at = one.place % (list.length + 1);
          rows.insert(at, one.count);
          list.splice(
            at,
            0,
            ...Array.from({ length: one.count }, () => ({ minute: 0, span: 0, product: "", numbers: [] })),
          );
          for (let i = at; i < at + one.count; i++) write(i, one.values);
        } else if (list.length > 0 && one.kind === "remove") {
          const at = one.place % list.length;
          const removed = Math.min(one.count, list.length - at);
          rows.remove(at, removed);
          list.splice(at, removed);
        } else if (list.length > 0 && one.kind === "set") {
          write(one.place % list.length, one.values);
        }
      }
      const held = Array.from({ length: rows.length }, (_, i) => ({
        minute: rows.minuteAt(i),
        span: rows.spanAt(i),
        product: rows.headAt(i).product,
        numbers: numbersAt(rows, i),
      }));
      expect(held).toEqual(list);
    }),
  );
});

test("a row is read to a place among others", () => {
  const rows = new NarrowRows(1);
  rows.insert(0, 1);
  rows.set(0, numbersOf(5, 6), 0);
  const numbers = new Float64Array(2 * WIDTH).fill(9);
  rows.read(0, numbers, WIDTH);
  expect([numbers[WIDTH - 1], numbers[WIDTH + PLACE.runTime], numbers[WIDTH + PLACE.goodCount]]).toEqual([9, 5, 6]);
});
