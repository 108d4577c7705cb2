/** Each column as ClickHouse itself reads it. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { type NativeReader, openNativeReader } from "../test/native-reader.ts";
import { NativeBlock } from "./native-block.ts";
import {
  bytesOf,
  type Column,
  decimalsOrNull,
  encodeNative,
  flagNumbers,
  flags,
  instants,
  instantsOrNull,
  integers,
  integersIn,
  integersOrNull,
  minutes,
  names,
  texts,
  textsOrNone,
  versions,
  wordsOf,
} from "./native-column.ts";
import { WordColumn } from "./word-column.ts";

let reader: NativeReader;
beforeAll(async () => {
  reader = await openNativeReader();
});
afterAll(() => reader.close());

async function readOf<R>(column: Column<R>, records: readonly R[]): Promise<unknown[]> {
  return (await reader.read([column], records)).map((row) => row[column.name]);
}

const number = (value: number): number => value;

test("texts and names are read as they were written, and what is missing is the empty text", async () => {
  const values = ["ä🍾", null, "b", "b", "x".repeat(127), "y".repeat(128), "ü".repeat(20_000), "\0"];
  const own = (value: string | null): string | null => value;
  const read = values.map((value) => value ?? "");
  expect(await readOf(names("x", own), values)).toEqual(read);
  expect(await readOf(texts("x", own), values)).toEqual(read);
});

test("lengths that take one byte more than the one before, and more names than 16 bits tell apart", async () => {
  const own = (value: string): string => value;
  const limits = [2 ** 7, 2 ** 14, 2 ** 21].flatMap((limit) => ["x".repeat(limit - 1), "y".repeat(limit)]);
  for (const column of [texts("x", own), names("x", own)]) {
    const lengths = (await readOf(column, [...limits, "end"])).map((value) => String(value));
    expect(lengths.map(({ length }) => length)).toEqual([...limits, "end"].map(({ length }) => length));
    expect(lengths.at(-1)).toBe("end");
  }
  const many = Array.from({ length: 2 ** 16 + 3 }, (_, i) => `name ${i}`);
  const read = await readOf(names("x", own), [...many, "name 0", "name 65536"]);
  expect(read).toEqual([...many, "name 0", "name 65536"]);
});

test("instants are kept from the first to the last that ClickHouse tells", async () => {
  const values = [
    "1900-01-01T00:00:00.000Z",
    "1969-12-31T23:59:59.999Z",
    "2106-02-07T06:28:16.001Z",
    "2299-12-31T23:59:59.999Z",
  ];
  const told = values.map((value) => value.replace("T", " ").replace("Z", ""));
  expect(
    await readOf(
      instants("x", number),
      values.map((value) => Date.parse(value)),
    ),
  ).toEqual(told);
});

test("half a character is stored as U+FFFD, and moves nothing that comes after it", async () => {
  const values = ["a\ud83c", "b", "\udf7ec", "d"];
  const own = (value: string): string => value;
  const read = ["a\ufffd", "b", "\ufffdc", "d"];
  expect(await readOf(names("x", own), values)).toEqual(read);
  expect(await readOf(texts("x", own), values)).toEqual(read);
});

test("whole numbers are exact to 2^53, also negative ones; versions to 2^64", async () => {
  const values = [0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, 2 ** 32, -(2 ** 31) - 1];
  expect(await readOf(integers("x", number), values)).toEqual(values.map(String));
  const own = (value: bigint): bigint => value;
  expect(await readOf(versions("x", own), [0n, 2n ** 64n - 1n])).toEqual(["0", String(2n ** 64n - 1n)]);
  await expect(readOf(versions("x", own), [-1n])).rejects.toThrow("x is -1; 0 to 2^64 - 1 is expected");
  await expect(readOf(versions("x", own), [2n ** 64n])).rejects.toThrow("0 to 2^64 - 1 is expected");
  for (const wrong of [0.5, 2 ** 53, Number.NaN, Infinity]) {
    await expect(readOf(integers("x", number), [wrong])).rejects.toThrow(
      `x of a record is ${wrong}; a whole number is expected`,
    );
  }
});

test("numbers and instants may be missing, and flags are one byte each", async () => {
  const values = [7, null, 0];
  const own = (value: number | null): number | null => value;
  expect(await readOf(integersOrNull("x", own), values)).toEqual(["7", null, "0"]);
  expect(await readOf(decimalsOrNull("x", own), [0.5, null, -0.1])).toEqual([0.5, null, -0.1]);
  expect(await readOf(instantsOrNull("x", own), [1_700_000_000_123, null])).toEqual(["2023-11-14 22:13:20.123", null]);
  expect(await readOf(instants("x", number), [-1])).toEqual(["1969-12-31 23:59:59.999"]);
  const flag = (value: boolean): boolean => value;
  expect(await readOf(flags("x", flag), [true, false, true])).toEqual([true, false, true]);
  expect(await readOf(flagNumbers("x", flag), [true, false])).toEqual([1, 0]);
});

test("a minute is kept in seconds; what is no whole minute is refused", async () => {
  expect(await readOf(minutes("minute", number), [1_200_000])).toEqual(["1970-01-01 00:20:00"]);
  for (const wrong of [1, -60_000, 2 ** 32 * 1000]) {
    await expect(readOf(minutes("minute", number), [wrong])).rejects.toThrow(
      `minute of a row is ${wrong}; a whole minute in epoch ms is expected`,
    );
  }
});

test("columns that stand in one array, words with some that no record has, and texts whose last ones are missing", async () => {
  const words = new WordColumn(1);
  for (const [place, word] of ["gone", "a", ""].entries()) words.set(place, word);
  words.set(0, "a");
  const batch = { values: Float64Array.of(1, 2, 3, 4, 5, 6), length: 3 };
  const columns = [
    integersIn<typeof batch>("second", ({ values }) => values, 2, 1),
    bytesOf<typeof batch>("whole", "Int64", () => new Uint8Array(BigInt64Array.of(5n, -6n, 7n).buffer)),
    wordsOf<typeof batch>("word", () => words),
    textsOrNone<typeof batch>("text", () => [null, "b"]),
    textsOrNone<typeof batch>("none", () => []),
  ];
  expect(await reader.read(columns, batch)).toEqual([
    { second: "2", whole: "5", word: "a", text: "", none: "" },
    { second: "4", whole: "-6", word: "a", text: "b", none: "" },
    { second: "6", whole: "7", word: "", text: "", none: "" },
  ]);
});

test("a block's memory is used again: a later block, shorter or longer, has nothing of the one before", async () => {
  const block = new NativeBlock();
  const columns = [
    integers<number>("i", number),
    texts<number>("t", (value) => (value % 3 === 0 ? null : "ö".repeat(value % 50))),
    names<number>("n", (value) => `word ${value % 7}`),
    flags<number>("f", (value) => value % 2 === 0),
    integersOrNull<number>("m", (value) => (value % 5 === 0 ? null : value)),
  ];
  for (const length of [3, 5_000, 1, 40_000, 5_000, 2]) {
    const records = Array.from({ length }, (_, i) => i + length);
    const read = await reader.read(columns, records, block);
    expect(read).toEqual(
      records.map((value) => ({
        ...{ i: String(value), t: value % 3 === 0 ? "" : "ö".repeat(value % 50), n: `word ${value % 7}` },
        ...{ f: value % 2 === 0, m: value % 5 === 0 ? null : String(value) },
      })),
    );
  }
});

test("memory of a block is the same for like inserts, and given back after a large one and after many small ones", async () => {
  const block = new NativeBlock();
  const memoryOf = async (length: number): Promise<ArrayBufferLike> => {
    await encodeNative(block, [bytesOf("x", "UInt8", () => block.take(length))], { length });
    const { buffer } = block.pieces.at(-1) as Uint8Array;
    block.clear();
    return buffer;
  };
  const first = await memoryOf(1_000_000);
  expect((await memoryOf(900_000)) === first).toBe(true);
  expect((await memoryOf(1_000_000)) === first).toBe(true);
  for (let i = 0; i < 20; i++) await memoryOf(1_000);
  expect((await memoryOf(1_000)).byteLength).toBeLessThan(20_000);
  const large = await memoryOf(40_000_000);
  expect(large.byteLength).toBeGreaterThanOrEqual(40_000_000);
  expect((await memoryOf(1_000)).byteLength).toBeLessThan(20_000);
});
