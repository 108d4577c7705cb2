/** What is packed is unpacked as it was, in few bytes where counts follow one another. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { CODE, CODE_BITS, packed, TOTAL, type Unpacked, unpacked } from "./packed-counts.ts";

const MINUTE = 60_000;

/** Columns of counts, in order of time (ms after the chunk's base). */
function columnsOf(
  counts: readonly { readonly at: number; readonly code: number; readonly value: number }[],
): Unpacked {
  return {
    entries: Int32Array.from(counts, ({ at, code }) => (at << CODE_BITS) | code),
    values: Float64Array.from(counts, ({ value }) => value),
  };
}

function listed({ entries, values }: Unpacked, length: number): [number, number][] {
  return Array.from({ length }, (_, i) => [entries[i] ?? 0, values[i] ?? 0]);
}

test("property: unpacked entries are those that were packed, whatever their codes, values and distances", () => {
  const anyCount = fc.record({
    after: fc.oneof(fc.nat(3), fc.nat(2 ** 18)),
    code: fc.nat(CODE),
    value: fc.oneof(fc.integer({ min: -200, max: 200 }), fc.integer({ min: -(2 ** 50), max: 2 ** 50 })),
  });
  fc.assert(
    fc.property(fc.nat(2 ** 20), fc.array(anyCount, { minLength: 1, maxLength: 400 }), (first, counts) => {
      let at = first;
      const columns = columnsOf(
        counts.map(({ after, code, value }, i) => ({ at: (at += i === 0 ? 0 : after), code, value })),
      );
      const bytes = packed(columns, counts.length);
      if (bytes === null) throw new Error("not packed");
      expect(listed(unpacked(bytes, counts.length, first, counts.length), counts.length)).toEqual(
        listed(columns, counts.length),
      );
    }),
  );
});

test("a piece each second takes two bytes, a running total of them four", () => {
  const pieces = Array.from({ length: 300 }, (_, i) => ({ at: i * 1_000, code: 0, value: 1 }));
  expect(packed(columnsOf(pieces), 300)?.length).toBeLessThanOrEqual(2 * 300 + 2);
  const totals = pieces.map(({ at }, i) => ({ at, code: TOTAL, value: 1_000_000 + i }));
  expect(packed(columnsOf(totals), 300)?.length).toBeLessThanOrEqual(4 * 300 + 4);
});

test("values that are no whole numbers, or too large for differences of totals, are not packed", () => {
  for (const value of [0.5, 2 ** 51, -(2 ** 51)]) {
    expect(packed(columnsOf([{ at: MINUTE, code: 0, value }]), 1)).toBeNull();
  }
});
