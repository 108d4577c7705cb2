/** P-2: the JSON texts made of an Arrow stream give exactly the events that the objects of its rows give. */
import { EventDecoder, isRefusal } from "@oee/model";
import {
  Bool,
  type DataType,
  Dictionary,
  Field,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  RecordBatchReader,
  Struct,
  Table,
  tableToIPC,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Uint32,
  Uint64,
  Utf8,
  vectorFromArray,
} from "apache-arrow";
import fc from "fast-check";
import { expect, test } from "vitest";
import { arrowEvents } from "./arrow-events.ts";
import { arrowEventRows } from "./arrow-rows.ts";
import { ONE_MACHINE, plantFrom } from "../../../../tests/support/plant.ts";

const AT = Date.UTC(2026, 2, 2, 5);
const MACHINE = "s/a/l/m";
const plant = plantFrom(ONE_MACHINE);
const decoder = new EventDecoder(plant, { maxFutureMs: 0 });

/** JSON of a row in which 64-bit integers are written as numbers. */
function jsonOf(row: object): string {
  return JSON.stringify(row, (_, value: unknown) => (typeof value === "bigint" ? Number(value) : value));
}

/**
 * Each row's text and the event decoded from it, and the same of its object. A row without a text is `null` in both, and counted
 * in `odd`.
 */
function bothWays(stream: Uint8Array): { texts: unknown[]; objects: unknown[]; odd: number } {
  const taken = arrowEvents(stream);
  const objects = [...RecordBatchReader.from(stream)].flatMap((batch) => [...arrowEventRows(batch)]);
  expect(taken?.length ?? 0).toBe(objects.length);
  let odd = 0;
  const texts = objects.map((row, i) => {
    expect(taken?.rowAt(i)).toEqual(row);
    const [from, to] = [taken?.startAt(i) ?? 0, taken?.endAt(i) ?? null];
    if (to === null) {
      odd++;
      return null;
    }
    const bytes = taken?.bytesAt(i) ?? Buffer.alloc(0);
    const event = decoder.decode(bytes, from, to, AT);
    return { text: bytes.toString("utf8", from, to), event: isRefusal(event) ? null : event };
  });
  return {
    texts,
    objects: objects.map((row, i) => {
      if (texts[i] === null) return null;
      const event = decoder.decodeValue(row, AT);
      return { text: jsonOf(row), event: isRefusal(event) ? null : event };
    }),
    odd,
  };
}

const nullable = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values, { nil: null, freq: 3 });
const words = fc.oneof(
  fc.constantFrom("count", "state", "running", MACHINE, "", "ü", "\u2028", 'a"b', "a\\b", "\n", "\u007f", "𝄞"),
  fc.string({ unit: "binary", maxLength: 8 }).filter((text) => Buffer.from(text).toString() === text),
);
const numbers = fc.oneof(
  fc.constantFrom(
    0,
    -0,
    1,
    1.5,
    0.1,
    -0.1,
    1e21,
    1e-7,
    1 / 3,
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    123456.789,
  ),
  fc.double(),
  fc.integer(),
);
const wide = fc.oneof(
  fc.constantFrom(0n, 1n, -1n, 2n ** 31n, -(2n ** 31n), 2n ** 53n - 1n, 2n ** 53n, -(2n ** 53n) + 1n, 2n ** 62n),
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
);
const instants = fc.integer({ min: AT - 10_000, max: AT });
const quantities = new Struct([new Field("good", new Int64(), true), new Field("scrap", new Int32(), true)]);

const columns: Readonly<Record<string, () => readonly [DataType, fc.Arbitrary<unknown>]>> = {
  text: () => [new Utf8(), words],
  word: () => [new Dictionary(new Utf8(), new Int32()), words],
  int16: () => [new Int16(), fc.integer({ min: -32_768, max: 32_767 })],
  uint32: () => [new Uint32(), fc.integer({ min: 0, max: 2 ** 32 - 1 })],
  int64: () => [new Int64(), wide],
  uint64: () => [new Uint64(), fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })],
  float32: () => [new Float32(), numbers.map(Math.fround)],
  float64: () => [new Float64(), numbers],
  bool: () => [new Bool(), fc.boolean()],
  s: () => [new TimestampSecond(), instants.map((at) => at - (at % 1000))],
  ms: () => [new TimestampMillisecond(), instants],
  us: () => [new TimestampMicrosecond(), instants],
  ns: () => [new TimestampNanosecond(), instants],
  struct: () => [
    quantities,
    fc.record({ good: nullable(fc.bigInt({ min: -5n, max: 500n })), scrap: nullable(fc.integer()) }),
  ],
};
/** Names of event fields, and names that JavaScript objects treat in a special way. */
const names = fc.constantFrom(
  "type",
  "machine",
  "at",
  "good",
  "scrap",
  "total",
  "state",
  "product",
  "x y",
  "7",
  "__proto__",
);

const streams = fc.integer({ min: 0, max: 12 }).chain((length) =>
  fc
    .uniqueArray(fc.record({ name: names, kind: fc.constantFrom(...Object.keys(columns)) }), {
      selector: ({ name }) => name,
      maxLength: 6,
    })
    .chain((fields) =>
      fc
        .tuple(
          ...fields.map(({ kind }) => {
            const [, values] = columns[kind]?.() ?? [new Utf8(), words];
            return fc.array(nullable(values), { minLength: length, maxLength: length });
          }),
        )
        .map((values) => {
          const vectors = fields.map(({ name, kind }, i) => {
            const [type] = columns[kind]?.() ?? [new Utf8()];
            return [name, vectorFromArray(values[i] ?? [], type)] as const;
          });
          return tableToIPC(new Table(Object.fromEntries(vectors)), "stream");
        }),
    ),
);

test("P-2: the texts of rows are byte for byte the JSON of their objects, and are decoded to the same events", () => {
  fc.assert(
    fc.property(streams, (stream) => {
      const { texts, objects } = bothWays(stream);
      expect(texts).toEqual(objects);
    }),
    { numRuns: 200 },
  );
});

test("P-2: every row of usual events has a text, so that none takes the slower way by an object", () => {
  const length = 500;
  const values = <T>(of: (i: number) => T): T[] => Array.from({ length }, (_, i) => of(i));
  for (const text of [() => new Utf8(), () => new Dictionary(new Utf8(), new Int32())]) {
    const stream = tableToIPC(
      new Table({
        type: vectorFromArray(
          values(() => "count"),
          text(),
        ),
        machine: vectorFromArray(
          values(() => MACHINE),
          text(),
        ),
        at: vectorFromArray(
          values((i) => AT - i),
          new TimestampNanosecond(),
        ),
        good: vectorFromArray(
          values((i) => (i % 3 === 0 ? null : BigInt(i))),
          new Int64(),
        ),
        total: vectorFromArray(
          values((i) => (i % 3 === 0 ? { good: BigInt(i), scrap: null } : null)),
          quantities,
        ),
        product: vectorFromArray(
          values((i) => (i % 7 === 0 ? "Öl" : null)),
          text(),
        ),
      }),
      "stream",
    );
    const { texts, objects, odd } = bothWays(stream);
    expect(odd).toBe(0);
    expect(texts).toEqual(objects);
    expect(texts.every((of) => (of as { event: unknown }).event !== null)).toBe(true);
  }
});

test("P-2: an instant in nanoseconds is cut to its millisecond, however near to the next it is", () => {
  const nanoseconds = BigInt64Array.of(BigInt(AT) * 1_000_000n + 999_999n, BigInt(AT) * 1_000_000n - 1n, -1n);
  const table = new Table({ at: vectorFromArray([0, 0, 0], new TimestampNanosecond()) });
  table.batches[0]?.data.children[0]?.values.set(nanoseconds);
  const stream = tableToIPC(table, "stream");
  const { texts } = bothWays(stream);
  expect(texts).toMatchObject([{ text: `{"at":${AT}}` }, { text: `{"at":${AT - 1}}` }, { text: '{"at":-1}' }]);
});
