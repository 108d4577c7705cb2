import { expect, test } from "vitest";
import { CODE_BITS, CountColumns, type Quantity, QUANTITY, TOTAL } from "./count-columns.ts";

const T = Date.UTC(2026, 2, 2, 5);
const [GOOD, SCRAP] = [0, 1] as const;

/** The entries of a period, each with ms after T, quantity, value, and whether it is a total. */
function entriesOf(columns: CountColumns, from = T, to = Infinity): (readonly [number, number, number, boolean])[] {
  return columns.slices(from, to).flatMap(({ base, entries, values, first, end }) =>
    Array.from({ length: end - first }, (_, i) => {
      const entry = entries[first + i] ?? 0;
      return [
        base + (entry >> CODE_BITS) - T,
        entry & QUANTITY,
        values[first + i] ?? 0,
        (entry & TOTAL) !== 0,
      ] as const;
    }),
  );
}

test("CN-1: counts are read in order of time, in whatever order they were added; those of one instant in the order of the log", () => {
  const columns = new CountColumns();
  for (const [ms, quantity, value] of [
    [5, GOOD, 1],
    [1, SCRAP, 2],
    [5, SCRAP, 3],
    [3, GOOD, 4],
  ] as const) {
    columns.add(T + ms, quantity, value, false, false, null);
  }
  expect(entriesOf(columns).map(([ms, , value]) => [ms, value])).toEqual([
    [1, 2],
    [3, 4],
    [5, 1],
    [5, 3],
  ]);
  expect(entriesOf(columns, T + 2, T + 5)).toEqual([[3, GOOD, 4, false]]);
});

test("CN-2: a later total of one instant and quantity replaces the earlier one", () => {
  const columns = new CountColumns();
  columns.add(T, GOOD, 100, true, false, null);
  columns.add(T, SCRAP, 5, true, false, null);
  columns.add(T, GOOD, 90, true, false, null);
  expect(entriesOf(columns)).toEqual([
    [0, GOOD, 90, true],
    [0, SCRAP, 5, true],
  ]);
});

test("a delta of 0 is not kept; a total of 0 is", () => {
  const columns = new CountColumns();
  columns.add(T, GOOD, 0, false, false, null);
  columns.add(T, GOOD, 0, true, false, null);
  expect(entriesOf(columns)).toEqual([[0, GOOD, 0, true]]);
});

test("values of any size, thousands of them and gaps of days are held, and come back from a snapshot", () => {
  const columns = new CountColumns();
  for (let i = 0; i < 2_000; i++)
    columns.add(T + 1000 * ((i * 7) % 2_000), GOOD, i % 500 === 3 ? 3e9 : 1 + i, false, false, null);
  columns.add(T + 9e8, GOOD, 7, false, false, null);
  const held = entriesOf(columns);
  expect(held).toHaveLength(2_001);
  expect(held.map(([ms]) => ms)).toEqual(held.map(([ms]) => ms).toSorted((a, b) => a - b));
  expect(held.filter(([, , value]) => value === 3e9)).toHaveLength(4);
  const restored = CountColumns.restore(columns.snapshot());
  expect(entriesOf(restored)).toEqual(held);
});

test("CN-9: the product that counts name is kept once while all name the same, and by entry as soon as one names another", () => {
  const columns = new CountColumns();
  for (let i = 0; i < 600; i++) columns.add(T + 1000 * i, GOOD, 1, false, false, "cola");
  expect(columns.slices(T, Infinity).map(({ product, names }) => [product, names])).toEqual([
    ["cola", null],
    ["cola", null],
  ]);
  // Into the middle of the first chunk, which is full: it is split, and its lower half alone names two products.
  columns.add(T + 100_500, GOOD, 1, false, false, null);
  columns.add(T + 700_000, GOOD, 1, true, false, "lemonade");
  columns.add(T + 700_000, GOOD, 2, true, false, "cola");
  const productsOf = (from: CountColumns): (string | null)[] =>
    from
      .slices(T, Infinity)
      .flatMap(({ product, names, first, end }) =>
        Array.from({ length: end - first }, (_, i) => (names === null ? product : (names[first + i] ?? null))),
      );
  const cola = (count: number): string[] => Array.from({ length: count }, () => "cola");
  expect(productsOf(columns)).toEqual([...cola(101), null, ...cola(500)]);
  expect(productsOf(CountColumns.restore(columns.snapshot()))).toEqual([...cola(101), null, ...cola(500)]);
  expect(columns.slices(T, Infinity).map(({ names }) => names === null)).toEqual([false, true, false]);
});

test("whole chunks before an instant are forgotten", () => {
  const columns = new CountColumns();
  for (let i = 0; i < 2_000; i++) columns.add(T + 1000 * i, GOOD, 1, false, false, null);
  columns.forgetBefore(T + 1_500_000);
  const [first] = entriesOf(columns);
  expect(first?.[0]).toBeGreaterThan(0);
  expect(first?.[0]).toBeLessThanOrEqual(1_500_000);
});

/** A number in `[0, below)`, each time the next of a fixed series. */
function series(): (below: number) => number {
  let state = 12_345;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >> 8) % below;
  };
}

test("counts of many chunks, late ones among them, are those of a plain sorted list at each of its times, also of what is restored", () => {
  const next = series();
  let columns = new CountColumns();
  const plain: { ms: number; quantity: Quantity; value: number; total: boolean; product: string | null }[] = [];
  let newest = 0;
  for (let i = 0; i < 6_000; i++) {
    newest += next(10) === 0 ? next(100_000) : 1000;
    const late = next(40) === 0;
    const ms = late ? next(newest) : newest;
    const total = next(50) === 0;
    const quantity = next(20) === 0 ? SCRAP : GOOD;
    const value = [1, 1, 1, next(300) - 100, 3e9, -(2 ** 40), 2 ** 52][next(i > 3_000 ? 4 : i % 7 === 0 ? 7 : 4)] ?? 1;
    const product = i > 2_000 && i < 2_500 ? ["cola", null][next(2)] : null;
    columns.add(T + ms, quantity, value, total, false, product ?? null);
    const entry = { ms, quantity, value, total, product: product ?? null };
    const same = plain.findIndex((of) => of.ms === ms && of.quantity === quantity && of.total && total);
    if (same >= 0) plain[same] = entry;
    else if (total || value !== 0) plain.splice(plain.findLastIndex((of) => of.ms <= ms) + 1, 0, entry);
    if (next(100) === 0) columns.packBefore(T + newest - 200_000);
    if (next(1_000) === 0) columns = CountColumns.restore(structuredClone(columns.snapshot()));
    if (next(200) > 0) continue;
    const from = next(newest);
    const to = from + next(newest);
    const expected = plain.filter((of) => of.ms >= from && of.ms < to);
    expect(entriesOf(columns, T + from, T + to)).toEqual(
      expected.map((of) => [of.ms, of.quantity, of.value, of.total]),
    );
    const products = columns
      .slices(T + from, T + to)
      .flatMap(({ product: all, names, first, end }) =>
        Array.from({ length: end - first }, (_, at) => (names === null ? all : (names[first + at] ?? null))),
      );
    expect(products).toEqual(expected.map((of) => of.product));
  }
  expect(plain.length).toBeGreaterThan(5_000);
});

test("counts of a checkpoint of before, whose chunks were not packed, are gone on from", () => {
  const seconds = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);
  const chunk = (from: number, to: number) => ({
    base: T + 1000 * from,
    entries: Int32Array.from(seconds(from, to), (second) => ((second - from) * 1000) << CODE_BITS),
    values: new Int8Array(to - from).fill(2),
    names: null,
  });
  const columns = CountColumns.restore([chunk(0, 512), chunk(512, 600)]);
  columns.add(T + 600_000, GOOD, 2, false, false, null);
  columns.add(T + 100_500, GOOD, 5, false, false, null);
  const expected = seconds(0, 601).map((second) => [second * 1000, GOOD, 2, false]);
  expect(entriesOf(columns)).toEqual(expected.toSpliced(101, 0, [100_500, GOOD, 5, false]));
});

test("an hour of counts of each second takes less than 3 bytes a count in a checkpoint", () => {
  const columns = new CountColumns();
  for (let i = 0; i < 3_600; i++) columns.add(T + 1000 * i + (i % 7), GOOD, 1, false, false, null);
  columns.packBefore(T + 3_600_000);
  const bytes = columns.snapshot().map((chunk) => ("bytes" in chunk ? chunk.bytes.length : Infinity));
  expect(bytes.reduce((sum, length) => sum + length, 0)).toBeLessThan(3 * 3_600);
});
